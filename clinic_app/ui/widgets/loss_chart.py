"""Losses of a transfer over its steps, drawn as vectors on a logarithmic scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from clinic_app.ui.strings import tr
from clinic_app.ui.theme import current_palette, scaled

_MOST_POINTS = 600
"""More would be closer than the pixels of the chart; older ones are thinned out then."""


@dataclass(frozen=True, slots=True)
class LossPoint:
    step: int
    content: float
    style: float
    total: float


class LossChart(QWidget):
    """Three lines told apart by their dashes and the names at their ends, not by colour alone."""

    def __init__(self) -> None:
        super().__init__()
        self._points: list[LossPoint] = []
        self._steps = 1
        self._every = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Losses over the steps"))

    @property
    def points(self) -> tuple[LossPoint, ...]:
        return tuple(self._points)

    def begin(self, steps: int) -> None:
        """An empty chart for a transfer of so many steps."""
        self._points, self._steps, self._every = [], max(steps, 1), 1
        self.setAccessibleDescription("")
        self.update()

    def add(self, point: LossPoint) -> None:
        if self._points and point.step - self._points[-1].step < self._every:
            return
        self._points.append(point)
        if len(self._points) > _MOST_POINTS:
            self._every *= 2
            self._points = self._points[::2]
        words = tr("Step {step}: content {content}, style {style}, together {total}")
        self.setAccessibleDescription(
            words.format(
                step=point.step,
                content=f"{point.content:.3g}",
                style=f"{point.style:.3g}",
                total=f"{point.total:.3g}",
            )
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(scaled(420), scaled(150))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, scaled(150))

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = current_palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(scaled(46), scaled(8), 0, 0)
        box.setRight(self.width() - scaled(92))
        box.setBottom(self.height() - scaled(24))
        low, high = self._range()
        self._paint_scale(painter, box, low, high)
        if self._points:
            lines = (
                (tr("together"), [one.total for one in self._points], colours.text, _SOLID),
                (tr("style"), [one.style for one in self._points], colours.accent, _SOLID),
                (tr("content"), [one.content for one in self._points], colours.muted, _DASHED),
            )
            taken: list[float] = []
            for words, values, colour, dash in lines:
                spots = [
                    QPointF(self._x(box, one.step), _y(box, value, low, high))
                    for one, value in zip(self._points, values, strict=True)
                ]
                painter.setPen(QPen(QColor(colour), 2, dash))
                painter.drawPolyline(QPolygonF(spots))
                self._paint_name(painter, box, spots[-1], words, colour, taken)
        painter.end()

    def _paint_scale(self, painter: QPainter, box: QRectF, low: int, high: int) -> None:
        colours = current_palette()
        painter.setFont(self._font())
        for power in range(low, high + 1):
            y = _y(box, 10.0**power, low, high)
            painter.setPen(QPen(QColor(colours.border), 1))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(QColor(colours.muted))
            place = QRectF(0, y - scaled(8), box.left() - scaled(6), scaled(16))
            aligned = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, int(aligned), f"{10.0**power:g}")
        foot = QRectF(box.left(), box.bottom() + scaled(4), box.width(), scaled(16))
        painter.setPen(QColor(colours.muted))
        painter.drawText(foot, int(Qt.AlignmentFlag.AlignLeft), "0")
        painter.drawText(foot, int(Qt.AlignmentFlag.AlignRight), str(self._steps))
        painter.drawText(foot, int(Qt.AlignmentFlag.AlignHCenter), tr("Steps"))

    def _paint_name(
        self,
        painter: QPainter,
        box: QRectF,
        end: QPointF,
        words: str,
        colour: str,
        taken: list[float],
    ) -> None:
        """Beside the line's end, moved down where another name stands."""
        y = end.y()
        while any(abs(y - other) < scaled(15) for other in taken):
            y += scaled(3)
        taken.append(y)
        painter.setPen(QColor(colour))
        painter.setFont(self._font())
        place = QRectF(end.x() + scaled(6), y - scaled(8), scaled(86), scaled(16))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), words)

    def _range(self) -> tuple[int, int]:
        """Powers of ten around everything that is drawn."""
        values = [value for one in self._points for value in (one.content, one.style, one.total)]
        positive = [value for value in values if value > 0 and math.isfinite(value)]
        if not positive:
            return -2, 1
        low = math.floor(math.log10(min(positive)))
        high = math.ceil(math.log10(max(positive)))
        return max(low, high - 5), max(high, low + 1)

    def _x(self, box: QRectF, step: int) -> float:
        return box.left() + box.width() * step / self._steps

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(scaled(11))
        return font


_SOLID = Qt.PenStyle.SolidLine
_DASHED = Qt.PenStyle.DashLine


def _y(box: QRectF, value: float, low: int, high: int) -> float:
    power = math.log10(max(value, 10.0**low))
    share = (min(power, high) - low) / (high - low)
    return box.bottom() - box.height() * share
