"""Learning with other clinics for the guide: three made-up clinics in the midst of a round.

Keys, agreements and sums are real; the box in which the clinics meet is the simulated one of the
tests, so that the pictures can be taken without a database.
"""

from __future__ import annotations

import sys
from pathlib import Path

from moves import sheet_of
from PySide6.QtWidgets import QPlainTextEdit

from clinic_app.paths import ROOT
from clinic_app.ui.screens.learning.view import LearningScreen
from clinic_app.ui.screenshots import Scene, desk_of
from clinic_app.ui.shell.doors import Doors, Opened
from clinic_app.ui.shell.window import MainWindow

sys.path.insert(0, str(ROOT))

from tests.fakes.clinic import PASSWORD
from tests.support.town import Town


def three_clinics(folder: Path) -> Town:
    """A group, and the first clinic's administrator at the window."""
    folder.mkdir(parents=True, exist_ok=True)
    town = Town(folder, people=320)
    town.join()
    return town


def doors_of(town: Town) -> tuple[Doors, Opened]:
    clinic = town.clinics[0]
    opened = Opened(clinic.front_door, clinic.services)
    return Doors(lambda: clinic.front_door, lambda: opened), opened


def sites_scenes(town: Town) -> list[Scene]:
    """Before the first round, the sheet that is signed, and a round that waits for a clinic."""

    def open_page(window: MainWindow) -> None:
        desk_of(window).show_learning()

    def sites(window: MainWindow) -> None:
        _screen(window).open("sites")

    def ask(window: MainWindow) -> None:
        _screen(window).sites.ask_agreement(None)
        sheet_of(window).findChildren(QPlainTextEdit)[0].setPlainText("The camera is new.")

    def begin(window: MainWindow) -> None:
        sheet_of(window).dismiss()
        if not town.service(0).standing().rounds:
            row = town.service(0).agree(None, range(3), "The camera is new.", PASSWORD)
            town.service(1).agree(row.id, (), "For all of us.", PASSWORD)
        _screen(window).sites.look()

    return [
        Scene("learning-sites-begin", (open_page, sites, ask)),
        Scene("learning-sites", (begin,)),
    ]


def _screen(window: MainWindow) -> LearningScreen:
    screen = desk_of(window).present
    assert isinstance(screen, LearningScreen)
    return screen
