"""Starting and ending the program with a window."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from clinic_app.ui.appearance import Appearance
from clinic_app.ui.garbage import GuiThreadCollector
from clinic_app.ui.icons import icon
from clinic_app.ui.jobs import JobRunner
from clinic_app.ui.shell.doors import Doors
from clinic_app.ui.shell.window import MainWindow
from clinic_app.ui.trouble import catch_mistakes, log_to

EXIT_WHEN_SHOWN = "CLINIC_APP_EXIT_WHEN_SHOWN"
LOOK_FILE = "window.json"
_SIZE = (1280, 800)


class _FirstPaint(QObject):
    """Closes the window once its first usable page has been painted."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.ready.connect(self._watch)

    def _watch(self) -> None:
        self._window.installEventFilter(self)
        self._window.update()
        QTimer.singleShot(0, self._window.update)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            QTimer.singleShot(0, self._window.close)
        return False


def run(doors: Doors, folder: Path) -> int:
    """Show the window; returns when it is closed. With the variable CLINIC_APP_EXIT_WHEN_SHOWN set,
    the program ends as soon as its first page stands, for measuring the start."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("Clinic App")
    application.setApplicationDisplayName("")
    application.setDesktopFileName("clinic-app")
    log = log_to(folder)
    jobs = JobRunner()
    appearance = Appearance(application, folder / LOOK_FILE)
    appearance.apply()
    window = MainWindow(doors, jobs, appearance)
    window.setWindowIcon(QIcon(icon("clinic", "accent").pixmap(64, 64)))
    catch_mistakes(lambda error: window.notices.apologise(error))
    if os.environ.get(EXIT_WHEN_SHOWN) == "1":
        _FirstPaint(window)
    window.resize(*_fitting(application))
    window.show()
    window.start()
    collector = GuiThreadCollector(application)
    code = application.exec()
    jobs.close()
    collector.stop()
    log.close()
    return code


def _fitting(application: QApplication) -> tuple[int, int]:
    """The usual size, or what the screen has room for."""
    room = application.primaryScreen().availableGeometry()
    return min(_SIZE[0], room.width()), min(_SIZE[1], room.height())
