"""Joins a centre: one try at a time, in the sync lane, and can be stopped."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Protocol

from clinic_app.domain.errors import InvalidInput, SignInThrottled, WrongPassword
from clinic_app.services.sync import SyncService
from clinic_app.services.sync_data import RoundProgress, SyncStatus, SyncStopped
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.strings import tr


class JoinView(Protocol):
    def show_working(self) -> None: ...
    def heard(self, progress: RoundProgress) -> None:
        """Called from another thread."""

    def show_joined(self, status: SyncStatus) -> None: ...
    def show_field_error(self, error: InvalidInput) -> None:
        """Something typed or chosen: ``enrolment``, ``pass_phrase`` or ``password``."""

    def show_stopped(self) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...


class JoinPresenter:
    def __init__(self, view: JoinView, sync: SyncService, jobs: Jobs) -> None:
        self._view = view
        self._sync = sync
        self._jobs = jobs
        self._stop = threading.Event()
        self.working = False

    def join(self, file: Path | None, pass_phrase: str, password: str) -> None:
        """Join with what was chosen and typed; a missing part is told at its place."""
        if self.working:
            return
        for field, given, sentence in (
            ("enrolment", file is not None, tr("Please choose the enrolment file.")),
            ("pass_phrase", pass_phrase.strip(), tr("Please type the pass phrase of the file.")),
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

        def work() -> SyncStatus:
            self._sync.join(chosen, pass_phrase, password, hear, stopped.is_set)
            return self._sync.status()

        self._view.show_working()
        self._jobs.submit(Lane.SYNC, work, done=self._finish, failed=self._fail)

    def stop(self) -> None:
        """Stop between two statements."""
        self._stop.set()

    def _finish(self, status: SyncStatus) -> None:
        self.working = False
        self._view.show_joined(status)

    def _fail(self, error: BaseException) -> None:
        self.working = False
        if isinstance(error, SyncStopped):
            self._view.show_stopped()
        elif isinstance(error, InvalidInput):
            self._view.show_field_error(error)
        elif isinstance(error, WrongPassword):
            self._view.show_field_error(InvalidInput("password", tr("This password is not right.")))
        elif isinstance(error, SignInThrottled):
            self._view.show_field_error(InvalidInput("password", str(error)))
        else:
            self._view.show_failure(error)
