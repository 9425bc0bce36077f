"""A slider with its caption and its value in words."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSlider, QWidget

from clinic_app.ui.widgets.basics import column, label, row


class Dial(QWidget):
    """Steps of a slider that stand for values.

    ``value_of`` turns a step (0 to ``steps``) into a value, ``words_of`` a value into words.

    Signals:
        changed: the new value.
    """

    changed = Signal(float)

    def __init__(
        self,
        caption: str,
        steps: int,
        value_of: Callable[[int], float],
        words_of: Callable[[float], str],
        *,
        start: int,
        hint: str = "",
    ) -> None:
        super().__init__()
        self._value_of, self._words_of = value_of, words_of
        self.caption = caption
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, steps)
        self.slider.setPageStep(max(steps // 10, 1))
        self.slider.setAccessibleName(caption)
        self.slider.setMinimumHeight(26)  # the handle is taller than the groove
        self._words = label("", "strong", wrap=False)
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight)
        head = row()
        named = label(caption)
        named.setBuddy(self.slider)
        head.addWidget(named, 1)
        head.addWidget(self._words)
        box = column(self)
        box.setSpacing(2)
        box.addLayout(head)
        box.addWidget(self.slider)
        if hint:
            box.addWidget(label(hint, "small"))
        self.slider.setValue(start)
        self._show()
        self.slider.valueChanged.connect(self._moved)

    @property
    def value(self) -> float:
        return self._value_of(self.slider.value())

    def show_value(self, value: float) -> None:
        """Move to the step that is nearest."""
        steps = range(self.slider.maximum() + 1)
        self.slider.setValue(min(steps, key=lambda step: abs(self._value_of(step) - value)))

    def _moved(self, _step: int) -> None:
        self._show()
        self.changed.emit(self.value)

    def _show(self) -> None:
        words = self._words_of(self.value)
        self._words.setText(words)
        self.slider.setAccessibleDescription(words)


def percent_dial(caption: str, *, start: int = 100, hint: str = "") -> Dial:
    """0 to 100 %, in steps of five, as a share."""
    return Dial(
        caption,
        20,
        lambda step: step / 20,
        lambda value: f"{round(100 * value)} %",
        start=round(start / 5),
        hint=hint,
    )
