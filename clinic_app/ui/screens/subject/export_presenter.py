"""Prepares and writes the export of one person's records."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol
from uuid import UUID

from clinic_app.services.backup_data import Progress, Stop
from clinic_app.services.export import (
    ExportPlan,
    ExportReason,
    ExportResult,
    ExportService,
    ExportStopped,
)
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.language import spoken
from clinic_app.ui.long_work import LongWork


class ExportView(Protocol):
    def show_plan(self, plan: ExportPlan) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_working(self) -> None: ...
    def heard(self, share: float) -> None:
        """How much is done, from 0 to 1."""

    def show_done(self, result: ExportResult) -> None: ...
    def show_stopped(self, error: BaseException) -> None: ...
    def show_refused(self, error: BaseException) -> None:
        """A wrong password, or a place that cannot be written to: nothing was made."""


class ExportPresenter:
    def __init__(
        self, view: ExportView, exports: ExportService, jobs: Jobs, patient_id: UUID
    ) -> None:
        self._view = view
        self._exports = exports
        self._jobs = jobs
        self._patient_id = patient_id
        self._work = LongWork(jobs, Lane.FILES)

    @property
    def working(self) -> bool:
        return self._work.running

    def look(self) -> None:
        """What the export would hold."""
        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._exports.plan(self._patient_id),
            done=self._view.show_plan,
            failed=self._view.show_failure,
        )

    def write(self, place: Path, reason: ExportReason, password: str, *, accepts: bool) -> None:
        """Write it as one ZIP; ``accepts`` says that the warning was read and accepted."""
        target = place if place.suffix else place.with_suffix(".zip")

        language = spoken().code

        def work(progress: Progress, stop: Stop) -> ExportResult:
            return self._exports.write(
                self._patient_id,
                target,
                reason,
                password,
                accepts_unprotected=accepts,
                progress=progress,
                stop=stop,
                language=language,
            )

        def failed(error: BaseException) -> None:
            if isinstance(error, ExportStopped):
                self._view.show_stopped(error)
            else:
                self._view.show_refused(error)

        self._work.start(
            work,
            began=self._view.show_working,
            heard=self._view.heard,
            done=self._view.show_done,
            failed=failed,
        )

    def stop(self) -> None:
        """Stop the writing; nothing is left of it."""
        self._work.stop()
