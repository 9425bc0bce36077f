"""What is left follows from what was done so far, once that says anything."""

from __future__ import annotations

from clinic_app.services.time_left import TimeLeft


def test_the_time_that_is_left_follows_from_the_share_that_is_done() -> None:
    clock = iter([10.0, 40.0, 130.0])
    left = TimeLeft(lambda: next(clock))
    assert left.seconds(0.25) == 90.0
    assert left.seconds(1.0) == 0.0


def test_nothing_is_guessed_from_a_beginning() -> None:
    clock = iter([0.0, 1.9, 60.0])
    left = TimeLeft(lambda: next(clock))
    assert left.seconds(0.5) is None, "two seconds say little"
    assert left.seconds(0.03) is None, "nor does so little of the work"
