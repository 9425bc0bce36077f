"""Makes backups and tries them out, one at a time and beside other work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

from clinic_app.services.backup import SUFFIX, BackupService, BackupStanding
from clinic_app.services.backup_data import (
    BackupFile,
    BackupStopped,
    DrillResult,
    Opening,
    Progress,
    Stop,
)
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.long_work import LongWork

Answer = TypeVar("Answer")


class Work(StrEnum):
    BACKUP = "backup"
    DRILL = "drill"


class BackupView(Protocol):
    def show_standing(self, standing: BackupStanding) -> None: ...
    def show_files(self, folder: Path, files: Sequence[BackupFile]) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_trouble(self, error: BaseException) -> None: ...
    def ask_place(self, name: str) -> None:
        """Where to put the backup; ``presenter.write`` follows."""

    def show_working(self, work: Work, path: Path) -> None: ...
    def heard(self, share: float) -> None:
        """How much is done, from 0 to 1."""

    def show_made(self, made: BackupFile) -> None: ...
    def show_drilled(self, path: Path, result: DrillResult) -> None: ...
    def show_ended(self, work: Work, error: BaseException) -> None:
        """It failed, or was stopped."""


class BackupPresenter:
    def __init__(self, view: BackupView, backups: BackupService, jobs: Jobs) -> None:
        self._view = view
        self._backups = backups
        self._jobs = jobs
        self._work = LongWork(jobs, Lane.FILES)
        self._folder: Path | None = None

    @property
    def working(self) -> bool:
        return self._work.running

    def look(self) -> None:
        """When the last backup and the last drill were, and what lies in the chosen folder."""
        self._jobs.submit(
            Lane.DATABASE,
            self._backups.standing,
            done=self._view.show_standing,
            failed=self._view.show_failure,
        )
        if self._folder is not None:
            self.open_folder(self._folder)

    def open_folder(self, folder: Path) -> None:
        """List the backups in a folder."""

        def show(files: Sequence[BackupFile]) -> None:
            self._folder = folder
            self._view.show_files(folder, files)

        self._jobs.submit(
            Lane.FILES,
            lambda: self._backups.files(folder),
            done=show,
            failed=self._view.show_trouble,
        )

    def choose_place(self) -> None:
        """Ask where, with a name from the clinic's name and the time."""
        if not self.working:
            self._jobs.submit(
                Lane.DATABASE,
                self._backups.suggested_name,
                done=self._view.ask_place,
                failed=self._view.show_trouble,
            )

    def write(self, path: Path) -> None:
        """Make a backup there."""
        target = path if path.suffix else path.with_suffix(SUFFIX)

        def done(made: BackupFile) -> None:
            self._folder = target.parent
            self._view.show_made(made)

        self._run(
            Work.BACKUP,
            target,
            lambda progress, stop: self._backups.write(target, progress, stop),
            done,
        )

    def drill(self, path: Path, opening: Opening) -> None:
        """Try a backup out."""
        self._run(
            Work.DRILL,
            path,
            lambda progress, stop: self._backups.drill(path, opening, progress, stop),
            lambda result: self._view.show_drilled(path, result),
        )

    def stop(self) -> None:
        """Stop what runs; it ends a moment later."""
        self._work.stop()

    def _run(
        self,
        work: Work,
        path: Path,
        act: Callable[[Progress, Stop], Answer],
        show: Callable[[Answer], None],
    ) -> None:
        def done(answer: Answer) -> None:
            show(answer)
            self.look()

        def failed(error: BaseException) -> None:
            self._view.show_ended(work, error)
            if not isinstance(error, BackupStopped):
                self.look()

        self._work.start(
            act,
            began=lambda: self._view.show_working(work, path),
            heard=self._view.heard,
            done=done,
            failed=failed,
        )
