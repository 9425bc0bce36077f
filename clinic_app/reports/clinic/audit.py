"""An extract of the audit trail, with what verifying the whole chain found."""

from __future__ import annotations

from clinic_app.domain.audit import AuditCheck
from clinic_app.reports import parts
from clinic_app.reports.frame import (
    DOT,
    Frame,
    data_line,
    document_text,
    patient_text,
    press,
)
from clinic_app.reports.language import tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Panel, Space, Stack
from clinic_app.reports.layout.tables import table
from clinic_app.reports.layout.texts import Align, filled, words
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.audit_data import AuditRow
from clinic_app.services.report_data import AuditReport, document_id, fingerprint
from clinic_app.services.words import AUDIT_KINDS

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
    titles = (tr("No."), tr("At"), tr("Action"), tr("By"), tr("About"), tr("Hash"))
    body: Block = (
        table(titles, rows, _SHARES) if rows else words(tr("No entry matches."), style.BODY_MUTED)
    )
    selection = [words(one.text(tr), style.SMALL_MUTED) for one in report.selection]
    bar = style.ACCENT if report.check.intact else style.ALERT
    story = Stack(
        [
            parts.letterhead(report.clinic, tr(TITLE), clock.full(report.at)),
            Space(12),
            words(_count(len(report.rows)), style.CARD),
            *selection,
            filled(style.SMALL_MUTED, tr("Made by {name}"), name=report.author.name),
            Space(8),
            Panel(words(_found(report.check), style.SMALL_STRONG), style.PALE, bar, 7),
            Space(4),
            words(tr(ABOUT), style.TINY),
            Space(10),
            body,
            parts.signature(report.author),
            parts.checks(sha256),
        ]
    )
    whose = patient_text(report.patient_id) if report.patient_id else tr("Audit trail")
    frame = Frame(
        report.clinic.page_size,
        DOT.join((whose, document_text(document))),
        data_line(clock.full(report.at), report.program_version),
    )
    return press(story, frame, parts.properties(report, tr(TITLE), document))


def _count(number: int) -> str:
    return tr("1 entry") if number == 1 else tr("{count} entries").format(count=number)


def _found(check: AuditCheck) -> str:
    if check.broken_at is not None:
        return tr(BROKEN).format(number=check.broken_at)
    if check.truncated:
        return tr(CUT_OFF)
    if check.lacking is not None:
        return tr(LACKING)
    return tr(INTACT).format(entries=check.entries, head=check.head[:16])


def _row(row: AuditRow, clock: Clock) -> tuple[Block, ...]:
    entry = row.entry
    about: list[Block] = [words(entry.subject, style.SMALL)]
    about += [words(one, style.TINY) for one in (str(entry.subject_id or ""), entry.detail) if one]
    at = f"{clock.minute(entry.at)}:{entry.at.astimezone(clock.zone):%S}"
    return (
        words(str(entry.number), style.SMALL_MUTED, Align.RIGHT),
        words(at, style.SMALL),
        words(tr(AUDIT_KINDS[entry.kind]), style.SMALL_STRONG),
        words(row.actor or "–", style.SMALL),
        Stack(about),
        words(entry.mac[:10], style.TINY),
    )
