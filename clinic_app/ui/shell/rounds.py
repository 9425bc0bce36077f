"""Rounds with the centre beside the work at the desk: when they run and how they went."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import NotSignedIn
from clinic_app.domain.sentence import Sentence
from clinic_app.services.sync import SyncService
from clinic_app.services.sync_data import (
    RoundProgress,
    RoundResult,
    Stage,
    SyncStatus,
    SyncStopped,
)
from clinic_app.services.sync_pace import Pace
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.trouble import explain

KEPT_TROUBLES = 20


@dataclass(frozen=True, slots=True)
class PastTrouble:
    """``times`` is how often it came in a row; ``at`` is the last time."""

    at: datetime
    sentence: str
    kind: type[BaseException]
    times: int = 1


@dataclass(frozen=True, slots=True)
class SyncState:
    """What is shown of sync everywhere in the window.

    ``status`` is None before it was read; ``progress`` while a round runs; ``trouble`` that of the
    last round, None after a good one; ``history`` the troubles since signing in, newest first;
    ``remark`` the last one of a round since signing in.
    """

    status: SyncStatus | None = None
    progress: RoundProgress | None = None
    trouble: PastTrouble | None = None
    history: tuple[PastTrouble, ...] = ()
    remark: Sentence | None = None

    @property
    def joined(self) -> bool:
        return self.status is not None and self.status.joined

    @property
    def clock_off_seconds(self) -> float | None:
        """Laptop minus server, when that is worth telling."""
        return None if self.status is None else self.status.clock_off_seconds


class Alarm(Protocol):
    """Rings once; setting it again forgets the earlier time."""

    def ring_in(self, seconds: float) -> None: ...
    def seconds_left(self) -> float | None:
        """None while it is not set."""

    def cancel(self) -> None: ...


class RoundsView(Protocol):
    def show_state(self, state: SyncState) -> None: ...
    def heard(self, progress: RoundProgress) -> None:
        """Called from the sync lane's thread; has to come back through ``note_progress``."""

    def arrived(self, result: RoundResult) -> None:
        """A round is done; records may have changed."""


class Rounds:
    """One desk's rounds. The owner calls ``ring`` when the alarm rings."""

    def __init__(
        self,
        view: RoundsView,
        sync: SyncService,
        jobs: Jobs,
        alarm: Alarm,
        *,
        pace: Pace | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._view = view
        self._sync = sync
        self._jobs = jobs
        self._alarm = alarm
        self._pace = pace or Pace()
        self._now = now
        self._stop = threading.Event()
        self._running = False
        self._ended = False
        self._wanting: list[Callable[[], None]] = []
        self._awaiting: list[Callable[[], None]] = []
        self.state = SyncState()

    @property
    def running(self) -> bool:
        return self._running

    def look(self) -> None:
        """Read how things stand; new changes here bring the next round nearer."""
        if not self._ended:
            self._jobs.submit(
                Lane.DATABASE, self._sync.status, done=self._take_status, failed=self._fail_to_look
            )

    def ring(self) -> None:
        """The next round is due."""
        if self.state.joined:
            self._run()

    def sync_now(self) -> None:
        """A person asks for a round."""
        if self.state.joined:
            self._alarm.cancel()
            self._run()

    def round_then(self, then: Callable[[], None]) -> None:
        """Call ``then`` when a round that begins from now on has ended, well or not; a round that
        runs already may have passed what it is wanted for. Never without a centre."""
        if self.state.joined and not self._ended:
            self._wanting.append(then)
            self.sync_now()

    def stop(self) -> None:
        """A person stops the round that runs; it ends between two statements."""
        self._stop.set()

    def end(self) -> None:
        """The desk goes: no more rounds, answers are dropped."""
        self._ended = True
        self._stop.set()
        self._alarm.cancel()

    def note_progress(self, progress: RoundProgress) -> None:
        """What the view heard, back in its own thread."""
        if self._running and not self._ended:
            self._show(replace(self.state, progress=progress))

    def note_remark(self, remark: Sentence) -> None:
        """What there is to say of a round that ran elsewhere: the first, when joining."""
        self._show(replace(self.state, remark=remark))

    # --- inside ------------------------------------------------------------------------------

    def _show(self, state: SyncState) -> None:
        self.state = state
        self._view.show_state(state)

    def _take_status(self, status: SyncStatus) -> None:
        if self._ended:
            return
        before = self.state.status
        self._show(replace(self.state, status=status))
        if not status.joined or self._running:
            return
        left = self._alarm.seconds_left()
        if left is None:
            self._alarm.ring_in(self._pace.first())
        elif before is not None and status.pending > before.pending:
            soon = self._pace.after_change()
            if soon is not None and soon < left:
                self._alarm.ring_in(soon)

    def _fail_to_look(self, error: BaseException) -> None:
        if self._ended:
            return
        if isinstance(error, NotSignedIn):  # switched off: who sees the state looks at the account
            self._show(self.state)
        else:
            explain(error)

    def _run(self) -> None:
        if self._running or self._ended:
            return
        self._running = True
        self._awaiting, self._wanting = self._wanting, []
        self._stop = stopped = threading.Event()

        def hear(progress: RoundProgress) -> None:
            if not stopped.is_set():  # after a stop nobody may be there to hear it
                self._view.heard(progress)

        self._show(replace(self.state, progress=RoundProgress(Stage.CONNECTING, 0.0)))
        self._jobs.submit(
            Lane.SYNC,
            lambda: self._sync.round(hear, stopped.is_set),
            done=self._finish,
            failed=self._fail,
        )

    def _finish(self, result: RoundResult) -> None:
        self._running = False
        if self._ended:
            return
        self._alarm.ring_in(self._pace.after_success())
        remark = result.remark or self.state.remark
        self._show(replace(self.state, progress=None, trouble=None, remark=remark))
        self.look()
        self._view.arrived(result)
        self._answer()

    def _fail(self, error: BaseException) -> None:
        self._running = False
        if self._ended:
            return
        self._alarm.ring_in(self._pace.after_failure(error))
        if isinstance(error, SyncStopped):
            self._awaiting += self._wanting
            self._wanting = []  # who stops a round does not want the next one at once
            self._show(replace(self.state, progress=None))
        else:
            history = _with(
                self.state.history, PastTrouble(self._now(), explain(error), type(error))
            )
            trouble = history[0]
            self._show(replace(self.state, progress=None, trouble=trouble, history=history))
        self.look()
        self._answer()

    def _answer(self) -> None:
        """Tell who waited for this round; begin the next for who asked during it."""
        told, self._awaiting = self._awaiting, []
        for then in told:
            then()
        if self._wanting:
            self.sync_now()


def _with(history: tuple[PastTrouble, ...], new: PastTrouble) -> tuple[PastTrouble, ...]:
    """A trouble that goes on is one line that counts."""
    if history and (history[0].sentence, history[0].kind) == (new.sentence, new.kind):
        return (replace(new, times=history[0].times + 1), *history[1:])
    return (new, *history)[:KEPT_TROUBLES]
