"""The clinician's own judgement: kept as soon as it is given, fixed once the estimate is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from clinic_app.domain.safety import SafetyState
from clinic_app.domain.screening import ClinicianSeverity, Draft, Judgement
from clinic_app.ui.screens.screening.host import Host


@dataclass(frozen=True, slots=True)
class JudgementState:
    severity: ClinicianSeverity | None
    note: str
    flagged: bool
    fixed: bool


@dataclass(frozen=True, slots=True)
class _Given:
    """A judgement on its way into the store."""

    severity: ClinicianSeverity
    note: str
    flagged: bool


class JudgementView(Protocol):
    def show_judgement(self, state: JudgementState) -> None: ...
    def pending_note(self) -> str:
        """The note as typed, stored or not."""


class JudgementPresenter:
    def __init__(self, host: Host, view: JudgementView) -> None:
        self._host = host
        self._view = view
        self._sent: _Given | None = None
        self._under_way = 0
        self._waiting: list[Callable[[BaseException | None], None]] = []

    def enter(self) -> None:
        self.refresh()

    def leave(self) -> None:
        """Keep a note that was typed to the end but not stored yet."""
        self.note_paused()

    def refresh(self) -> None:
        kept = self._kept
        self._view.show_judgement(
            JudgementState(
                severity=kept.severity if kept else None,
                note=kept.note if kept else "",
                flagged=bool(kept and kept.flagged),
                fixed=self._host.case.revealed,
            )
        )

    def choose(self, severity: ClinicianSeverity) -> None:
        flagged = bool(self._kept and self._kept.flagged)
        self._judge(severity, self._view.pending_note(), flagged)

    def note_paused(self) -> None:
        """The writer stopped for a moment: keep the note."""
        self.keep(lambda _: None)

    def keep(self, done: Callable[[BaseException | None], None]) -> None:
        """Store what is typed, then call ``done`` with what went wrong, if anything."""
        kept, note = self._kept, self._view.pending_note().strip()
        if kept is None or self._host.case.revealed:
            done(None)
        elif note == kept.note.strip():
            self._once_stored(done)
        else:
            self._judge(kept.severity, note, kept.flagged, done)

    def flag(self, flagged: bool) -> None:
        kept = self._kept
        if kept is not None and kept.flagged is not flagged:
            self._judge(kept.severity, self._view.pending_note(), flagged)

    def raise_concern(self) -> None:
        """The clinician's own concern opens the safety steps, whatever the answers say.

        Steps that wait for a colleague are shown too: the concern is kept in them.
        """
        host, case = self._host, self._host.case
        host.ask(
            lambda: host.services.safety.raise_concern(case.patient.id, case.draft.id),
            lambda flow: host.open_safety(flow) if flow.state is SafetyState.HANDED_OVER else None,
        )
        host.check_safety()

    def go_on(self) -> None:
        self._host.forward()

    def back(self) -> None:
        self._host.back()

    @property
    def _kept(self) -> _Given | Judgement | None:
        """What was given last, stored or on its way: what is changed next builds upon it."""
        return self._sent or self._host.case.draft.judgement

    def _once_stored(self, done: Callable[[BaseException | None], None]) -> None:
        if self._under_way:
            self._waiting.append(done)
        else:
            done(None)

    def _judge(
        self,
        severity: ClinicianSeverity,
        note: str,
        flagged: bool,
        done: Callable[[BaseException | None], None] = lambda _: None,
    ) -> None:
        host, draft_id = self._host, self._host.case.draft.id
        self._sent = _Given(severity, note, flagged)
        self._under_way += 1
        self._waiting.append(done)

        def kept(draft: Draft) -> None:
            self._under_way -= 1
            if not self._under_way:
                self._sent = None
            host.keep(draft)
            self._tell(None)

        def failed(error: BaseException) -> None:
            self._under_way -= 1
            if not self._under_way:  # else the next one carries all of it
                self._sent = None
            host.workspace.notices.report(error)
            self.refresh()
            self._tell(error)

        host.ask(
            lambda: host.services.screenings.judge(draft_id, severity, note, flagged=flagged),
            kept,
            failed,
        )

    def _tell(self, error: BaseException | None) -> None:
        if self._under_way:
            return
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one(error)
