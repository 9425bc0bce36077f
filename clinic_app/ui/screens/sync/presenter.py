"""Joins a centre: one try at a time, in the sync lane, and can be stopped."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Protocol

from clinic_app.domain.errors import InvalidInput, SignInThrottled, WrongPassword
from clinic_app.services.sync import SyncService
from clinic_app.services.sync_data import RoundProgress, SyncStatus, SyncStopped, SyncTrouble
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.strings import tr

Joined = tuple[SyncStatus, SyncTrouble | None]


class JoinView(Protocol):
    def show_working(self) -> None: ...
    def heard(self, progress: RoundProgress) -> None:
        """Called from another thread."""

    def show_joined(self, status: SyncStatus, trouble: BaseException | None) -> None:
        """``trouble`` is why the first round did not end; the next one goes on."""

    def show_field_error(self, error: InvalidInput) -> None:
        """Something typed or chosen: ``file`` or ``password``."""

    def show_stopped(self) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...


class JoinPresenter:
    def __init__(self, view: JoinView, sync: SyncService, jobs: Jobs) -> None:
        self._view = view
        self._sync = sync
        self._jobs = jobs
        self._stop = threading.Event()
        self.working = False

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
        self.working = True
        self._stop = stopped = threading.Event()
        chosen = file

        def hear(progress: RoundProgress) -> None:
            if not stopped.is_set():
                self._view.heard(progress)

        def work() -> Joined:
            try:
                self._sync.join(chosen, password, hear, stopped.is_set)
            except SyncTrouble as trouble:
                status = self._sync.status()
                if not status.joined:
                    raise
                return status, trouble
            return self._sync.status(), None

        self._view.show_working()
        self._jobs.submit(Lane.SYNC, work, done=self._finish, failed=self._fail)

    def stop(self) -> None:
        """Stop between two statements."""
        self._stop.set()

    def _finish(self, joined: Joined) -> None:
        self.working = False
        self._view.show_joined(*joined)

    def _fail(self, error: BaseException) -> None:
        self.working = False
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
