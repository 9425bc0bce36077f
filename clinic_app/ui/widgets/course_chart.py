"""The course of several scales over one line of time, painted; each point can be reached by keys.

The questionnaires stand large; the estimate from the picture stands below them, smaller, without a
line between its points, each with its interval. A shape and a word go with every mark: colour only
supports. ``chosen`` tells what the chosen point says, for a line of text and for screen readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from clinic_app.domain.change import Direction
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import LOOK_CHANGES, current_palette, scaled
from clinic_app.ui.widgets.time_axis import time_ticks

_LANE, _LESSER_LANE = 196, 112
"""Heights in pixels at 100 % text size."""
_MARK_ABOVE = 12
"""How far above its point a change is marked that has no number, in the same pixels."""


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """``value`` is on the lane's scale; ``None`` where there is none (an abstention). ``spoken``
    says everything about the point; ``low`` and ``high`` are its interval. ``joined``: it compares
    with the point before it, to which a line leads."""

    at: datetime
    value: float | None
    label: str
    spoken: str
    low: float | None = None
    high: float | None = None
    change: Direction | None = None
    joined: bool = True


@dataclass(frozen=True, slots=True)
class Lane:
    """One scale, its points oldest first. ``levels`` are numbers at the left edge, ``bands`` names
    at the right, ``edges`` the lines between the bands. ``lesser`` draws it small and pale."""

    title: str
    maximum: float
    points: tuple[CoursePoint, ...]
    levels: tuple[float, ...] = ()
    edges: tuple[float, ...] = ()
    bands: tuple[tuple[float, str], ...] = ()
    lesser: bool = False


class CourseChart(QWidget):
    """Lanes below each other. Left and right go from point to point, up and down between lanes.

    Signals:
        chosen: what the chosen point says; empty when none is chosen.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lanes: tuple[Lane, ...] = ()
        self._lane, self._point = 0, -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Course over time"))

    def show_lanes(self, lanes: Sequence[Lane]) -> None:
        """Replace what is drawn; lanes without points are left out."""
        self._lanes = tuple(lane for lane in lanes if lane.points)
        self._lane, self._point = 0, -1
        counted = ", ".join(
            tr("{title}: {number} points").format(title=lane.title, number=len(lane.points))
            for lane in self._lanes
        )
        self.setAccessibleName(tr("Course over time. {counted}").format(counted=counted))
        self.setAccessibleDescription(tr("The arrow keys go from point to point."))
        self.updateGeometry()
        self.update()

    @property
    def current(self) -> CoursePoint | None:
        """The chosen point."""
        if not self._lanes or self._point < 0:
            return None
        return self._lanes[self._lane].points[self._point]

    def sizeHint(self) -> QSize:
        tall = sum(self._tall(lane) for lane in self._lanes)
        return QSize(640, tall + self._foot())

    def minimumSizeHint(self) -> QSize:
        return QSize(280, self.sizeHint().height())

    # --- keys and mouse ----------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        if event.key() in moves:
            self._move(*moves[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Home:
            self._choose(self._lane, 0)
        elif event.key() == Qt.Key.Key_End:
            self._choose(self._lane, len(self._points()) - 1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._point < 0 and self._lanes and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._choose(0, len(self._points()) - 1)  # the newest is what counts first
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose_near(event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose_near(event.position())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in LOOK_CHANGES:
            self.updateGeometry()
            self.update()

    def _move(self, lanes: int, points: int) -> None:
        if not self._lanes:
            return
        if lanes:
            before = self.current
            lane = min(max(self._lane + lanes, 0), len(self._lanes) - 1)
            rows = self._lanes[lane].points
            if before is None or lane == self._lane:
                return
            near = min(range(len(rows)), key=lambda row: abs(rows[row].at - before.at))
            self._choose(lane, near)
            return
        last = len(self._points()) - 1
        start = last + 1 if self._point < 0 and points < 0 else self._point
        self._choose(self._lane, min(max(start + points, 0), last))

    def _choose_near(self, at: QPointF) -> None:
        """The point under the hand, if one is near."""
        best: tuple[float, int, int] | None = None
        for number, lane in enumerate(self._lanes):
            box = self._box(number)
            for place, point in enumerate(lane.points):
                away = (self._spot(box, lane, point) - at).manhattanLength()
                if away < scaled(22) and (best is None or away < best[0]):
                    best = (away, number, place)
        if best is not None:
            self._choose(best[1], best[2])

    def _choose(self, lane: int, point: int) -> None:
        if not self._lanes or (lane, point) == (self._lane, self._point):
            return
        self._lane, self._point = lane, point
        chosen = self.current
        spoken = f"{self._lanes[lane].title}: {chosen.spoken}" if chosen is not None else ""
        self.setAccessibleDescription(spoken)
        QAccessible.updateAccessibility(
            QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
        )
        self.chosen.emit(spoken)
        self.update()

    def _points(self) -> tuple[CoursePoint, ...]:
        return self._lanes[self._lane].points if self._lanes else ()

    # --- geometry ----------------------------------------------------------------------------

    def _tall(self, lane: Lane) -> int:
        return scaled(_LESSER_LANE if lane.lesser else _LANE)

    def _foot(self) -> int:
        return self._small_metrics_height() + scaled(10)

    def _small_metrics_height(self) -> int:
        return scaled(16)

    def _box(self, number: int) -> QRectF:
        """Where the scale of a lane is drawn: below its title, between the gutters."""
        top = sum(self._tall(lane) for lane in self._lanes[:number])
        lane = self._lanes[number]
        head = scaled(26)
        left, right = scaled(34), scaled(132)
        tall = self._tall(lane) - head - scaled(12)
        return QRectF(left, top + head, max(self.width() - left - right, 40), tall)

    def _spot(self, box: QRectF, lane: Lane, point: CoursePoint) -> QPointF:
        """Where a point stands; one without a value stands on the floor."""
        return QPointF(self._x(box, point.at), self._y(box, lane, point.value or 0.0))

    def _x(self, box: QRectF, at: datetime) -> float:
        first, last = self._span()
        margin = scaled(18)
        share = 0.5 if last <= first else (at.timestamp() - first) / (last - first)
        return box.left() + margin + share * (box.width() - 2 * margin)

    def _y(self, box: QRectF, lane: Lane, value: float) -> float:
        return box.bottom() - box.height() * value / lane.maximum

    def _span(self) -> tuple[float, float]:
        moments = [point.at.timestamp() for lane in self._lanes for point in lane.points]
        return min(moments), max(moments)

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._lanes:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, lane in enumerate(self._lanes):
            box = self._box(number)
            self._paint_scale(painter, box, lane)
            self._paint_points(painter, box, lane)
        self._paint_time(painter, self._box(len(self._lanes) - 1))
        self._paint_choice(painter)
        painter.end()

    def _paint_scale(self, painter: QPainter, box: QRectF, lane: Lane) -> None:
        colours = current_palette()
        painter.setFont(self._font(13 if not lane.lesser else 12, bold=not lane.lesser))
        painter.setPen(QColor(colours.muted if lane.lesser else colours.text))
        head = QRectF(box.left() - scaled(30), box.top() - scaled(26), self.width(), scaled(20))
        painter.drawText(head, int(Qt.AlignmentFlag.AlignVCenter), lane.title)
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.setPen(QPen(QColor(colours.border), 1, Qt.PenStyle.DashLine))
        for edge in lane.edges:
            y = self._y(box, lane, edge)
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        painter.setFont(self._font(11))
        painter.setPen(QColor(colours.muted))
        line = self._small_metrics_height()
        for level in lane.levels:
            y = self._y(box, lane, level)
            place = QRectF(0, y - line / 2, box.left() - scaled(6), line)
            aligned = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, int(aligned), f"{level:g}")
        for middle, words in lane.bands:
            y = self._y(box, lane, middle)
            place = QRectF(box.right() + scaled(8), y - line / 2, scaled(124), line)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), words)

    def _paint_points(self, painter: QPainter, box: QRectF, lane: Lane) -> None:
        colours = current_palette()
        spots = [self._spot(box, lane, point) for point in lane.points]
        if not lane.lesser and len(spots) > 1:
            painter.setPen(QPen(QColor(colours.accent), 2))
            for before, spot, point in zip(spots, spots[1:], lane.points[1:], strict=False):
                if point.joined:
                    painter.drawLine(before, spot)
        labelled = _room_for_labels(spots, lane.points, scaled(30))
        for spot, point in zip(spots, lane.points, strict=True):
            if lane.lesser:
                self._paint_estimate(painter, box, lane, spot, point)
            else:
                self._paint_total(painter, spot)
        if lane.lesser:
            return
        for place, (spot, point) in enumerate(zip(spots, lane.points, strict=True)):
            if place in labelled:  # after all points: none of them covers a number
                self._paint_label(painter, box, spot, point)
            elif point.change is not None:  # no room for its number: the mark stays
                self._paint_change(painter, spot - QPointF(0, scaled(_MARK_ABOVE)), point.change)

    def _paint_total(self, painter: QPainter, spot: QPointF) -> None:
        colours = current_palette()
        painter.setPen(QPen(QColor(colours.surface), 2))
        painter.setBrush(QColor(colours.accent))
        radius = scaled(5)
        painter.drawEllipse(spot, radius, radius)

    def _paint_label(
        self, painter: QPainter, box: QRectF, spot: QPointF, point: CoursePoint
    ) -> None:
        colours = current_palette()
        line, wide = self._small_metrics_height(), scaled(72)
        above = spot.y() - line - scaled(7)
        top = above if above > box.top() - scaled(8) else spot.y() + scaled(7)
        painter.setFont(self._font(12, bold=True))
        painter.setPen(QColor(colours.text))
        text = point.label
        painter.drawText(
            QRectF(spot.x() - wide / 2, top, wide, line), int(Qt.AlignmentFlag.AlignCenter), text
        )
        if point.change is not None:
            half = painter.fontMetrics().horizontalAdvance(text) / 2 + scaled(9)
            self._paint_change(painter, QPointF(spot.x() + half, top + line / 2), point.change)

    def _paint_change(self, painter: QPainter, at: QPointF, change: Direction) -> None:
        """A triangle: down for fewer symptoms, up for more."""
        side = scaled(5) * (1 if change is Direction.IMPROVED else -1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_palette().text))
        corners = [QPointF(-side, -side * 0.8), QPointF(side, -side * 0.8), QPointF(0, side)]
        painter.drawPolygon(QPolygonF([at + corner for corner in corners]))

    def _paint_estimate(
        self, painter: QPainter, box: QRectF, lane: Lane, spot: QPointF, point: CoursePoint
    ) -> None:
        """A hollow diamond with its interval; a cross on the floor where there is no reading."""
        pale = QColor(current_palette().muted)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(pale, 1.4))
        arm = scaled(4)
        if point.value is None:
            painter.drawLine(spot + QPointF(-arm, -arm), spot + QPointF(arm, arm))
            painter.drawLine(spot + QPointF(-arm, arm), spot + QPointF(arm, -arm))
            return
        if point.low is not None and point.high is not None:
            low, high = self._y(box, lane, point.low), self._y(box, lane, point.high)
            painter.drawLine(QPointF(spot.x(), low), QPointF(spot.x(), high))
            for y in (low, high):
                painter.drawLine(QPointF(spot.x() - arm, y), QPointF(spot.x() + arm, y))
        painter.setBrush(QColor(current_palette().surface))
        side = scaled(5)
        ends = [QPointF(0, -side), QPointF(side, 0), QPointF(0, side), QPointF(-side, 0)]
        painter.drawPolygon(QPolygonF([spot + end for end in ends]))

    def _paint_time(self, painter: QPainter, box: QRectF) -> None:
        moments = sorted({point.at for lane in self._lanes for point in lane.points})
        painter.setFont(self._font(11))
        painter.setPen(QColor(current_palette().muted))
        wide, line = scaled(92), self._small_metrics_height()
        for at, words in time_ticks(moments, max(int(box.width() / wide), 1)):
            left = min(max(self._x(box, at) - wide / 2, 0), self.width() - wide)
            place = QRectF(left, box.bottom() + scaled(8), wide, line)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), words)

    def _paint_choice(self, painter: QPainter) -> None:
        chosen = self.current
        if chosen is not None:
            box = self._box(self._lane)
            spot = self._spot(box, self._lanes[self._lane], chosen)
            painter.setPen(QPen(QColor(current_palette().text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(spot, scaled(9), scaled(9))
        if self.hasFocus():
            painter.setPen(QPen(QColor(current_palette().accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _font(self, pixels: int, *, bold: bool = False) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(scaled(pixels))
        font.setBold(bold)
        return font


def _room_for_labels(
    spots: Sequence[QPointF], points: Sequence[CoursePoint], apart: float
) -> set[int]:
    """Which points carry their number: the newest, reliable changes, then whatever has room."""
    last = len(points) - 1
    wanted = [last, *(place for place, one in enumerate(points) if one.change is not None)]
    kept: set[int] = set()
    for place in [*wanted, *range(last)]:
        if all(abs(spots[place].x() - spots[one].x()) >= apart for one in kept):
            kept.add(place)
    return kept
