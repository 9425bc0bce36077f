"""Time: UTC in records, and a hybrid logical clock for the order of changes.

The hybrid clock (Kulkarni et al. 2014) packs 48 bits of Unix milliseconds and a 16-bit counter
into one integer, so that changes made on one workstation never go back in time even when its
wall clock does.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

COUNTER_BITS = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def _clock_also_asleep() -> int | None:
    """Linux has the first; on macOS the second counts sleep, unlike ``time.monotonic`` there. A
    kernel may refuse what Python knows by name: nobody could sign in if that were asked each time.
    """
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
        clock: int | None = getattr(time, name, None)
        if clock is not None:
            with contextlib.suppress(OSError):
                time.clock_gettime(clock)
                return clock
    return None


_ALSO_ASLEEP = _clock_also_asleep()


def utc_now() -> datetime:
    """The present moment, time-zone aware, in UTC."""
    return datetime.now(UTC)


def wall_ms() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def seconds_up() -> float:
    """Seconds on a clock that nobody can set and that goes on while the laptop sleeps; its zero
    says nothing.

    The wall clock will not do for how long something may last: whoever may set it could hold it.
    Python's monotonic clock stands still on Linux and macOS while the lid is closed; their own
    clocks that do not are asked, and on Windows the monotonic clock counts sleep by itself.
    """
    if _ALSO_ASLEEP is None:
        return time.monotonic()
    return time.clock_gettime(_ALSO_ASLEEP)


def unix_ms(moment: datetime) -> int:
    """Whole Unix milliseconds of a time-zone aware moment."""
    return (moment - _EPOCH) // _MILLISECOND


class HybridClock:
    """A strictly increasing clock; ``last`` is the newest stamp known from the store.

    Attributes:
        ahead_ms: what to add to the wall clock: how far the centre's clock is ahead of it.
    """

    def __init__(self, last: int = 0, wall: Callable[[], int] = wall_ms) -> None:
        self._last = last
        self._wall = wall
        self.ahead_ms = 0

    def tick(self) -> int:
        """The stamp of a new local change: greater than every stamp given or seen before."""
        self._last = max(self._now() << COUNTER_BITS, self._last + 1)
        return self._last

    def see(self, stamp: int) -> None:
        """Move past a stamp that came from elsewhere."""
        self._last = max(self._last, stamp)

    def settle(self, newest: int) -> None:
        """Go on from ``newest``, the greatest stamp that counts, though own ones were further
        ahead: a clock that was wrong for a while does not stay wrong for ever."""
        self._last = newest

    def _now(self) -> int:
        return max(0, self._wall() + self.ahead_ms)


def stamp_ms(stamp: int) -> int:
    """The Unix milliseconds in a hybrid stamp."""
    return stamp >> COUNTER_BITS


class Unit(StrEnum):
    """In which a difference of clocks is said."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    YEARS = "years"


_UNITS = (
    (Unit.YEARS, 31_556_952.0),  # of the Gregorian calendar
    (Unit.DAYS, 86_400.0),
    (Unit.HOURS, 3_600.0),
    (Unit.MINUTES, 60.0),
)


def span_of(seconds: float) -> tuple[int, Unit]:
    """A difference of clocks in the largest unit of which it has two or more; at least a minute."""
    for unit, size in _UNITS:
        if abs(seconds) >= 2 * size:
            return round(abs(seconds) / size), unit
    return 1, Unit.MINUTES
