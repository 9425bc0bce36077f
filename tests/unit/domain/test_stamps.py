"""Stamps of clocks that are wrong: they win nothing for long, and are left behind again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from clinic_app.domain.clock import COUNTER_BITS, HybridClock, stamp_ms, unix_ms
from clinic_app.domain.operations import AHEAD_MS, Operation, effective

NOON = datetime(2026, 3, 2, 12, 0, 0, 999_999, tzinfo=UTC)
NOON_MS = unix_ms(NOON)


def stamp(moment_ms: int) -> int:
    return moment_ms << COUNTER_BITS


def test_a_stamp_counts_as_it_is_while_it_is_not_far_ahead() -> None:
    for ahead in (-(10**10), 0, AHEAD_MS):
        assert effective(stamp(NOON_MS + ahead), NOON) == stamp(NOON_MS + ahead)


@pytest.mark.parametrize("ahead", [AHEAD_MS + 1, 10**12])
def test_a_stamp_that_is_far_ahead_counts_as_five_minutes(ahead: int) -> None:
    assert stamp_ms(effective(stamp(NOON_MS + ahead), NOON)) == NOON_MS + AHEAD_MS


def test_what_was_not_sent_counts_as_it_is() -> None:
    assert effective(stamp(10**14), None) == stamp(10**14)


def test_an_operation_is_ordered_by_the_stamp_that_counts() -> None:
    one = Operation(3, 1, 9, stamp(10**14), 1, 3, UUID(int=1), b"{}", b"", NOON)
    assert one.stamp == (stamp(NOON_MS + AHEAD_MS), 3, 1, 9)


def test_milliseconds_are_whole_also_before_1970() -> None:
    assert unix_ms(NOON) == 1_772_452_800_999
    assert unix_ms(datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC)) == -1000


def test_a_clock_follows_the_centre_while_it_is_far_off() -> None:
    clock = HybridClock(0, lambda: NOON_MS + 10**10)
    clock.ahead_ms = -(10**10)
    assert stamp_ms(clock.tick()) == NOON_MS


def test_a_clock_that_was_wrong_does_not_stay_wrong() -> None:
    wall = [NOON_MS + 10**10]
    clock = HybridClock(0, lambda: wall[0])
    clock.tick()
    wall[0] = NOON_MS + 60_000
    clock.settle(stamp(NOON_MS + AHEAD_MS))
    after = clock.tick()
    assert stamp_ms(after) == NOON_MS + AHEAD_MS
    wall[0] = NOON_MS + AHEAD_MS + 1
    assert stamp_ms(clock.tick()) == wall[0]


def test_a_clock_before_1970_still_moves_on() -> None:
    clock = HybridClock(stamp(NOON_MS), lambda: unix_ms(NOON - timedelta(days=40_000)))
    assert clock.tick() == stamp(NOON_MS) + 1
    assert HybridClock(0, lambda: -5).tick() == 1
