"""Pictures of the real window, rendered without a display: for the demo and the guide."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QEventLoop,
    QMessageLogContext,
    QPointF,
    Qt,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QScrollArea

from clinic_app.domain.errors import ReportFailed
from clinic_app.ui.appearance import Appearance
from clinic_app.ui.garbage import GuiThreadCollector
from clinic_app.ui.jobs import JobRunner
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.screens.screening.view import ScreeningScreen
from clinic_app.ui.shell.desk import Desk
from clinic_app.ui.shell.doors import Doors, Opened
from clinic_app.ui.shell.window import MainWindow
from clinic_app.ui.theme import PALETTES, Palette, apply_theme

_LOG = logging.getLogger("window")
SIZE = (1280, 800)
LOOKS: dict[str, Palette] = PALETTES
_PATIENCE_SECONDS = 60.0
_TURN_SECONDS = 0.004
_QUIET_ROUNDS = 5
"""Turns of the event loop without any work outstanding, after which a page stands."""


@dataclass(frozen=True, slots=True)
class Scene:
    """``moves`` bring the window to what is photographed under ``name``, each when the one before
    has been answered."""

    name: str
    moves: tuple[Callable[[MainWindow], None], ...] = ()


def sign_in_scene() -> Scene:
    """What the window begins with."""
    return Scene("sign-in")


def desk_scenes(opened: Opened, patient_id: UUID, draft_id: UUID) -> tuple[Scene, ...]:
    """The desk of ``opened``: today, one patient, and the result of a draft that was revealed."""

    def open_result(window: MainWindow) -> None:
        screen = desk_of(window).present
        if isinstance(screen, ScreeningScreen):
            screen.presenter.go(Step.RESULT)

    def scroll_down(window: MainWindow) -> None:
        present = desk_of(window).present
        for area in present.findChildren(QScrollArea) if present is not None else ():
            if area.isVisible():
                area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())

    return (
        Scene("today", (lambda window: window.entry.entered.emit(opened),)),
        Scene("patient", (lambda window: desk_of(window).show_patient(patient_id),)),
        Scene("result", (lambda window: desk_of(window).show_screening(draft_id), open_result)),
        Scene("estimate", (scroll_down,)),
    )


def report_scenes(opened: Opened, screening_id: UUID) -> tuple[Scene, ...]:
    """The report of a finished screening, as it is previewed."""
    return (
        Scene(
            "report",
            (
                lambda window: window.entry.entered.emit(opened),
                lambda window: desk_of(window).show_report(screening_id),
            ),
        ),
    )


def desk_of(window: MainWindow) -> Desk:
    """The desk of a window that somebody has signed in to."""
    assert window.desk is not None
    return window.desk


def photograph(
    doors: Doors, scenes: Sequence[Scene], folder: Path, looks: Sequence[str] = ("light", "dark")
) -> list[Path]:
    """One PNG a scene and look in ``folder``; the window starts anew for every look.

    ``doors`` must lead to a clinic that stays open: the window is dropped without signing out.
    Raises ``ReportFailed`` when a picture cannot be written.
    """
    application = _application()
    taken: list[Path] = []
    for look in looks:
        with_look = _Studio(application, doors, LOOKS[look])
        try:
            for scene in scenes:
                for move in scene.moves:
                    with_look.touch()
                    move(with_look.window)
                    with_look.settle()
                taken.append(with_look.take(folder / f"{scene.name}-{look}.png"))
        finally:
            with_look.close()
    return taken


class _Studio:
    """One window in one look."""

    def __init__(self, application: QApplication, doors: Doors, palette: Palette) -> None:
        self._application = application
        self._jobs = JobRunner()
        apply_theme(application, palette)
        # The look is given from outside: nothing is read from or kept in this file.
        self.window = MainWindow(doors, self._jobs, Appearance(application, Path(os.devnull)))
        self._collector = GuiThreadCollector(self.window)
        self.window.resize(*SIZE)
        self.window.show()
        self.window.start()
        self.settle()

    def settle(self) -> None:
        """Let the window answer until nothing is outstanding."""
        ends, quiet = time.monotonic() + _PATIENCE_SECONDS, 0
        while quiet < _QUIET_ROUNDS and time.monotonic() < ends:
            self._application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
            time.sleep(_TURN_SECONDS)  # leave the processor to the work that is waited for
            quiet = 0 if self._jobs.busy else quiet + 1

    def touch(self) -> None:
        """The mouse moves, as with somebody at the laptop: it is not left alone, and stays open
        also on a machine that takes long for its pictures."""
        corner = QPointF(0, 0)
        none = Qt.MouseButton.NoButton
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            corner,
            self.window.mapToGlobal(corner),
            none,
            none,
            Qt.KeyboardModifier.NoModifier,
        )
        QCoreApplication.sendEvent(self.window, event)

    def take(self, path: Path) -> Path:
        self.settle()
        if not self.window.grab().save(str(path), "PNG"):
            raise ReportFailed("“{name}” could not be saved; the disk may be full.", name=path.name)
        return path

    def close(self) -> None:
        if self.window.desk is not None:
            self.window.desk.close_down()
        self.settle()
        self._jobs.close()
        self._collector.stop()
        self.window.hide()
        self.window.deleteLater()
        # Widgets that only wait for their deletion would all be styled anew by the next look.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _application() -> QApplication:
    """The running application, or one that draws into memory."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    qInstallMessageHandler(_pass_on)
    return QApplication(["clinic-app"])


def _pass_on(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Qt's messages, without the one that windows of a fixed least size cause when drawn into
    memory."""
    if "propagateSizeHints" not in text:
        _LOG.warning("%s", text)
