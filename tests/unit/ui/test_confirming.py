"""After a booking: what is said of it, once a round with the centre has ended or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from clinic_app.services.appointments import NewAppointment
from clinic_app.services.sync_data import CentreUnreachable, SyncStatus, SyncStopped
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.appointments.confirming import confirm_bookings
from clinic_app.ui.shell.rounds import Rounds
from clinic_app.ui.workspace import Workspace
from tests.fakes.clinic import FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView
from tests.fakes.steps import RecordedNavigator, RecordedNotices
from tests.fakes.sync import ALONE, JOINED
from tests.unit.ui.test_rounds import FakeAlarm

TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)
CONFIRMED = "Confirmed: the centre has it and no other booking overlaps."
WAITING = "Saved on this laptop; it is confirmed when the centre has it."
OVERLAPS = "Another booking overlaps. Both are kept; please move one of them."


class Booking:
    """A booking that was just saved, with the centre's rounds run one by one."""

    def __init__(self, status: SyncStatus = JOINED) -> None:
        self.clinic = FakeClinic()
        self.centre = self.clinic.sync
        self.centre.now = status
        self.jobs, self.notices = HeldJobs(), RecordedNotices()
        services = self.clinic.services
        self.rounds = Rounds(RecordedView(), services.sync, self.jobs, FakeAlarm())
        self.rounds.look()
        self.jobs.run_all()
        navigator = RecordedNavigator(self.clinic)
        self.workspace = Workspace(services, self.jobs, self.notices, navigator, self.rounds)
        self.me = services.session.user.id
        self.id = self.book(TEN)

    def book(self, start: datetime, name: str = "Okafor") -> UUID:
        patient = self.clinic.add_patient(name, birth_date=date(1990, 1, 1))
        new = NewAppointment(patient.id, start=start, clinician_id=self.me)
        made = self.clinic.services.appointments.book(new).id
        self.centre.unsent.add(made)
        return made

    def collide(self) -> None:
        """Another laptop's booking of the same time arrives."""
        other = self.book(TEN + timedelta(hours=4), "Aalto")
        event = self.clinic.services.appointments.get(other).row.appointment.events[0]
        assert event.slot is not None
        kind, slot = type(event.kind).RESCHEDULED, replace(event.slot, start=TEN)
        with self.clinic.store.unit_of_work() as work:
            work.appointments.add(replace(event, id=UUID(int=7), kind=kind, slot=slot))
            work.commit()

    def confirm(self, *more: UUID) -> None:
        confirm_bookings(self.workspace, [self.id, *more])


@pytest.fixture
def booking() -> Booking:
    return Booking()


def test_nothing_is_said_before_the_round_has_ended(booking: Booking) -> None:
    booking.confirm()
    assert [job.lane for job in booking.jobs.held] == [Lane.SYNC]
    assert booking.notices.told == []
    booking.jobs.run_all()
    assert (booking.notices.told, booking.centre.rounds) == ([CONFIRMED], 1)


def test_offline_it_waits_and_that_is_no_warning(booking: Booking) -> None:
    booking.centre.fails_with = CentreUnreachable("No server of the centre answers.")
    booking.confirm()
    booking.jobs.run_all()
    assert booking.notices.told == [WAITING]
    assert (booking.notices.warned, booking.notices.reported) == ([], [])


def test_sent_in_a_round_that_was_cut_is_not_confirmed(booking: Booking) -> None:
    booking.centre.fails_with = CentreUnreachable("The line was cut.")
    booking.confirm()
    booking.centre.unsent.clear()  # it was pushed; what others sent was not fetched
    booking.jobs.run_all()
    assert booking.notices.told == [WAITING]


def test_an_overlap_that_the_round_brings_is_a_warning(booking: Booking) -> None:
    booking.confirm()
    booking.collide()
    booking.jobs.run_all()
    assert (booking.notices.warned, booking.notices.told) == ([OVERLAPS], [])


def test_without_a_centre_there_is_no_round_and_nothing_more_is_said() -> None:
    alone = Booking(ALONE)
    alone.confirm()
    assert alone.jobs.held == []
    assert alone.notices.told == []


def test_a_round_under_way_is_not_enough(booking: Booking) -> None:
    booking.rounds.sync_now()
    booking.confirm()
    booking.jobs.run()  # it began before the booking was saved
    booking.jobs.run()  # and the state is read
    assert booking.notices.told == []
    booking.jobs.run_all()
    assert (booking.notices.told, booking.centre.rounds) == ([CONFIRMED], 2)


def test_who_stops_the_round_hears_that_it_waits_and_no_other_round_begins(
    booking: Booking,
) -> None:
    booking.rounds.sync_now()
    booking.confirm()
    booking.centre.fails_with = SyncStopped("Stopped.")
    booking.jobs.run_all()
    assert (booking.notices.told, booking.centre.rounds) == ([WAITING], 1)


def test_a_series_is_confirmed_as_a_whole(booking: Booking) -> None:
    booking.confirm(booking.book(TEN + timedelta(days=7), "Aalto"))
    booking.jobs.run_all()
    assert booking.notices.told == [
        "Confirmed: the centre has all of them and no other booking overlaps."
    ]


def test_nothing_is_said_over_the_lock(booking: Booking) -> None:
    booking.confirm()
    booking.clinic.services.session.lock()
    booking.jobs.run_all()
    assert (booking.notices.told, booking.notices.reported) == ([], [])
    assert booking.centre.rounds == 1
