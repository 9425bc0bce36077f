"""How long work still takes, by how long its share took so far."""

from __future__ import annotations

import time
from collections.abc import Callable

_FIRST_SHARE = 0.04
_FIRST_SECONDS = 2.0
"""Before these, a guess would jump about."""


class TimeLeft:
    """Begins with the work. ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()

    def seconds(self, share: float) -> float | None:
        """What is left when ``share`` (0 to 1) is done; None while that cannot be told yet."""
        passed = self._clock() - self._began
        if share < _FIRST_SHARE or passed < _FIRST_SECONDS:
            return None
        return passed * (1 - share) / share
