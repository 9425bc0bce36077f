"""Appointments: asked for, decided, moved, kept or missed; every step stays as history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.appointments import (
    Appointment,
    AppointmentEvent,
    AppointmentEventKind,
    RequestedBy,
    checked_event,
)
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.schedule import (
    Frequency,
    Slot,
    recurrence,
    to_local,
)
from clinic_app.domain.sentence import Sentence
from clinic_app.services.appointment_reading import AppointmentReading
from clinic_app.services.bookings import (
    Given,
    changed_slot,
    check_begun,
    check_bookable,
    check_due,
    check_slot,
    check_transition,
)
from clinic_app.services.storage import UnitOfWork


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


class AppointmentService(AppointmentReading):
    """Times go in and come out time-zone aware; days are those of the clinic's clocks."""

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
                check_bookable(work, event.slot, new.patient_id, self._desk.now(), anyway=True)
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
    ) -> tuple[list[Appointment], list[Sentence]]:
        """Book each appointment of a series as one of its own, all or none.

        With ``leave_out_taken`` those that cannot be booked are left out, and why is told for each
        in the second list. Raises as ``book``.
        """
        self._desk.allow(Action.DECIDE_APPOINTMENT)
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
        return self._step(appointment_id, AppointmentEventKind.COMPLETED, text, check_due)

    def no_show(self, appointment_id: UUID, text: str = "") -> Appointment:
        """The person did not come; raises ``WrongState`` before the start."""
        return self._step(appointment_id, AppointmentEventKind.NO_SHOW, text, check_begun)

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
            check_slot(work, slot)
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
    ) -> tuple[list[Appointment], list[Sentence]]:
        user = self._desk.allow(Action.DECIDE_APPOINTMENT)
        made: list[UUID] = []
        left_out: list[Sentence] = []
        now = self._desk.now()
        with self._desk.unit_of_work() as work:
            for new in wanted:
                if new.start is None:
                    raise InvalidInput("start", "Please choose a time.")
                asked = self._request_event(work, new, user.id, series_id=series_id)
                assert asked.slot is not None
                try:
                    check_bookable(work, asked.slot, new.patient_id, now, anyway=anyway)
                except WrongState as error:
                    if not leave_out_taken:
                        raise
                    left_out.append(error.sentence)
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
        given: Given,
        text: str,
        *,
        anyway: bool,
    ) -> Appointment:
        user = self._desk.allow(Action.DECIDE_APPOINTMENT)
        with self._desk.unit_of_work() as work:
            before = work.appointments.get(appointment_id)
            check_transition(before, kind)
            slot = changed_slot(work, before.slot, given)
            event = self._event(before, kind, user.id, text, slot)
            booked = slot or before.slot
            assert booked is not None  # else the event would not have fitted
            check_slot(work, booked)  # who was asked for may have left since
            check_bookable(
                work,
                booked,
                before.patient_id,
                self._desk.now(),
                anyway=anyway,
                excluding=before.id,
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
        check: Callable[[Slot, datetime], None] | None = None,
    ) -> Appointment:
        user = self._desk.allow(Action.DECIDE_APPOINTMENT)
        with self._desk.unit_of_work() as work:
            before = work.appointments.get(appointment_id)
            check_transition(before, kind)
            if check is not None and before.slot is not None:
                check(before.slot, self._desk.now())
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
