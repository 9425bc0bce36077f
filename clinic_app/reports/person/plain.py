"""The version for the patient: large type, short sentences, never a label alone."""

from __future__ import annotations

from collections.abc import Sequence

from clinic_app.domain.notes import NoteKind
from clinic_app.domain.questionnaires import INSTRUMENTS, InstrumentName
from clinic_app.reports.language import tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Kept, Panel, Space, Stack, Titled
from clinic_app.reports.layout.course_chart import BandEdge, course_chart
from clinic_app.reports.layout.texts import bullet_list, fields, mixed, prose, split, words
from clinic_app.reports.parts import beside, crisis, spaced
from clinic_app.reports.person import parts, wording
from clinic_app.reports.person.course import points, span, standing_of
from clinic_app.reports.screening.heading import section
from clinic_app.reports.screening.numbers import Clock
from clinic_app.reports.text.lines import Look
from clinic_app.services.report_data import CourseRow, Measured, PersonReport, SignedNote

LARGE = Look(10.6, False, style.INK)
LARGE_STRONG = Look(10.6, True, style.INK)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)


def plain_story(report: PersonReport, clock: Clock) -> list[Block | None]:
    """Only reviewed screenings are in ``report.course`` of this kind."""
    plan = parts.newest_note(report, NoteKind.SAFETY_PLAN)
    contacts = report.clinic.crisis_contacts
    name = report.patient
    questions = [tr(one) for one in wording.PLAIN_QUESTIONS]
    return [
        words(name.display_name, parts.name_look(name)),
        Space(6),
        words(tr(wording.PLAIN_HELLO), LARGE),
        section(tr(wording.PLAIN_ANSWERS), _answers(report, clock)),
        _nine(report),
        Stack([Space(12), crisis(contacts, LARGE)]) if contacts else None,
        _course(report, clock),
        section(tr(wording.PLAIN_NEXT), _next(report, clock)),
        section(tr(wording.PLAIN_DONE), _done(report)) if report.interventions else None,
        section(tr(wording.PLAIN_PLAN), _plan(plan, clock)) if plan else None,
        section(tr(wording.PLAIN_ASK), bullet_list(questions, LARGE)),
    ]


def _answers(report: PersonReport, clock: Clock) -> Block:
    blocks: list[Block] = []
    for name in InstrumentName:
        found = parts.newest(report, name)
        if found is not None and found[1].total is not None:
            blocks.append(_told(report, name, found[0], found[1], clock))
    if not blocks:
        return words(tr(wording.PLAIN_WAIT), LARGE)
    meaning = words(tr(wording.PLAIN_MEANING), LARGE)
    picture = words(tr(wording.PLAIN_PICTURE), style.BODY_MUTED)
    return spaced([*blocks, meaning, picture], 9)


def _told(
    report: PersonReport, name: InstrumentName, taken: CourseRow, measured: Measured, clock: Clock
) -> Block:
    total = tr(wording.PLAIN_TOTAL).format(
        total=measured.total, maximum=measured.maximum, scale=measured.scale
    )
    heading = mixed(
        (tr(wording.PLAIN_SCALE[name.value]), LARGE_STRONG),
        (f"   {total}: {tr(wording.PLAIN_BAND[measured.band or 'minimal'])}", LARGE),
    )
    lines: list[Block] = [heading, Space(2)]
    lines.append(words(tr(wording.PLAIN_WHEN).format(day=_day(taken, clock)), style.BODY_MUTED))
    compared = _compared(report, name, taken, measured, clock)
    if compared:
        lines.append(words(compared, LARGE))
    return Kept(Panel(Stack(lines), style.PALE, style.ACCENT, 9))


def _compared(
    report: PersonReport, name: InstrumentName, taken: CourseRow, measured: Measured, clock: Clock
) -> str:
    """As the arrows in the chart below count it."""
    found = standing_of(report.course, taken, name, report.clinic)
    if found is None or measured.total is None:
        return ""
    sign = (found.points > 0) - (found.points < 0) if found.reliable else 0
    since = clock.day(found.since)
    return tr(wording.PLAIN_DIFFERENCE[sign]).format(
        points=abs(found.points),
        day=_date(since.day, since.month, since.year),
        before=measured.total - found.points,
    )


def _nine(report: PersonReport) -> Block | None:
    """Only what the person said above 0; a 0 gets no word."""
    found = parts.newest(report, InstrumentName.PHQ9)
    if found is None or not found[1].item_nine:
        return None
    return Stack([Space(10), words(tr(wording.PLAIN_NINE), LARGE)])


def _course(report: PersonReport, clock: Clock) -> Block | None:
    """Charts with plain names of the bands, where there are at least two totals."""
    blocks: list[Block] = []
    for name in InstrumentName:
        drawn = points(report.course, name, report.clinic, clock)
        if len(drawn) < 2:
            continue
        instrument = INSTRUMENTS[name]
        *lower, highest = instrument.bands
        bands = [BandEdge(band.low, "") for band in lower]
        bands.append(BandEdge(highest.low, tr("more", "difficulties")))
        chart = course_chart(drawn, bands, instrument.maximum, span(report.course, clock), 80)
        title = words(tr(wording.PLAIN_SCALE[name.value]), LARGE_STRONG)
        blocks.append(Kept(Stack([title, chart])))
    if not blocks:
        return None
    note = words(tr(wording.PLAIN_COURSE_NOTE), style.BODY_MUTED)
    return section(tr(wording.PLAIN_COURSE), spaced([note, *blocks]))


def _next(report: PersonReport, clock: Clock) -> Block:
    one = report.next_appointment
    if one is None or one.start is None:
        return words(tr(wording.PLAIN_NO_MEETING), LARGE)
    local = one.start.astimezone(clock.zone)
    sentence = tr(wording.PLAIN_NEXT_MEETING).format(
        weekday=tr(_DAYS[local.weekday()]),
        day=_date(local.day, local.month, local.year),
        time=clock.time(one.start),
    )
    whom = split(tr(wording.PLAIN_WITH), name=one.clinician)
    return fields(LARGE, sentence, *([" ", *whom] if one.clinician else []))


def _done(report: PersonReport) -> Block:
    lines = [
        f"{_date(one.performed_on.day, one.performed_on.month, one.performed_on.year)}: {one.kind}"
        for one in reversed(report.interventions)
    ]
    return bullet_list(lines, LARGE)


def _plan(plan: Sequence[SignedNote], clock: Clock) -> Block:
    """The plan and, below it, what was added since."""
    blocks: list[Block] = []
    for one in plan:
        note = one.note
        if note.addendum_to is not None:
            at = clock.day(note.written_at)
            day = tr(wording.PLAIN_ADDED).format(day=_date(at.day, at.month, at.year))
            blocks.append(Titled(words(day, LARGE_STRONG), prose(note.text, LARGE)))
            continue
        if note.text.strip():
            blocks.append(prose(note.text, LARGE))
        for part in note.sections:
            if part.text.strip():
                blocks.append(Titled(words(part.heading, LARGE_STRONG), prose(part.text, LARGE)))
        blocks += beside(one, lambda other: _plan((other,), clock))
    return spaced(blocks, 6)


def _day(row: CourseRow, clock: Clock) -> str:
    day = clock.day(row.at)
    return _date(day.day, day.month, day.year)


def _date(day: int, month: int, year: int) -> str:
    return f"{day} {tr(_MONTHS[month - 1])} {year}"
