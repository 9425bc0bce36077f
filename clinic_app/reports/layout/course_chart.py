"""Totals over time as vectors: shaded bands, marks of reliable change, and a lesser estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clinic_app.reports.layout.blocks import Block, Drawing
from clinic_app.reports.layout.charts import caption
from clinic_app.reports.layout.style import (
    ACCENT,
    HAIRLINE,
    INK,
    MUTED,
    QUIET,
    TINY,
    TINY_STRONG,
    WHITE,
)
from clinic_app.reports.pdf.surface import Surface
from clinic_app.reports.text.lines import Colour, Piece, paragraph_lines, text_width

_LEFT = 20.0
_RIGHT = 74.0
"""Points kept free for the numbers on the left and the names of the bands on the right."""
_MARKS = 11.0
_AXIS = 13.0
_PALEST: Colour = (0.968, 0.980, 0.981)
_DEEPEST: Colour = (0.800, 0.884, 0.890)
_APART = 6.0
"""Points between two arrows; where they would lie closer, some are left out."""
_STEMS = 12
"""Most changes that get a thin line down to their point."""
_MANY = 60
"""From so many points on they are drawn smaller."""


@dataclass(frozen=True)
class Point:
    """A total; ``joined`` to the one before it where the two can be compared; ``change`` is the
    reliable change that is reached with it, in points."""

    day: date
    total: int
    joined: bool = True
    hollow: bool = False
    change: int | None = None


@dataclass(frozen=True)
class BandEdge:
    """A band from ``low`` (a total) upward."""

    low: int
    name: str


@dataclass(frozen=True)
class Reading:
    """A face estimate: percent with an interval, or nothing where the program could not tell."""

    day: date
    percent: float | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class _Plot:
    """Where days and values lie on the page."""

    left: float
    right: float
    bottom: float
    top: float
    first: date
    last: date
    maximum: float

    def x(self, day: date) -> float:
        span = (self.last - self.first).days
        inner = self.right - self.left - 8
        share = (day - self.first).days / span if span else 0.5
        return self.left + 4 + share * inner

    def y(self, value: float) -> float:
        return self.bottom + value / self.maximum * (self.top - self.bottom)


def course_chart(
    points: Sequence[Point],
    bands: Sequence[BandEdge],
    maximum: int,
    span: tuple[date, date],
    height: float = 104.0,
) -> Block:
    """Totals in order of time over the bands of their scale, ``span`` from left to right."""

    def paint(surface: Surface, x: float, top: float, width: float) -> None:
        plot = _plot(x, top - _MARKS, width, height, span, maximum)
        _bands(surface, plot, bands)
        _line(surface, plot, points)
        _changes(surface, plot, points)
        _axis(surface, plot)

    return Drawing(_MARKS + height + _AXIS, paint)


def estimate_chart(readings: Sequence[Reading], span: tuple[date, date]) -> Block:
    """Grey bars from 0 to 100 % on the same days; a cross where the program could not tell."""
    height = 36.0

    def paint(surface: Surface, x: float, top: float, width: float) -> None:
        plot = _plot(x, top, width, height, span, 100)
        for value in (0, 50, 100):
            y = plot.y(value)
            surface.line([(plot.left, y), (plot.right, y)], HAIRLINE, 0.4)
            caption(surface, f"{value}", x + 9, y - 2.2, TINY)
        for reading in readings:
            _reading(surface, plot, reading)
        _axis(surface, plot)

    return Drawing(height + _AXIS + 3, paint)


def _plot(
    x: float, top: float, width: float, height: float, span: tuple[date, date], maximum: float
) -> _Plot:
    return _Plot(x + _LEFT, x + width - _RIGHT, top - height, top, *span, maximum)


def _bands(surface: Surface, plot: _Plot, bands: Sequence[BandEdge]) -> None:
    for index, band in enumerate(bands):
        low = plot.bottom if index == 0 else plot.y(band.low - 0.5)
        following = bands[index + 1] if index + 1 < len(bands) else None
        high = plot.top if following is None else plot.y(following.low - 0.5)
        share = index / max(len(bands) - 1, 1)
        red, green, blue = (
            pale + share * (deep - pale) for pale, deep in zip(_PALEST, _DEEPEST, strict=True)
        )
        surface.rectangle(plot.left, low, plot.right - plot.left, high - low, (red, green, blue))
        if index:
            surface.line([(plot.left, low), (plot.right, low)], WHITE, 0.8)
            caption(surface, str(band.low), plot.left - 8, low - 2.2, TINY)
        _at(surface, band.name, plot.right + 5, (low + high) / 2 - 2.2)
    surface.line([(plot.left, plot.bottom), (plot.right, plot.bottom)], QUIET, 0.5)


def _at(surface: Surface, text: str, x: float, baseline: float) -> None:
    for line in paragraph_lines([Piece(text, TINY)], _RIGHT - 5):
        surface.text(line, x, baseline)


def _line(surface: Surface, plot: _Plot, points: Sequence[Point]) -> None:
    run: list[tuple[float, float]] = []
    for point in points:
        place = (plot.x(point.day), plot.y(point.total))
        if not point.joined:
            _stroke(surface, run)
            run = []
        run.append(place)
    _stroke(surface, run)
    radius = 1.2 if len(points) > _MANY else 2.0
    for index, point in enumerate(points):
        last = index == len(points) - 1
        place = (plot.x(point.day), plot.y(point.total))
        surface.dot(*place, radius + (0.9 if last else 0.0), ACCENT)
        if point.hollow:
            surface.dot(*place, radius - 0.6, WHITE)


def _stroke(surface: Surface, run: Sequence[tuple[float, float]]) -> None:
    if len(run) > 1:
        surface.line(run, ACCENT, 1.0)


def _changes(surface: Surface, plot: _Plot, points: Sequence[Point]) -> None:
    """A small arrow over each reliable change, with its points where there is room for them."""
    changed = [(plot.x(point.day), point) for point in points if point.change]
    last = plot.left - _APART
    y = plot.top + 3.4
    for place, (x, point) in enumerate(changed):
        moved = point.change or 0
        if x - last < _APART:
            continue
        last = x
        if len(changed) <= _STEMS:
            surface.line([(x, plot.y(point.total) + 3), (x, plot.top)], QUIET, 0.3)
        tip, wings = (y - 1.8, y + 1.2) if moved < 0 else (y + 1.8, y - 1.2)
        surface.line([(x - 2, wings), (x, tip), (x + 2, wings)], INK, 0.8)
        text = f"+{moved}" if moved > 0 else f"\u2212{-moved}"
        width = text_width(text, TINY_STRONG)
        following = changed[place + 1][0] if place + 1 < len(changed) else plot.right + _RIGHT
        if x + 4 + width + 4 <= following:
            for line in paragraph_lines([Piece(text, TINY_STRONG)], width + 1):
                surface.text(line, x + 4, y - 2.2)


def _reading(surface: Surface, plot: _Plot, reading: Reading) -> None:
    x = plot.x(reading.day)
    if reading.percent is None:
        y = plot.bottom + 3
        for rise in (-1.6, 1.6):
            surface.line([(x - 1.6, y - rise), (x + 1.6, y + rise)], QUIET, 0.6)
        return
    if reading.interval is not None:
        low, high = reading.interval
        surface.line([(x, plot.y(low)), (x, plot.y(high))], QUIET, 0.9)
    surface.dot(x, plot.y(reading.percent), 1.3, MUTED)


def _axis(surface: Surface, plot: _Plot) -> None:
    """Days below the plot: both ends, and some between where there is room for them."""
    days = (plot.last - plot.first).days
    if not days:
        caption(surface, plot.first.isoformat(), plot.x(plot.first), plot.bottom - 9, TINY)
        return
    parts = min(4, days)
    for part in range(parts + 1):
        day = date.fromordinal(plot.first.toordinal() + round(days * part / parts))
        x = plot.x(day)
        surface.line([(x, plot.bottom), (x, plot.bottom - 2)], QUIET, 0.5)
        middle = min(max(x, plot.left + 14), plot.right - 8)
        caption(surface, day.isoformat(), middle, plot.bottom - 9, TINY)
