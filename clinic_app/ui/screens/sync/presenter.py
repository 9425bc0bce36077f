"""Joins a centre: one try at a time, in the sync lane, and can be stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from clinic_app.domain.errors import InvalidInput, SignInThrottled, WrongPassword
from clinic_app.domain.sentence import Sentence
from clinic_app.services.backup_data import Stop
from clinic_app.services.sync import SyncService
from clinic_app.services.sync_data import (
    RoundProgress,
    SyncStatus,
    SyncStopped,
    SyncTrouble,
    Watch,
)
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.long_work import LongWork
from clinic_app.ui.strings import tr

Joined = tuple[SyncStatus, SyncTrouble | None, Sentence | None]


class JoinView(Protocol):
    def show_working(self) -> None: ...
    def heard(self, progress: RoundProgress) -> None: ...
    def show_joined(
        self, status: SyncStatus, trouble: BaseException | None, remark: Sentence | None
    ) -> None:
        """``trouble`` is why the first round did not end; the next one goes on. ``remark`` is that
        of the round."""

    def show_field_error(self, error: InvalidInput) -> None:
        """Something typed or chosen: ``file`` or ``password``."""

    def show_stopped(self) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...


class JoinPresenter:
    def __init__(self, view: JoinView, sync: SyncService, jobs: Jobs) -> None:
        self._view = view
        self._sync = sync
        self._work = LongWork(jobs, Lane.SYNC)

    @property
    def working(self) -> bool:
        return self._work.running

    def join(self, file: Path | None, password: str) -> None:
        """Join with what was chosen and typed; a missing part is told at its place."""
        if self.working:
            return
        for field, given, sentence in (
            ("file", file is not None, tr("Please choose the enrolment file.")),
            ("password", password, tr("Please enter your password.")),
        ):
            if not given:
                self._view.show_field_error(InvalidInput(field, sentence))
                return
        assert file is not None
        chosen = file

        def work(watch: Watch, stop: Stop) -> Joined:
            try:
                result = self._sync.join(chosen, password, watch, stop)
            except SyncTrouble as trouble:
                status = self._sync.status()
                if not status.joined:
                    raise
                return status, trouble, None
            return self._sync.status(), None, result.remark

        self._work.start(
            work,
            began=self._view.show_working,
            heard=self._view.heard,
            done=lambda joined: self._view.show_joined(*joined),
            failed=self._fail,
        )

    def stop(self) -> None:
        """Stop between two statements."""
        self._work.stop()

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, SyncStopped):
            self._view.show_stopped()
        elif isinstance(error, InvalidInput):
            self._view.show_field_error(error)
        elif isinstance(error, WrongPassword):
            self._view.show_field_error(InvalidInput("password", tr("This password is not right.")))
        elif isinstance(error, SignInThrottled):
            self._view.show_field_error(InvalidInput("password", error.sentence))
        else:
            self._view.show_failure(error)
