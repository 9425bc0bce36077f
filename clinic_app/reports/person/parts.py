"""Sections that the reports about a person share."""

from __future__ import annotations

from clinic_app.domain.notes import NoteKind
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.safety import SafetyFlow
from clinic_app.reports.language import asked, band_text, tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Kept, Panel, Space, Stack, Titled
from clinic_app.reports.layout.tables import table
from clinic_app.reports.layout.texts import fields, filled, labelled, mixed, prose, row, words
from clinic_app.reports.parts import beside, consented, note_hash, note_heading, spaced
from clinic_app.reports.person import wording
from clinic_app.reports.person.course import changes
from clinic_app.reports.screening import wording as said
from clinic_app.reports.screening.heading import aged
from clinic_app.reports.screening.numbers import Clock, signed
from clinic_app.reports.text.lines import Look
from clinic_app.services.report_data import (
    AppointmentLine,
    CourseRow,
    EstimatePoint,
    Measured,
    PersonReport,
    SignedNote,
)

_LONG_NAME = 60
_COURSE = (0.13, 0.2, 0.18, 0.14, 0.17, 0.18)


def name_look(patient: Patient) -> Look:
    """Long names are set smaller, so that they take three lines at most."""
    return style.NAME if len(patient.display_name) <= _LONG_NAME else style.LONG_NAME


def person(report: PersonReport, clock: Clock) -> Block:
    """Whose record this is."""
    patient = report.patient
    age = patient.age_on(clock.day(report.at))
    facts = Columns(
        [
            labelled(tr("Born"), aged(patient.birth_date, age)),
            labelled(tr("Sex"), tr(said.SEX[patient.sex])),
            labelled(tr("Clinic number"), patient.local_number),
            labelled(tr("Phone"), patient.phone),
        ],
        [0.27, 0.17, 0.22, 0.34],
        10,
    )
    ids: list[Block] = [labelled(tr("Patient ID"), str(patient.id), style.SMALL)]
    if report.also:
        ids.append(labelled(tr(wording.ALSO), ", ".join(map(str, report.also)), style.SMALL))
    name = words(patient.display_name, name_look(patient))
    head = Columns(ids, [1] * len(ids), 10)
    return Stack([name, Space(5), facts, Space(5), head, Space(3)])


def alerts(report: PersonReport, clock: Clock) -> Block | None:
    """Open safety flows, in one strip near the top."""
    waiting = [flow for flow in report.safety if flow.blocks_finishing]
    if not waiting:
        return None
    lines: list[Block] = [
        words(tr(wording.SAFETY_OPEN).format(at=clock.minute(flow.opened_at)), style.STRONG)
        for flow in waiting
    ]
    return Stack([Space(8), Panel(Stack(lines), style.PALE, style.ALERT, 7)])


def screenings(report: PersonReport, clock: Clock) -> Block:
    """Every screening in a row, newest first, with its change, judgement, review and estimate."""
    if not report.course:
        return words(tr(wording.NONE_YET), style.BODY_MUTED)
    phq = changes(report.course, InstrumentName.PHQ9, report.clinic)
    gad = changes(report.course, InstrumentName.GAD7, report.clinic)
    rows = [
        _screening(one, phq.get(place), gad.get(place), clock)
        for place, one in enumerate(report.course)
    ]
    day, who, review = tr("Day"), tr("Clinician"), tr("Review", "noun")
    titles = (day, "PHQ-9", "GAD-7", who, review, tr(wording.ESTIMATE))
    return table(titles, rows[::-1], _COURSE)


def _screening(one: CourseRow, phq: int | None, gad: int | None, clock: Clock) -> tuple[Block, ...]:
    own = "–" if one.own is None else tr(said.JUDGEMENT[one.own])
    flag = f", {tr('flagged')}" if one.flagged else ""
    reviewed: list[Block] = [
        fields(
            style.SMALL,
            f"{tr(said.JUDGEMENT[review.own])}, {tr(said.VERDICT[review.verdict])}, ",
            review.by,
        )
        for review in one.reviews
    ]
    return (
        words(clock.day(one.at).isoformat(), style.SMALL),
        _total(one.phq, phq),
        _total(one.gad, gad),
        words(own + flag, style.SMALL),
        Stack(reviewed) if reviewed else words("–", style.SMALL_MUTED),
        words(_estimate(one.estimate), style.SMALL_MUTED),
    )


def _total(measured: Measured | None, change: int | None) -> Block:
    if measured is None:
        return words("–", style.SMALL_MUTED)
    if measured.total is None:
        return words(tr("no total"), style.SMALL_MUTED)
    scale = "PHQ-8 " if measured.scale == "PHQ-8" else ""
    rest = f"  {band_text(measured.band)}" + (f", {tr('prorated')}" if measured.prorated else "")
    moved = ""
    if change:
        moved = "  " + tr("{points} reliable").format(points=signed(change, 0))
    return mixed(
        (f"{scale}{measured.total}", style.SMALL_STRONG),
        (rest, style.SMALL),
        (moved, style.SMALL_MUTED),
    )


def _estimate(point: EstimatePoint | None) -> str:
    if point is None:
        return "–"
    if point.withheld:
        return tr("not shown yet")
    if point.percent is None or point.band is None:
        return tr("cannot tell")
    text = f"{tr(said.BAND[point.band])}, {point.percent:.0f} %"
    if point.interval is None:
        return text
    low, high = (f"{edge:.0f}" for edge in point.interval)
    return f"{text} ({tr('{low} to {high}').format(low=low, high=high)})"


def safety(report: PersonReport, clock: Clock) -> Block | None:
    """Every flow with what was documented; ``None`` where there is nothing. A 0 gets no word."""
    blocks: list[Block] = [_flow(flow, report, clock) for flow in report.safety]
    return spaced(blocks) if blocks else None


def _flow(flow: SafetyFlow, report: PersonReport, clock: Clock) -> Block:
    opened = clock.minute(flow.opened_at)
    waits = flow.blocks_finishing
    state = tr(wording.SAFETY_OPEN if waits else wording.SAFETY_CLOSED).format(at=opened)
    lines: list[Block] = [words(state, style.STRONG)]
    value = flow.highest_item_nine
    if value:
        lines.append(words(nine(clock.day(flow.opened_at).isoformat(), value), style.SMALL))
    if flow.handed_to:
        lines.append(filled(style.SMALL, tr("Handed over to {name}"), name=flow.handed_to))
    for event in flow.events:
        if event.assessment is None:
            continue
        by = report.staff.get(event.by, tr("user {id}").format(id=event.by))
        assessed = event.assessment
        lines += [
            Space(3),
            filled(
                style.SMALL_MUTED,
                tr("Assessed {at} by {name}"),
                at=clock.minute(event.at),
                name=by,
            ),
            _small(tr("Assessment"), assessed.clinical_assessment),
            _small(tr("Access to means"), assessed.means_access),
            _small(tr("Who was told"), assessed.who_was_told),
            _small(tr("Plan"), assessed.plan),
            row(
                tr("Next contact"),
                words(clock.full(assessed.next_contact_at), style.SMALL),
                style.SMALL,
            ),
        ]
    return Kept(Panel(Stack(lines), style.PALE, style.ALERT if waits else style.ACCENT, 8))


def _small(label: str, text: str) -> Block:
    return row(label, prose(text, style.SMALL), style.SMALL)


def nine(day: str, value: int) -> str:
    """The sentence about item 9, neutrally."""
    return tr(wording.ITEM_NINE).format(
        day=day, answer=asked(InstrumentName.PHQ9).answers[value], value=value
    )


def newest_note(report: PersonReport, kind: NoteKind) -> tuple[SignedNote, ...]:
    """The newest signed note of this kind and what was added to it, in order; empty without one."""
    own = [one for one in report.notes if one.note.kind is kind and not one.note.addendum_to]
    if not own:
        return ()
    newest = own[-1]
    added = (one for one in report.notes if one.note.addendum_to == newest.note.id)
    return (newest, *added)


def notes(signed_notes: tuple[SignedNote, ...], clock: Clock) -> Block:
    """Signed notes in full, each with signer, time and hash."""
    return spaced([note(one, clock) for one in signed_notes], 10)


def note(one: SignedNote, clock: Clock) -> Block:
    """Text and sections of one note."""
    written = one.note
    kind = tr("Addendum") if written.addendum_to else note_kind(written.kind)
    title = note_heading(kind, one, clock.minute)
    body: list[Block] = [prose(written.text)] if written.text.strip() else []
    for part in written.sections:
        if part.text.strip():
            heading = Stack([Space(4), words(part.heading, style.SMALL_STRONG)])
            body.append(Titled(heading, prose(part.text)))
    hashed = words(note_hash(written), style.TINY)
    also = beside(one, lambda other: note(other, clock))
    return Stack([Titled(Stack([title, Space(3)]), Stack(body)), Space(2), hashed, *also])


def note_kind(kind: NoteKind) -> str:
    """What a note is called."""
    return tr("Note", "noun") if kind is NoteKind.PROGRESS else tr(wording.NOTE_KIND[kind])


def interventions(report: PersonReport) -> Block:
    """What was done, newest first."""
    rows = [
        (
            words(one.performed_on.isoformat(), style.SMALL),
            words(one.kind, style.SMALL_STRONG),
            prose(one.text or "–", style.SMALL),
            words(one.by, style.SMALL_MUTED),
        )
        for one in reversed(report.interventions)
    ]
    return table((tr("Day"), tr("What"), tr("Remarks"), tr("By")), rows, (0.13, 0.25, 0.42, 0.2))


def appointments(report: PersonReport, clock: Clock) -> Block:
    """Newest first, with how they ended."""
    rows = [
        (
            words(_when(one, clock), style.SMALL),
            words(tr(wording.STATE[one.state]), style.SMALL),
            words(one.reason or "–", style.SMALL),
            words(one.clinician or "–", style.SMALL_MUTED),
        )
        for one in reversed(report.appointments)
    ]
    titles = (tr("When"), tr("State"), tr("Reason"), tr("With"))
    return table(titles, rows, (0.28, 0.14, 0.36, 0.22))


def _when(one: AppointmentLine, clock: Clock) -> str:
    if one.start is None:
        return tr("wait list")
    return tr("{at}, {minutes} min").format(at=clock.minute(one.start), minutes=one.minutes)


def appointment_text(one: AppointmentLine | None, clock: Clock) -> tuple[str, str]:
    """When, and with whom, of the next appointment."""
    if one is None or one.start is None:
        return tr(wording.NO_APPOINTMENT), ""
    at = clock.full(one.start)
    return tr("{at}, {minutes} minutes").format(at=at, minutes=one.minutes), one.clinician


def tasks(report: PersonReport) -> Block:
    """Open ones first."""
    rows = [
        (
            words(tr("no date") if one.due_on is None else one.due_on.isoformat(), style.SMALL),
            words(one.title, style.SMALL_STRONG),
            words(one.detail or "–", style.SMALL),
            words(one.owner or "–", style.SMALL_MUTED),
            words(tr("open") if one.open else tr("done"), style.SMALL),
        )
        for one in report.tasks
    ]
    titles = (tr("Due"), tr("What"), tr("Detail"), tr("Who"), "")
    return table(titles, rows, (0.13, 0.27, 0.33, 0.18, 0.09))


def consent(report: PersonReport) -> Block:
    """What the person agreed to."""
    stated = consented(report.consent) or tr("none", "consent")
    return words(f"{tr(said.CONSENT)}: {stated}", style.SMALL_MUTED)


def newest(report: PersonReport, name: InstrumentName) -> tuple[CourseRow, Measured] | None:
    """The newest answered questionnaire of this name."""
    for one in reversed(report.course):
        measured = one.measured(name)
        if measured is not None:
            return one, measured
    return None
