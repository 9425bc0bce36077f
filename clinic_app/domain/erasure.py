"""Erasure: that it was asked for and what was decided, with the reason; append-only, never erased.

These records hold no name and no clinical text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.people import clean_text, has_ink


class ErasureEventKind(StrEnum):
    ASKED = "asked"
    REFUSED = "refused"
    COMPLETED = "completed"


class ErasureState(StrEnum):
    ASKED = "asked"
    REFUSED = "refused"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class ErasureEvent:
    """``text`` is the reason; for ``COMPLETED`` what was removed, in counts."""

    id: UUID
    request_id: UUID
    patient_id: UUID
    kind: ErasureEventKind
    at: datetime
    by: UUID
    text: str = ""


@dataclass(frozen=True, slots=True)
class Erasure:
    """A request as its events leave it."""

    id: UUID
    patient_id: UUID
    state: ErasureState
    asked_at: datetime
    asked_by: UUID
    asked_text: str = ""
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    decision: str = ""
    void: tuple[UUID, ...] = ()


def _applied(erasure: Erasure | None, event: ErasureEvent) -> Erasure | None:
    if erasure is None:
        if event.kind is not ErasureEventKind.ASKED:
            return None
        return Erasure(
            event.request_id,
            event.patient_id,
            ErasureState.ASKED,
            event.at,
            event.by,
            event.text,
        )
    if erasure.state is not ErasureState.ASKED or event.kind is ErasureEventKind.ASKED:
        return None
    if event.patient_id != erasure.patient_id:
        return None
    return replace(
        erasure,
        state=ErasureState(event.kind.value),
        decided_at=event.at,
        decided_by=event.by,
        decision=event.text,
    )


def fold_erasure(events: Iterable[ErasureEvent]) -> Erasure | None:
    """The request that these events, in stamp order, make; ``None`` before it is asked."""
    erasure: Erasure | None = None
    void: list[UUID] = []
    for event in events:
        after = _applied(erasure, event)
        if after is None:
            void.append(event.id)
        else:
            erasure = after
    return None if erasure is None else replace(erasure, void=tuple(void))


def checked_erasure_event(erasure: Erasure | None, event: ErasureEvent) -> ErasureEvent:
    """The event cleaned; raises ``InvalidInput`` for a refusal without a reason, ``WrongState``
    for a request that is decided."""
    cleaned = replace(event, text=clean_text(event.text, 2000, "reason"))
    if event.kind is ErasureEventKind.REFUSED and not has_ink(cleaned.text):
        raise InvalidInput("reason", "Please write down why the erasure is refused.")
    if _applied(erasure, cleaned) is None:
        raise WrongState("This request is decided already, or was never made.")
    return cleaned
