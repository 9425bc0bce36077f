"""Knows when nobody has touched keyboard or mouse for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QInputEvent
from PySide6.QtWidgets import QApplication

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


class IdleWatch(QObject):
    """Counts from the last touch while it is started.

    The time that a closed lid takes counts as well: timers stand still while the laptop sleeps, so
    the wall clock (``now``, in seconds) is looked at with the first touch after it.

    Signals:
        idle: nobody has touched the laptop for the set time.
    """

    idle = Signal()

    def __init__(self, application: QApplication, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._application = application
        self._now = now
        self._seconds = 0.0
        self._touched = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.idle)

    def start(self, minutes: float) -> None:
        """Watch from now on."""
        self._seconds = minutes * 60
        self._touched = self._now()
        self._timer.start(round(self._seconds * 1000))
        self._application.installEventFilter(self)

    def stop(self) -> None:
        self._timer.stop()
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
        now = self._now()
        if now - self._touched > self._seconds:
            self.stop()
            self.idle.emit()
            return True  # the touch that wakes the laptop must not press anything
        self._touched = now
        self._timer.start()
        return False
