"""The painted widgets: moved by keys, told by words, and told apart without colour."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_app.domain.finding import ActivationMap, Band
from clinic_app.ui.widgets.compare import CompareView
from clinic_app.ui.widgets.heatmap import HeatmapPanel, map_image
from clinic_app.ui.widgets.scales import (
    BandMark,
    BandScale,
    IntervalScale,
    ProbabilityBars,
    ScaleBand,
    fill_band,
)
from clinic_app.ui.widgets.tick import Tick

BANDS = (ScaleBand(0, 4, "minimal"), ScaleBand(5, 9, "mild"), ScaleBand(10, 21, "more"))


def _plain(colour: str) -> QImage:
    image = QImage(32, 32, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


def test_the_divider_moves_by_keys_and_by_mouse(qtbot: QtBot) -> None:
    view = CompareView()
    qtbot.addWidget(view)
    view.resize(300, 300)
    view.show_pictures(_plain("red"), _plain("blue"))
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.place == pytest.approx(0.55)
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.place == 0.0
    assert view.accessibleDescription() == "0 % as taken"
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.place == 0.0
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPointF(225, 100).toPoint())
    assert view.place == pytest.approx(0.75)


def test_left_of_the_divider_is_the_picture_as_taken(qtbot: QtBot) -> None:
    view = CompareView()
    qtbot.addWidget(view)
    view.resize(300, 300)
    view.show_pictures(_plain("red"), _plain("blue"))
    image = view.grab().toImage()
    assert image.pixelColor(60, 60).red() > 200
    assert image.pixelColor(240, 60).blue() > 200


def test_the_map_is_as_opaque_as_the_activation() -> None:
    image = map_image(ActivationMap(2, 1, (0.0, 1.0)), QColor("#206070"))
    assert image.pixelColor(0, 0).alpha() == 0
    assert image.pixelColor(1, 0).getRgb() == (0x20, 0x60, 0x70, 255)


def test_the_opacity_slider_changes_the_picture(qtbot: QtBot) -> None:
    panel = HeatmapPanel()
    qtbot.addWidget(panel)
    panel.resize(700, 320)
    panel.show_map(_plain("white"), ActivationMap(1, 1, (1.0,)))
    panel.slider.setValue(0)
    without = panel.grab().toImage()
    panel.slider.setValue(100)
    assert panel.grab().toImage() != without


def test_the_scale_says_where_the_total_lies(qtbot: QtBot) -> None:
    scale = BandScale()
    qtbot.addWidget(scale)
    scale.resize(400, 60)
    scale.show_total(BANDS, 7)
    assert scale.accessibleName() == "Position on the scale: 7: mild"
    seven = scale.grab().toImage()
    scale.show_total(BANDS, 12)
    assert scale.grab().toImage() != seven
    scale.show_total(BANDS, None)
    assert scale.accessibleName() == "Position on the scale: No total"


def test_every_band_has_a_pattern_of_its_own_without_colour(qtbot: QtBot) -> None:
    greys: list[bytes] = []
    for band in Band:
        image = QImage(40, 20, QImage.Format.Format_RGB32)
        image.fill(QColor("white"))
        painter = QPainter(image)
        fill_band(painter, QRectF(1, 1, 38, 18), band)
        painter.end()
        bits = image.convertToFormat(QImage.Format.Format_Mono)
        greys.append(bytes(bits.constBits()))
    assert len(set(greys)) == len(Band)


def test_probabilities_are_told_in_words(qtbot: QtBot) -> None:
    bars = ProbabilityBars()
    qtbot.addWidget(bars)
    bars.show_probabilities((0.2, 0.6, 0.15, 0.05), Band.MILD)
    assert bars.accessibleName() == "Probabilities: none 20 %, mild 60 %, moderate 15 %, severe 5 %"


def test_percent_and_mark_are_told_in_words(qtbot: QtBot) -> None:
    interval, mark = IntervalScale(), BandMark()
    qtbot.addWidget(interval)
    qtbot.addWidget(mark)
    interval.show_percent(35.2, (23.1, 47.4))
    assert interval.accessibleName() == "35 %, interval 23 to 47 %"
    mark.show_band(None)
    empty = mark.grab().toImage()
    assert mark.accessibleName() == "cannot tell"
    mark.show_band(Band.MODERATE)
    assert mark.accessibleName() == "moderate"
    assert mark.grab().toImage() != empty


def test_a_tick_turns_by_space_and_shows_it(qtbot: QtBot) -> None:
    tick = Tick("Flag for the doctor")
    qtbot.addWidget(tick)
    off = tick.grab().toImage()
    QTest.keyClick(tick, Qt.Key.Key_Space)
    assert tick.isChecked()
    assert tick.grab().toImage() != off
