"""Work that takes long: one piece at a time, beside everything else, and it can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from clinic_app.services.backup_data import Stop
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.turns import Ahead, Turn, Turns

Answer = TypeVar("Answer")
Told = TypeVar("Told")


def _nothing(*_: object) -> None:
    """Nobody wants to know."""


class LongWork:
    """Attributes:
    running: whether something is under way or waits for its turn; nothing else starts meanwhile.

    With ``turns`` it waits until whatever came before it in that line has ended.
    """

    def __init__(self, jobs: Jobs, lane: Lane, turns: Turns | None = None, name: str = "") -> None:
        self._jobs = jobs
        self._lane = lane
        self._turns, self._name = turns or Turns(), name
        self._turn: Turn | None = None
        self._crossing = _Crossing()
        self._stop = threading.Event()
        self._given_up: Callable[[], object] = _nothing
        self.running = False

    def start(
        self,
        act: Callable[[Callable[[Told], None], Stop], Answer],
        *,
        began: Callable[[], object],
        heard: Callable[[Told], object],
        done: Callable[[Answer], object],
        failed: Callable[[BaseException], object],
        waits: Callable[[Ahead], object] = _nothing,
        given_up: Callable[[], object] = _nothing,
    ) -> None:
        """Run ``act`` in the lane; nothing happens while something runs.

        ``act`` gets what it tells its progress to, and what asks whether it has to stop. All the
        others are called in the GUI thread: ``waits``, for what, until the turn comes; ``began``
        before the work, ``heard`` for each progress until a stop is asked for, and then ``done`` or
        ``failed``, with ``running`` down again. ``given_up`` is called when it is stopped before
        its turn has come.
        """
        if self.running:
            return
        self.running = True
        self._stop = stopped = threading.Event()
        self._given_up = given_up

        def hear(told: Told) -> None:
            if not stopped.is_set():  # after a stop nobody may be there to hear it
                heard(told)

        def end(answer: Answer) -> None:
            self._end()
            done(answer)

        def fail(error: BaseException) -> None:
            self._end()
            failed(error)

        def begin() -> None:
            began()
            self._jobs.submit(
                self._lane,
                lambda: act(lambda told: tell(hear, told), stopped.is_set),
                done=end,
                failed=fail,
            )

        tell = self._crossing.told.emit
        self._turn = self._turns.take(self._name, begin, waits)

    def tell_left(self, seconds: float) -> None:
        """For about how long it goes on yet, for whoever waits for it."""
        if self._turn is not None:
            self._turn.tell(seconds)

    def stop(self) -> None:
        """Stop what runs; it ends a moment later. What waits for its turn is given up at once."""
        self._stop.set()
        if self._turn is not None and not self._turn.begun:
            self._end()
            self._given_up()

    def drop(self) -> None:
        """Stop for good: nobody is told of the end, and whoever waits need not wait for it."""
        self._stop.set()
        if self._turn is not None:
            self._turn.leave()

    def _end(self) -> None:
        self.running = False
        if self._turn is not None:
            self._turn.leave()
            self._turn = None


class _Crossing(QObject):
    """From the lane into the thread that this was made in."""

    told = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.told.connect(self._bring)

    @Slot(object, object)
    def _bring(self, hear: Callable[[Any], None], told: object) -> None:
        hear(told)
