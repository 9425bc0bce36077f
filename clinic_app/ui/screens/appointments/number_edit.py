"""A whole number, typed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit


class NumberEdit(QLineEdit):
    """Up and Down change it by ``step``; what is out of range counts as the nearest that is in."""

    def __init__(self, least: int, most: int, value: int, step: int = 1) -> None:
        super().__init__(str(value))
        self._least, self._most, self._step = least, most, step
        self._fallback = value
        self.setMaxLength(len(str(most)))
        self.editingFinished.connect(lambda: self.setValue(self.value()))

    def value(self) -> int:
        typed = self.text().strip()
        number = int(typed) if typed.isascii() and typed.isdigit() else self._fallback
        return max(self._least, min(number, self._most))

    def setValue(self, value: int) -> None:
        self._fallback = max(self._least, min(value, self._most))
        self.setText(str(self._fallback))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: self._step, Qt.Key.Key_Down: -self._step}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.setValue(self.value() + step)
