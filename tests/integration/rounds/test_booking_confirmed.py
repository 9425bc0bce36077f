"""Two laptops book one hour: the first is confirmed, the second hears of the overlap."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from clinic_app.services.appointments import AppointmentService, NewAppointment
from clinic_app.services.confirmation import BookingState, confirm, standings
from clinic_app.services.session import Desk, Session
from clinic_app.services.sync import SyncService
from clinic_app.services.sync_data import CentreUnreachable
from tests.integration.rounds.clinics import Workstation, sync_all


class Reception:
    """Who books at one workstation."""

    def __init__(self, at: Workstation) -> None:
        self.at = at
        desk = Desk(Session(at.user, at.vault), at.store.unit_of_work, at.now)
        self.appointments = AppointmentService(desk)
        self.sync = SyncService(desk, at.desk)

    def books(self, patient: UUID, clinician: UUID, hours: int = 24) -> UUID:
        start = self.at.centre.now.replace(minute=0, second=0, microsecond=0)
        start += timedelta(hours=hours)
        new = NewAppointment(patient, start=start, clinician_id=clinician)
        return self.appointments.book(new, anyway=True).id

    def hears(self, booked: UUID) -> BookingState | None:
        ((_, state),) = confirm(self.appointments, self.sync, [booked])
        return state

    def sees(self, booked: UUID) -> BookingState | None:
        ((_, state),) = standings(self.appointments, self.sync, [booked])
        return state


def test_the_second_of_two_bookings_hears_of_the_overlap(
    north: Workstation, south: Workstation
) -> None:
    ann, bo = north.registers("Okafor"), south.registers("Aalto")
    sync_all(north, south)
    first, second = Reception(north), Reception(south)
    early = first.books(ann, north.user.id)
    assert first.sees(early) is BookingState.WAITING
    assert first.hears(early) is BookingState.CONFIRMED
    late = second.books(bo, north.user.id)  # south has not heard of the first
    assert second.hears(late) is BookingState.OVERLAPS
    north.sync()
    assert first.sees(early) is BookingState.OVERLAPS
    second.appointments.cancel(late)
    south.sync()
    assert first.hears(early) is BookingState.CONFIRMED
    assert second.sees(late) is None


def test_a_line_cut_between_sending_and_fetching_confirms_nothing(
    north: Workstation, south: Workstation
) -> None:
    ann, bo = north.registers("Okafor"), south.registers("Aalto")
    sync_all(north, south)
    first, second = Reception(north), Reception(south)
    late = second.books(bo, north.user.id)
    pushed: list[str] = []

    def cut(place: str) -> None:
        if place == "after push":
            pushed.append(place)
            early = first.books(ann, north.user.id)
            assert first.hears(early) is not None
        elif pushed and place.startswith("before"):
            raise CentreUnreachable("The line was cut.")

    south.cut = cut
    assert second.hears(late) is BookingState.WAITING
    assert pushed
    south.cut = lambda place: None
    assert second.hears(late) is BookingState.OVERLAPS


def test_a_workstation_that_was_away_keeps_its_booking_until_it_is_back(
    north: Workstation, south: Workstation
) -> None:
    ann = north.registers("Okafor")
    sync_all(north, south)

    def away(place: str) -> None:
        raise CentreUnreachable("No server of the centre answers.")

    first = Reception(north)
    north.cut = away
    booked = first.books(ann, north.user.id)
    assert first.hears(booked) is BookingState.WAITING
    north.cut = lambda place: None
    assert first.hears(booked) is BookingState.CONFIRMED
    north.cut = away  # offline again: what was confirmed stays so
    assert first.hears(booked) is BookingState.CONFIRMED
