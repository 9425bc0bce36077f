"""What the studio draws itself: the chart of losses, sliders with values, blends in words."""

from __future__ import annotations

import dataclasses

import pytest
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
