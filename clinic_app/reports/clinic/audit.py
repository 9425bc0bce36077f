"""An extract of the audit trail, with what verifying the whole chain found."""

from __future__ import annotations

from clinic_app.domain.audit import AuditCheck
from clinic_app.reports import parts
from clinic_app.reports.frame import Frame, press
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Panel, Space, Stack
from clinic_app.reports.layout.tables import table
from clinic_app.reports.layout.texts import Align, fields, words
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.audit_data import AuditRow
from clinic_app.services.report_data import AuditReport, document_id, fingerprint

TITLE = "Audit extract"
INTACT = "The whole trail was verified: {entries} entries, every link fits. Head {head}."
BROKEN = "The trail was altered: entry {number} does not fit."
CUT_OFF = "The trail was cut off: its newest entries are missing."
LACKING = "The trail was cut off or written anew: it is not what was told to the centre."
ABOUT = (
    "Each entry carries a keyed hash (HMAC-SHA-256) of itself and of the one before it; the last"
    " column shows its first digits."
)
_SHARES = (0.09, 0.17, 0.13, 0.18, 0.31, 0.12)


def audit_pdf(report: AuditReport) -> bytes:
    """The PDF; equal data give equal bytes."""
    clock, sha256 = Clock.named(report.time_zone), fingerprint(report)
    document = str(document_id(sha256))
    rows = [_row(row, clock) for row in report.rows]
    titles = ("No.", "At", "Action", "By", "About", "Hash")
    body: Block = (
        table(titles, rows, _SHARES) if rows else words("No entry matches.", style.BODY_MUTED)
    )
    selection = [words(one, style.SMALL_MUTED) for one in report.selection]
    bar = style.ACCENT if report.check.intact else style.ALERT
    story = Stack(
        [
            parts.letterhead(report.clinic, TITLE, clock.full(report.at)),
            Space(12),
            words(_count(len(report.rows)), style.CARD),
            *selection,
            fields(style.SMALL_MUTED, "Made by ", report.author.name),
            Space(8),
            Panel(words(_found(report.check), style.SMALL_STRONG), style.PALE, bar, 7),
            Space(4),
            words(ABOUT, style.TINY),
            Space(10),
            body,
            parts.signature(report.author),
            parts.checks(sha256),
        ]
    )
    whose = f"Patient {report.patient_id}   ·   " if report.patient_id else "Audit trail   ·   "
    frame = Frame(
        report.clinic.page_size,
        f"{whose}Document {document}",
        f"Data of {clock.full(report.at)}   ·   Clinic App {report.program_version}",
    )
    return press(story, frame, parts.properties(report, TITLE, document))


def _count(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"


def _found(check: AuditCheck) -> str:
    if check.broken_at is not None:
        return BROKEN.format(number=check.broken_at)
    if check.truncated:
        return CUT_OFF
    if check.lacking is not None:
        return LACKING
    return INTACT.format(entries=check.entries, head=check.head[:16])


def _row(row: AuditRow, clock: Clock) -> tuple[Block, ...]:
    entry = row.entry
    about: list[Block] = [words(entry.subject, style.SMALL)]
    about += [words(one, style.TINY) for one in (str(entry.subject_id or ""), entry.detail) if one]
    at = f"{clock.minute(entry.at)}:{entry.at.astimezone(clock.zone):%S}"
    return (
        words(str(entry.number), style.SMALL_MUTED, Align.RIGHT),
        words(at, style.SMALL),
        words(entry.kind.value.replace("_", " "), style.SMALL_STRONG),
        words(row.actor or "–", style.SMALL),
        Stack(about),
        words(entry.mac[:10], style.TINY),
    )
