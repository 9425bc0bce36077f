"""Looking at appointments: a day, a week, one person, what waits, what is free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.appointments import Appointment, AppointmentState
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.paging import Page, Position
from clinic_app.domain.people import StaffUser
from clinic_app.domain.schedule import Absence, open_spans, to_local, to_utc
from clinic_app.services.appointment_rows import (
    AppointmentRow,
    HistoryLine,
    clinicians_of,
    history_of,
    rows_of,
)
from clinic_app.services.availability import FreeTime, find_free_times, hours_of
from clinic_app.services.ics import CalendarFile, calendar_file
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork

LONGEST_CALENDAR_DAYS = 42
LONGEST_EXPORT_DAYS = 731
SHOWN_TODAY = (
    AppointmentState.REQUESTED,
    AppointmentState.APPROVED,
    AppointmentState.COMPLETED,
    AppointmentState.NO_SHOW,
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Some days of the clinic's calendar.

    ``open`` are the spans in UTC in which the chosen clinician (or anybody) sees people.
    """

    zone: str
    first: date
    days: int
    today: date
    rows: tuple[AppointmentRow, ...]
    absences: tuple[Absence, ...]
    open: tuple[tuple[datetime, datetime], ...]
    clinicians: tuple[StaffUser, ...]


@dataclass(frozen=True, slots=True)
class AppointmentDetails:
    """One appointment, every step of it, and the booked ones that it collides with."""

    row: AppointmentRow
    history: tuple[HistoryLine, ...]
    conflicts: tuple[AppointmentRow, ...]


class AppointmentReading:
    """Days are those of the clinic's clocks; every look is audited."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def zone(self) -> str:
        """The IANA zone of the clinic's clocks."""
        with self._desk.unit_of_work() as work:
            return work.clinic.get().time_zone

    def day(self) -> date:
        """Today on the clinic's clocks."""
        return to_local(self._desk.now(), self.zone()).date()

    def usual_minutes(self) -> int:
        """How long an appointment lasts unless said otherwise."""
        with self._desk.unit_of_work() as work:
            return work.clinic.get().appointment_minutes

    def clinicians(self) -> list[StaffUser]:
        """Who can be booked, by name; open to a patient who asks for an appointment."""
        self._desk.allow(Action.REQUEST_APPOINTMENT)
        with self._desk.unit_of_work() as work:
            return clinicians_of(work)

    def today(self, clinician_id: UUID | None = None) -> list[AppointmentRow]:
        """The appointments of the clinic's present day by start, without denied and cancelled
        ones; of one clinician, or of all. Audited."""
        user = self._desk.allow(Action.SEE_APPOINTMENTS)
        with self._desk.unit_of_work() as work:
            zone = work.clinic.get().time_zone
            start, end = _day_span(to_local(self._desk.now(), zone).date(), 1, zone)
            found = work.appointments.between(
                start, end, clinician_id=clinician_id, states=SHOWN_TODAY
            )
            rows = rows_of(work, found, zone)
            work.audit.record(AuditKind.READ, user.id, "appointments")
            work.commit()
        return rows

    def calendar(self, first: date, days: int = 7, clinician_id: UUID | None = None) -> Calendar:
        """``days`` days from ``first``, of one clinician or of all, by start. Audited."""
        user = self._desk.allow(Action.SEE_APPOINTMENTS)
        _check_days(first, days, LONGEST_CALENDAR_DAYS)
        with self._desk.unit_of_work() as work:
            zone = work.clinic.get().time_zone
            start, end = _day_span(first, days, zone)
            found = work.appointments.between(start, end, clinician_id=clinician_id)
            people = clinicians_of(work)
            spans = [
                span
                for user_ in people
                if clinician_id in (None, user_.id)
                for number in range(days)
                for hours in (hours_of(work, user_).availability,)
                for span in open_spans(first + timedelta(days=number), hours.zone, hours.hours)
            ]
            made = Calendar(
                zone,
                first,
                days,
                to_local(self._desk.now(), zone).date(),
                tuple(rows_of(work, found, zone)),
                tuple(work.absences.between(start, end, clinician_id)),
                tuple(sorted(set(spans))),
                tuple(people),
            )
            work.audit.record(AuditKind.READ, user.id, "appointments")
            work.commit()
        return made

    def requested(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        wait_list: bool | None = None,
    ) -> Page[AppointmentRow, Position]:
        """What waits for a decision, longest waiting first. Audited."""
        user = self._desk.allow(Action.SEE_APPOINTMENTS)
        with self._desk.unit_of_work() as work:
            zone = work.clinic.get().time_zone
            page = work.appointments.requested(limit, after, wait_list=wait_list)
            rows = rows_of(work, page.rows, zone)
            work.audit.record(AuditKind.READ, user.id, "appointments")
            work.commit()
        return Page(tuple(rows), page.next)

    def closed_without_time(
        self, limit: int = 50, after: Position | None = None
    ) -> Page[AppointmentRow, Position]:
        """Requests that were denied or cancelled and stand in no calendar, for they never had a
        time; the newest first. Audited."""
        user = self._desk.allow(Action.SEE_APPOINTMENTS)
        with self._desk.unit_of_work() as work:
            zone = work.clinic.get().time_zone
            page = work.appointments.closed_without_time(limit, after)
            rows = rows_of(work, page.rows, zone)
            work.audit.record(AuditKind.READ, user.id, "appointments")
            work.commit()
        return Page(tuple(rows), page.next)

    def of_patient(self, patient_id: UUID, limit: int = 200) -> list[AppointmentRow]:
        """Everything of one person: what waits without a time first, then latest first, then what
        was denied or cancelled without a time. Audited.

        A patient who holds the laptop sees their own.
        """
        handed_over = self._desk.session.patient_at_laptop is not None
        action = Action.SEE_OWN_APPOINTMENTS if handed_over else Action.SEE_APPOINTMENTS
        user = self._desk.allow(action, patient_id)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            zone = work.clinic.get().time_zone
            waiting = work.appointments.requested(limit, patient_id=patient_id).rows
            timed = work.appointments.of_patient(patient_id, limit).rows
            closed = work.appointments.closed_without_time(limit, patient_id=patient_id).rows
            found = [*(one for one in waiting if one.slot is None), *timed, *closed]
            rows = rows_of(work, found, zone)
            work.audit.record(AuditKind.READ, user.id, "appointments", patient_id)
            work.commit()
        return rows

    def get(self, appointment_id: UUID) -> AppointmentDetails:
        """One appointment with its history and rivals; raises ``NotFound``. Audited."""
        user = self._desk.allow(Action.SEE_APPOINTMENTS)
        with self._desk.unit_of_work() as work:
            zone = work.clinic.get().time_zone
            found = work.appointments.get(appointment_id)
            rivals = [work.appointments.get(one) for one in found.conflicts_with]
            row, *others = rows_of(work, [found, *rivals], zone)
            made = AppointmentDetails(row, history_of(work, found, zone), tuple(others))
            work.audit.record(AuditKind.READ, user.id, "appointment", appointment_id)
            work.commit()
        return made

    def export(
        self,
        first: date,
        days: int,
        *,
        clinician_id: UUID | None = None,
        patient_id: UUID | None = None,
        password: str | None = None,
    ) -> CalendarFile:
        """Some days as a calendar file, of one clinician, one person or all. Audited as an export.

        Patients are named only when who exports proves it with the own ``password`` (raises
        ``WrongPassword``, ``SignInThrottled``): the file is not encrypted. What was asked for,
        denied or cancelled stands in it with that status.
        """
        user = self._desk.allow(Action.SEE_APPOINTMENTS)
        _check_days(first, days, LONGEST_EXPORT_DAYS)
        with_names = password is not None
        if password is not None:
            self._desk.reauthenticate(password)
        with self._desk.unit_of_work() as work:
            clinic = work.clinic.get()
            found = _all_between(work, first, days, clinic.time_zone, clinician_id)
            if patient_id is not None:
                work.patients.get(patient_id)
                whole = set(work.merges.identities(patient_id))
                found = [one for one in found if one.patient_id in whole]
            rows = rows_of(work, found, clinic.time_zone)
            made = calendar_file(rows, clinic.name, clinic.address, with_names=with_names)
            detail = "calendar file with names" if with_names else "calendar file"
            work.audit.record(AuditKind.EXPORTED, user.id, "appointments", patient_id, detail)
            work.commit()
        return made

    def free_times(
        self,
        *,
        clinician_id: UUID | None = None,
        patient_id: UUID | None = None,
        minutes: int | None = None,
        first_day: date | None = None,
        limit: int = 6,
    ) -> list[FreeTime]:
        """The earliest times at which the clinician (or anybody) and the patient are free."""
        if first_day is not None:
            _check_day(first_day)
        self._desk.allow(Action.REQUEST_APPOINTMENT, patient_id)
        with self._desk.unit_of_work() as work:
            length = minutes or work.clinic.get().appointment_minutes
            return find_free_times(
                work,
                self._desk.now(),
                minutes=length,
                clinician_id=clinician_id,
                patient_id=patient_id,
                first_day=first_day,
                limit=limit,
            )


def _all_between(
    work: UnitOfWork, first: date, days: int, zone: str, clinician_id: UUID | None
) -> list[Appointment]:
    """By start; read week by week, for one reading of the store is limited."""
    found: dict[UUID, Appointment] = {}
    for passed in range(0, days, 7):
        span = _day_span(first + timedelta(days=passed), min(7, days - passed), zone)
        for one in work.appointments.between(*span, clinician_id=clinician_id):
            found[one.id] = one  # once, though it may reach into the next week
    return list(found.values())


def _check_days(first: date, days: int, limit: int) -> None:
    if not 1 <= days <= limit:
        raise InvalidInput("days", "Please choose between 1 and {limit} days.", limit=limit)
    _check_day(first)


def _check_day(day: date) -> None:
    if not 1900 <= day.year <= 2199:
        raise InvalidInput("day", "The calendar reaches from 1900 to 2199.")


def _day_span(first: date, days: int, zone: str) -> tuple[datetime, datetime]:
    start = to_utc(datetime.combine(first, time()), zone)
    return start, to_utc(datetime.combine(first + timedelta(days=days), time()), zone)
