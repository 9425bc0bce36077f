"""Containers that keep a page readable at every width and text size."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import card, column, row
from clinic_app.ui.widgets.fitted import Fitted

_MARGIN = 2 * UNIT
"""Between what follows and the edge of the window."""


def framed(page: QWidget) -> QFrame:
    """What is shown in the place of a list that is empty, loading or failed: a card of its size."""
    holder, box = card()
    box.addStretch(1)
    box.addWidget(Centred(page, 560))
    box.addStretch(1)
    return holder


class Centred(QWidget):
    """Holds one widget in the middle, never wider than ``width`` (pixels at 100% text size).

    ``leading`` holds it where reading begins instead: pages of one list share an edge then.
    """

    def __init__(
        self, content: QWidget, width: int, *, vertically: bool = False, leading: bool = False
    ) -> None:
        super().__init__()
        self._content = content
        self._width = width
        outer = column(self)
        inner = row()
        if not leading:
            inner.addStretch(1)
        inner.addWidget(content, 1000)
        inner.addStretch(1)
        if vertically:
            outer.addStretch(1)
        outer.addLayout(inner)
        outer.addStretch(1)
        self._limit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._limit()

    def _limit(self) -> None:
        self._content.setMaximumWidth(scaled(self._width))


class Columns(Fitted, QWidget):
    """A wide and a narrow column side by side; under each other when there is too little room.

    ``break_at`` is the width in pixels at 100% text size below which the columns stack.
    """

    def __init__(self, *, break_at: int = 900, side_width: int = 360) -> None:
        super().__init__()
        self._break_at = break_at
        self._side_width = side_width
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(3 * UNIT)
        self.main = QWidget()
        self.side = QWidget()
        self.main_box: QVBoxLayout = column(self.main, gap=3)
        self.side_box: QVBoxLayout = column(self.side, gap=3)
        self._box.addWidget(self.main, 1)
        self._box.addWidget(self.side)
        self._box.setAlignment(self.side, Qt.AlignmentFlag.AlignTop)
        self._box.setAlignment(self.main, Qt.AlignmentFlag.AlignTop)
        self.fit()

    @property
    def stacked(self) -> bool:
        return self._box.direction() == QBoxLayout.Direction.TopToBottom

    def fit(self) -> None:
        stacked = self.width() < scaled(self._break_at)
        alignment = Qt.AlignmentFlag(0) if stacked else Qt.AlignmentFlag.AlignTop
        direction = (
            QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight
        )
        self._box.setDirection(direction)
        self._box.setAlignment(self.side, alignment)
        self._box.setAlignment(self.main, alignment)
        side = scaled(self._side_width)
        self.side.setMinimumWidth(0 if stacked else side)
        self.side.setMaximumWidth(16_777_215 if stacked else side)


class FollowingColumns(Columns):
    """Columns whose wide one stays in view while a longer narrow one is scrolled past it: what is
    set there is seen at once. One that is taller than the window is scrolled to its end first, and
    on the way back to its beginning."""

    def __init__(self, *, break_at: int = 900, side_width: int = 360) -> None:
        super().__init__(break_at=break_at, side_width=side_width)
        self._area: QScrollArea | None = None
        self._down = 0  # of its place at the top, in pixels
        self.main.installEventFilter(self)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._area is None:
            self._area = _area_around(self)
            if self._area is not None:
                self._area.verticalScrollBar().valueChanged.connect(self._follow)
        self._follow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.main and event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            self._follow()  # the layout has put it back to its place
        return False

    def _follow(self) -> None:
        area = self._area
        content = area.widget() if area is not None else None
        if area is None or content is None or self.stacked:
            return
        scrolled_by = area.verticalScrollBar().value()
        above = scrolled_by - self.mapTo(content, QPoint(0, 0)).y()
        tall, seen = self.main.height(), area.viewport().height() - 2 * _MARGIN
        lowest = above + _MARGIN if scrolled_by else 0
        highest = lowest + min(seen - tall, 0)
        wanted = min(max(self._down, highest), lowest)
        self._down = max(0, min(wanted, self.height() - tall))
        self.main.move(self.main.x(), self._down)


def _area_around(widget: QWidget) -> QScrollArea | None:
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    return above


class Pages(QWidget):
    """Several pages in one place, as tall as the one that is shown (a stack takes the tallest)."""

    def __init__(self) -> None:
        super().__init__()
        self._box = column(self)
        self._pages: list[QWidget] = []
        self._present = 0

    def add(self, page: QWidget) -> None:
        self._pages.append(page)
        self._box.addWidget(page)
        page.setVisible(len(self._pages) == 1)

    @property
    def current(self) -> QWidget:
        return self._pages[self._present]

    def show_page(self, page: QWidget) -> None:
        """Show ``page`` and hide the others."""
        self._present = self._pages.index(page)
        for one in self._pages:
            one.setVisible(one is page)
