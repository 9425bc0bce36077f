"""When the next round with the centre is due: soon after changes, otherwise now and then."""

from __future__ import annotations

import random
from collections.abc import Callable

from clinic_app.services.sync_data import (
    CentreBusy,
    CentreFull,
    CentreRefused,
    CentreUntrusted,
    ClockWrong,
    OperationsForged,
    StoreDiverged,
    SyncStopped,
    VersionTooOld,
    WorkstationRevoked,
)

FIRST_SECONDS = 4.0
"""From signing in to the first round: the window stands by then."""
CHANGE_SECONDS = 8.0
"""From a change here to the round that sends it: several changes travel together."""
IDLE_SECONDS = 60.0
"""Between rounds while nothing changes here."""
BUSY_SECONDS = 2.0
AWAY_SECONDS = 15.0
"""First wait after a busy and after an unreachable server; doubled with every failure."""
LONGEST_SECONDS = 900.0

_NEEDS_A_PERSON = (
    CentreFull,
    CentreRefused,
    CentreUntrusted,
    ClockWrong,
    OperationsForged,
    StoreDiverged,
    SyncStopped,
    VersionTooOld,
    WorkstationRevoked,
)
"""Trying again soon helps nobody: the longest wait at once."""


class Pace:
    """Seconds until the next round. ``chance`` gives numbers from 0 to 1.

    After a failure the wait doubles up to ``LONGEST_SECONDS``, and half of it is chance: laptops
    that lost the same server do not come back at the same moment (Brooker, "Exponential Backoff
    And Jitter", AWS 2015, equal jitter). Idle rounds are spread by a fifth for the same reason.
    """

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self.failures = 0

    def first(self) -> float:
        """After signing in."""
        return FIRST_SECONDS * (1 + self._chance())

    def after_success(self) -> float:
        self.failures = 0
        return IDLE_SECONDS * (0.8 + 0.4 * self._chance())

    def after_change(self) -> float | None:
        """After a change on this workstation; None while failures set the pace."""
        return None if self.failures else CHANGE_SECONDS

    def after_failure(self, error: BaseException) -> float:
        """Busy soon, unreachable later, and what needs a person rarely."""
        self.failures += 1
        if isinstance(error, _NEEDS_A_PERSON):
            whole = LONGEST_SECONDS
        else:
            start = BUSY_SECONDS if isinstance(error, CentreBusy) else AWAY_SECONDS
            whole = min(start * 2.0 ** min(self.failures - 1, 20), LONGEST_SECONDS)
        return whole * (0.5 + 0.5 * self._chance())
