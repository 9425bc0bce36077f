"""How long each stage took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Milliseconds per named stage; a stage that runs twice adds up."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self._started = time.perf_counter()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block under `name`."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - begun) * 1000.0
            self.milliseconds[name] = self.milliseconds.get(name, 0.0) + spent

    def with_total(self) -> dict[str, float]:
        """All stages, and `total` since the stopwatch was made."""
        return {**self.milliseconds, "total": (time.perf_counter() - self._started) * 1000.0}
