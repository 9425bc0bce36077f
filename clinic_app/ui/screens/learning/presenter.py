"""Gives one picture after another to be read; nothing but the picture is ever asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.adjudication import AdjudicationService
from clinic_app.services.learning_data import Queue
from clinic_app.ui.jobs import Jobs, Lane


class ReadingView(Protocol):
    def show_busy(self) -> None: ...
    def show_picture(self, queue: Queue, png: bytes) -> None:
        """The first case of the queue, with nothing chosen."""

    def show_nothing(self, queue: Queue) -> None: ...
    def show_recorded(self) -> None: ...
    def show_passed_over(self) -> None: ...
    def show_together_picture(self, case: UUID, png: bytes) -> None: ...
    def show_no_together_picture(self, case: UUID, error: BaseException) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_refused(self, error: BaseException) -> None:
        """What was to be kept was not."""


class ReadingPresenter:
    def __init__(self, view: ReadingView, adjudication: AdjudicationService, jobs: Jobs) -> None:
        self._view = view
        self._adjudication = adjudication
        self._jobs = jobs
        self._case: UUID | None = None
        self._busy = False
        self._latest = 0

    def look(self) -> None:
        """The next picture, or that there is none."""
        self._latest = asked = self._latest + 1

        def read() -> tuple[Queue, bytes | None]:
            queue = self._adjudication.queue()
            return queue, self._adjudication.picture(queue.cases[0]) if queue.cases else None

        def show(found: tuple[Queue, bytes | None]) -> None:
            if asked != self._latest:
                return
            queue, png = found
            if png is None:
                self._case = None
                self._view.show_nothing(queue)
            elif self._case != queue.cases[0]:
                self._case = queue.cases[0]
                self._view.show_picture(queue, png)

        if self._case is None:
            self._view.show_busy()
        self._jobs.submit(Lane.DATABASE, read, done=show, failed=self._failed)

    def record(self, severity: ClinicianSeverity) -> None:
        """Keep what was seen in the present picture, then go on to the next."""
        case = self._case
        if case is not None:
            self._keep(lambda: self._adjudication.record(case, severity))

    def pass_over(self) -> None:
        """The reader knows the result of the present picture: leave it to others."""
        case = self._case
        if case is not None:
            self._keep(lambda: self._adjudication.pass_over(case), self._view.show_passed_over)

    def look_again(self, case: UUID) -> None:
        """The picture of a case that its readers have to settle together."""
        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._adjudication.picture(case),
            done=lambda png: self._view.show_together_picture(case, png),
            failed=lambda error: self._view.show_no_together_picture(case, error),
        )

    def agree(self, case: UUID, severity: ClinicianSeverity, text: str) -> None:
        """Keep what the readers settled on together."""
        self._keep(lambda: self._adjudication.agree(case, severity, text))

    def _keep(self, work: Callable[[], Any], tell: Callable[[], None] | None = None) -> None:
        if self._busy:
            return
        self._busy = True

        def done(_: Any) -> None:
            self._busy = False
            self._case = None
            (tell or self._view.show_recorded)()
            self.look()

        def fail(error: BaseException) -> None:
            self._busy = False
            self._view.show_refused(error)

        self._jobs.submit(Lane.DATABASE, work, done=done, failed=fail)

    def _failed(self, error: BaseException) -> None:
        self._case = None
        self._view.show_failure(error)
