"""The hands on a laptop that a patient holds, and what has to be so there at any time."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from clinic_app.services.session import SessionState
from clinic_app.ui.screens.patient_home.view import PatientHomeScreen
from tests.fakes.clinic import PASSWORD
from tests.gui.conftest import Driver

SOMEBODY_ELSE = "Quimby"


def still_home(driver: Driver) -> PatientHomeScreen:
    """The patient's pages, the session handed over, nothing around or over them."""
    screen = driver.desk.present
    assert isinstance(screen, PatientHomeScreen)
    services = driver.window._services
    assert services is not None
    assert services.session.state is SessionState.HANDED_OVER
    assert not driver.desk.navigation.isVisible()
    assert not driver.desk.header.isVisible()
    assert SOMEBODY_ELSE not in driver.words()
    return screen


def take_back(driver: Driver, password: str = PASSWORD) -> None:
    sheet = driver.sheet
    field = sheet.findChild(QLineEdit)
    driver.type(field, password)
    driver.press(Qt.Key.Key_Return, field)


def answer_all(driver: Driver, home: PatientHomeScreen, value: int) -> None:
    for _ in range(40):
        if home._stack.currentWidget() is not home.questions:
            return
        if home.questions.calm:
            return
        driver.press(Qt.Key(Qt.Key.Key_1 + value), home.questions)
        driver.press(Qt.Key.Key_Return, home.questions)
