"""Two halves beside each other, or one below the other where there is too little room."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.fitted import Fitted


class SideBySide(Fitted, QWidget):
    """Takes widgets of equal width; ``break_at`` is in pixels at 100% text size."""

    def __init__(self, *, break_at: int = 620, gap: int = 2) -> None:
        super().__init__()
        self._break_at = break_at
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(gap * UNIT)

    def add(self, widget: QWidget) -> None:
        self._box.addWidget(widget, 1)

    @property
    def box(self) -> QHBoxLayout:
        return self._box

    def minimumSizeHint(self) -> QSize:
        """As narrow as the widest half: the halves may stand below each other."""
        items = (self._box.itemAt(place) for place in range(self._box.count()))
        widths = [item.minimumSize().width() for item in items if item is not None]
        return QSize(max(widths, default=0), super().minimumSizeHint().height())

    def fit(self) -> None:
        beside = self.width() >= scaled(self._break_at)
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.LeftToRight if beside else direction.TopToBottom)
