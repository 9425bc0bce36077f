"""The audit trails in words: this workstation's chain, and what others told of theirs."""

from __future__ import annotations

from collections.abc import Mapping

from clinic_app.domain.audit import AuditCheck
from clinic_app.domain.audit_heads import AuditGap, AuditHead
from clinic_app.ui.language import number_text
from clinic_app.ui.moments import moment_text
from clinic_app.ui.strings import tr

_SHOWN_HASH = 16
_WHAT_NOW = (
    "Change nothing, keep a backup of this laptop as it is, and ask whoever is responsible for"
    " data protection."
)


def check_words(check: AuditCheck) -> tuple[str, str]:
    """What checking found, and the role of its label."""
    said = _own_words(check)
    gaps = [gap_words(one) for one in check.gaps]
    text = "\n".join([said, *gaps] if check.intact else [said, *gaps, tr(_WHAT_NOW)])
    if not check.intact:
        return text, "alarm"
    return text, "caution" if gaps else "good"


def _own_words(check: AuditCheck) -> str:
    if check.broken_at is not None:
        return tr("The trail was altered: entry {n} does not fit the one before it.").format(
            n=check.broken_at
        )
    if check.truncated:
        return tr("The trail was cut off: its newest entries are missing.")
    if check.lacking is not None:
        return tr("The trail is not the one that this workstation told the centre of.")
    return tr("The chain is whole: {n} entries, head {head}…").format(
        n=number_text(check.entries), head=check.head[:_SHOWN_HASH]
    )


def gap_words(gap: AuditGap) -> str:
    """What a trail lacks, in one or two sentences."""
    if gap.shorter:
        text = tr(
            "The audit trail of workstation “{name}” is shorter than what it told on {when}:"
            " {found} entries of {told}."
        )
    else:
        text = tr(
            "The audit trail of workstation “{name}” holds other entries than the {told} it told of"
            " on {when}."
        )
    said = text.format(
        name=gap.workstation,
        when=moment_text(gap.told_at),
        found=number_text(gap.found),
        told=number_text(gap.told),
    )
    if not gap.renewed:
        return said
    why = tr("A backup, a copy or another store took its place in between.")
    return f"{said} {why}"


def told_words(told: Mapping[str, AuditHead]) -> str:
    """How far each workstation's trail went when it last told of it."""
    text = tr("{name}: {n} entries, {when}")
    parts = (
        text.format(name=name, n=number_text(head.number), when=moment_text(head.at))
        for name, head in sorted(told.items())
    )
    return tr("Last told to the centre · {trails}").format(trails=" · ".join(parts))
