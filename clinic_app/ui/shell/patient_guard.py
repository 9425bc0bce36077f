"""Keeps the ways out of a page shut while a patient holds the laptop.

The pages themselves lead nowhere else. This stops what every text field brings along: menus, what
is dragged into the window, and the clipboard, which may hold what staff copied before.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication

_SHUT = frozenset(
    {
        QEvent.Type.ContextMenu,
        QEvent.Type.DragEnter,
        QEvent.Type.DragMove,
        QEvent.Type.Drop,
        QEvent.Type.WhatsThis,
        QEvent.Type.EnterWhatsThisMode,
        QEvent.Type.QueryWhatsThis,
    }
)
_KEYS = tuple(
    getattr(QKeySequence.StandardKey, name)
    for name in (
        "Paste",
        "Copy",
        "Cut",
        "Print",
        "Save",
        "SaveAs",
        "Open",
        "New",
        "Find",
        "HelpContents",
        "WhatsThis",
        "Quit",
        "Close",
        "Preferences",
        "AddTab",
        "Refresh",
        "FullScreen",
    )
)
_MOUSE = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease})
_PRESSED = frozenset({QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride, QEvent.Type.Shortcut})


class PatientGuard(QObject):
    """While it is on, these events reach no widget of the program."""

    def __init__(self, application: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        self._application = application
        self.on = False

    def set_on(self, on: bool) -> None:
        if on == self.on:
            return
        self.on = on
        if on:
            self._application.installEventFilter(self)
        else:
            self._application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in _SHUT:
            event.ignore()
            return True
        if kind in _PRESSED and isinstance(event, QKeyEvent):
            return any(event.matches(one) for one in _KEYS)
        if kind in _MOUSE and isinstance(event, QMouseEvent):
            return event.button() == Qt.MouseButton.MiddleButton  # pastes on X11
        return False
