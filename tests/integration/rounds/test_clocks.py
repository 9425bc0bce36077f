"""Clocks that are wrong: they win nothing, and are told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_app.services.sync_data import CentreUnreachable
from tests.fakes.centre import FakeCentre
from tests.integration.rounds.clinics import Workstation, agree, sync_all


def test_a_clock_far_ahead_wins_nothing_for_long(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    patient = north.registers("First")
    sync_all(north, south)
    north.clock_off = timedelta(days=3650)
    north.reopen()
    north.renames(patient, phone="from the future")
    result = north.sync()
    assert result.clock_off_seconds is not None
    assert result.clock_off_seconds > 3e8
    centre.pass_time(minutes=6)
    south.renames(patient, phone="now")
    sync_all(south, north)
    assert agree(north, south)
    with north.store.unit_of_work() as work:
        assert work.patients.get(patient).phone == "now"


def test_an_edit_made_after_seeing_a_value_beats_it_whatever_the_clock(
    north: Workstation, south: Workstation
) -> None:
    patient = north.registers("First")
    north.clock_off = timedelta(days=3650)
    south.clock_off = timedelta(days=-3650)
    for one in (north, south):
        one.reopen()
    for number in range(6):
        one = (north, south)[number % 2]
        sync_all(north, south)
        one.renames(patient, phone=str(number))
        sync_all(north, south)
        with north.store.unit_of_work() as work:
            assert work.patients.get(patient).phone == str(number)
    assert agree(north, south)


@pytest.mark.parametrize("days", [-3650, 3650])
def test_the_centres_time_is_followed_after_the_program_was_closed(
    north: Workstation, days: int
) -> None:
    north.clock_off = timedelta(days=days)
    north.sync()
    ahead = north.store.clock.ahead_ms
    assert abs(ahead / 86_400_000 + days) < 0.01
    north.centre.pass_time(hours=1)
    north.reopen()
    assert north.store.clock.ahead_ms == ahead
    north.clock_off = timedelta(0)  # somebody sets it while the program is closed
    north.reopen()
    assert north.store.clock.ahead_ms == 0
    north.clock_off = timedelta(days=days)
    north.reopen()
    north.clock_off = timedelta(0)
    north.sync()  # or while it is open: the round says so, and that is kept
    north.reopen()
    assert north.store.clock.ahead_ms == 0


@pytest.mark.parametrize("days", [-3650, 3650])
def test_a_clock_years_off_is_told_and_stops_nothing(
    north: Workstation, south: Workstation, days: int
) -> None:
    patient = south.registers("Honest")
    sync_all(south, north)
    north.clock_off = timedelta(days=days)
    north.renames(patient, phone="from another age")
    assert north.sync().pushed == 1
    told = north.desk.status()
    assert told.trouble is None
    assert told.pending == 0
    assert told.clock_off_seconds is not None
    assert abs(told.clock_off_seconds / 86_400 - days) < 1
    north.reopen()
    assert north.desk.status().clock_off_seconds == told.clock_off_seconds
    north.centre.pass_time(minutes=6)
    south.sync()
    south.renames(patient, phone="of today")
    sync_all(south, north)
    assert agree(north, south)
    with north.store.unit_of_work() as work:
        assert work.patients.get(patient).phone == "of today"
    north.clock_off = timedelta(0)
    north.sync()
    assert north.desk.status().clock_off_seconds is None


def test_a_clock_that_is_off_is_told_though_the_round_fails(north: Workstation) -> None:
    north.clock_off = timedelta(minutes=-7)

    def cut(place: str) -> None:
        if place == "after heads":
            raise CentreUnreachable("The line was cut.")

    north.cut = cut
    with pytest.raises(CentreUnreachable):
        north.sync()
    assert north.desk.status().clock_off_seconds == pytest.approx(-420, abs=1)


def test_an_offset_that_a_round_has_ended_does_not_come_back_later(north: Workstation) -> None:
    north.clock_off = timedelta(hours=1)
    north.sync()
    north.clock_off = timedelta(0)
    north.reopen()  # plainly set back: the offset is not applied
    north.sync()
    north.centre.pass_time(hours=2)
    north.reopen()
    assert north.store.clock.ahead_ms == 0
