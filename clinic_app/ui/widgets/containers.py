"""Containers that keep a page readable at every width and text size."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import card, column, row


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


class Columns(QWidget):
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
        self._arrange()

    @property
    def stacked(self) -> bool:
        return self._box.direction() == QBoxLayout.Direction.TopToBottom

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._arrange()

    def _arrange(self) -> None:
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
