"""Knows when nobody has touched keyboard or mouse for a while."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QInputEvent
from PySide6.QtWidgets import QApplication

from clinic_app.domain.clock import seconds_up
from clinic_app.domain.site import IDLE_MINUTES

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)

_LOOK_MS = 5_000


class IdleWatch(QObject):
    """Counts from the last touch while it is started.

    The time that a closed lid takes counts as well: timers stand still while the laptop sleeps, so
    a clock that goes on (``now``, in seconds) is looked at with the first touch after it, and every
    few seconds, so that what a window shows does not wait for a touch.

    Signals:
        idle: nobody has touched the laptop for the set time.
    """

    idle = Signal()

    def __init__(self, application: QApplication, now: Callable[[], float] = seconds_up) -> None:
        super().__init__()
        self._application = application
        self._now = now
        self._seconds = 0.0
        self._touched = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.idle)
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._lock_if_over)

    def start(self, minutes: float) -> None:
        """Watch from now on. Minutes that no administrator can enter, which another workstation may
        send all the same, count as the nearest that one can."""
        self._seconds = 60 * min(max(minutes, IDLE_MINUTES.start), IDLE_MINUTES.stop - 1)
        self._touched = self._now()
        self._timer.start(round(self._seconds * 1000))
        self._look.start()
        self._application.installEventFilter(self)

    def stop(self) -> None:
        self._timer.stop()
        self._look.stop()
        self._application.removeEventFilter(self)

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    @property
    def seconds_left(self) -> float:
        """Until the window locks, if nobody touches anything."""
        return self._timer.remainingTime() / 1000

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Every event of the program comes by here; asking for its type costs the most.
        if not isinstance(event, QInputEvent) or event.type() not in _TOUCHES:
            return False
        if self._lock_if_over():
            return True  # the touch that wakes the laptop must not press anything
        self._touched = self._now()
        self._timer.start()
        return False

    def _lock_if_over(self) -> bool:
        over = self._now() - self._touched > self._seconds
        if over:
            self.stop()
            self.idle.emit()
        return over
