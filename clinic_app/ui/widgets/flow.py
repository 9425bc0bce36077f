"""Widgets side by side that go on in the next line when the first one is full."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.fitted import Fitted


class Flow(Fitted, QWidget):
    """Every widget keeps the size it asks for; the height follows from the width."""

    def __init__(self) -> None:
        super().__init__()
        self._items: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, widget: QWidget) -> None:
        widget.setParent(self)
        self._items.append(widget)
        self.fit()

    def refit(self) -> None:
        """The words of a widget have changed: place all of them again."""
        self.fit()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._placed(width, move=False)

    def sizeHint(self) -> QSize:
        return QSize(self._widest(), self._placed(max(self.width(), self._widest()), move=False))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._widest(), self._placed(max(self.width(), self._widest()), move=False))

    def fit(self) -> None:
        self._placed(self.width(), move=True)
        self.updateGeometry()

    def _widest(self) -> int:
        return max((item.sizeHint().width() for item in self._items), default=0)

    def _placed(self, width: int, *, move: bool) -> int:
        """Put the widgets in their places, in the middle of their line; the height they take."""
        y = 0
        for line in self._lines(width):
            tallest = max(size.height() for _, _, size in line)
            for item, x, size in line if move else ():
                middle = y + (tallest - size.height()) // 2
                item.setGeometry(x, middle, min(size.width(), width), size.height())
            y += tallest + UNIT
        return max(y - UNIT, 0)

    def _lines(self, width: int) -> list[list[tuple[QWidget, int, QSize]]]:
        """Widgets, how far from the left each begins, and its size, line by line."""
        lines: list[list[tuple[QWidget, int, QSize]]] = []
        x = 0
        for item in self._items:
            size = item.sizeHint()
            if not lines or x + size.width() > width:
                lines.append([])
                x = 0
            lines[-1].append((item, x, size))
            x += size.width() + UNIT
        return lines
