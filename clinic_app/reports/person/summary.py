"""The doctor's summary and the referral letter: where things stand, and what is asked for."""

from __future__ import annotations

from clinic_app.domain.consent import Purpose
from clinic_app.domain.notes import NoteKind
from clinic_app.domain.questionnaires import INSTRUMENTS, InstrumentName
from clinic_app.reports.language import asked, band_text, tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Columns, Kept, Panel, Rule, Space, Stack, Titled
from clinic_app.reports.layout.charts import score_bar
from clinic_app.reports.layout.texts import fields, filled, mixed, prose, row, split, words
from clinic_app.reports.parts import beside, note_hash, spaced
from clinic_app.reports.person import parts, wording
from clinic_app.reports.person.course import charts, standing_of
from clinic_app.reports.screening import wording as said
from clinic_app.reports.screening.heading import section
from clinic_app.reports.screening.numbers import Clock, signed
from clinic_app.reports.screening.questionnaires import cuts
from clinic_app.services.report_data import CourseRow, PersonReport, SignedNote

_BLANK_LINES = 3


def summary_story(report: PersonReport, clock: Clock) -> list[Block | None]:
    """One page in most cases."""
    latest = parts.newest_note(report, NoteKind.PROGRESS)
    plan = parts.newest_note(report, NoteKind.SAFETY_PLAN)
    told = parts.safety(report, clock)
    return [
        parts.person(report, clock),
        parts.alerts(report, clock),
        section(tr(wording.NOW), _now(report, clock)),
        section(tr(wording.NEXT_STEPS), next_steps(report)),
        section(tr(wording.COURSE), charts(report, clock)),
        section(tr(wording.SAFETY), told) if told is not None else None,
        section(tr(wording.INTERVENTIONS), parts.interventions(report))
        if report.interventions
        else None,
        section(tr(wording.TASKS), parts.tasks(report)) if report.tasks else None,
        section(tr(wording.NOTES), parts.notes((*latest, *plan), clock))
        if latest or plan
        else None,
    ]


def referral_story(report: PersonReport, clock: Clock) -> list[Block | None]:
    """The letter first, what was measured after it."""
    shared = report.consent.get(Purpose.SHARING, False)
    letter, *added = parts.newest_note(report, NoteKind.REFERRAL) or (None,)
    notice = Panel(
        words(tr(wording.SHARING_MISSING), style.SMALL_STRONG), style.PALE, style.ALERT, 6
    )
    told = parts.safety(report, clock)
    left_out = [] if shared else [words(tr(wording.NOT_SHARED), style.TINY)]
    course = spaced([charts(report, clock, estimate=shared), *left_out], 4)
    return [
        Stack([notice, Space(8)]) if not shared else None,
        parts.person(report, clock),
        parts.alerts(report, clock),
        _letter(letter, clock) if letter is not None else _blank(report),
        section(tr(wording.NOTES), parts.notes(tuple(added), clock)) if added else None,
        section(tr(wording.NOW), _now(report, clock)),
        section(tr(wording.REFERRAL_DETAILS), course),
        section(tr(wording.SAFETY), told) if told is not None else None,
        section(tr(wording.INTERVENTIONS), parts.interventions(report))
        if report.interventions
        else None,
    ]


def _letter(letter: SignedNote, clock: Clock) -> Block:
    """The sections of the signed note, as the letter itself."""
    note = letter.note
    blocks: list[Block] = [Space(12)]
    if note.text.strip():
        blocks += [prose(note.text), Space(6)]
    for part in note.sections:
        if part.text.strip():
            heading = Stack([words(part.heading, style.SECTION), Space(2)])
            blocks += [Titled(heading, prose(part.text)), Space(8)]
    if note.signed_at is not None:
        signed_by = split(
            tr("Signed by {name}, {at}"), name=letter.signer, at=clock.minute(note.signed_at)
        )
        blocks.append(fields(style.SMALL_MUTED, *signed_by))
    blocks.append(words(note_hash(note), style.TINY))
    return Stack([*blocks, *beside(letter, lambda other: _letter(other, clock))])


def _blank(report: PersonReport) -> Block:
    """Ruled lines under each heading, to write on by hand."""
    blocks: list[Block] = [
        Space(12),
        words(tr(wording.REFERRAL_BLANK), style.SMALL_MUTED),
        Space(8),
    ]
    for heading in report.letter_headings:
        ruled = [part for _ in range(_BLANK_LINES) for part in (Space(17), Rule())]
        blocks += [Kept(Stack([words(tr(heading), style.STRONG), *ruled])), Space(10)]
    return Stack(blocks)


def _now(report: PersonReport, clock: Clock) -> Block:
    """The newest totals in their bands, judgement, review and next appointment."""
    cards = [_card(report, name, clock) for name in InstrumentName if parts.newest(report, name)]
    blocks: list[Block] = []
    if cards:
        blocks += [Kept(Columns(cards, [1] * len(cards), 22)), Space(8)]
    else:
        blocks += [words(tr(wording.NO_TOTALS), style.BODY_MUTED), Space(6)]
    blocks += _facts(report, clock)
    return Stack(blocks)


def _card(report: PersonReport, name: InstrumentName, clock: Clock) -> Block:
    found = parts.newest(report, name)
    if found is None:
        return Space(0)
    taken, measured = found
    instrument = INSTRUMENTS[name]
    when = f"   {clock.day(taken.at).isoformat()}"
    title = mixed((measured.scale, style.CARD), (when, style.SMALL_MUTED))
    blocks: list[Block] = [title]
    if measured.total is None:
        blocks.append(mixed(("–", style.FIGURE), (f"   {tr('no total')}", style.STRONG)))
    else:
        prorated = f", {tr('prorated')}" if measured.prorated else ""
        blocks.append(
            mixed(
                (str(measured.total), style.FIGURE),
                (
                    f"  {tr('of {maximum}', 'after a total').format(maximum=measured.maximum)}",
                    style.BODY_MUTED,
                ),
                (f"   {band_text(measured.band)}{prorated}", style.CARD),
            )
        )
        blocks += [Space(3), score_bar(measured.total, measured.maximum, cuts(instrument))]
    blocks.append(words(_since(report, name, taken, clock), style.SMALL))
    return Stack(blocks)


def _since(report: PersonReport, name: InstrumentName, taken: CourseRow, clock: Clock) -> str:
    """The change since the total that it is counted from, and whether it is reliable: what the
    arrows of the course say."""
    found = standing_of(report.course, taken, name, report.clinic)
    if found is None:
        return tr("No earlier total to compare with.")
    text = wording.CHANGED if found.reliable else wording.UNCHANGED
    day = clock.day(found.since).isoformat()
    return tr(text).format(points=signed(found.points, 0), day=day)


def _facts(report: PersonReport, clock: Clock) -> list[Block]:
    blocks: list[Block] = []
    phq = parts.newest(report, InstrumentName.PHQ9)
    if phq is not None and phq[1].item_nine:
        day = clock.day(phq[0].at).isoformat()
        blocks.append(row(tr("Question 9"), words(parts.nine(day, phq[1].item_nine), style.STRONG)))
    if phq is not None and phq[1].difficulty is not None:
        difficulty = asked(InstrumentName.PHQ9).difficulty_answers
        blocks.append(row(tr("In daily life"), words(difficulty[phq[1].difficulty])))
    judged = next((one for one in reversed(report.course) if one.own is not None), None)
    if judged is not None and judged.own is not None:
        text = f"{tr(said.JUDGEMENT[judged.own])}, {clock.day(judged.at).isoformat()}, "
        blocks.append(row(tr("Clinician"), fields(style.BODY, text, judged.taken_by)))
    reviewed = next((one for one in reversed(report.course) if one.reviews), None)
    if reviewed is not None:
        review = reviewed.reviews[-1]
        text = f"{tr(said.JUDGEMENT[review.own])}, {tr(said.VERDICT[review.verdict])}, "
        blocks.append(row(tr("Review", "noun"), fields(style.BODY, text, review.by)))
        if review.text.strip():
            blocks.append(row("", prose(review.text, style.SMALL)))
    when, whom = parts.appointment_text(report.next_appointment, clock)
    said_when = split(tr("{when}, with {name}"), when=when, name=whom) if whom else [when]
    blocks.append(row(tr(wording.NEXT_APPOINTMENT), fields(style.BODY, *said_when)))
    return blocks


def next_steps(report: PersonReport) -> Block:
    """The site's text for the newest band of each questionnaire, with its source."""
    blocks: list[Block] = []
    for name in InstrumentName:
        found = parts.newest(report, name)
        if found is None or found[1].band is None:
            continue
        measured = found[1]
        texts = [
            one
            for one in report.clinic.band_texts
            if one.instrument is name and one.band == measured.band
        ]
        label = f"{measured.scale}, {band_text(measured.band)}"
        if not texts:
            blocks.append(
                row(label, words(tr(wording.NEXT_STEPS_NONE), style.BODY_MUTED), share=0.26)
            )
        for one in texts:
            source = filled(style.TINY, tr("Source: {source}"), source=one.source)
            below = [source] if one.source.strip() else []
            blocks.append(row(label, Stack([words(one.text, style.BODY), *below]), share=0.26))
    if not blocks:
        return words(tr(wording.NO_TOTALS), style.BODY_MUTED)
    return Stack([*blocks, words(tr(wording.NEXT_STEPS_NOTE), style.TINY)])
