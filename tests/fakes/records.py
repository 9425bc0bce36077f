"""What the repositories in memory have in common: records by identifier, and stories of events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic_app.domain.errors import NotFound
from clinic_app.domain.paging import Page, Position


def paged(
    rows: Iterable[Any], at: Callable[[Any], datetime], limit: int, after: Any, *, newest: bool
) -> Page[Any, Position]:
    ordered = sorted(rows, key=lambda one: (at(one), one.id), reverse=newest)
    if after is not None:
        mark = (after.at, after.id)
        ordered = [
            one
            for one in ordered
            if ((at(one), one.id) < mark if newest else (at(one), one.id) > mark)
        ]
    taken = tuple(ordered[:limit])
    full = len(taken) == limit
    return Page(taken, Position(at(taken[-1]), taken[-1].id) if full else None)


class Records:
    """Records by identifier."""

    what = "record"

    def __init__(self, tables: Any, rows: dict[UUID, Any]) -> None:
        self._tables = tables
        self._rows = rows

    def add(self, record: Any) -> None:
        if record.id in self._rows:
            raise AssertionError("added twice")
        require_patient(self._tables, getattr(record, "patient_id", None))
        self._rows[record.id] = record

    def save(self, record: Any) -> None:
        self.get(record.id)
        self._rows[record.id] = record

    def get(self, record_id: UUID) -> Any:
        if record_id not in self._rows:
            raise NotFound(f"This {self.what} is not in the store.")
        return self._rows[record_id]

    def _own(self, patient_id: UUID) -> list[Any]:
        ids = self._tables.identities(patient_id)
        return [one for one in self._rows.values() if one.patient_id in ids]


def require_patient(tables: Any, patient_id: UUID | None) -> None:
    if patient_id is not None and patient_id not in tables.patients:
        raise NotFound("This patient is not in the store.")


class Stories:
    """Events, folded when they are asked for."""

    what = "record"
    subject = ""
    fold: Callable[..., Any]

    def __init__(self, tables: Any, events: list[Any]) -> None:
        self._tables = tables
        self._events = events

    def add(self, event: Any) -> None:
        require_patient(self._tables, getattr(event, "patient_id", None))
        self._events.append(event)

    def get(self, record_id: UUID) -> Any:
        found = next((one for one in self._all() if one.id == record_id), None)
        if found is None:
            raise NotFound(f"This {self.what} is not in the store.")
        return found

    def _all(self) -> list[Any]:
        stories: dict[UUID, list[Any]] = {}
        for event in self._events:
            stories.setdefault(getattr(event, self.subject), []).append(event)
        made = (type(self).fold(events) for events in stories.values())
        return [one for one in made if one is not None]

    def _own(self, patient_id: UUID) -> list[Any]:
        ids = self._tables.identities(patient_id)
        return [one for one in self._all() if one.patient_id in ids]
