"""Work that takes long: one piece at a time, beside everything else, and it can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from clinic_app.services.backup_data import Stop
from clinic_app.ui.jobs import Jobs, Lane

Answer = TypeVar("Answer")
Told = TypeVar("Told")


class LongWork:
    """Attributes:
    running: whether something is under way; nothing else starts meanwhile.
    """

    def __init__(self, jobs: Jobs, lane: Lane) -> None:
        self._jobs = jobs
        self._lane = lane
        self._crossing = _Crossing()
        self._stop = threading.Event()
        self.running = False

    def start(
        self,
        act: Callable[[Callable[[Told], None], Stop], Answer],
        *,
        began: Callable[[], object],
        heard: Callable[[Told], object],
        done: Callable[[Answer], object],
        failed: Callable[[BaseException], object],
    ) -> None:
        """Run ``act`` in the lane; nothing happens while something runs.

        ``act`` gets what it tells its progress to, and what asks whether it has to stop. All the
        others are called in the GUI thread: ``began`` before the work, ``heard`` for each progress
        until a stop is asked for, and then ``done`` or ``failed``, with ``running`` down again.
        """
        if self.running:
            return
        self.running = True
        self._stop = stopped = threading.Event()

        def hear(told: Told) -> None:
            if not stopped.is_set():  # after a stop nobody may be there to hear it
                heard(told)

        def end(answer: Answer) -> None:
            self.running = False
            done(answer)

        def fail(error: BaseException) -> None:
            self.running = False
            failed(error)

        tell = self._crossing.told.emit
        began()
        self._jobs.submit(
            self._lane,
            lambda: act(lambda told: tell(hear, told), stopped.is_set),
            done=end,
            failed=fail,
        )

    def stop(self) -> None:
        """Stop what runs; it ends a moment later."""
        self._stop.set()


class _Crossing(QObject):
    """From the lane into the thread that this was made in."""

    told = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.told.connect(self._bring)

    @Slot(object, object)
    def _bring(self, hear: Callable[[Any], None], told: object) -> None:
        hear(told)
