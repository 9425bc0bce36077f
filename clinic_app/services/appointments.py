"""Appointments: asked for, decided, moved, kept or missed; every step stays as history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.appointments import (
    TRANSITIONS,
    Appointment,
    AppointmentEvent,
    AppointmentEventKind,
    AppointmentState,
    RequestedBy,
    checked_event,
)
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, NotFound, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.paging import Page, Position
from clinic_app.domain.people import StaffUser
from clinic_app.domain.schedule import (
    Absence,
    Frequency,
    Slot,
    checked_slot,
    open_spans,
    recurrence,
    to_local,
    to_utc,
)
from clinic_app.services.appointment_rows import (
    AppointmentRow,
    HistoryLine,
    clinicians_of,
    history_of,
    may_be_booked,
    rows_of,
    slot_text,
)
from clinic_app.services.availability import (
    FreeTime,
    check_available,
    find_free_times,
    hours_of,
)
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork

LONGEST_CALENDAR_DAYS = 42
SHOWN_TODAY = (
    AppointmentState.REQUESTED,
    AppointmentState.APPROVED,
    AppointmentState.COMPLETED,
    AppointmentState.NO_SHOW,
)

_STATE_WORDS = {
    AppointmentState.REQUESTED: "still waits for a decision",
    AppointmentState.APPROVED: "is booked",
    AppointmentState.DENIED: "was denied",
    AppointmentState.CANCELLED: "was cancelled",
    AppointmentState.COMPLETED: "has taken place",
    AppointmentState.NO_SHOW: "is marked as missed",
}
_STEP_WORDS = {
    AppointmentEventKind.REQUESTED: "asked for again",
    AppointmentEventKind.APPROVED: "approved",
    AppointmentEventKind.DENIED: "denied",
    AppointmentEventKind.RESCHEDULED: "moved",
    AppointmentEventKind.CANCELLED: "cancelled",
    AppointmentEventKind.COMPLETED: "marked as completed",
    AppointmentEventKind.NO_SHOW: "marked as missed",
}


@dataclass(frozen=True, slots=True)
class NewAppointment:
    """What is asked for. Without ``start`` it goes to the wait list; without ``minutes`` it takes
    the clinic's usual time. ``start`` is time-zone aware."""

    patient_id: UUID
    reason: str = ""
    start: datetime | None = None
    minutes: int | None = None
    clinician_id: UUID | None = None
    wait_list: bool = False


@dataclass(frozen=True, slots=True)
class Repeat:
    """A series of ``count`` appointments, the first one included."""

    frequency: Frequency
    count: int
    interval: int = 1


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


class AppointmentService:
    """Times go in and come out time-zone aware; days are those of the clinic's clocks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # --- looking -----------------------------------------------------------------------------

    def zone(self) -> str:
        """The IANA zone of the clinic's clocks."""
        with self._desk.unit_of_work() as work:
            return work.clinic.get().time_zone

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
        if not 1 <= days <= LONGEST_CALENDAR_DAYS or not 1900 <= first.year <= 2199:
            raise InvalidInput("day", "The calendar shows up to six weeks between 1900 and 2199.")
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

    def of_patient(self, patient_id: UUID, limit: int = 200) -> list[AppointmentRow]:
        """Everything of one person: what waits without a time first, then latest first. Audited.

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
            found = [one for one in waiting if one.slot is None] + list(timed)
            rows = rows_of(work, found, zone)
            work.audit.record(AuditKind.READ, user.id, "appointments", patient_id)
            work.commit()
        return rows

    def get(self, appointment_id: UUID) -> AppointmentRow:
        """Raises ``NotFound``. Audited."""
        return self.look_up(appointment_id)[0]

    def look_up(self, appointment_id: UUID) -> tuple[AppointmentRow, tuple[HistoryLine, ...]]:
        """One appointment with its whole history; raises ``NotFound``. Audited."""
        user = self._desk.allow(Action.SEE_APPOINTMENTS)
        with self._desk.unit_of_work() as work:
            zone = work.clinic.get().time_zone
            found = work.appointments.get(appointment_id)
            (row,) = rows_of(work, [found], zone)
            history = history_of(work, found, zone)
            work.audit.record(AuditKind.READ, user.id, "appointment", appointment_id)
            work.commit()
        return row, history

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

    # --- asking ------------------------------------------------------------------------------

    def request(self, new: NewAppointment) -> Appointment:
        """Ask for an appointment; a patient who holds the laptop asks for their own.

        Raises ``InvalidInput``, ``NotFound``, and ``WrongState`` for a time that is taken, unless
        it is asked for on the wait list.
        """
        user = self._desk.allow(Action.REQUEST_APPOINTMENT, new.patient_id)
        by_patient = self._desk.session.patient_at_laptop is not None
        with self._desk.unit_of_work() as work:
            event = self._request_event(work, new, user.id, by_patient=by_patient)
            if event.slot is not None and not event.wait_list:
                self._check_bookable(work, event.slot, new.patient_id, anyway=True)
            work.appointments.add(event)
            work.audit.record(AuditKind.CREATED, user.id, "appointment", event.appointment_id)
            work.commit()
            return work.appointments.get(event.appointment_id)

    def book(self, new: NewAppointment, *, anyway: bool = False) -> Appointment:
        """Ask for it and approve it in one go, as staff do with the person beside them."""
        (made,), _ = self._book([new], None, anyway=anyway, leave_out_taken=False)
        return made

    def book_series(
        self,
        new: NewAppointment,
        repeat: Repeat,
        *,
        anyway: bool = False,
        leave_out_taken: bool = False,
    ) -> tuple[list[Appointment], list[str]]:
        """Book each appointment of a series as one of its own, all or none.

        With ``leave_out_taken`` those that cannot be booked are left out, and why is told for each
        in the second list. Raises as ``book``.
        """
        if new.start is None:
            raise InvalidInput("start", "Please choose the first time of the series.")
        zone = self.zone()
        local = to_local(new.start, zone).replace(tzinfo=None, fold=0)
        starts = recurrence(local, zone, repeat.frequency, repeat.interval, repeat.count)
        wanted = [replace(new, start=start) for start in starts]
        return self._book(wanted, new_id(), anyway=anyway, leave_out_taken=leave_out_taken)

    # --- deciding ----------------------------------------------------------------------------

    def approve(
        self,
        appointment_id: UUID,
        *,
        start: datetime | None = None,
        minutes: int | None = None,
        clinician_id: UUID | None = None,
        text: str = "",
        anyway: bool = False,
    ) -> Appointment:
        """Book what was asked for, at its wished time or another.

        ``anyway`` books outside the clinician's hours. Raises ``WrongState`` for a time that is
        taken or has passed, ``NotAvailable``, ``InvalidInput`` without any time.
        """
        kind = AppointmentEventKind.APPROVED
        given = (start, minutes, clinician_id)
        return self._book_step(appointment_id, kind, given, text, anyway=anyway)

    def reschedule(
        self,
        appointment_id: UUID,
        start: datetime,
        *,
        minutes: int | None = None,
        clinician_id: UUID | None = None,
        text: str = "",
        anyway: bool = False,
    ) -> Appointment:
        """Move it; length and clinician stay unless given. A request is booked by it."""
        kind = AppointmentEventKind.RESCHEDULED
        given = (start, minutes, clinician_id)
        return self._book_step(appointment_id, kind, given, text, anyway=anyway)

    def deny(self, appointment_id: UUID, reason: str) -> Appointment:
        """Refuse a request; the reason is required."""
        return self._step(appointment_id, AppointmentEventKind.DENIED, reason)

    def cancel(self, appointment_id: UUID, reason: str = "") -> Appointment:
        return self._step(appointment_id, AppointmentEventKind.CANCELLED, reason)

    def complete(self, appointment_id: UUID, text: str = "") -> Appointment:
        """It took place; also for somebody who came late after all."""
        return self._step(appointment_id, AppointmentEventKind.COMPLETED, text, self._is_due)

    def no_show(self, appointment_id: UUID, text: str = "") -> Appointment:
        """The person did not come; raises ``WrongState`` before the start."""
        return self._step(appointment_id, AppointmentEventKind.NO_SHOW, text, self._has_begun)

    # --- inside ------------------------------------------------------------------------------

    def _request_event(
        self,
        work: UnitOfWork,
        new: NewAppointment,
        by: UUID,
        *,
        by_patient: bool = False,
        series_id: UUID | None = None,
    ) -> AppointmentEvent:
        work.patients.get(new.patient_id)
        clinic = work.clinic.get()
        slot = None
        if new.start is not None:
            length = new.minutes or clinic.appointment_minutes
            slot = Slot(new.start, clinic.time_zone, length, new.clinician_id)
            _check_slot(work, slot)
        elif new.clinician_id is not None:
            raise InvalidInput(
                "start", "Please choose a time too, or leave open who sees the person."
            )
        return checked_event(
            None,
            AppointmentEvent(
                id=new_id(),
                appointment_id=new_id(),
                patient_id=new.patient_id,
                kind=AppointmentEventKind.REQUESTED,
                at=self._desk.now(),
                by=by,
                text=new.reason,
                slot=slot,
                requested_by=RequestedBy.PATIENT if by_patient else RequestedBy.STAFF,
                wait_list=new.wait_list or slot is None,
                series_id=series_id,
            ),
        )

    def _book(
        self,
        wanted: Sequence[NewAppointment],
        series_id: UUID | None,
        *,
        anyway: bool,
        leave_out_taken: bool,
    ) -> tuple[list[Appointment], list[str]]:
        user = self._desk.allow(Action.DECIDE_APPOINTMENT)
        made: list[UUID] = []
        left_out: list[str] = []
        with self._desk.unit_of_work() as work:
            for new in wanted:
                if new.start is None:
                    raise InvalidInput("start", "Please choose a time.")
                asked = self._request_event(work, new, user.id, series_id=series_id)
                assert asked.slot is not None
                try:
                    self._check_bookable(work, asked.slot, new.patient_id, anyway=anyway)
                except WrongState as error:
                    if not leave_out_taken:
                        raise
                    left_out.append(str(error))
                    continue
                work.appointments.add(asked)
                before = work.appointments.get(asked.appointment_id)
                kind = AppointmentEventKind.APPROVED
                work.appointments.add(self._event(before, kind, user.id, "", None))
                work.audit.record(
                    AuditKind.CREATED, user.id, "appointment", asked.appointment_id, "booked"
                )
                made.append(asked.appointment_id)
            if not made:
                raise WrongState("None of these times is free.")
            work.commit()
            return [work.appointments.get(one) for one in made], left_out

    def _book_step(
        self,
        appointment_id: UUID,
        kind: AppointmentEventKind,
        given: tuple[datetime | None, int | None, UUID | None],
        text: str,
        *,
        anyway: bool,
    ) -> Appointment:
        user = self._desk.allow(Action.DECIDE_APPOINTMENT)
        with self._desk.unit_of_work() as work:
            before = work.appointments.get(appointment_id)
            _check_transition(before, kind)
            slot = _changed_slot(work, before.slot, given)
            event = self._event(before, kind, user.id, text, slot)
            booked = slot or before.slot
            assert booked is not None  # else the event would not have fitted
            self._check_bookable(
                work, booked, before.patient_id, anyway=anyway, excluding=before.id
            )
            work.appointments.add(event)
            work.audit.record(AuditKind.CHANGED, user.id, "appointment", appointment_id, kind.value)
            work.commit()
            return work.appointments.get(appointment_id)

    def _step(
        self,
        appointment_id: UUID,
        kind: AppointmentEventKind,
        text: str,
        check: Callable[[Slot], None] | None = None,
    ) -> Appointment:
        user = self._desk.allow(Action.DECIDE_APPOINTMENT)
        with self._desk.unit_of_work() as work:
            before = work.appointments.get(appointment_id)
            _check_transition(before, kind)
            if check is not None and before.slot is not None:
                check(before.slot)
            work.appointments.add(self._event(before, kind, user.id, text, None))
            work.audit.record(AuditKind.CHANGED, user.id, "appointment", appointment_id, kind.value)
            work.commit()
            return work.appointments.get(appointment_id)

    def _event(
        self,
        before: Appointment,
        kind: AppointmentEventKind,
        by: UUID,
        text: str,
        slot: Slot | None,
    ) -> AppointmentEvent:
        event = AppointmentEvent(
            new_id(), before.id, before.patient_id, kind, self._desk.now(), by, text, slot
        )
        return checked_event(before, event)

    def _check_bookable(
        self,
        work: UnitOfWork,
        slot: Slot,
        patient_id: UUID,
        *,
        anyway: bool,
        excluding: UUID | None = None,
    ) -> None:
        zone = work.clinic.get().time_zone
        if to_local(slot.start, zone).date() < to_local(self._desk.now(), zone).date():
            raise WrongState(f"{slot_text(slot, zone)} has passed. Please choose a later day.")
        taken = work.appointments.overlapping(slot, patient_id, excluding)
        if taken:
            raise WrongState(_taken_text(work, taken[0], slot, zone))
        if not anyway:
            check_available(work, slot, zone)

    def _is_due(self, slot: Slot) -> None:
        zone = slot.zone
        if to_local(slot.start, zone).date() > to_local(self._desk.now(), zone).date():
            raise WrongState("This appointment lies on a later day; it cannot be over yet.")

    def _has_begun(self, slot: Slot) -> None:
        if slot.start > self._desk.now():
            raise WrongState("This appointment has not begun yet; nobody has missed it.")


def _check_transition(before: Appointment, kind: AppointmentEventKind) -> None:
    if (before.state, kind) not in TRANSITIONS:
        raise WrongState(
            f"This appointment {_STATE_WORDS[before.state]}; it cannot be {_STEP_WORDS[kind]} now."
        )


def _changed_slot(
    work: UnitOfWork,
    before: Slot | None,
    given: tuple[datetime | None, int | None, UUID | None],
) -> Slot | None:
    """The slot with what is given replaced; ``None`` when nothing is."""
    start, minutes, clinician_id = given
    if start is None and minutes is None and clinician_id is None:
        return None
    clinic = work.clinic.get()
    begins = start or (before.start if before else None)
    if begins is None:
        raise InvalidInput("start", "Please choose a time before you approve this request.")
    slot = Slot(
        begins,
        clinic.time_zone,
        minutes or (before.minutes if before else clinic.appointment_minutes),
        clinician_id or (before.clinician_id if before else None),
    )
    _check_slot(work, slot)
    return slot


def _check_slot(work: UnitOfWork, slot: Slot) -> None:
    checked_slot(slot)
    if slot.clinician_id is None:
        return
    with suppress(NotFound):
        if may_be_booked(work.users.get(slot.clinician_id)):
            return
    raise InvalidInput("clinician", "Please choose a colleague who sees people here.")


def _taken_text(work: UnitOfWork, taken: Appointment, wanted: Slot, zone: str) -> str:
    """Names the time and the clinician, never the other patient: a patient may read it."""
    slot = taken.slot
    assert slot is not None
    name = ""
    if slot.clinician_id is not None:
        with suppress(NotFound):  # not synced to this laptop yet
            name = work.users.get(slot.clinician_id).display_name
    if wanted.clinician_id is not None and slot.clinician_id == wanted.clinician_id:
        return f"{name or 'This clinician'} already has an appointment on {slot_text(slot, zone)}."
    with_whom = f" with {name}" if name else ""
    return f"This person already has an appointment on {slot_text(slot, zone)}{with_whom}."


def _day_span(first: date, days: int, zone: str) -> tuple[datetime, datetime]:
    start = to_utc(datetime.combine(first, time()), zone)
    return start, to_utc(datetime.combine(first + timedelta(days=days), time()), zone)
