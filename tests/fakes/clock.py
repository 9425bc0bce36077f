"""A clock that moves only when a test says so, or by a fixed step on every look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class FakeUptime:
    """Seconds that pass only when a test says so, as while the laptop sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, **units: float) -> None:
        """Move on, as in ``advance(hours=12)``."""
        self.seconds += timedelta(**units).total_seconds()


class FakeClock:
    """Call it for the time; ``step`` is added on every call, so that no two moments are equal."""

    def __init__(self, start: datetime = START, step: timedelta = timedelta(seconds=1)) -> None:
        self.moment = start
        self.step = step

    def __call__(self) -> datetime:
        self.moment += self.step
        return self.moment

    def advance(self, **units: float) -> None:
        """Move on, as in ``advance(minutes=10)``."""
        self.moment += timedelta(**units)
