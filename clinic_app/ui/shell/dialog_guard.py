"""Keeps windows of their own (file choosers, the printer's dialog) away from the locked window.

A job that was asked for before the lock may answer after it. Its dialog would stand over the lock
page and let anybody look through the laptop's folders, so it is rejected before it is painted.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog


class DialogGuard(QObject):
    """While it is on, every dialog of the application is rejected as soon as it is shown.

    The sheets of the window are not dialogs: the password can still be asked for.
    """

    def __init__(self, application: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        self._application = application
        self._on = False

    def set_on(self, on: bool) -> None:
        """Reject dialogs from now on, those that are open already included."""
        if on and not self._on:
            self._application.installEventFilter(self)
        self._on = on
        if on:
            _close_open_windows()
        else:
            self._application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QDialog):
            # Rejecting inside its own show event would leave the dialog half shown; with this
            # attribute it never reaches the screen, and the event loop rejects it next.
            watched.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            QTimer.singleShot(0, watched, watched.reject)
        return False


def _close_open_windows() -> None:
    """File choosers and open lists that would stay visible."""
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()
    for window in QApplication.topLevelWidgets():
        if isinstance(window, QDialog) and window.isVisible():
            window.reject()
