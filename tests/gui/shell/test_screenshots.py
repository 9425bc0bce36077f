"""Pictures of the window, taken scene by scene."""

from __future__ import annotations

import gc
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from clinic_app.ui.screenshots import Scene, photograph
from clinic_app.ui.shell.doors import Opened
from clinic_app.ui.shell.window import MainWindow
from tests.fakes.clinic import FakeClinic
from tests.gui.conftest import doors_of

FOUR_MINUTES = 240.0


def test_a_window_whose_pictures_take_long_is_not_left_alone_and_stays_open(
    qapp: QApplication, clinic: FakeClinic, tmp_path: Path
) -> None:
    opened = Opened(clinic.front_door, clinic.sign_in())
    clock = [0.0]
    desks: list[bool] = []

    def come_in(window: MainWindow) -> None:
        window.entry.entered.emit(opened)

    def watch(window: MainWindow) -> None:
        window._idle._now = lambda: clock[0]
        window._idle.start(10)

    def wait(window: MainWindow) -> None:
        clock[0] += FOUR_MINUTES

    def press(window: MainWindow) -> None:
        QTest.keyClick(window, Qt.Key.Key_Shift)
        desks.append(window._idle.running)

    waited = [Scene(f"{number}", (wait,)) for number in range(3)]
    scenes = [Scene("today", (come_in, watch)), *waited, Scene("pressed", (press,))]
    taken = photograph(doors_of(clinic), scenes, tmp_path, ("light",))
    assert desks == [True]
    assert [path.stem for path in taken] == [f"{one.name}-light" for one in scenes]


def test_cycles_are_collected_in_the_thread_of_the_window_alone(
    qapp: QApplication, clinic: FakeClinic, tmp_path: Path
) -> None:
    """As in the program: in a lane, a widget would be taken apart where no Qt object may go."""
    automatic: list[bool] = []
    gc.enable()
    scene = Scene("sign-in", (lambda _: automatic.append(gc.isenabled()),))
    photograph(doors_of(clinic), [scene], tmp_path, ("light",))
    assert automatic == [False]
    assert gc.isenabled()
