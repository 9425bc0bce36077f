"""Appointments, hours and absences in memory, folded by the domain's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from clinic_app.domain.appointments import (
    Appointment,
    AppointmentState,
    fold_appointment,
)
from clinic_app.domain.paging import Page, Position
from clinic_app.domain.schedule import Absence, Availability, Slot, times_overlap
from tests.fakes.records import Records, Stories, paged


class Appointments(Stories):
    what, subject, fold = "appointment", "appointment_id", staticmethod(fold_appointment)

    def _all(self) -> list[Appointment]:
        every = super()._all()
        booked = [one for one in every if one.holds_time]

        def rivals(one: Appointment) -> tuple[UUID, ...]:
            return tuple(sorted(other.id for other in booked if self._rivals(one, other)))

        return [replace(one, conflicts_with=rivals(one)) for one in every]

    def _rivals(self, one: Appointment, other: Appointment) -> bool:
        mine, theirs = one.slot, other.slot
        if one.id == other.id or not one.holds_time or mine is None or theirs is None:
            return False
        same = mine.clinician_id is not None and mine.clinician_id == theirs.clinician_id
        same = same or other.patient_id in self._tables.identities(one.patient_id)
        return same and times_overlap(mine.start, mine.end, theirs.start, theirs.end)

    def between(
        self,
        start: datetime,
        end: datetime,
        *,
        clinician_id: UUID | None = None,
        states: Sequence[AppointmentState] = (),
    ) -> list[Appointment]:
        return self._by_start(
            one
            for one in self._all()
            if one.slot is not None
            and times_overlap(one.slot.start, one.slot.end, start, end)
            and clinician_id in (None, one.slot.clinician_id)
            and (not states or one.state in states)
        )

    def _by_start(self, found: Iterable[Appointment]) -> list[Appointment]:
        return sorted(found, key=lambda one: (_start(one), one.id))

    def of_patient(
        self, patient_id: UUID, limit: int = 50, after: Position | None = None
    ) -> Page[Appointment, Position]:
        own = [one for one in self._own(patient_id) if one.slot is not None]
        return paged(own, _start, limit, after, newest=True)

    def requested(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        wait_list: bool | None = None,
        patient_id: UUID | None = None,
    ) -> Page[Appointment, Position]:
        rows = self._all() if patient_id is None else self._own(patient_id)
        found = [
            one
            for one in rows
            if one.state is AppointmentState.REQUESTED and wait_list in (None, one.wait_list)
        ]
        return paged(found, lambda one: one.requested_at, limit, after, newest=False)

    def closed_without_time(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        patient_id: UUID | None = None,
    ) -> Page[Appointment, Position]:
        rows = self._all() if patient_id is None else self._own(patient_id)
        closed = (AppointmentState.DENIED, AppointmentState.CANCELLED)
        found = [one for one in rows if one.state in closed and one.slot is None]
        return paged(found, lambda one: one.requested_at, limit, after, newest=True)

    def overlapping(
        self, slot: Slot, patient_id: UUID, excluding: UUID | None = None
    ) -> list[Appointment]:
        ids = self._tables.identities(patient_id)
        return self._by_start(
            one
            for one in self._all()
            if one.holds_time
            and one.slot is not None
            and one.id != excluding
            and (
                one.patient_id in ids
                or (slot.clinician_id is not None and slot.clinician_id == one.slot.clinician_id)
            )
            and times_overlap(slot.start, slot.end, one.slot.start, one.slot.end)
        )


def _start(one: Appointment) -> datetime:
    return one.slot.start if one.slot else datetime.min.replace(tzinfo=UTC)


class Hours(Records):
    def put(self, record: Availability) -> None:
        self._rows[record.id] = record

    def of_clinician(self, clinician_id: UUID) -> Availability | None:
        return next((one for one in self.all() if one.clinician_id == clinician_id), None)

    def all(self) -> list[Availability]:
        return sorted(self._rows.values(), key=lambda one: one.id)


class Absences(Records):
    what = "absence"

    def between(
        self, start: datetime, end: datetime, clinician_id: UUID | None = None
    ) -> list[Absence]:
        found = [
            one
            for one in self._rows.values()
            if not one.cancelled
            and times_overlap(one.start, one.end, start, end)
            and clinician_id in (None, one.clinician_id)
        ]
        return sorted(found, key=lambda one: (one.start, one.id))
