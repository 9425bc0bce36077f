"""How long a file may take to be read, and whether anybody still waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable

from clinic_app.domain.errors import UnreadableImage

SECONDS = 60.0
"""One video at most: the camera and other files wait behind it."""


class Patience:
    """Starts with its making; `stop` says that nobody waits any more."""

    def __init__(
        self, stop: Callable[[], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stop = stop
        self._clock = clock
        self._until = clock() + SECONDS

    def check(self) -> None:
        """Raises `UnreadableImage` once reading has to end."""
        if self._stop():
            raise UnreadableImage("Reading this file was stopped.")
        if self._clock() > self._until:
            raise UnreadableImage(
                "This video takes too long to read; please use a shorter or smaller copy."
            )
