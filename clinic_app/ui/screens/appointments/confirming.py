"""After a booking: one round with the centre, then whether it holds there."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from clinic_app.domain.errors import ClinicError
from clinic_app.services.confirmation import BookingState, Standing, standings
from clinic_app.services.session import SessionState
from clinic_app.ui.jobs import Lane
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import log_mistake
from clinic_app.ui.workspace import Workspace


def confirm_bookings(workspace: Workspace, booked: Sequence[UUID]) -> None:
    """Say how these bookings, saved already, stand once a round has ended, well or not.

    Says nothing without a centre, nor when the window was locked or handed over meanwhile.
    """
    services = workspace.services

    def at_work() -> bool:
        return services.session.state is SessionState.ACTIVE

    def look() -> None:
        if at_work():
            workspace.jobs.submit(
                Lane.DATABASE,
                lambda: standings(services.appointments, services.sync, booked),
                done=lambda found: _tell(workspace, found) if at_work() else None,
                failed=lambda error: None if isinstance(error, ClinicError) else log_mistake(error),
            )

    workspace.centre.round_then(look)


def confirmation_text(state: BookingState, count: int = 1) -> str:
    """What is said of one booking, or of all of a series."""
    if state is BookingState.OVERLAPS:
        return tr("Another booking overlaps. Both are kept; please move one of them.")
    if state is BookingState.CONFIRMED:
        if count == 1:
            return tr("Confirmed: the centre has it and no other booking overlaps.")
        return tr("Confirmed: the centre has all of them and no other booking overlaps.")
    if count == 1:
        return tr("Saved on this laptop; it is confirmed when the centre has it.")
    return tr("Saved on this laptop; they are confirmed when the centre has them.")


def _tell(workspace: Workspace, found: Sequence[Standing]) -> None:
    overlapping = [row for row, state in found if state is BookingState.OVERLAPS]
    states = {state for _, state in found}
    if overlapping:
        starts = overlapping[0].starts
        day = starts.date() if starts is not None else None
        workspace.notices.warn(
            confirmation_text(BookingState.OVERLAPS),
            (tr("Show both"), lambda: workspace.navigator.show_appointments(day)),
        )
    elif BookingState.WAITING in states:
        workspace.notices.tell(confirmation_text(BookingState.WAITING, len(found)))
    elif states == {BookingState.CONFIRMED}:
        workspace.notices.tell(confirmation_text(BookingState.CONFIRMED, len(found)))
