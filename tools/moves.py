"""Steps from one picture to the next that the scenes share."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QScrollArea

from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.screens.screening.view import ScreeningScreen
from clinic_app.ui.screenshots import desk_of
from clinic_app.ui.shell.window import MainWindow
from clinic_app.ui.widgets.sheet import Sheet

Move = Callable[[MainWindow], None]


def go(place: str) -> Move:
    """To a place of the navigation."""
    return lambda window: desk_of(window).go_to(place)


def go_to_step(name: Step) -> Move:
    """To a step of the screening in front."""

    def move(window: MainWindow) -> None:
        screen = desk_of(window).present
        assert isinstance(screen, ScreeningScreen)
        screen.presenter.go(name)

    return move


def sheet_of(window: MainWindow) -> Sheet:
    """What lies over the desk."""
    sheet = desk_of(window).sheet
    assert sheet is not None
    return sheet


def drop_sheet(window: MainWindow) -> None:
    sheet_of(window).dismiss()


def areas(window: MainWindow) -> list[QScrollArea]:
    present = desk_of(window).present
    found = present.findChildren(QScrollArea) if present is not None else []
    return [area for area in found if area.isVisible()]


def scroll_to_end(window: MainWindow) -> None:
    for area in areas(window):
        area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())


def scroll_to_start(window: MainWindow) -> None:
    for area in areas(window):
        area.verticalScrollBar().setValue(0)
