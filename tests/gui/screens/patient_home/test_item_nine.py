"""A laptop in a patient's hands: item 9 ends calmly and brings staff, whatever comes between."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.patient_home.view import PatientHomeScreen
from tests.gui.conftest import Driver
from tests.gui.screens.patient_home.hands import still_home, take_back


def test_item_nine_ends_calmly_and_alerts_the_staff(
    inside: Driver, home: PatientHomeScreen
) -> None:
    inside.click("Questions about how you are")
    for _ in range(8):
        inside.press(Qt.Key.Key_1, home.questions)
        inside.press(Qt.Key.Key_Return, home.questions)
    inside.press(Qt.Key.Key_3, home.questions)
    inside.press(Qt.Key.Key_Return, home.questions)
    words = inside.words()
    assert "Somebody will take a moment to talk with you." in words
    assert "safety" not in words.lower()
    inside.window.lock()
    inside.settle()
    inside.unlock()
    assert "Somebody will take a moment to talk with you." in inside.words()
    inside.click("I am staff: take the laptop back")
    take_back(inside)
    sheet = inside.sheet
    assert not sheet.dismissible
    assert isinstance(inside.desk.present, PatientScreen)


@pytest.mark.parametrize("changed", [False, True])
def test_a_lock_before_the_next_question_still_ends_calmly(
    inside: Driver, home: PatientHomeScreen, changed: bool
) -> None:
    inside.click("Questions about how you are")
    for _ in range(8):
        inside.press(Qt.Key.Key_1, home.questions)
        inside.press(Qt.Key.Key_Return, home.questions)
    inside.press(Qt.Key.Key_3, home.questions)
    if changed:
        inside.press(Qt.Key.Key_1, home.questions)
    for _ in range(2):
        inside.window.lock()
        inside.settle()
        inside.unlock()
        assert "Somebody will take a moment to talk with you." in inside.words()
        assert "Hello" not in inside.words()
    still_home(inside)
    inside.click("I am staff: take the laptop back")
    take_back(inside)
    assert inside.desk.sheet is not None
    assert not inside.desk.sheet.dismissible


def test_no_answer_under_way_covers_the_request_to_hand_the_laptop_back(
    inside: Driver, home: PatientHomeScreen
) -> None:
    inside.click("Questions about how you are")
    for _ in range(8):
        inside.press(Qt.Key.Key_1, home.questions)
        inside.press(Qt.Key.Key_Return, home.questions)
    inside.press(Qt.Key.Key_2, home.questions)
    inside.press(Qt.Key.Key_Return, home.questions)
    for late in (
        home.presenter.look,
        home.presenter.open_results,
        home.presenter.open_appointments,
    ):
        late()
        inside.settle()
        assert "Somebody will take a moment to talk with you." in inside.words()
