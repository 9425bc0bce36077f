"""Answers side by side; in fewer columns where the width or the text size asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QWidget

from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import button
from clinic_app.ui.widgets.fitted import Fitted

_PADDING = 40
"""What a button needs beside its words, in pixels."""


class ChoiceRow(Fitted, QWidget):
    """One button an answer, at most one of them chosen; ``on_choose`` gets the answer's place."""

    def __init__(self, words: Sequence[str], on_choose: Callable[[int], object]) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(UNIT)
        self._columns = 0
        self._group = QButtonGroup(self)
        self.buttons: list[QPushButton] = []
        for place, text in enumerate(words):
            made = button(text, "choice", partial(on_choose, place))
            made.setCheckable(True)
            made.setStyleSheet("text-align: center; padding: 8px 4px;")
            self._group.addButton(made)
            self.buttons.append(made)
        self.fit()

    def show_choice(self, place: int | None) -> None:
        self._group.setExclusive(False)
        for number, made in enumerate(self.buttons):
            made.setChecked(number == place)
        self._group.setExclusive(True)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(200, self._widest()), super().minimumSizeHint().height())

    def fit(self) -> None:
        room = (self.width() + UNIT) // (self._widest() + UNIT)
        columns = max(1, min(len(self.buttons), room))
        lines = -(-len(self.buttons) // columns)
        columns = -(-len(self.buttons) // lines)  # three and two rather than four and one
        for made in self.buttons:
            made.setMinimumHeight(scaled(44))
        if columns == self._columns:
            return
        self._columns = columns
        for place, made in enumerate(self.buttons):
            self._grid.addWidget(made, place // columns, place % columns)
        for column in range(len(self.buttons)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _widest(self) -> int:
        bold = QFont(self.font())
        bold.setBold(True)
        metrics = QFontMetrics(bold)
        return max(metrics.horizontalAdvance(made.text()) for made in self.buttons) + _PADDING
