"""What is drawn of a course: lines only between totals that compare, and every reliable change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from clinic_app.domain.change import Direction
from clinic_app.ui.theme import current_palette
from clinic_app.ui.widgets.course_chart import CourseChart, CoursePoint, Lane
from tests.fakes.clock import START


@pytest.mark.parametrize("joined", [True, False])
def test_a_line_leads_only_between_totals_that_compare(qtbot: QtBot, joined: bool) -> None:
    at = (START, START + timedelta(days=30))
    first, second = (CoursePoint(one, 10.0, "10", "") for one in at)
    lane = Lane("PHQ-9", 27, (first, replace(second, joined=joined)))
    chart = CourseChart()
    qtbot.addWidget(chart)
    chart.resize(640, 260)
    chart.show_lanes((lane,))
    box = chart._box(0)
    ends = [chart._spot(box, lane, one) for one in lane.points]
    middle = ((ends[0] + ends[1]) / 2).toPoint()
    line, seen = QColor(current_palette().accent), chart.grab().toImage()
    near = [seen.pixelColor(middle.x(), middle.y() + by) for by in (-1, 0, 1)]
    assert (line in near) is joined


def test_every_reliable_change_is_marked_however_many_there_are(qtbot: QtBot) -> None:
    points = tuple(
        CoursePoint(
            START + timedelta(days=7 * place),
            4.0 + 16 * (place % 2),
            "",
            "",
            change=(Direction.IMPROVED, Direction.WORSENED)[place % 2] if place else None,
        )
        for place in range(40)
    )
    lane = Lane("PHQ-9", 27, points)
    chart = CourseChart()
    qtbot.addWidget(chart)
    chart.resize(640, 260)
    chart.show_lanes((lane,))
    box, seen = chart._box(0), chart.grab().toImage()
    inked = QColor(current_palette().text)
    for point in points[1:]:
        spot = chart._spot(box, lane, point).toPoint()
        around = (
            seen.pixelColor(x, y)
            for x in range(spot.x() - 2, min(spot.x() + 16, seen.width()))
            for y in range(max(spot.y() - 30, 0), spot.y() - 6)
        )
        assert inked in around, point.at
