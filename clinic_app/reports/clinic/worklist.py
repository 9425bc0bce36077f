"""The worklist on paper: whom to see, in the order of the screen, with the reasons."""

from __future__ import annotations

from clinic_app.reports import parts
from clinic_app.reports.frame import DOT, Frame, data_line, document_text, press
from clinic_app.reports.language import tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Space, Stack
from clinic_app.reports.layout.tables import table
from clinic_app.reports.layout.texts import Align, filled, mixed, words
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.report_data import (
    WorklistLine,
    WorklistReport,
    document_id,
    fingerprint,
)

TITLE = "Worklist"
ORDER = (
    "In the order of facts: open safety steps first, then people not assessed, then those judged"
    " without a questionnaire, then questionnaire band, the clinician’s flag and the time waiting."
    " Nothing of a face is among them."
)
_SHARES = (0.05, 0.29, 0.4, 0.08, 0.08, 0.1)


def worklist_pdf(report: WorklistReport) -> bytes:
    """The PDF; equal data give equal bytes."""
    clock, sha256 = Clock.named(report.time_zone), fingerprint(report)
    document = str(document_id(sha256))
    shown = len(report.lines)
    people = _people(report.total)
    count = (
        tr("{people}, the first {shown} printed").format(people=people, shown=shown)
        if shown < report.total
        else people
    )
    rows = [_row(number, line, clock) for number, line in enumerate(report.lines, start=1)]
    why, since = tr("Why, and what else is known"), tr("Waiting since")
    titles = ("", tr("Patient"), why, "PHQ-9", "GAD-7", since)
    body: Block = (
        table(titles, rows, _SHARES)
        if rows
        else words(tr("Nobody is on the list."), style.BODY_MUTED)
    )
    story = Stack(
        [
            parts.letterhead(report.clinic, tr(TITLE), clock.full(report.at)),
            Space(12),
            mixed((count, style.CARD), (f"   {_narrowed(report)}", style.SMALL_MUTED)),
            filled(style.SMALL_MUTED, tr("Printed for {name}"), name=report.author.name),
            Space(3),
            words(tr(ORDER), style.SMALL_MUTED),
            Space(10),
            body,
            parts.checks(sha256),
        ]
    )
    frame = Frame(
        report.clinic.page_size,
        DOT.join((f"{tr(TITLE)}, {people}", document_text(document))),
        data_line(clock.full(report.at), report.program_version),
        report.clinic.crisis_contacts,
    )
    return press(story, frame, parts.properties(report, tr(TITLE), document))


def _people(number: int) -> str:
    return tr("1 patient") if number == 1 else tr("{count} patients").format(count=number)


def _narrowed(report: WorklistReport) -> str:
    if not report.narrowed:
        return tr("everybody on the list")
    return tr("only: {these}").format(these=", ".join(one.text(tr) for one in report.narrowed))


def _row(number: int, line: WorklistLine, clock: Clock) -> tuple[Block, ...]:
    known = " · ".join(text for text in (line.born.isoformat(), line.local_number) if text)
    name = Stack(
        [
            words(line.name, style.SMALL_STRONG),
            words(known, style.TINY),
            words(str(line.patient_id), style.TINY),
        ]
    )
    first, *others = (one.text(tr) for one in line.reasons or (line.heading,))
    why = Stack([words(first, style.SMALL_STRONG), *(words(one, style.SMALL) for one in others)])
    return (
        words(str(number), style.SMALL_MUTED, Align.RIGHT),
        name,
        why,
        words("–" if line.phq9_total is None else str(line.phq9_total), style.SMALL),
        words("–" if line.gad7_total is None else str(line.gad7_total), style.SMALL),
        _since(line, clock),
    )


def _since(line: WorklistLine, clock: Clock) -> Block:
    """Since when the person waits, and how old the totals beside it are."""
    waits = words(clock.day(line.waiting_since).isoformat(), style.SMALL)
    if line.last_screened_at is None:
        return waits
    day = clock.day(line.last_screened_at).isoformat()
    return Stack([waits, filled(style.TINY, tr("last screening {day}"), day=day)])
