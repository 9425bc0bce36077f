"""Appointments and the clinicians' hours."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, or_, select, type_coerce

from clinic_app.db import tables
from clinic_app.db.columns import IDS, among, listed
from clinic_app.db.repositories.base import ChangingRepository, of_person
from clinic_app.db.repositories.stories import Stories
from clinic_app.domain.appointments import (
    Appointment,
    AppointmentEvent,
    AppointmentState,
    fold_appointment,
)
from clinic_app.domain.operations import EntityKind
from clinic_app.domain.paging import Page, Position
from clinic_app.domain.schedule import (
    LONGEST_MINUTES,
    Absence,
    Availability,
    Slot,
    availability_id,
)

_LONGEST = timedelta(minutes=LONGEST_MINUTES)
_DAY_MICROSECONDS = LONGEST_MINUTES * 60_000_000
_IN_RANGE_LIMIT = 5000


_CLOSED = (AppointmentState.DENIED, AppointmentState.CANCELLED)


class Appointments(Stories[AppointmentEvent, Appointment]):
    """Every appointment that is read names the booked ones that it conflicts with."""

    kind = EntityKind.APPOINTMENT
    table = tables.appointment_event
    record = AppointmentEvent
    named = "appointment"
    folded = tables.appointment
    fold = staticmethod(fold_appointment)

    def between(
        self,
        start: datetime,
        end: datetime,
        *,
        clinician_id: UUID | None = None,
        states: Sequence[AppointmentState] = (),
    ) -> list[Appointment]:
        c = self.folded.c
        where = list(_reaching_into(start, end))
        if clinician_id is not None:
            where.append(c.clinician_id == clinician_id)
        if states:
            where.append(c.state.in_([state.value for state in states]))
        wanted = select(c.id).where(*where).order_by(c.start_at, c.id)
        return self._listed(wanted.limit(_IN_RANGE_LIMIT))

    def of_patient(
        self, patient_id: UUID, limit: int = 50, after: Position | None = None
    ) -> Page[Appointment, Position]:
        c = self.folded.c
        mine = (of_person(self._db, c.patient_id, patient_id), c.start_at.is_not(None))
        return self._page(c.start_at, mine, limit, after, newest_first=True)

    def requested(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        wait_list: bool | None = None,
        patient_id: UUID | None = None,
    ) -> Page[Appointment, Position]:
        c = self.folded.c
        where = [c.state == AppointmentState.REQUESTED.value]
        if wait_list is not None:
            where.append(c.wait_list == wait_list)
        if patient_id is not None:
            where.append(of_person(self._db, c.patient_id, patient_id))
        return self._page(c.requested_at, where, limit, after, newest_first=False)

    def closed_without_time(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        patient_id: UUID | None = None,
    ) -> Page[Appointment, Position]:
        c = self.folded.c
        where: list[ColumnElement[bool]] = [
            c.state.in_([state.value for state in _CLOSED]),
            c.start_at.is_(None),
        ]
        if patient_id is not None:
            where.append(of_person(self._db, c.patient_id, patient_id))
        return self._page(c.requested_at, where, limit, after, newest_first=True)

    def overlapping(
        self, slot: Slot, patient_id: UUID, excluding: UUID | None = None
    ) -> list[Appointment]:
        c = self.folded.c
        ids: set[UUID] = set()
        for who in self._parties(slot.clinician_id, patient_id):
            ids |= self._booked(who, slot.start, slot.end)
        if excluding is not None:
            ids.discard(excluding)
        ordered = select(c.id).where(c.id.in_(ids)).order_by(c.start_at, c.id)
        return self._listed(ordered) if ids else []

    def _parties(self, clinician_id: UUID | None, patient_id: UUID) -> list[ColumnElement[bool]]:
        c = self.folded.c
        parties = [of_person(self._db, c.patient_id, patient_id)]
        if clinician_id is not None:
            parties.append(c.clinician_id == clinician_id)
        return parties

    def _booked(self, who: ColumnElement[bool], start: datetime, end: datetime) -> set[UUID]:
        c = self.folded.c
        held = c.state == AppointmentState.APPROVED.value
        wanted = select(c.id).where(who, held, *_reaching_into(start, end))
        return {row.id for row in self._db.rows(wanted)}

    def _told(self, ids: Sequence[UUID]) -> list[Appointment]:
        told = super()._told(ids)
        rivals = self._rivals([one.id for one in told if one.holds_time])
        return [
            replace(one, conflicts_with=tuple(sorted(rivals[one.id]))) if one.id in rivals else one
            for one in told
        ]

    def _rivals(self, ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
        """For each of these that is booked, the booked ones at the same time."""
        found: dict[UUID, set[UUID]] = {}
        if not ids:
            return found
        named = {"ids": listed(ids)}
        for same in ("clinician_id", "patient_id"):
            for row in self._db.rows(_pairs(same), named):
                found.setdefault(row.id, set()).add(row.other)
        for row in self._db.rows(_of_merged_patients(), named):
            who = of_person(self._db, tables.appointment.c.patient_id, row.patient_id)
            others = self._booked(who, row.start_at, row.end_at) - {row.id}
            if others:
                found.setdefault(row.id, set()).update(others)
        return found


def _number(column: ColumnElement[Any]) -> ColumnElement[int]:
    return type_coerce(column, BigInteger)


@functools.cache
def _pairs(same: str) -> Select[Any]:
    """Booked ones among ``ids`` with the booked ones of the same person at the same time."""
    mine, other = tables.appointment.alias(), tables.appointment.alias()
    return select(mine.c.id, other.c.id.label("other")).where(
        among(mine.c.id, IDS),
        mine.c.state == AppointmentState.APPROVED.value,
        other.c.state == AppointmentState.APPROVED.value,
        mine.c[same] == other.c[same],
        mine.c.id != other.c.id,
        _number(other.c.start_at) > _number(mine.c.start_at) - _DAY_MICROSECONDS,
        other.c.start_at < mine.c.end_at,
        other.c.end_at > mine.c.start_at,
    )


@functools.cache
def _of_merged_patients() -> Select[Any]:
    """The booked ones among these whose patient has other records too."""
    c, alias = tables.appointment.c, tables.patient_alias.c
    return select(c.id, c.patient_id, c.start_at, c.end_at).where(
        among(c.id, IDS),
        c.state == AppointmentState.APPROVED.value,
        or_(
            c.patient_id.in_(select(alias.patient_id)),
            c.patient_id.in_(select(alias.survivor_id)),
        ),
    )


def _reaching_into(start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    """Appointments that share a moment with the span; none is longer than a day."""
    c = tables.appointment.c
    return (c.start_at > start - _LONGEST, c.start_at < end, c.end_at > start)


class Hours(ChangingRepository[Availability]):
    kind = EntityKind.AVAILABILITY
    table = tables.availability
    record = Availability
    named = "working time"

    def put(self, record: Availability) -> None:
        if self._stored(record.id) is None:
            self.add(record)
        else:
            self.save(record)

    def of_clinician(self, clinician_id: UUID) -> Availability | None:
        return self._stored(availability_id(clinician_id))

    def all(self) -> list[Availability]:
        return self._records(self._select().order_by(self.table.c.id))


class Absences(ChangingRepository[Absence]):
    kind = EntityKind.ABSENCE
    table = tables.absence
    record = Absence
    named = "absence"

    def between(
        self, start: datetime, end: datetime, clinician_id: UUID | None = None
    ) -> list[Absence]:
        c = self.table.c
        wanted = self._select().where(c.end_at > start, c.start_at < end, c.cancelled == 0)
        if clinician_id is not None:
            wanted = wanted.where(c.clinician_id == clinician_id)
        return self._records(wanted.order_by(c.start_at, c.id))
