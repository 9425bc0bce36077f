"""Keeps a trembling or hurried hand from doing twice what was meant once.

Many people double-click everything. The first click brings another page, and without this the
second would press whatever lies at the same place of it: a questionnaire is left out that nobody
has seen. In the same way a key that is held down goes through one page after the other.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWindow
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from clinic_app.ui.widgets.basics import ONCE

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SteadyHand(QObject):
    """Looks at what the window system tells ``window``, before any widget sees it.

    A double click whose two halves fall on different widgets is one click on the first of them, and
    so is one on a button that is ``pressed_once``. A held Enter is pressed once, except where lines
    are written.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._handle: QWindow | None = None
        self._pressed: QWidget | None = None
        self._clicked: QWidget | None = None

    def attach(self) -> None:
        """Begin to look; once the window has been made."""
        handle = self._window.windowHandle()
        if handle is not None and handle is not self._handle:
            handle.installEventFilter(self)
            self._handle = handle

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            self._pressed = self._under(event.position().toPoint())
        elif kind == QEvent.Type.MouseButtonRelease:
            self._clicked = self._pressed
        elif kind == QEvent.Type.MouseButtonDblClick and isinstance(event, QMouseEvent):
            under = self._under(event.position().toPoint())
            return under is not self._clicked or (under is not None and bool(under.property(ONCE)))
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            writes = isinstance(QApplication.focusWidget(), QPlainTextEdit)
            return event.isAutoRepeat() and event.key() in _ENTER and not writes
        return False

    def _under(self, place: QPoint) -> QWidget | None:
        return self._window.childAt(place)
