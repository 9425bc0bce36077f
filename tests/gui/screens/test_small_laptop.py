"""What a laptop of 1280 x 800 shows without a scroll bar, a cut word or a crooked edge."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from clinic_app.ui.screens.models.view import ModelsScreen
from clinic_app.ui.screens.patients.view import PatientsScreen
from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.choices import ChoiceRow
from tests.gui.conftest import Driver


def test_the_hours_of_a_week_fit_into_their_sheet(inside: Driver) -> None:
    inside.desk.go_to("appointments")
    inside.settle()
    inside.click("Hours and absences…")
    inside.settle()
    area = inside.sheet.findChild(QScrollArea)
    assert area is not None
    assert area.verticalScrollBar().maximum() == 0
    assert area.mapTo(inside.desk, QPoint()).y() >= UNIT


def test_the_list_of_keys_fits_into_its_sheet(inside: Driver) -> None:
    inside.press(Qt.Key.Key_F1)
    area = inside.sheet.findChild(QScrollArea)
    assert area is not None
    assert area.verticalScrollBar().maximum() == 0


def test_a_table_keeps_the_round_corners_of_its_frame(inside: Driver) -> None:
    inside.clinic.add_patient()
    inside.desk.go_to("patients")
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, PatientsScreen)
    drawn = screen.table.grab().toImage()
    right, bottom = drawn.width() - 2, drawn.height() - 2
    outside = drawn.pixelColor(1, bottom)
    assert drawn.pixelColor(1, 1) == drawn.pixelColor(right, 1) == outside


def test_a_card_of_a_model_scrolls_with_its_page_alone(inside: Driver) -> None:
    inside.desk.go_to("models")
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, ModelsScreen)
    assert screen.text.verticalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    assert screen.text.verticalScrollBar().maximum() == 0


@pytest.mark.parametrize(("beside", "lines"), [(5, [5]), (4, [2, 3]), (3, [2, 3]), (2, [1, 2, 2])])
def test_answers_that_need_more_lines_are_shared_between_them(
    qtbot: QtBot, inside: Driver, beside: int, lines: list[int]
) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    answers = ChoiceRow(["None", "Mild", "Moderate", "Severe", "Cannot tell"], lambda _: None)
    answers.setParent(holder)
    answers.resize(answers._widest() * beside + UNIT * (beside - 1) + 2, 300)
    holder.resize(answers.size())
    holder.show()
    qtbot.waitUntil(lambda: sorted(Counter(one.y() for one in answers.buttons).values()) == lines)
