"""The rounds of one desk in Qt's thread: a timer, and signals for everything that shows them."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from clinic_app.services.sync import SyncService
from clinic_app.services.sync_data import RoundProgress, RoundResult
from clinic_app.services.sync_pace import Pace
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.shell.rounds import Rounds, SyncState


class CentreLink(QObject):
    """Signals:
    changed: a new ``SyncState``.
    moved: the ``RoundResult`` of a round that has ended well.
    """

    changed = Signal(object)
    moved = Signal(object)
    _told = Signal(object)

    def __init__(
        self,
        sync: SyncService,
        jobs: Jobs,
        parent: QObject | None = None,
        *,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self.rounds = Rounds(self, sync, jobs, self, pace=pace)
        self._timer.timeout.connect(self.rounds.ring)
        self._told.connect(self.rounds.note_progress)

    @property
    def state(self) -> SyncState:
        return self.rounds.state

    # --- for the rounds ----------------------------------------------------------------------

    def show_state(self, state: SyncState) -> None:
        self.changed.emit(state)

    def heard(self, progress: RoundProgress) -> None:
        self._told.emit(progress)

    def arrived(self, result: RoundResult) -> None:
        self.moved.emit(result)

    # --- as their alarm ----------------------------------------------------------------------

    def ring_in(self, seconds: float) -> None:
        self._timer.start(round(1000 * seconds))

    def seconds_left(self) -> float | None:
        return self._timer.remainingTime() / 1000 if self._timer.isActive() else None

    def cancel(self) -> None:
        self._timer.stop()
