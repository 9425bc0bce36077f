"""The clock that tells how long something lasts."""

from __future__ import annotations

import time

import pytest

from clinic_app.domain.clock import seconds_up


def test_time_up_goes_on_whatever_the_wall_clock_is_set_to(monkeypatch: pytest.MonkeyPatch) -> None:
    before = seconds_up()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert seconds_up() >= before


def test_time_up_counts_the_sleep_of_the_laptop() -> None:
    """On Linux the kernel has a clock for that; elsewhere the one that is there does."""
    sleeping = getattr(time, "CLOCK_BOOTTIME", None)
    if sleeping is None:
        assert seconds_up() <= seconds_up()
    else:
        before = time.clock_gettime(sleeping)
        assert before <= seconds_up() <= time.clock_gettime(sleeping)
