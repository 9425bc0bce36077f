"""What the studio draws itself: the chart of losses, sliders with values, blends in words."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from clinic_app.ui.screens.studio.words import blend_words, left_words
from clinic_app.ui.widgets.dial import percent_dial
from clinic_app.ui.widgets.loss_chart import LossChart, LossPoint


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
    assert (left_words(0.2), left_words(59), left_words(150)) == (
        "about 1 s left",
        "about 59 s left",
        "about 2 min left",
    )
