"""Small vector charts: a total with its cut lines, probabilities, totals over time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from clinic_app.reports.layout.blocks import Block, Drawing
from clinic_app.reports.layout.style import (
    ACCENT,
    ACCENT_PALE,
    HAIRLINE,
    MUTED,
    QUIET,
    TINY,
    WHITE,
)
from clinic_app.reports.pdf.surface import Surface
from clinic_app.reports.text.lines import Colour, Look, Piece, paragraph_lines, text_width

_BAR = 7.0
_THIN = 3.6


def score_bar(total: int | None, maximum: int, cuts: Sequence[float]) -> Block:
    """A bar from 0 to ``maximum`` filled up to ``total``, cut where the bands change."""

    def paint(surface: Surface, x: float, top: float, width: float) -> None:
        scale = width / maximum
        surface.rectangle(x, top - _BAR, width, _BAR, ACCENT_PALE)
        if total:
            surface.rectangle(x, top - _BAR, total * scale, _BAR, ACCENT)
        for cut in cuts:
            surface.rectangle(x + cut * scale - 0.6, top - _BAR, 1.2, _BAR, WHITE)
        edges = [0.0, *(cut + 0.5 for cut in cuts), float(maximum)]
        for low, high in pairwise(edges):
            last = high == maximum
            label = f"{low:.0f}–{high if last else high - 1:.0f}"
            middle = x + (max(low - 0.5, 0) + (high if last else high - 0.5)) / 2 * scale
            inside = total is not None and low <= total <= (high if last else high - 1)
            look = Look(TINY.size, inside, ACCENT if inside else QUIET)
            caption(surface, label, middle, top - _BAR - 8, look)

    return Drawing(_BAR + 12, paint)


def probability_bar(share: float, colour: Colour = MUTED) -> Block:
    """A thin bar for a probability in [0, 1]."""

    def paint(surface: Surface, x: float, top: float, width: float) -> None:
        y = top - 5.4 - _THIN / 2
        surface.rectangle(x, y, width, _THIN, HAIRLINE)
        surface.rectangle(x, y, max(0.0, min(share, 1.0)) * width, _THIN, colour)

    return Drawing(10.8, paint)


def interval_bar(percent: float, low: float, high: float) -> Block:
    """0 to 100 % with an interval and the value in it."""

    def paint(surface: Surface, x: float, top: float, width: float) -> None:
        y = top - 6
        surface.line([(x, y), (x + width, y)], HAIRLINE, 2.2)
        surface.line([(x + low / 100 * width, y), (x + high / 100 * width, y)], QUIET, 2.2)
        surface.dot(x + percent / 100 * width, y, 2.6, MUTED)

    return Drawing(12, paint)


def sparkline(
    totals: Sequence[int], maximum: int, cuts: Sequence[float], labels: tuple[str, str]
) -> Block:
    """Totals in order of time over the bands' cut lines; the last one is marked."""

    def paint(surface: Surface, x: float, top: float, width: float) -> None:
        height, right = 44.0, 18.0
        bottom = top - 4 - height
        span = width - right
        for cut in cuts:
            y = bottom + cut / maximum * height
            surface.line([(x, y), (x + span, y)], HAIRLINE, 0.4)
            caption(surface, f"{cut + 0.5:.0f}", x + span + 9, y - 2.2, TINY)
        surface.line([(x, bottom), (x + span, bottom)], QUIET, 0.5)
        step = (span - 8) / max(len(totals) - 1, 1)
        points = [
            (x + 4 + index * step, bottom + total / maximum * height)
            for index, total in enumerate(totals)
        ]
        if len(points) > 1:
            surface.line(points, ACCENT, 1.1)
        for place, point in enumerate(points):
            surface.dot(*point, 2.6 if place == len(points) - 1 else 1.5, ACCENT)
        _captions(surface, labels, x, bottom - 9, span)

    return Drawing(62, paint)


def _captions(
    surface: Surface, labels: tuple[str, str], x: float, baseline: float, width: float
) -> None:
    first, last = labels
    for line in paragraph_lines([Piece(first, TINY)], width):
        surface.text(line, x, baseline)
    for line in paragraph_lines([Piece(last, TINY)], width):
        surface.text(line, x + width - line.width, baseline)


def caption(surface: Surface, text: str, middle: float, baseline: float, look: Look) -> None:
    """A short text centred at ``middle``."""
    width = text_width(text, look)
    for line in paragraph_lines([Piece(text, look)], width + 1):
        surface.text(line, middle - width / 2, baseline)
