"""Opens the demo clinic; setting up is the next screen's work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from clinic_app.ui.jobs import Jobs, Lane

Opened = TypeVar("Opened")


class FirstRunView(Protocol):
    def show_busy(self) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...


class FirstRunPresenter(Generic[Opened]):
    """``open_demo`` makes or opens the demo clinic; ``entered`` takes what it returns."""

    def __init__(
        self,
        view: FirstRunView,
        jobs: Jobs,
        open_demo: Callable[[], Opened],
        entered: Callable[[Opened], None],
    ) -> None:
        self._view = view
        self._jobs = jobs
        self._open_demo = open_demo
        self._entered = entered
        self._under_way = False

    def try_demo(self) -> None:
        """Open the demo clinic; asked twice, it is opened once."""
        if self._under_way:
            return
        self._under_way = True
        self._view.show_busy()
        self._jobs.submit(
            Lane.DATABASE, self._open_demo, done=self._enter, failed=self._tell_failure
        )

    def _enter(self, opened: Opened) -> None:
        self._under_way = False
        self._entered(opened)

    def _tell_failure(self, error: BaseException) -> None:
        self._under_way = False
        self._view.show_failure(error)
