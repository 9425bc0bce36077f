"""Appointments: append-only events, and the state that they fold to.

Events are taken in the order of their stamps in the operation log. One that does not fit the state
at its turn (two workstations decided without seeing each other) is kept and shown, but void.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.people import clean_text, has_ink
from clinic_app.domain.schedule import Slot, checked_slot, times_overlap

APPOINTMENT_TEXT_LIMIT = 500


class AppointmentState(StrEnum):
    """In FHIR R4B: proposed, booked, cancelled (denied too), fulfilled, noshow."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DENIED = "denied"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    NO_SHOW = "no_show"


class AppointmentEventKind(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    DENIED = "denied"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    NO_SHOW = "no_show"


class RequestedBy(StrEnum):
    PATIENT = "patient"
    STAFF = "staff"


TRANSITIONS: dict[tuple[AppointmentState, AppointmentEventKind], AppointmentState] = {
    (AppointmentState.REQUESTED, AppointmentEventKind.APPROVED): AppointmentState.APPROVED,
    (AppointmentState.REQUESTED, AppointmentEventKind.DENIED): AppointmentState.DENIED,
    # Staff who move a request to another time have agreed to that time.
    (AppointmentState.REQUESTED, AppointmentEventKind.RESCHEDULED): AppointmentState.APPROVED,
    (AppointmentState.REQUESTED, AppointmentEventKind.CANCELLED): AppointmentState.CANCELLED,
    (AppointmentState.APPROVED, AppointmentEventKind.RESCHEDULED): AppointmentState.APPROVED,
    (AppointmentState.APPROVED, AppointmentEventKind.CANCELLED): AppointmentState.CANCELLED,
    (AppointmentState.APPROVED, AppointmentEventKind.COMPLETED): AppointmentState.COMPLETED,
    (AppointmentState.APPROVED, AppointmentEventKind.NO_SHOW): AppointmentState.NO_SHOW,
    # Somebody who came late after all.
    (AppointmentState.NO_SHOW, AppointmentEventKind.COMPLETED): AppointmentState.COMPLETED,
}


@dataclass(frozen=True, slots=True)
class AppointmentEvent:
    """One step; never edited. ``appointment_id`` ties the steps of one appointment together.

    ``slot`` comes with ``REQUESTED`` (``None``: the wait list) and ``RESCHEDULED``, and may come
    with ``APPROVED``. ``text`` is the reason for the visit, or of this step. ``by`` is the member
    of staff at the laptop, also for what a patient asks for.
    """

    id: UUID
    appointment_id: UUID
    patient_id: UUID
    kind: AppointmentEventKind
    at: datetime
    by: UUID
    text: str = ""
    slot: Slot | None = None
    requested_by: RequestedBy = RequestedBy.STAFF
    wait_list: bool = False
    series_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment as its events leave it.

    ``reason`` is why the person comes, ``state_text`` what was said at the step that led to
    ``state``. ``void`` are the events that did not fit. ``conflicts_with`` are other booked
    appointments of the clinician or the patient at the same time, as the store finds them.
    """

    id: UUID
    patient_id: UUID
    state: AppointmentState
    slot: Slot | None
    wait_list: bool
    reason: str
    requested_by: RequestedBy
    requested_at: datetime
    changed_at: datetime
    state_text: str = ""
    series_id: UUID | None = None
    rescheduled: bool = False
    events: tuple[AppointmentEvent, ...] = ()
    void: tuple[UUID, ...] = ()
    conflicts_with: tuple[UUID, ...] = ()

    @property
    def holds_time(self) -> bool:
        """Whether nobody else can have this time; a request holds none."""
        return self.state is AppointmentState.APPROVED and self.slot is not None

    @property
    def conflicting(self) -> bool:
        return bool(self.conflicts_with)


def applied(appointment: Appointment | None, event: AppointmentEvent) -> Appointment | None:
    """The appointment after one more event; ``None`` when the event does not fit."""
    if appointment is None:
        return _requested(event)
    if event.appointment_id != appointment.id or event.patient_id != appointment.patient_id:
        return None
    state = TRANSITIONS.get((appointment.state, event.kind))
    if state is None:
        return None
    moved = event.kind is AppointmentEventKind.RESCHEDULED
    slot = event.slot or appointment.slot
    if (moved and event.slot is None) or (state is AppointmentState.APPROVED and slot is None):
        return None
    if event.slot is not None and not event.slot.usable:
        return None
    return replace(
        appointment,
        state=state,
        slot=slot,
        wait_list=appointment.wait_list and state is AppointmentState.REQUESTED,
        changed_at=event.at,
        state_text=event.text,
        rescheduled=appointment.rescheduled or moved,
        events=(*appointment.events, event),
    )


def _requested(event: AppointmentEvent) -> Appointment | None:
    if event.kind is not AppointmentEventKind.REQUESTED:
        return None
    if event.slot is not None and not event.slot.usable:
        return None
    return Appointment(
        id=event.appointment_id,
        patient_id=event.patient_id,
        state=AppointmentState.REQUESTED,
        slot=event.slot,
        wait_list=event.wait_list or event.slot is None,
        reason=event.text,
        requested_by=event.requested_by,
        requested_at=event.at,
        changed_at=event.at,
        series_id=event.series_id,
        events=(event,),
    )


def fold_appointment(events: Iterable[AppointmentEvent]) -> Appointment | None:
    """The appointment that these events, in stamp order, make; ``None`` while none asks for it."""
    appointment: Appointment | None = None
    before: list[AppointmentEvent] = []
    for event in events:
        after = applied(appointment, event)
        if after is not None:
            appointment = after
        elif appointment is not None:
            appointment = replace(
                appointment,
                events=(*appointment.events, event),
                void=(*appointment.void, event.id),
            )
        else:
            before.append(event)
    if appointment is None or not before:
        return appointment
    return replace(
        appointment,
        events=(*before, *appointment.events),
        void=(*(event.id for event in before), *appointment.void),
    )


def checked_event(appointment: Appointment | None, event: AppointmentEvent) -> AppointmentEvent:
    """The event cleaned; raises ``WrongState`` when it does not fit, ``InvalidInput`` for what
    cannot be kept and for a denial without a reason."""
    cleaned = replace(event, text=clean_text(event.text, APPOINTMENT_TEXT_LIMIT, "text"))
    if cleaned.slot is not None:
        checked_slot(cleaned.slot)
    if cleaned.kind is AppointmentEventKind.DENIED and not has_ink(cleaned.text):
        raise InvalidInput("text", "Please write down why the request is denied.")
    if applied(appointment, cleaned) is not None:
        return cleaned
    if (
        cleaned.kind is AppointmentEventKind.APPROVED
        and appointment is not None
        and appointment.state is AppointmentState.REQUESTED
    ):
        raise InvalidInput("slot", "Please choose a time before you approve this request.")
    raise WrongState("This can no longer be done with the appointment as it stands.")


def overlap(one: Appointment, other: Appointment) -> bool:
    """Whether two booked appointments need the same clinician or patient at the same moment."""
    if one.id == other.id or not (one.holds_time and other.holds_time):
        return False
    mine, theirs = one.slot, other.slot
    if mine is None or theirs is None:
        return False
    together = one.patient_id == other.patient_id or (
        mine.clinician_id is not None and mine.clinician_id == theirs.clinician_id
    )
    return together and times_overlap(mine.start, mine.end, theirs.start, theirs.end)
