"""Icons that take the theme's colour each time they are painted, so a change of theme needs no
reload."""

from __future__ import annotations

import functools

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from clinic_app.paths import RESOURCES
from clinic_app.ui.theme import current_palette

_STROKE = "#000000"


@functools.cache
def _drawing(name: str) -> str:
    return (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@functools.lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    coloured = _drawing(name).replace(_STROKE, colour)
    return QSvgRenderer(QByteArray(coloured.encode()))


class _ThemedEngine(QIconEngine):
    """Paints one drawing in a colour of the present palette.

    ``tone`` names the palette's colour; a checked button takes ``tone_on``.
    """

    def __init__(self, name: str, tone: str, tone_on: str) -> None:
        super().__init__()
        self._name = name
        self._tone = tone
        self._tone_on = tone_on

    def clone(self) -> QIconEngine:
        return _ThemedEngine(self._name, self._tone, self._tone_on)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        tone = self._tone_on if state == QIcon.State.On else self._tone
        if mode == QIcon.Mode.Disabled:
            tone = "muted"
        side = min(rect.width(), rect.height())
        square = QRectF(
            rect.x() + (rect.width() - side) / 2, rect.y() + (rect.height() - side) / 2, side, side
        )
        _renderer(self._name, getattr(current_palette(), tone)).render(painter, square)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        drawn = QPixmap(size)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return drawn


def icon(name: str, tone: str = "muted", tone_on: str = "") -> QIcon:
    """The drawing ``name`` of ``resources/icons`` in a colour of the palette (``accent``, …)."""
    return QIcon(_ThemedEngine(name, tone, tone_on or tone))
