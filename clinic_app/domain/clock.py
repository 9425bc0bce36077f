"""Time: UTC in records, and a hybrid logical clock for the order of changes.

The hybrid clock (Kulkarni et al. 2014) packs 48 bits of Unix milliseconds and a 16-bit counter
into one integer, so that changes made on one workstation never go back in time even when its
wall clock does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

COUNTER_BITS = 16
_COUNTER_MASK = (1 << COUNTER_BITS) - 1


def utc_now() -> datetime:
    """The present moment, time-zone aware, in UTC."""
    return datetime.now(UTC)


def wall_ms() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


class HybridClock:
    """A strictly increasing clock; ``last`` is the newest stamp known from the store."""

    def __init__(self, last: int = 0, wall: Callable[[], int] = wall_ms) -> None:
        self._last = last
        self._wall = wall

    def tick(self) -> int:
        """The stamp of a new local change: greater than every stamp given or seen before."""
        self._last = max(self._wall() << COUNTER_BITS, self._last + 1)
        return self._last

    def see(self, stamp: int) -> None:
        """Move past a stamp that came from elsewhere."""
        self._last = max(self._last, stamp)


def stamp_ms(stamp: int) -> int:
    """The Unix milliseconds in a hybrid stamp."""
    return stamp >> COUNTER_BITS


def stamp_counter(stamp: int) -> int:
    """The counter (0 to 65,535) in a hybrid stamp."""
    return stamp & _COUNTER_MASK
