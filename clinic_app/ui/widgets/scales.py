"""Painted scales: the bands of a questionnaire, four probabilities, a percentage with interval.

Every mark has its word beside it and a pattern or shape of its own: colour only supports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from clinic_app.domain.finding import Band, probability_text
from clinic_app.ui.strings import BAND_LABELS, tr
from clinic_app.ui.theme import UNIT, current_palette

PATTERNS = {
    Band.NONE: Qt.BrushStyle.NoBrush,
    Band.MILD: Qt.BrushStyle.Dense6Pattern,
    Band.MODERATE: Qt.BrushStyle.BDiagPattern,
    Band.SEVERE: Qt.BrushStyle.SolidPattern,
}


def fill_band(painter: QPainter, box: QRectF, band: Band, radius: float = 3) -> None:
    """``box`` in the look of ``band``: outline, dots, hatching or solid."""
    palette = current_palette()
    strong = QColor(palette.accent_strong)
    painter.setPen(QPen(strong, 1.2))
    painter.setBrush(QColor(palette.accent_soft if band is not Band.NONE else palette.surface))
    painter.drawRoundedRect(box, radius, radius)
    if band is not Band.NONE:
        painter.setBrush(QBrush(strong, PATTERNS[band]))
        painter.drawRoundedRect(box, radius, radius)


class _Painted(QWidget):
    """What the scales share: a transparent widget of a height that follows the text size."""

    LINES = 1.0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(320, round(self.LINES * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(max(11, round(self.fontInfo().pixelSize() * 0.86)))
        return font


@dataclass(frozen=True, slots=True)
class ScaleBand:
    """``low`` to ``high`` inclusive, named."""

    low: int
    high: int
    name: str


class BandScale(_Painted):
    """A questionnaire's total on its scale, with the cut lines between the bands."""

    LINES = 3.6

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bands: tuple[ScaleBand, ...] = ()
        self._total: int | None = None

    def show_total(self, bands: Sequence[ScaleBand], total: int | None) -> None:
        self._bands, self._total = tuple(bands), total
        named = next((b.name for b in bands if total is not None and b.low <= total <= b.high), "")
        text = tr("No total") if total is None else f"{total}: {named}"
        self.setAccessibleName(tr("Position on the scale: {text}").format(text=text))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bands:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        bar = QRectF(1, line * 1.0, self.width() - 2, line * 0.8)
        for band in self._bands:
            self._paint_band(painter, bar, band)
        self._paint_cuts(painter, bar)
        if self._total is not None:
            self._paint_marker(painter, bar, self._total)
        painter.end()

    def _x(self, bar: QRectF, value: float) -> float:
        """``value`` on the scale, where each whole number owns one unit of the width."""
        low, high = self._bands[0].low - 0.5, self._bands[-1].high + 0.5
        return bar.left() + bar.width() * (value - low) / (high - low)

    def _holds(self, band: ScaleBand) -> bool:
        return self._total is not None and band.low <= self._total <= band.high

    def _paint_band(self, painter: QPainter, bar: QRectF, band: ScaleBand) -> None:
        palette = current_palette()
        left, right = self._x(bar, band.low - 0.5), self._x(bar, band.high + 0.5)
        box = QRectF(left, bar.top(), right - left, bar.height())
        holds = self._holds(band)
        painter.fillRect(box, QColor(palette.accent if holds else palette.sunken))
        font = self.small_font()
        font.setBold(holds)
        painter.setFont(font)
        painter.setPen(QColor(palette.text if holds else palette.muted))
        spare = 8 if band is not self._bands[0] else 0
        wide = right - left + 8 + spare
        under = QRectF(left - spare, bar.bottom() + 3, wide, self.height() - bar.bottom())
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        metrics = QFontMetrics(font)
        longest = max(metrics.horizontalAdvance(word) for word in band.name.split())
        # Where the name does not fit, its numbers do; the total's own name stands above in words.
        text = band.name if longest <= wide else f"{band.low}–{band.high}"
        painter.drawText(under, int(flags | Qt.TextFlag.TextWordWrap), text)

    def _paint_cuts(self, painter: QPainter, bar: QRectF) -> None:
        palette = current_palette()
        for band in self._bands[1:]:
            x = self._x(bar, band.low - 0.5)
            painter.setPen(QPen(QColor(palette.text), 1.5))
            painter.drawLine(QPointF(x, bar.top() - 3), QPointF(x, bar.bottom() + 3))

    def _paint_marker(self, painter: QPainter, bar: QRectF, total: int) -> None:
        palette = current_palette()
        x = self._x(bar, total)
        tip = bar.top() - 1
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.text))
        painter.drawPolygon(
            QPolygonF([QPointF(x, tip), QPointF(x - 7, tip - 10), QPointF(x + 7, tip - 10)])
        )


class ProbabilityBars(_Painted):
    """The four calibrated probabilities, each with its word, its pattern and its percentage."""

    LINES = 6.8

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: tuple[float, ...] = ()
        self._decided: Band | None = None

    def show_probabilities(self, values: Sequence[float], decided: Band | None) -> None:
        """``values`` for none, mild, moderate, severe; ``decided`` is printed bold."""
        self._values, self._decided = tuple(values), decided
        spoken = ", ".join(
            f"{tr(BAND_LABELS[band])} {probability_text(value)}"
            for band, value in zip(Band, values, strict=True)
        )
        self.setAccessibleName(tr("Probabilities: {spoken}").format(spoken=spoken))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._values:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = self.height() / 4
        metrics = self.fontMetrics()
        words = max(metrics.horizontalAdvance(tr(BAND_LABELS[band])) for band in Band) + 3 * UNIT
        figure = metrics.horizontalAdvance("> 99 %") + 2 * UNIT
        for band, value in zip(Band, self._values, strict=True):
            top = band * height
            painter.setFont(self._font_of(band))
            painter.setPen(QColor(current_palette().text))
            middle = int(Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(QRectF(0, top, words, height), middle, tr(BAND_LABELS[band]))
            track = QRectF(words, top + height * 0.2, self.width() - words - figure, height * 0.6)
            self._paint_bar(painter, track, band, value)
            painter.setPen(QColor(current_palette().text))
            right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            box = QRectF(self.width() - figure, top, figure, height)
            painter.drawText(box, right, probability_text(value))
        painter.end()

    def _font_of(self, band: Band) -> QFont:
        font = QFont(self.font())
        font.setBold(band is self._decided)
        return font

    def _paint_bar(self, painter: QPainter, track: QRectF, band: Band, value: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_palette().border))
        # A line, not a box: the bar of "none" is empty inside, and a grey box would look filled.
        painter.drawRect(QRectF(track.left(), track.center().y() - 1, track.width(), 2))
        width = track.width() * min(1.0, max(0.0, value))
        if width < 3:  # too thin for a pattern to be seen
            return
        fill_band(painter, QRectF(track.left(), track.top(), width, track.height()), band, 4)


class IntervalScale(_Painted):
    """A percentage from 0 to 100 as a dot, with its interval as a bar."""

    LINES = 2.4

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._percent: float | None = None
        self._interval = (0.0, 0.0)

    def show_percent(self, percent: float, interval: tuple[float, float]) -> None:
        self._percent, self._interval = percent, interval
        text = tr("{percent} %, interval {low} to {high} %").format(
            percent=round(percent), low=round(interval[0]), high=round(interval[1])
        )
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._percent is None:
            return
        palette = current_palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        track = QRectF(8, line * 0.45, self.width() - 16, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.border))
        painter.drawRoundedRect(track, 3, 3)
        low, high = (track.left() + track.width() * edge / 100 for edge in self._interval)
        painter.setBrush(QColor(palette.severity[1]))
        painter.drawRoundedRect(QRectF(low, track.top() - 2, high - low, 10), 5, 5)
        x = track.left() + track.width() * self._percent / 100
        painter.setBrush(QColor(palette.accent_strong))
        painter.setPen(QPen(QColor(palette.surface), 2))
        painter.drawEllipse(QPointF(x, track.center().y()), 8, 8)
        painter.setPen(QColor(palette.muted))
        painter.setFont(self.small_font())
        under = QRectF(0, track.bottom() + 7, self.width(), line)
        painter.drawText(under, int(Qt.AlignmentFlag.AlignLeft), "0 %")
        painter.drawText(under, int(Qt.AlignmentFlag.AlignHCenter), "50 %")
        painter.drawText(under, int(Qt.AlignmentFlag.AlignRight), "100 %")
        painter.end()


class BandMark(QWidget):
    """Four steps of rising height, as many filled as the band says: a shape beside the word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._band: Band | None = None
        self.setFixedSize(44, 32)

    def show_band(self, band: Band | None) -> None:
        """``None`` paints four empty steps ("cannot tell")."""
        self._band = band
        word = tr("cannot tell") if band is None else tr(BAND_LABELS[band])
        self.setAccessibleName(word)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = current_palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for step in Band:
            height = 8 + 8 * step
            box = QRectF(1 + step * 11, self.height() - height, 8, height - 1)
            if self._band is not None and step <= self._band:
                fill_band(painter, box, self._band, 2)
            else:
                painter.setPen(QPen(QColor(palette.border), 1.2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box, 2, 2)
        painter.end()
