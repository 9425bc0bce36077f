"""Handover between members of staff, with a receipt: append-only events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.errors import WrongState
from clinic_app.domain.notes import clean_note
from clinic_app.domain.people import has_ink


class HandoverEventKind(StrEnum):
    HANDED_OVER = "handed_over"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class HandoverEvent:
    """``to_user``, ``patient_ids`` and ``text`` (the items) come with ``HANDED_OVER``.

    ``notes_of`` is who has left the unsigned notes that are handed over; ``text`` is then why.
    """

    id: UUID
    handover_id: UUID
    kind: HandoverEventKind
    at: datetime
    by: UUID
    to_user: UUID | None = None
    text: str = ""
    patient_ids: tuple[UUID, ...] = ()
    notes_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """A handover as its events leave it; open until the addressed person receives it.

    Without ``to_user`` it is for whoever takes over: anybody but the giver may receive it.
    """

    id: UUID
    from_user: UUID
    to_user: UUID | None
    text: str
    patient_ids: tuple[UUID, ...]
    given_at: datetime
    received_at: datetime | None = None
    received_by: UUID | None = None
    receipt: str = ""
    void: tuple[UUID, ...] = ()
    notes_of: UUID | None = None

    @property
    def open(self) -> bool:
        return self.received_at is None


def _applied(handover: Handover | None, event: HandoverEvent) -> Handover | None:
    if handover is None:
        if event.kind is not HandoverEventKind.HANDED_OVER or event.to_user == event.by:
            return None
        return Handover(
            id=event.handover_id,
            from_user=event.by,
            to_user=event.to_user,
            text=event.text,
            patient_ids=event.patient_ids,
            given_at=event.at,
            notes_of=event.notes_of,
        )
    addressed = event.by == handover.to_user if handover.to_user else event.by != handover.from_user
    if event.kind is not HandoverEventKind.RECEIVED or not handover.open or not addressed:
        return None
    return replace(handover, received_at=event.at, received_by=event.by, receipt=event.text)


def fold_handover(events: Iterable[HandoverEvent]) -> Handover | None:
    """The handover that these events, in stamp order, make; ``None`` before it is given."""
    handover: Handover | None = None
    void: list[UUID] = []
    for event in events:
        after = _applied(handover, event)
        if after is None:
            void.append(event.id)
        else:
            handover = after
    return None if handover is None else replace(handover, void=tuple(void))


def checked_handover_event(handover: Handover | None, event: HandoverEvent) -> HandoverEvent:
    """The event cleaned; raises ``InvalidInput`` for an empty handover, ``WrongState`` when it is
    received already or addressed to somebody else."""
    needed = event.kind is HandoverEventKind.HANDED_OVER or has_ink(event.text)
    cleaned = replace(event, text=clean_note(event.text) if needed else "")
    if _applied(handover, cleaned) is None:
        raise WrongState("This handover is received already or meant for somebody else.")
    return cleaned
