"""Whether a booking holds everywhere: the centre has it, and nobody booked the same time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.appointments import Appointment
from clinic_app.services.appointment_rows import AppointmentRow
from clinic_app.services.appointments import AppointmentService
from clinic_app.services.sync import SyncService
from clinic_app.services.sync_data import SyncStatus, SyncTrouble

Standing = tuple[AppointmentRow, "BookingState | None"]


class BookingState(StrEnum):
    CONFIRMED = "confirmed"
    """The centre has it, and what others had sent by then was fetched: nothing overlaps."""

    WAITING = "waiting"
    """It is kept on this laptop; no finished round has shown yet that it holds."""

    OVERLAPS = "overlaps"
    """Another booking of the clinician or the patient is at the same time."""


def booking_state(appointment: Appointment, sync: SyncService) -> BookingState | None:
    """How the booking stands; ``None`` without a centre, and for what holds no time.

    That it was sent is not enough, for a round can be cut before it has fetched what others sent.
    """
    if not appointment.holds_time:
        return None
    status = sync.status()
    if not status.joined:
        return None
    if appointment.conflicting:
        return BookingState.OVERLAPS
    sent = sync.marks((appointment.id,)).get(appointment.id, False)
    if sent and _fetched_since(status, appointment):
        return BookingState.CONFIRMED
    return BookingState.WAITING


def standings(
    appointments: AppointmentService, sync: SyncService, booked: Sequence[UUID]
) -> list[Standing]:
    """Each of these appointments, and how it stands. Audited as reading them."""
    rows = [appointments.get(one).row for one in booked]
    return [(row, booking_state(row.appointment, sync)) for row in rows]


def confirm(
    appointments: AppointmentService, sync: SyncService, booked: Sequence[UUID]
) -> list[Standing]:
    """Run a round where a centre is joined, however it ends, and tell how the bookings stand."""
    if sync.status().joined:
        with suppress(SyncTrouble):  # the bookings wait; ``status`` keeps the reason
            sync.round()
    return standings(appointments, sync, booked)


def _fetched_since(status: SyncStatus, appointment: Appointment) -> bool:
    """Whether a round was finished after the last step of the appointment."""
    done, tried = status.last_success, status.last_try
    if done is None:
        return False
    last_was_good = status.trouble is None and (tried is None or tried <= done)
    return last_was_good or done > appointment.changed_at
