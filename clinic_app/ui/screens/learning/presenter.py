"""Gives one picture after another to be read; nothing but the picture is ever asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from clinic_app.domain.errors import ConsentMissing, NotFound, WrongState
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.adjudication import AdjudicationService
from clinic_app.services.learning_data import Queue
from clinic_app.ui.jobs import Jobs, Lane

_GONE = (ConsentMissing, NotFound, WrongState)
"""Why a case cannot be read or settled any more: withdrawn, or settled by others meanwhile."""


class ReadingView(Protocol):
    def show_busy(self) -> None: ...
    def show_picture(self, queue: Queue, png: bytes) -> None:
        """A case of the queue, with nothing chosen."""

    def show_standing(self, queue: Queue) -> None:
        """The picture in view is still to be read; what stands beside it may have changed."""

    def show_nothing(self, queue: Queue) -> None: ...
    def show_recorded(self) -> None: ...
    def show_passed_over(self) -> None: ...
    def show_together_picture(self, case: UUID, png: bytes) -> None: ...
    def show_no_together_picture(self, case: UUID, error: BaseException) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_refused(self, error: BaseException) -> None:
        """What was to be kept was not."""

    def show_gone(self, error: BaseException) -> None:
        """The same, and the case is not there to be read or settled any more."""


class ReadingPresenter:
    def __init__(self, view: ReadingView, adjudication: AdjudicationService, jobs: Jobs) -> None:
        self._view = view
        self._adjudication = adjudication
        self._jobs = jobs
        self._case: UUID | None = None
        self._busy = False
        self._latest = 0

    def look(self, *, quietly: bool = False) -> None:
        """The picture that is in view, as long as it is to be read, else the next one, or that
        there is none. ``quietly``, nothing is said of the looking or of its failure."""
        self._latest = asked = self._latest + 1
        present = self._case

        def read() -> tuple[Queue, bytes]:
            queue = self._adjudication.queue()
            if not queue.cases or present in queue.cases:
                return queue, b""
            return queue, self._adjudication.picture(queue.cases[0])

        def show(found: tuple[Queue, bytes]) -> None:
            if asked != self._latest:
                return
            queue, png = found
            if png:
                self._case = queue.cases[0]
                self._view.show_picture(queue, png)
            elif queue.cases:
                self._view.show_standing(queue)
            else:
                self._case = None
                self._view.show_nothing(queue)

        if present is None and not quietly:
            self._view.show_busy()
        failed = _nothing if quietly else self._failed
        self._jobs.submit(Lane.DATABASE, read, done=show, failed=failed)

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
            if isinstance(error, _GONE):
                self._case = None
                self._view.show_gone(error)
                self.look()
            else:
                self._view.show_refused(error)

        self._jobs.submit(Lane.DATABASE, work, done=done, failed=fail)

    def _failed(self, error: BaseException) -> None:
        self._case = None
        self._view.show_failure(error)


def _nothing(_: BaseException) -> None:
    """Whoever acts next is told."""
