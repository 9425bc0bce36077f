"""The rules by which a time is given: which step fits, what is taken, what has passed."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from clinic_app.domain.appointments import (
    TRANSITIONS,
    Appointment,
    AppointmentEventKind,
    AppointmentState,
)
from clinic_app.domain.errors import InvalidInput, NotFound, WrongState
from clinic_app.domain.schedule import Slot, checked_slot, to_local
from clinic_app.domain.sentence import Sentence, sentence
from clinic_app.services.appointment_rows import may_be_booked, slot_text
from clinic_app.services.availability import check_available
from clinic_app.services.storage import UnitOfWork

Given = tuple[datetime | None, int | None, UUID | None]
"""Start, minutes and clinician, ``None`` for what stays as it is."""

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


def check_transition(before: Appointment, kind: AppointmentEventKind) -> None:
    """Raises ``WrongState`` with what the appointment is and what it cannot become."""
    if (before.state, kind) not in TRANSITIONS:
        raise WrongState(
            "This appointment {stands}; it cannot be {step} now.",
            stands=Sentence(_STATE_WORDS[before.state]),
            step=Sentence(_STEP_WORDS[kind]),
        )


def changed_slot(
    work: UnitOfWork,
    before: Slot | None,
    given: Given,
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
    check_slot(work, slot)
    return slot


def check_slot(work: UnitOfWork, slot: Slot) -> None:
    """Raises ``InvalidInput`` for a slot that cannot be, or a clinician who sees nobody here."""
    checked_slot(slot)
    if slot.clinician_id is None:
        return
    with suppress(NotFound):
        if may_be_booked(work.users.get(slot.clinician_id)):
            return
    raise InvalidInput("clinician", "Please choose a colleague who sees people here.")


def check_bookable(
    work: UnitOfWork,
    slot: Slot,
    patient_id: UUID,
    now: datetime,
    *,
    anyway: bool,
    excluding: UUID | None = None,
) -> None:
    """Raises ``WrongState`` for a day that has passed or a time that is taken, and, unless it is
    to be booked ``anyway``, ``NotAvailable``."""
    zone = work.clinic.get().time_zone
    if to_local(slot.start, zone).date() < to_local(now, zone).date():
        raise WrongState(
            "{time} has passed. Please choose a later day.", time=slot_text(slot, zone)
        )
    taken = work.appointments.overlapping(slot, patient_id, excluding)
    if taken:
        raise WrongState(_taken_text(work, taken[0], slot, zone))
    if not anyway:
        check_available(work, slot, zone)


def check_due(slot: Slot, now: datetime) -> None:
    """What is to be over lies on this day or before."""
    if to_local(slot.start, slot.zone).date() > to_local(now, slot.zone).date():
        raise WrongState("This appointment lies on a later day; it cannot be over yet.")


def check_begun(slot: Slot, now: datetime) -> None:
    """Nobody has missed what has not begun."""
    if slot.start > now:
        raise WrongState("This appointment has not begun yet; nobody has missed it.")


def _taken_text(work: UnitOfWork, taken: Appointment, wanted: Slot, zone: str) -> Sentence:
    """Names the time and the clinician, never the other patient: a patient may read it."""
    slot = taken.slot
    assert slot is not None
    name = ""
    if slot.clinician_id is not None:
        with suppress(NotFound):  # not synced to this laptop yet
            name = work.users.get(slot.clinician_id).display_name
    if wanted.clinician_id is not None and slot.clinician_id == wanted.clinician_id:
        return sentence(
            "{name} already has an appointment on {time}.",
            name=name or Sentence("This clinician"),
            time=slot_text(slot, zone),
        )
    if not name:
        return sentence(
            "This person already has an appointment on {time}.", time=slot_text(slot, zone)
        )
    return sentence(
        "This person already has an appointment on {time} with {name}.",
        time=slot_text(slot, zone),
        name=name,
    )
