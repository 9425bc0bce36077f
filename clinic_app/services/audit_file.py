"""An extract of the audit trail as a table that spreadsheets open."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from clinic_app.domain.audit import AuditCheck
from clinic_app.domain.audit_heads import AuditGap
from clinic_app.services.spreadsheet import as_text

if TYPE_CHECKING:
    from clinic_app.services.audit import AuditExtract

_HEAD = ("number", "at (UTC)", "action", "by", "subject", "subject id", "detail", "mac")


def extract_csv(extract: AuditExtract) -> bytes:
    """UTF-8 with a byte-order mark: what it is, the state of the chain, then one entry a row.

    The same extract gives the same bytes. Cells that a spreadsheet would take for a formula are
    written as text (OWASP, CSV injection).
    """
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    for caption, value in (
        ("Audit extract of", extract.clinic_name),
        ("Made at (UTC)", _moment(extract.made_at)),
        ("Made by", extract.made_by),
        ("Entries in this extract", str(len(extract.rows))),
        ("Entries in the whole trail", str(extract.check.entries)),
        ("Chain of the whole trail", chain_words(extract.check)),
        ("Head of the chain", extract.check.head),
    ):
        rows.writerow([caption, as_text(value)])
    for gap in extract.check.gaps:
        rows.writerow(["Missing", as_text(gap_words(gap))])
    rows.writerow([])
    rows.writerow(_HEAD)
    for row in extract.rows:
        entry = row.entry
        about = (row.actor, entry.subject, str(entry.subject_id or ""), entry.detail)
        rows.writerow(
            [
                entry.number,
                _moment(entry.at),
                entry.kind.value,
                *map(as_text, about),
                entry.mac,
            ]
        )
    return out.getvalue().encode("utf-8-sig")


def chain_words(check: AuditCheck) -> str:
    """The result of verifying, in one sentence."""
    if check.broken_at is not None:
        return f"ALTERED: entry {check.broken_at} does not fit the one before it"
    if check.truncated:
        return "CUT OFF: the newest entries are missing"
    if check.lacking is not None:
        return "CUT OFF OR WRITTEN ANEW: it is not what was told to the centre"
    return "intact"


def gap_words(gap: AuditGap) -> str:
    """What a trail lacks, in one sentence."""
    if gap.shorter:
        text = "is shorter than what it told on {at}: {found} entries of {told}"
    else:
        text = "holds other entries than the {told} it told of on {at}"
    said = text.format(at=_moment(gap.told_at), found=gap.found, told=gap.told)
    why = "; a backup, a copy or another store took its place in between" if gap.renewed else ""
    return f"The audit trail of workstation “{gap.workstation}” {said}{why}."


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
