"""One item of a questionnaire as a row: text, and four answers to press or type."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton

from clinic_app.domain.questionnaires import ANSWERS
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import button, label, restyle, row

ANSWER_WIDTH = 104
"""Width in pixels of one answer's column, the same in the heading above the rows."""
_DIGITS = {Qt.Key.Key_0: 0, Qt.Key.Key_1: 1, Qt.Key.Key_2: 2, Qt.Key.Key_3: 3}


class AnswerRow(QFrame):
    """Keys: 0-3 answer, Backspace takes the answer back, Up and Down move.

    Signals:
        answered: 0-3, or ``None`` when the answer was taken back.
        moved: -1 or 1, to the row before or after.
    """

    answered = Signal(object)
    moved = Signal(int)

    def __init__(self, number: int, text: str) -> None:
        super().__init__()
        self._number = number
        self.value: int | None = None
        self.setProperty("role", "row")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout = row(self, gap=1)
        layout.setContentsMargins(UNIT, UNIT // 2, UNIT, UNIT // 2)
        place = label(f"{number}", "muted", wrap=False)
        place.setFixedWidth(20)
        layout.addWidget(place)
        self._text = label("")
        layout.addWidget(self._text, 1)
        self._group = QButtonGroup(self)
        self.buttons: list[QPushButton] = []
        for value in range(len(ANSWERS)):
            made = button(str(value), "choice", partial(self._give, value))
            made.setCheckable(True)
            made.setStyleSheet("text-align: center; padding: 6px 0px;")
            made.setFixedWidth(ANSWER_WIDTH - UNIT)
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._group.addButton(made)
            self.buttons.append(made)
            layout.addWidget(made)
        self.show_words(text, ANSWERS)

    def show_words(self, text: str, answers: Sequence[str]) -> None:
        """The item and its answers, as the wording in use has them."""
        self._name, self._answers = f"{self._number}. {text}", answers
        self._text.setText(text)
        for made, words in zip(self.buttons, answers, strict=True):
            made.setToolTip(words)
            made.setAccessibleName(f"{self._number}: {words}")
        self.show_answer(self.value)

    def show_answer(self, value: int | None, *, missing: bool = False) -> None:
        """``missing`` marks the row as one that was left out."""
        self.value = value
        self._group.setExclusive(False)
        for option, made in enumerate(self.buttons):
            made.setChecked(option == value)
        self._group.setExclusive(True)
        told = tr("not answered") if value is None else f"{value}, {self._answers[value]}"
        self.setAccessibleName(self._name)
        self.setAccessibleDescription(told)
        self.setProperty("role", "warning" if missing else "row")
        restyle(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _DIGITS:
            self._give(_DIGITS[key])
            self.moved.emit(1)
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.show_answer(None)
            self.answered.emit(None)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(-1 if key == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def _give(self, value: int) -> None:
        self.show_answer(value)
        self.answered.emit(value)
