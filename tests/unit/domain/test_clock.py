"""The clock that tells how long something lasts."""

from __future__ import annotations

import time

import pytest

from clinic_app.domain import clock
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


def test_a_kernel_without_such_a_clock_keeps_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python knows clocks by name that the system may not have."""
    asked, known = time.clock_gettime, getattr(time, "CLOCK_MONOTONIC", None)

    def refused(clock: int) -> float:
        if clock != known:
            raise OSError(22, "Invalid argument")
        return asked(clock)

    monkeypatch.setattr(time, "CLOCK_BOOTTIME", -99, raising=False)
    monkeypatch.setattr(time, "clock_gettime", refused)
    monkeypatch.setattr(clock, "_ALSO_ASLEEP", clock._clock_also_asleep())
    before = seconds_up()
    assert before <= seconds_up()
    monkeypatch.delattr(time, "CLOCK_MONOTONIC", raising=False)
    monkeypatch.setattr(clock, "_ALSO_ASLEEP", clock._clock_also_asleep())
    before = time.monotonic()
    assert before <= seconds_up() <= time.monotonic()
