"""A check box that is drawn in the theme's colours: box, tick, words."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QCheckBox

from clinic_app.ui.theme import current_palette, scaled

_BOX = 20
_GAP = 10
_EDGE = 4


class Tick(QCheckBox):
    """Pressed by Space; a ring shows the keyboard's place."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        wide = 2 * _EDGE + scaled(_BOX) + _GAP + metrics.horizontalAdvance(self.text()) + _EDGE
        return QSize(wide, max(scaled(_BOX), metrics.height()) + 2 * _EDGE + 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = current_palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.5)
        side = scaled(_BOX)
        box = QRectF(_EDGE + 1, (self.height() - side) / 2, side, side)
        on = self.isChecked()
        painter.setPen(QPen(QColor(colours.accent if on else colours.muted), 1.6))
        painter.setBrush(QColor(colours.accent if on else colours.surface))
        painter.drawRoundedRect(box, 5, 5)
        if on:
            self._paint_tick(painter, box)
        words = QRectF(box.right() + _GAP, 0, self.width(), self.height())
        painter.setPen(QColor(colours.text))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.accent_strong), 2))
            painter.drawRoundedRect(box.adjusted(-3, -3, 3, 3), 7, 7)
        painter.end()

    def _paint_tick(self, painter: QPainter, box: QRectF) -> None:
        pen = QPen(QColor(current_palette().on_accent), 2.2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        at = [(0.26, 0.52), (0.44, 0.70), (0.76, 0.32)]
        points = [
            QPointF(box.left() + x * box.width(), box.top() + y * box.height()) for x, y in at
        ]
        painter.drawPolyline(QPolygonF(points))
