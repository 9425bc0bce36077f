"""Opens one of the demo clinics; setting up is the next screen's work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from clinic_app.services.backup_data import Progress, Stop
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.long_work import LongWork

Opened = TypeVar("Opened")


class FirstRunView(Protocol):
    def show_busy(self) -> None: ...
    def show_filling(self) -> None:
        """The large clinic is being made; ``heard`` follows."""

    def heard(self, share: float) -> None:
        """How much is done, from 0 to 1."""

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
        self._open_demo = open_demo
        self._open_seeded = open_seeded
        self._entered = entered
        self._work = LongWork(jobs, Lane.DATABASE)

    def try_demo(self) -> None:
        """Open the demo clinic; asked twice, it is opened once."""
        self._open(lambda progress, stop: self._open_demo(), self._view.show_busy)

    def try_seeded(self) -> None:
        """Open the large demo clinic; the first time it is filled, which takes a minute."""
        if self._open_seeded is not None:
            self._open(self._open_seeded, self._view.show_filling)

    def stop(self) -> None:
        """Stop filling; it ends with the person who is being made up."""
        self._work.stop()

    def _open(self, work: Callable[[Progress, Stop], Opened], began: Callable[[], object]) -> None:
        self._work.start(
            work,
            began=began,
            heard=self._view.heard,
            done=self._entered,
            failed=self._view.show_failure,
        )
