"""An on/off switch; to screen readers it is a check box."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from clinic_app.ui.theme import current_palette, scaled


class Switch(QCheckBox):
    """``name`` is what screen readers say; the state is also told by the knob's position."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(scaled(46), scaled(28))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = current_palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tall, wide = scaled(22), scaled(40)
        track = QRectF((self.width() - wide) / 2, (self.height() - tall) / 2, wide, tall)
        on = self.isChecked()
        painter.setPen(QPen(QColor(colours.accent if on else colours.muted), 1.5))
        painter.setBrush(QColor(colours.accent if on else colours.sunken))
        if not self.isEnabled():
            painter.setOpacity(0.5)
        painter.drawRoundedRect(track, tall / 2, tall / 2)
        knob = tall - 8
        left = track.right() - knob - 4 if on else track.left() + 4
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.on_accent if on else colours.muted))
        painter.drawEllipse(QRectF(left, track.top() + 4, knob, knob))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.accent_strong), 2))
            ring = track.adjusted(-3, -3, 3, 3)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        painter.end()
