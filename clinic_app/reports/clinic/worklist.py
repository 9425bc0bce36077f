"""The worklist on paper: whom to see, in the order of the screen, with the reasons."""

from __future__ import annotations

from clinic_app.reports import parts
from clinic_app.reports.frame import Frame, press
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Space, Stack
from clinic_app.reports.layout.tables import table
from clinic_app.reports.layout.texts import Align, fields, mixed, words
from clinic_app.reports.screening.numbers import Clock, counted
from clinic_app.services.report_data import (
    WorklistLine,
    WorklistReport,
    document_id,
    fingerprint,
)

TITLE = "Worklist"
ORDER = (
    "In the order of facts: open safety steps first, then people not assessed, then questionnaire"
    " band, the clinician’s flag and the time waiting. Nothing of a face is among them."
)
_SHARES = (0.05, 0.29, 0.4, 0.08, 0.08, 0.1)


def worklist_pdf(report: WorklistReport) -> bytes:
    """The PDF; equal data give equal bytes."""
    clock, sha256 = Clock.named(report.time_zone), fingerprint(report)
    document = str(document_id(sha256))
    shown = len(report.lines)
    count = counted(report.total, "patient") + (
        f", the first {shown} printed" if shown < report.total else ""
    )
    rows = [_row(number, line, clock) for number, line in enumerate(report.lines, start=1)]
    titles = ("", "Patient", "Why, and what else is known", "PHQ-9", "GAD-7", "Waiting since")
    body: Block = (
        table(titles, rows, _SHARES) if rows else words("Nobody is on the list.", style.BODY_MUTED)
    )
    story = Stack(
        [
            parts.letterhead(report.clinic, TITLE, clock.full(report.at)),
            Space(12),
            mixed((count, style.CARD), (f"   {report.narrowed}", style.SMALL_MUTED)),
            fields(style.SMALL_MUTED, "Printed for ", report.author.name),
            Space(3),
            words(ORDER, style.SMALL_MUTED),
            Space(10),
            body,
            parts.checks(sha256),
        ]
    )
    frame = Frame(
        report.clinic.page_size,
        f"Worklist, {counted(report.total, 'patient')}   ·   Document {document}",
        f"Data of {clock.full(report.at)}   ·   Clinic App {report.program_version}",
        report.clinic.crisis_contacts,
    )
    return press(story, frame, parts.properties(report, TITLE, document))


def _row(number: int, line: WorklistLine, clock: Clock) -> tuple[Block, ...]:
    known = " · ".join(text for text in (line.born.isoformat(), line.local_number) if text)
    name = Stack(
        [
            words(line.name, style.SMALL_STRONG),
            words(known, style.TINY),
            words(str(line.patient_id), style.TINY),
        ]
    )
    first, *others = line.reasons or (line.heading,)
    why = Stack([words(first, style.SMALL_STRONG), *(words(one, style.SMALL) for one in others)])
    return (
        words(str(number), style.SMALL_MUTED, Align.RIGHT),
        name,
        why,
        words("–" if line.phq9_total is None else str(line.phq9_total), style.SMALL),
        words("–" if line.gad7_total is None else str(line.gad7_total), style.SMALL),
        words(clock.day(line.waiting_since).isoformat(), style.SMALL),
    )
