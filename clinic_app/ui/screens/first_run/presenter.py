"""Opens one of the demo clinics; setting up is the next screen's work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from clinic_app.services.backup_data import Progress, Stop
from clinic_app.ui.jobs import Jobs, Lane

Opened = TypeVar("Opened")


class FirstRunView(Protocol):
    def show_busy(self) -> None: ...
    def show_filling(self) -> None:
        """The large clinic is being made; ``heard`` follows."""

    def heard(self, share: float) -> None:
        """How much is done, from 0 to 1; called from another thread."""

    def show_failure(self, error: BaseException) -> None: ...


class FirstRunPresenter(Generic[Opened]):
    """``open_demo`` and ``open_seeded`` make or open a demo clinic; ``entered`` takes what they
    return."""

    def __init__(
        self,
        view: FirstRunView,
        jobs: Jobs,
        open_demo: Callable[[], Opened],
        entered: Callable[[Opened], None],
        open_seeded: Callable[[Progress, Stop], Opened] | None = None,
    ) -> None:
        self._view = view
        self._jobs = jobs
        self._open_demo = open_demo
        self._open_seeded = open_seeded
        self._entered = entered
        self._under_way = False
        self._stop = threading.Event()

    def try_demo(self) -> None:
        """Open the demo clinic; asked twice, it is opened once."""
        if not self._under_way:
            self._view.show_busy()
            self._open(self._open_demo)

    def try_seeded(self) -> None:
        """Open the large demo clinic; the first time it is filled, which takes a minute."""
        if self._under_way or self._open_seeded is None:
            return
        fill = self._open_seeded
        self._stop = stopped = threading.Event()

        def hear(share: float) -> None:
            if not stopped.is_set():  # after a stop nobody may be there to hear it
                self._view.heard(share)

        self._view.show_filling()
        self._open(lambda: fill(hear, stopped.is_set))

    def stop(self) -> None:
        """Stop filling; it ends with the person who is being made up."""
        self._stop.set()

    def _open(self, work: Callable[[], Opened]) -> None:
        self._under_way = True
        self._jobs.submit(Lane.DATABASE, work, done=self._enter, failed=self._tell_failure)

    def _enter(self, opened: Opened) -> None:
        self._under_way = False
        self._entered(opened)

    def _tell_failure(self, error: BaseException) -> None:
        self._under_way = False
        self._view.show_failure(error)
