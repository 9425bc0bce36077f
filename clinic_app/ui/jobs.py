"""The one door to background work.

Each lane is a single worker thread, so work on the store is serial, and so is inference. Work never
touches a widget; answers come back to the GUI thread through one queued signal.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

Answer = TypeVar("Answer")


class Lane(StrEnum):
    DATABASE = "database"
    INFERENCE = "inference"
    SYNC = "sync"
    STUDIO = "studio"
    """What the style studio does at once, which must never hold up care."""
    STUDIO_LONG = "studio-long"
    """What takes the style studio minutes, in turn: transfers, measurements of a look."""
    FILES = "files"
    """Long work on files beside everything else: backups, exports, checking the audit trail."""


class Jobs(Protocol):
    """What presenters ask for; tests use a fake that lets them choose the order of answers."""

    def submit(
        self,
        lane: Lane,
        work: Callable[[], Answer],
        *,
        done: Callable[[Answer], None],
        failed: Callable[[BaseException], None],
    ) -> None: ...


class ScreenJobs:
    """The jobs of one screen: once the screen has gone, answers to it are dropped.

    The work itself still runs, so a change that was asked for is made.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._gone = False

    def submit(
        self,
        lane: Lane,
        work: Callable[[], Answer],
        *,
        done: Callable[[Answer], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """As ``Jobs.submit``."""

        def deliver(answer: Answer) -> None:
            if not self._gone:
                done(answer)

        def tell(error: BaseException) -> None:
            if not self._gone:
                failed(error)

        self._jobs.submit(lane, work, done=deliver, failed=tell)

    def drop(self) -> None:
        """The screen has gone."""
        self._gone = True


@dataclass(frozen=True, slots=True)
class _Asked:
    """Work that is under way, and who wants to know of its end."""

    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[BaseException], None]


class JobRunner(QObject):
    """Runs work on its lane and delivers the answer in the GUI thread.

    Signals:
        idle: emitted when the last answer that was outstanding has been delivered.
    """

    idle = Signal()
    _answered = Signal(object, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked: dict[int, _Asked] = {}
        self._numbers = itertools.count()
        self._lanes = {
            lane: ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"lane-{lane.value}")
            for lane in Lane
        }
        self._outstanding = 0
        self._closed = False
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def submit(
        self,
        lane: Lane,
        work: Callable[[], Answer],
        *,
        done: Callable[[Answer], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Run ``work`` on ``lane``; exactly one of ``done`` and ``failed`` is called, in the GUI
        thread, unless the program closes first."""
        if self._closed:
            return
        self._outstanding += 1
        number = next(self._numbers)
        self._asked[number] = _Asked(work, done, failed)
        # The lane knows the number alone. What the functions hold, a screen perhaps, must be let go
        # of in the GUI thread, and a lane lets go of its work whenever it gets round to it.
        future = self._lanes[lane].submit(lambda: self._asked[number].work())
        future.add_done_callback(lambda finished: self._answered.emit(finished, number))

    @property
    def busy(self) -> bool:
        return self._outstanding > 0

    def close(self) -> None:
        """Stop taking work, finish what runs, drop what waits."""
        self._closed = True
        for lane in self._lanes.values():
            lane.shutdown(wait=True, cancel_futures=True)

    @Slot(object, int)
    def _deliver(self, future: Future[Any], number: int) -> None:
        self._outstanding -= 1
        asked = self._asked.pop(number)
        try:
            if future.cancelled() or self._closed:
                return
            error = future.exception()
            if error is None:
                asked.done(future.result())
            else:
                asked.failed(error)
        finally:
            if self._outstanding == 0:
                self.idle.emit()
