"""Words about requests that a person may make."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from clinic_app.domain.erasure import Erasure, ErasureState
from clinic_app.services.export import ExportReason
from clinic_app.ui.moments import moment_text
from clinic_app.ui.strings import tr

STATE_WORDS = {
    ErasureState.ASKED: "waits for a decision",
    ErasureState.REFUSED: "refused",
    ErasureState.COMPLETED: "carried out",
}
STATE_ROLES = {
    ErasureState.ASKED: "badge-warning",
    ErasureState.REFUSED: "badge",
    ErasureState.COMPLETED: "badge-accent",
}
REASON_WORDS = {
    ExportReason.PERSON_ASKED: "The person asked for the own records",
    ExportReason.CARE_ELSEWHERE: "Care goes on elsewhere",
    ExportReason.LEGAL_DUTY: "The law asks for it",
}


def story_of(one: Erasure, staff: Mapping[UUID, str]) -> list[str]:
    """Who asked and decided when, with the words that were kept."""
    who = staff.get(one.asked_by, "")
    lines = [tr("Recorded {when} by {who}").format(when=moment_text(one.asked_at), who=who)]
    if one.asked_text:
        lines[0] += f": {one.asked_text}"
    if one.decided_at is not None and one.decided_by is not None:
        words = tr("Decided {when} by {who}: {text}")
        lines.append(
            words.format(
                when=moment_text(one.decided_at),
                who=staff.get(one.decided_by, ""),
                text=one.decision,
            )
        )
    return lines
