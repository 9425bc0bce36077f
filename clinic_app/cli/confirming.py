"""How a booking stands with the centre, on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clinic_app.cli.appointment_values import as_json_row
from clinic_app.services.confirmation import BookingState, Standing, confirm

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices

_LINES = {
    BookingState.CONFIRMED: "Confirmed: the centre has it and no other booking overlaps.",
    BookingState.WAITING: "Saved on this laptop; it is confirmed when the centre has it.",
    BookingState.OVERLAPS: "Another booking overlaps; move one with `appointments reschedule`.",
}


def standings_of(
    services: ClinicServices, booked: Sequence[UUID], *, confirmed: bool
) -> list[Standing]:
    """The appointments as they are kept; after a round with the centre when ``confirmed``."""
    if confirmed:
        return confirm(services.appointments, services.sync, booked)
    return [(services.appointments.get(one).row, None) for one in booked]


def as_json_standing(found: Standing, *, confirmed: bool) -> dict[str, Any]:
    """``confirmation`` stands there when it was asked for; null without a centre."""
    row, state = found
    if not confirmed:
        return as_json_row(row)
    return {**as_json_row(row), "confirmation": state.value if state is not None else None}


def confirmation_line(state: BookingState | None) -> str:
    if state is None:
        return "There is nothing to confirm: no centre is joined, or no time is held."
    return _LINES[state]
