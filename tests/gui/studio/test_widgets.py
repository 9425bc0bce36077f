"""What the studio draws itself: the chart of losses, sliders with values, blends in words."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from clinic_app.inference.style.settings import TransferSettings
from clinic_app.services.studio_data import TransferWish
from clinic_app.ui.language import speak
from clinic_app.ui.screens.studio.pictures import plain_name
from clinic_app.ui.screens.studio.transfer.settings import SettingsCard
from clinic_app.ui.screens.studio.words import (
    MEASUREMENT,
    TRANSFER,
    blend_words,
    made_with,
    waiting_words,
)
from clinic_app.ui.turns import Ahead
from clinic_app.ui.widgets.basics import scrolling
from clinic_app.ui.widgets.compare import CompareView
from clinic_app.ui.widgets.containers import FollowingColumns
from clinic_app.ui.widgets.dial import percent_dial
from clinic_app.ui.widgets.loss_chart import LossChart, LossPoint
from clinic_app.ui.widgets.progress import time_left_text


def test_a_long_transfer_is_thinned_out_and_keeps_its_beginning_and_its_newest_words(
    qtbot: QtBot,
) -> None:
    chart = LossChart()
    qtbot.addWidget(chart)
    chart.resize(500, 160)
    chart.begin(5000)
    for step in range(1, 5001):
        chart.add(LossPoint(step, 1 / step, 2 / step, 3 / step))
    assert 250 < len(chart.points) <= 601
    assert chart.points[0].step == 1
    assert chart.points[-1].step > 4980
    assert chart.accessibleDescription().startswith("Step 49")
    assert not chart.grab().isNull()


def test_losses_of_zero_and_without_end_are_drawn_too(qtbot: QtBot) -> None:
    chart = LossChart()
    qtbot.addWidget(chart)
    chart.begin(3)
    for step, loss in enumerate((0.0, float("inf"), 1e-30)):
        chart.add(LossPoint(step + 1, loss, loss, loss))
    assert not chart.grab().isNull()


def columns_in(qtbot: QtBot, main: int, side: int) -> tuple[QScrollArea, FollowingColumns]:
    """In a window of 900 x 400."""
    columns = FollowingColumns(break_at=500, side_width=200)
    for box, tall in ((columns.main_box, main), (columns.side_box, side)):
        filling = QWidget()
        filling.setFixedHeight(tall)
        box.addWidget(filling)
    area = scrolling(columns)
    qtbot.addWidget(area)
    area.resize(900, 400)
    area.show()
    qtbot.waitExposed(area)
    return area, columns


def top_of(area: QScrollArea, widget: QWidget) -> int:
    return widget.mapTo(area.viewport(), QPoint(0, 0)).y()


def test_what_is_worked_on_stays_in_view_beside_a_long_column(qtbot: QtBot) -> None:
    area, columns = columns_in(qtbot, 300, 2000)
    bar = area.verticalScrollBar()
    assert top_of(area, columns.main) == 0
    for place in (700, bar.maximum()):
        bar.setValue(place)
        assert 0 <= top_of(area, columns.main) <= 400 - 300
    columns.main_box.addWidget(QWidget())  # what makes the page anew leaves it where it is
    QApplication.processEvents()
    assert top_of(area, columns.main) >= 0
    bar.setValue(0)
    assert top_of(area, columns.main) == 0


def test_what_is_taller_than_the_window_is_scrolled_to_its_end_first(qtbot: QtBot) -> None:
    area, columns = columns_in(qtbot, 700, 2000)
    bar = area.verticalScrollBar()
    bar.setValue(200)
    assert top_of(area, columns.main) == -200
    bar.setValue(1200)
    assert 0 <= 400 - (top_of(area, columns.main) + 700) <= 32
    bar.setValue(1150)  # on the way back it is scrolled to its beginning first
    assert 0 <= 400 - (top_of(area, columns.main) + 700 - 50) <= 32
    area.ensureWidgetVisible(columns.main, 0, 0)
    first = QWidget(columns.main)  # what has the keyboard at its beginning can be brought into view
    area.ensureWidgetVisible(first, 0, 0)
    assert 0 <= top_of(area, first) < 400


def test_columns_under_each_other_do_not_move(qtbot: QtBot) -> None:
    area, columns = columns_in(qtbot, 300, 2000)
    area.resize(400, 400)
    QApplication.processEvents()
    area.verticalScrollBar().setValue(900)
    assert columns.stacked
    assert columns.main.y() == 0


def test_pictures_are_larger_in_a_taller_window(qtbot: QtBot) -> None:
    view = CompareView()
    view.keep_large(300)
    window = scrolling(view)
    qtbot.addWidget(window)
    window.resize(900, 500)
    window.show()
    qtbot.waitExposed(window)
    assert view.minimumHeight() == 300
    window.resize(1400, 1000)
    QApplication.processEvents()
    assert view.minimumHeight() == 450


def test_a_slider_says_its_value(qtbot: QtBot) -> None:
    dial = percent_dial("Strength", start=50)
    qtbot.addWidget(dial)
    assert (dial.value, dial.slider.accessibleDescription()) == (0.5, "50 %")
    with qtbot.waitSignal(dial.changed) as told:
        dial.slider.setValue(7)
    assert told.args == [0.35]


def test_a_blend_is_told_with_the_largest_share_first() -> None:
    assert blend_words({"ink": 0.2, "brush": 0.6, "own": 0.2}) == "Brush 60 %, Ink 20 %, own 20 %"
    assert blend_words({"ink": 2.0, "brush": 0.0}) == "Ink"


def test_the_time_that_is_left_is_said_as_everywhere_else() -> None:
    said = [time_left_text(one) for one in (0.2, 59, 59.6, 150)]
    assert said == [
        "about 1 s left",
        "about 59 s left",
        "about 1 min left",
        "about 2 min left",
    ]
    assert "ended, about 2 min left." in waiting_words(Ahead(MEASUREMENT, 150))
    assert waiting_words(Ahead(TRANSFER, None)).endswith("has ended.")


def test_what_nobody_has_set_is_the_same_in_the_window_and_in_the_engine(qtbot: QtBot) -> None:
    card = SettingsCard()
    qtbot.addWidget(card)
    usual = dataclasses.asdict(TransferSettings())
    del usual["seed"]
    assert dataclasses.asdict(card.wish()) == dataclasses.asdict(TransferWish()) == usual


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a/b", "a b"),
        ("../../etc/passwd", "etc passwd"),
        ("C:\\boat: 1?", "C boat 1"),
        ("Harbour\n ", "Harbour"),
        ("नाव", "नाव"),
        ("..", ""),
        ("/", ""),
    ],
)
def test_a_title_names_a_file_and_no_folder(title: str, name: str) -> None:
    assert plain_name(title) == name


def test_how_a_transfer_was_made_is_told_in_the_language_of_the_window() -> None:
    wish = TransferWish(style_weight=20.0)
    assert made_with("Ink", wish, 40) == "Ink; α 1, β 20, γ 40, 40 steps"
    speak("hi")
    try:
        assert made_with("Ink", wish, 40) == "Ink; α 1, β 20, γ 40, 40 कदम"
    finally:
        speak("en")
