"""The signed-in desk around the screening screen: on fakes, or on the real store and models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from clinic_app.app import open_front_door
from clinic_app.domain.consent import Purpose
from clinic_app.domain.people import Patient
from clinic_app.paths import RESOURCES
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.patients import NewPatient
from clinic_app.ui.jobs import JobRunner
from clinic_app.ui.screens.screening.view import ScreeningScreen
from clinic_app.ui.shell.desk import Desk
from clinic_app.ui.shell.notices import NoticeBoard
from clinic_app.ui.theme import LIGHT, apply_theme
from clinic_app.ui.widgets.basics import column
from tests.fakes.clinic import PASSWORD, FakeClinic, set_up_answers
from tests.fakes.reader import PlayedReader

WAIT_MS = 30_000


@dataclass
class Window:
    """A desk in a window of the smallest supported size, driven as a person drives it."""

    qtbot: QtBot
    page: QWidget
    desk: Desk
    jobs: JobRunner
    services: ClinicServices

    def open(self, draft_id: UUID) -> ScreeningScreen:
        self.desk.show_screening(draft_id)
        self.until(lambda: self.screen.presenter.step is not None)
        self.settle()
        return self.screen

    @property
    def screen(self) -> ScreeningScreen:
        shown = self.desk.present
        assert isinstance(shown, ScreeningScreen)
        return shown

    def until(self, is_so: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(is_so, timeout=WAIT_MS)

    def settle(self) -> None:
        """Wait until the store has answered everything."""
        self.until(lambda: not self.jobs.busy)

    def click(self, button: QWidget) -> None:
        assert button.isVisibleTo(self.page), "the button is not in view"
        assert button.isEnabled(), "the button cannot be pressed"
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle()

    def keys(self, widget: QWidget, keys: str) -> None:
        for key in keys:
            QTest.keyClicks(widget, key)
            self.settle()

    def take_back(self, password: str = PASSWORD) -> None:
        """Type the staff password into the sheet that asks for it."""
        self.until(lambda: self.desk.sheet is not None)
        sheet = self.desk.sheet
        assert sheet is not None
        field = sheet.findChild(QLineEdit)
        assert field is not None
        QTest.keyClicks(field, password)
        QTest.keyClick(field, Qt.Key.Key_Return)
        self.until(lambda: self.desk.sheet is not sheet)
        self.settle()


def _window(qtbot: QtBot, front_door: FrontDoor, services: ClinicServices) -> Iterator[Window]:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, LIGHT)
    page = QWidget()
    page.resize(1280, 800)
    jobs = JobRunner()
    notices = NoticeBoard(page)
    desk = Desk(services, services.clinic.profile(), jobs, notices)
    column(page).addWidget(desk)
    qtbot.addWidget(page)
    page.show()
    made = Window(qtbot, page, desk, jobs, services)
    yield made
    loops = [screen.capture.camera for screen in desk.findChildren(ScreeningScreen)]
    desk.close_down()
    made.until(lambda: not any(loop.running for loop in loops))
    made.settle()
    jobs.close()


@pytest.fixture
def reader() -> PlayedReader:
    return PlayedReader()


@pytest.fixture
def clinic(reader: PlayedReader) -> FakeClinic:
    return FakeClinic(reader=reader)


@pytest.fixture
def window(qtbot: QtBot, clinic: FakeClinic) -> Iterator[Window]:
    """On the in-memory store, with a camera that plays frames."""
    yield from _window(qtbot, clinic.front_door, clinic.services)


@pytest.fixture
def patient(clinic: FakeClinic) -> Patient:
    """Somebody who has agreed to a picture but not to keeping it."""
    return clinic.add_patient()


@dataclass
class RealClinic:
    """An encrypted store in a folder of its own, with the shipped models and renderer."""

    folder: Path
    front_door: FrontDoor
    services: ClinicServices

    def add_patient(self, consent: tuple[Purpose, ...] = ()) -> Patient:
        patient = self.services.patients.register(NewPatient("Okafor", "Chidi", date(1990, 5, 17)))
        if consent:
            self.services.consents.record(patient.id, dict.fromkeys(consent, True))
        return patient


@pytest.fixture
def real_clinic(tmp_path: Path) -> Iterator[RealClinic]:
    folder = tmp_path / "store"
    front_door = open_front_door(folder)
    services = front_door.set_up(set_up_answers()).services
    yield RealClinic(folder, front_door, services)
    front_door.close()


@pytest.fixture
def real_window(qtbot: QtBot, real_clinic: RealClinic) -> Iterator[Window]:
    yield from _window(qtbot, real_clinic.front_door, real_clinic.services)


@pytest.fixture
def recorded_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample portrait as a camera would see it: a little movement from frame to frame."""
    folder = tmp_path / "frames"
    folder.mkdir()
    portrait = QImage(str(RESOURCES / "samples" / "astronaut.png"))
    for number, (shift, zoom) in enumerate(((0, 2.4), (1, 2.4), (1, 2.405), (0, 2.4))):
        _frame(portrait, shift, zoom).save(str(folder / f"{number:02}.png"))
    monkeypatch.setenv("CLINIC_APP_FAKE_CAMERA", str(folder))
    return folder


def _frame(portrait: QImage, shift: int, zoom: float) -> QImage:
    """1280x720 with the face (at 222, 110 in the sample) in the middle."""
    frame = QImage(1280, 720, QImage.Format.Format_RGB32)
    frame.fill(Qt.GlobalColor.lightGray)
    painter = QPainter(frame)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.translate(640 - 222 * zoom + shift, 340 - 110 * zoom)
    painter.scale(zoom, zoom)
    painter.drawImage(0, 0, portrait)
    painter.end()
    return frame
