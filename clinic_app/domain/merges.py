"""Two records of one person: append-only merges, each of which can be undone.

Nothing is moved or rewritten. A merge says that one record stands for another; queries about the
survivor cover both, and undoing it leaves both as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.errors import WrongState


class MergeEventKind(StrEnum):
    MERGED = "merged"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class MergeEvent:
    """``patient_id`` is hidden and stands for ``into``; ``UNDONE`` names the same two."""

    id: UUID
    kind: MergeEventKind
    patient_id: UUID
    into: UUID
    at: datetime
    by: UUID
    reason: str = ""


def merged_into(events: Iterable[MergeEvent]) -> dict[UUID, UUID]:
    """Which record stands directly for which, after these events in stamp order.

    One that does not fit is void: a record that is merged already, an undo of nothing, and a merge
    that would close a circle (two workstations merged the same pair the other way round).
    """
    state: dict[UUID, UUID] = {}
    for event in events:
        if _fits(state, event):
            if event.kind is MergeEventKind.MERGED:
                state[event.patient_id] = event.into
            else:
                del state[event.patient_id]
    return state


def survivor(state: Mapping[UUID, UUID], patient_id: UUID) -> UUID:
    """The record at the end of the chain; the same one when it is not merged."""
    while patient_id in state:
        patient_id = state[patient_id]
    return patient_id


def checked_merge(state: Mapping[UUID, UUID], event: MergeEvent) -> MergeEvent:
    """The event; raises ``WrongState`` when it does not fit."""
    if not _fits(state, event):
        if event.kind is MergeEventKind.UNDONE:
            raise WrongState("These two records are not merged.")
        raise WrongState("These two records are merged already, or are the same.")
    return event


def _fits(state: Mapping[UUID, UUID], event: MergeEvent) -> bool:
    if event.kind is MergeEventKind.UNDONE:
        return state.get(event.patient_id) == event.into
    return event.patient_id not in state and survivor(state, event.into) != event.patient_id
