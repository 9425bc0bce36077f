"""Runs what takes long beside everything else, one at a time, and can be stopped."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID

from clinic_app.domain.local_head import Comparison, LocalHead
from clinic_app.services.backup_data import Progress, Stop
from clinic_app.services.learning import LearningService
from clinic_app.services.learning_data import LearningState, LearningStopped, Member
from clinic_app.services.training_export import TrainingExport, TrainingExportService
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.long_work import LongWork

Answer = TypeVar("Answer")


class Work(StrEnum):
    FIT = "fit"
    COMPARE = "compare"
    EXPORT = "export"


class LearningView(Protocol):
    def show_state(self, state: LearningState) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_trouble(self, error: BaseException) -> None: ...
    def show_working(self, work: Work) -> None: ...
    def heard(self, share: float) -> None:
        """How much is done, from 0 to 1."""

    def show_fitted(self, head: LocalHead) -> None: ...
    def show_compared(self, comparison: Comparison) -> None: ...
    def show_exported(self, done: TrainingExport) -> None: ...
    def show_ended(self, error: BaseException) -> None:
        """It failed, or was stopped."""

    def show_card(self, head: LocalHead, text: str) -> None: ...
    def show_members(self, head: LocalHead, members: tuple[Member, ...]) -> None: ...


class LearningPresenter:
    def __init__(
        self,
        view: LearningView,
        learning: LearningService,
        export: TrainingExportService,
        jobs: Jobs,
    ) -> None:
        self._view = view
        self._learning = learning
        self._export = export
        self._jobs = jobs
        self._work = LongWork(jobs, Lane.FILES)

    @property
    def working(self) -> bool:
        return self._work.running

    def look(self) -> None:
        """What there is now."""
        self._jobs.submit(
            Lane.FILES,
            self._learning.state,
            done=self._view.show_state,
            failed=self._view.show_failure,
        )

    def fit(self) -> None:
        self._run(Work.FIT, self._learning.fit, self._view.show_fitted)

    def compare(self, head_id: UUID) -> None:
        self._run(
            Work.COMPARE,
            lambda progress, stop: self._learning.compare(head_id),
            self._view.show_compared,
        )

    def write_export(self, place: Path, password: str) -> None:
        """The training set, after the warning was accepted."""
        self._run(
            Work.EXPORT,
            lambda progress, stop: self._export.write(
                place, password, accepts_unprotected=True, progress=progress, stop=stop
            ),
            self._view.show_exported,
        )

    def read_card(self, head: LocalHead) -> None:
        self._ask(
            lambda: self._learning.card(head.id), lambda text: self._view.show_card(head, text)
        )

    def read_members(self, head: LocalHead) -> None:
        self._ask(
            lambda: self._learning.members(head.id),
            lambda found: self._view.show_members(head, found),
        )

    def stop(self) -> None:
        """Stop what runs; it ends a moment later."""
        self._work.stop()

    def _ask(self, work: Callable[[], Any], show: Callable[[Any], None]) -> None:
        self._jobs.submit(Lane.DATABASE, work, done=show, failed=self._view.show_trouble)

    def _run(
        self,
        work: Work,
        act: Callable[[Progress, Stop], Answer],
        show: Callable[[Answer], None],
    ) -> None:
        def done(answer: Answer) -> None:
            show(answer)
            self.look()

        def failed(error: BaseException) -> None:
            self._view.show_ended(error)
            if not isinstance(error, LearningStopped):
                self.look()

        self._work.start(
            act,
            began=lambda: self._view.show_working(work),
            heard=self._view.heard,
            done=done,
            failed=failed,
        )
