"""Carries out a review step by step; the estimate is asked for only after the own severity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from clinic_app.domain.reviews import Review, Verdict
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.reviews import Revealed, ReviewService
from clinic_app.ui.jobs import Jobs, Lane


class ReviewView(Protocol):
    def show_judging(self) -> None:
        """Ask for the own severity; nothing of the estimate is known here."""

    def show_estimate(self, revealed: Revealed) -> None:
        """The estimate with the question whether the doctor agrees, or what was concluded."""

    def show_storing(self, storing: bool) -> None:
        """What was pressed is on its way: it cannot be left or changed meanwhile."""

    def show_refused(self, error: BaseException) -> None: ...
    def show_concluded(self, review: Review) -> None: ...


class ReviewPresenter:
    """``own`` is the review of this person that was begun before, if any."""

    def __init__(
        self,
        view: ReviewView,
        reviews: ReviewService,
        jobs: Jobs,
        screening_id: UUID,
        own: Review | None,
    ) -> None:
        self._view = view
        self._reviews = reviews
        self._jobs = jobs
        self._screening_id = screening_id
        self._own = own
        self._busy = False

    def start(self) -> None:
        """Ask for the own severity, or go on where it was left."""
        if self._own is None:
            self._view.show_judging()
        else:
            own = self._own
            self._ask(lambda: self._reviews.reveal(own.id), self._view.show_estimate)

    def record(self, severity: ClinicianSeverity) -> None:
        """Keep the own severity; only then the estimate is read."""

        def work() -> Revealed:
            if self._own is None:
                self._own = self._reviews.judge(self._screening_id, severity)
            return self._reviews.reveal(self._own.id)

        self._ask(work, self._view.show_estimate, stores=True)

    def conclude(self, verdict: Verdict, text: str) -> None:
        """Agree, overrule with a reason, or close a review without an estimate."""
        own = self._own
        if own is not None:
            self._ask(
                lambda: self._reviews.conclude(own.id, verdict, text),
                self._view.show_concluded,
                stores=True,
            )

    def _ask(
        self, work: Callable[[], Any], done: Callable[[Any], None], *, stores: bool = False
    ) -> None:
        """One thing at a time: a second press while the first is under way is dropped."""
        if self._busy:
            return
        self._busy = True
        if stores:
            self._view.show_storing(True)

        def over() -> None:
            self._busy = False
            if stores:
                self._view.show_storing(False)

        def succeed(answer: Any) -> None:
            over()
            if isinstance(answer, Revealed):
                self._own = answer.review
            done(answer)

        def fail(error: BaseException) -> None:
            over()
            self._view.show_refused(error)

        self._jobs.submit(Lane.DATABASE, work, done=succeed, failed=fail)
