"""The course of one scale over time, with the lines between its bands.

The plotting library takes a moment to load: ``prepare`` does that away from the window's thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QWidget

from clinic_app.domain.questionnaires import Instrument
from clinic_app.ui.moments import MONTHS, day_text
from clinic_app.ui.theme import LOOK_CHANGES, current_palette, look, scaled
from clinic_app.ui.widgets.basics import clear, column

_HEIGHT = 190
_DAY = 86_400.0
_YEAR = 330.0
"""Days after which the year has to be named."""


def prepare() -> None:
    """Load the plotting library."""
    import pyqtgraph  # noqa: F401 - for its effect


def band_edges(instrument: Instrument) -> list[float]:
    """Where one band ends and the next begins: half a point below each band but the first."""
    return [band.low - 0.5 for band in instrument.bands[1:]]


def trend_words(scale: str, points: Sequence[tuple[datetime, int]]) -> str:
    """The same as the picture, for those who do not see it."""
    told = "; ".join(f"{day_text(at.astimezone().date())}: {total}" for at, total in points)
    return f"{scale}: {told}"


class Trend(QWidget):
    """``points`` are (moment, total), oldest first, at least two."""

    def __init__(self, instrument: Instrument, points: Sequence[tuple[datetime, int]]) -> None:
        super().__init__()
        self._instrument = instrument
        self._points = points
        self._drawn: tuple[str, int] | None = None
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._draw_again)
        self.setAccessibleName(trend_words(instrument.title, points))
        self.setFixedHeight(scaled(_HEIGHT))
        self._box = column(self)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in LOOK_CHANGES and self._drawn and self._drawn != look():
            self._drawn = look()
            self._again.start()  # a change of look is heard many times; one drawing is enough

    def _draw_again(self) -> None:
        clear(self._box)
        self.setFixedHeight(scaled(_HEIGHT))
        self._draw()

    def _draw(self) -> None:
        import pyqtgraph

        self._drawn = look()
        colours = current_palette()
        plot = pyqtgraph.PlotWidget(background=QColor(colours.surface))
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setMouseEnabled(False, False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setFrameShape(plot.Shape.NoFrame)
        days = [at.timestamp() / _DAY for at, _ in self._points]
        totals = [total for _, total in self._points]
        span = max(days[-1] - days[0], 1.0)
        plot.setYRange(0, self._instrument.maximum, padding=0.04)
        plot.setXRange(days[0] - 0.16 * span, days[-1] + 0.12 * span, padding=0)
        small = QFont(self.font())
        small.setPixelSize(scaled(11))
        plot.showAxis("right")
        for name in ("bottom", "left", "right"):
            axis = plot.getAxis(name)
            axis.setPen(QColor(colours.surface if name == "right" else colours.border))
            axis.setTextPen(QColor(colours.muted))
            axis.setStyle(tickFont=small, tickLength=0, hideOverlappingLabels=False)
        plot.getAxis("bottom").setTicks([_ticks(days, self._points)])
        plot.getAxis("left").setTicks([_levels(self._instrument)])
        plot.getAxis("right").setTicks([_band_names(self._instrument)])
        self._draw_edges(pyqtgraph, plot)
        pen = pyqtgraph.mkPen(QColor(colours.accent), width=2)
        plot.plot(
            days,
            totals,
            pen=pen,
            symbol="o",
            symbolSize=scaled(9),
            symbolBrush=QColor(colours.accent),
            symbolPen=pyqtgraph.mkPen(QColor(colours.surface), width=2),
        )
        for day, total in zip(days, totals, strict=True):
            value = pyqtgraph.TextItem(str(total), color=QColor(colours.text), anchor=(0.5, 1.25))
            bold = QFont(small)
            bold.setBold(True)
            value.setFont(bold)
            value.setPos(day, total)
            plot.addItem(value)
        self._box.addWidget(plot)

    def _draw_edges(self, pyqtgraph: Any, plot: Any) -> None:
        pen = pyqtgraph.mkPen(QColor(current_palette().border), width=1, style=Qt.PenStyle.DashLine)
        for edge in band_edges(self._instrument):
            plot.addItem(pyqtgraph.InfiniteLine(edge, angle=0, pen=pen))


def _ticks(
    days: Sequence[float], points: Sequence[tuple[datetime, int]]
) -> list[tuple[float, str]]:
    """First and last date and at most two between, never on top of each other."""
    span = days[-1] - days[0]
    kept = [0]
    for index in range(1, len(days)):
        last = index == len(days) - 1
        room_before = days[index] - days[kept[-1]] > span / 4
        room_after = last or days[-1] - days[index] > span / 4
        if room_before and room_after:
            kept.append(index)
    if kept[-1] != len(days) - 1:
        kept.append(len(days) - 1)
    return [(days[index], _tick(points[index][0], span)) for index in kept]


def _tick(at: datetime, span: float) -> str:
    """Day and month within a year, month and year beyond."""
    day = at.astimezone().date()
    month = MONTHS[day.month - 1]
    return f"{day.day} {month}" if span < _YEAR else f"{month} {day.year}"


def _levels(instrument: Instrument) -> list[tuple[float, str]]:
    return [(float(band.low), str(band.low)) for band in instrument.bands]


def _band_names(instrument: Instrument) -> list[tuple[float, str]]:
    return [((band.low + band.high) / 2, band.label) for band in instrument.bands]
