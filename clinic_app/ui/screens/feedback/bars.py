"""Painted bars with their words: the figure stands beside each, a withheld one says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from clinic_app.ui.theme import current_palette, scaled

_ROW = 30
_BAR = 14


@dataclass(frozen=True, slots=True)
class Bar:
    """``share`` of the full length, 0 to 1, ``None`` where the figure is withheld."""

    words: str
    share: float | None
    figure: str


class Bars(QWidget):
    """Bars under each other; read out line by line."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, bars: Sequence[Bar]) -> None:
        self._bars = tuple(bars)
        told = "; ".join(f"{one.words}: {one.figure}" for one in bars)
        self.setAccessibleName(f"{self._name}: {told}")
        self.setVisible(bool(bars))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, scaled(_ROW) * max(1, len(self._bars)))

    def minimumSizeHint(self) -> QSize:
        return QSize(220, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, metrics = current_palette(), self.fontMetrics()
        widest = max((metrics.horizontalAdvance(one.words) for one in self._bars), default=0)
        words = min(widest + 2, self.width() // 2)  # an advance is rounded down
        figures = max((metrics.horizontalAdvance(one.figure) for one in self._bars), default=0)
        left, gap = words + scaled(12), scaled(10)
        full = max(self.width() - left - gap - figures, scaled(40))
        middle = Qt.AlignmentFlag.AlignVCenter
        for number, one in enumerate(self._bars):
            top = number * scaled(_ROW)
            line = QRectF(0, top, words, scaled(_ROW))
            painter.setPen(QColor(palette.text))
            text = metrics.elidedText(one.words, Qt.TextElideMode.ElideRight, words)
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignLeft, text)
            height = scaled(_BAR)
            box = QRectF(left, top + (scaled(_ROW) - height) / 2, full, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.sunken))
            painter.drawRoundedRect(box, 4, 4)
            if one.share is None:  # hatched, so that it is not taken for nothing
                painter.setPen(QPen(QColor(palette.border), 1))
                painter.setBrush(QBrush(QColor(palette.muted), Qt.BrushStyle.BDiagPattern))
                painter.drawRoundedRect(box, 4, 4)
            elif one.share > 0:
                painter.setBrush(QColor(palette.accent))
                box.setWidth(max(full * min(one.share, 1.0), 4))
                painter.drawRoundedRect(box, 4, 4)
            painter.setPen(QColor(palette.muted))
            place = QRectF(left + full + gap, top, figures + 2, scaled(_ROW))
            painter.drawText(place, middle | Qt.AlignmentFlag.AlignLeft, one.figure)
        painter.end()
