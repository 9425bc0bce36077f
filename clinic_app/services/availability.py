"""When clinicians see people: weekly hours, absences, and the times that are still free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic_app.domain.access import Action, allows
from clinic_app.domain.appointments import AppointmentState
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, ClinicError, InvalidInput, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import StaffUser, clean_text
from clinic_app.domain.record_codec import is_kept
from clinic_app.domain.schedule import (
    Absence,
    Availability,
    Slot,
    WeeklyHours,
    availability_id,
    checked_hours,
    free_starts,
    is_available,
    to_local,
    zone_of,
)
from clinic_app.services.appointment_rows import clinicians_of, may_be_booked, slot_text
from clinic_app.services.once import check_same, once
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork

ABSENCE_REASON_LIMIT = 120
LOOK_AHEAD_DAYS = 60
"""Free times are looked for this many days ahead."""

_LONGEST_ABSENCE = timedelta(days=731)


class NotAvailable(ClinicError):
    """The clinician is away or does not see people then; staff may book it all the same."""


@dataclass(frozen=True, slots=True)
class Hours:
    """A clinician's week; ``own`` is false while the clinic's opening hours stand for it."""

    clinician: StaffUser
    availability: Availability
    own: bool


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time nobody has taken yet; ``starts`` is on the clocks of the clinic."""

    start: datetime
    starts: datetime
    minutes: int
    clinician_id: UUID
    clinician_name: str


@dataclass(frozen=True, slots=True)
class AbsenceMade:
    """``booked`` is how many appointments of the clinician lie in it and need another time."""

    absence: Absence
    booked: int


class AvailabilityService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def hours(self) -> list[Hours]:
        """The week of everybody who can be booked, by name."""
        self._desk.allow(Action.SEE_APPOINTMENTS)
        with self._desk.unit_of_work() as work:
            return [hours_of(work, user) for user in clinicians_of(work)]

    def set_hours(self, clinician_id: UUID, hours: Sequence[WeeklyHours]) -> Availability:
        """Replace the week, on the clinic's clocks; no hours at all means never.

        Raises ``AccessDenied`` for somebody else's week, ``InvalidInput`` for hours that overlap.
        """
        user = self._allow_for(clinician_id)
        cleaned = checked_hours(hours)
        with self._desk.unit_of_work() as work:
            _check_clinician(work, clinician_id)
            zone = work.clinic.get().time_zone
            zone_of(zone)
            record = Availability(availability_id(clinician_id), clinician_id, zone, cleaned)
            work.availability.put(record)
            work.audit.record(AuditKind.CHANGED, user.id, "availability", clinician_id)
            work.commit()
        return record

    def absences(self, clinician_id: UUID | None = None, days: int = 366) -> list[Absence]:
        """Absences from now on, by start."""
        self._desk.allow(Action.SEE_APPOINTMENTS)
        now = self._desk.now()
        with self._desk.unit_of_work() as work:
            return work.absences.between(now, now + timedelta(days=days), clinician_id)

    def add_absence(
        self,
        clinician_id: UUID,
        start: datetime,
        end: datetime,
        reason: str = "",
        *,
        entry_id: UUID | None = None,
    ) -> AbsenceMade:
        """The clinician is away; appointments that are booked then stay and are counted.

        ``entry_id`` is made with the form: the same form sent twice is one absence.
        Raises ``InvalidInput`` and ``AccessDenied``.
        """
        user = self._allow_for(clinician_id)
        if end <= start:
            raise InvalidInput("end", "An absence ends after it begins.")
        if end - start > _LONGEST_ABSENCE:
            raise InvalidInput("end", "An absence lasts at most two years.")
        if not (is_kept(start) and is_kept(end)):
            raise InvalidInput("end", "This day is too far away.")
        text = clean_text(reason, ABSENCE_REASON_LIMIT, "reason")
        record = Absence(entry_id or new_id(), clinician_id, start, end, user.id, text)
        with self._desk.unit_of_work() as work:
            _check_clinician(work, clinician_id)
            kept = once(work.absences.get, entry_id)
            if kept is None:
                work.absences.add(record)
                work.audit.record(AuditKind.CREATED, user.id, "absence", record.id)
                work.commit()
            else:
                check_same(kept == record)
            booked = work.appointments.between(
                start, end, clinician_id=clinician_id, states=(AppointmentState.APPROVED,)
            )
        return AbsenceMade(record, len(booked))

    def take_back_absence(self, absence_id: UUID) -> Absence:
        """Raises ``NotFound``, ``AccessDenied`` and ``WrongState`` when it is taken back."""
        self._desk.allow(Action.EDIT_OWN_AVAILABILITY)
        with self._desk.unit_of_work() as work:
            before = work.absences.get(absence_id)
        user = self._allow_for(before.clinician_id)
        with self._desk.unit_of_work() as work:
            before = work.absences.get(absence_id)
            if before.cancelled:
                raise WrongState("This absence is taken back already.")
            after = replace(before, cancelled=True)
            work.absences.save(after)
            work.audit.record(AuditKind.CHANGED, user.id, "absence", absence_id, "taken back")
            work.commit()
        return after

    def _allow_for(self, clinician_id: UUID) -> StaffUser:
        user = self._desk.allow(Action.EDIT_OWN_AVAILABILITY)
        if clinician_id != user.id and not allows(user.role, Action.EDIT_ANY_AVAILABILITY):
            self._desk.refuse(Action.EDIT_ANY_AVAILABILITY, clinician_id)
            raise AccessDenied("Only an administrator changes the hours of somebody else.")
        return user


def hours_of(work: UnitOfWork, clinician: StaffUser) -> Hours:
    """The week that holds for this clinician: the clinic's until there is an own one."""
    own = work.availability.of_clinician(clinician.id)
    if own is not None:
        return Hours(clinician, own, own=True)
    clinic = work.clinic.get()
    made = Availability(
        availability_id(clinician.id), clinician.id, clinic.time_zone, clinic.opening_hours
    )
    return Hours(clinician, made, own=False)


def check_available(work: UnitOfWork, slot: Slot, zone: str) -> None:
    """Raises ``NotAvailable`` when the slot's clinician is away or does not see people then.

    Without an own week of hours only absences count: the clinic may be open longer for once.
    """
    if slot.clinician_id is None:
        return
    away = work.absences.between(slot.start, slot.end, slot.clinician_id)
    hours = work.availability.of_clinician(slot.clinician_id)
    if is_available(slot, hours, away):
        return
    name = work.users.get(slot.clinician_id).display_name
    raise NotAvailable(
        "{name} is away on {time}." if away else "{name} does not see people on {time}.",
        name=name,
        time=slot_text(slot, zone),
    )


def find_free_times(
    work: UnitOfWork,
    now: datetime,
    *,
    minutes: int,
    clinician_id: UUID | None,
    patient_id: UUID | None,
    first_day: date | None,
    limit: int,
) -> list[FreeTime]:
    """The earliest free times, spread over days: at most three of a clinician and day."""
    zone = work.clinic.get().time_zone
    day = max(first_day or date.min, to_local(now, zone).date())
    chosen = [hours_of(work, user) for user in clinicians_of(work)]
    if clinician_id is not None:
        chosen = [one for one in chosen if one.clinician.id == clinician_id]
    found: list[FreeTime] = []
    for number in range(LOOK_AHEAD_DAYS):
        of_day: list[FreeTime] = []
        for one in chosen:
            of_day += _free_of_day(
                work, one, day + timedelta(days=number), now, minutes, zone, patient_id
            )
        found += sorted(of_day, key=lambda free: (free.start, free.clinician_name.casefold()))
        if len(found) >= limit:
            break
    return found[:limit]


_OF_ONE_DAY = 3


def _free_of_day(
    work: UnitOfWork,
    hours: Hours,
    day: date,
    now: datetime,
    minutes: int,
    zone: str,
    patient_id: UUID | None,
) -> list[FreeTime]:
    if not any(one.weekday == day.weekday() for one in hours.availability.hours):
        return []
    clinician = hours.clinician
    starts = [one for one in free_starts(day, hours.availability, (), minutes) if one > now]
    if not starts:
        return []
    first, last = starts[0], starts[-1] + timedelta(minutes=minutes)
    span = Slot(first, zone, int((last - first).total_seconds() // 60), clinician.id)
    if patient_id is not None:
        booked = work.appointments.overlapping(span, patient_id)
    else:
        booked = work.appointments.between(
            first, last, clinician_id=clinician.id, states=(AppointmentState.APPROVED,)
        )
    taken = [(one.slot.start, one.slot.end) for one in booked if one.slot is not None]
    taken += [(one.start, one.end) for one in work.absences.between(first, last, clinician.id)]
    wanted: list[FreeTime] = []
    for start in free_starts(day, hours.availability, taken, minutes):
        # Far enough apart to be a choice: the next offer begins where the one before ends.
        if start <= now or (wanted and start < wanted[-1].start + timedelta(minutes=minutes)):
            continue
        wanted.append(
            FreeTime(start, to_local(start, zone), minutes, clinician.id, clinician.display_name)
        )
        if len(wanted) == _OF_ONE_DAY:
            break
    return wanted


def _check_clinician(work: UnitOfWork, clinician_id: UUID) -> None:
    if not may_be_booked(work.users.get(clinician_id)):
        raise InvalidInput("clinician", "This colleague does not see people any more.")
