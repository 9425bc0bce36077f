"""The list of steps at the top: where one is, what is done, where one may go."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from clinic_app.ui.screens.screening.case import SHEET_STEPS, STEPS, Step
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import button, row

STEP_NAMES = {
    Step.CONSENT: "Consent",
    Step.PICTURE: "Picture",
    Step.PHQ9: "PHQ-9",
    Step.GAD7: "GAD-7",
    Step.JUDGEMENT: "Your judgement",
    Step.RESULT: "Result",
    Step.FINISH: "Finish",
}
_PADDING = 28
"""What a button needs beside its words, in pixels."""


class StepBar(QWidget):
    """Where there is no room for every name, only the present step keeps its own.

    Signals:
        chosen: a ``Step`` that was pressed.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Steps of this screening"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout = row(self, gap=0)
        layout.setContentsMargins(3 * UNIT, UNIT, 3 * UNIT, UNIT)
        self._present = Step.CONSENT
        self._marks: dict[Step, str] = {}
        self._group = QButtonGroup(self)
        self._buttons: dict[Step, QPushButton] = {}
        for step in STEPS:
            made = button("", "nav", partial(self._press, step))
            made.setCheckable(True)
            made.setToolTip(tr(STEP_NAMES[step]))
            self._group.addButton(made)
            self._buttons[step] = made
            layout.addWidget(made)
        layout.addStretch(1)

    def show_steps(self, present: Step, done: Collection[Step], allowed: Collection[Step]) -> None:
        """Numbers become check marks when a step is done. A questionnaire that the clinic does not
        ask is no step."""
        self._present = present
        questions = [step for _, step in SHEET_STEPS]
        steps = [step for step in STEPS if step in allowed or step not in questions]
        for step, made in self._buttons.items():
            made.setVisible(step in steps)
        self._marks = {}
        for number, step in enumerate(steps, start=1):
            made, is_done = self._buttons[step], step in done
            self._marks[step] = "✓" if is_done else str(number)
            made.setChecked(step is present)
            made.setEnabled(step in allowed or step is present)
            made.setAccessibleName(
                tr("Step {number} of {all}: {name}, {state}").format(
                    number=number,
                    all=len(steps),
                    name=tr(STEP_NAMES[step]),
                    state=tr("done") if is_done else tr("to do"),
                )
            )
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(200, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Words of every step, or of the present one alone; room for bold in any case."""
        if not self._marks:
            return
        full = {step: f"{mark}  {tr(STEP_NAMES[step])}" for step, mark in self._marks.items()}
        widths = {step: self._width(text) for step, text in full.items()}
        roomy = sum(widths.values()) + 6 * UNIT <= self.width()
        for step in self._marks:
            made = self._buttons[step]
            text = full[step] if roomy or step is self._present else self._marks[step]
            made.setText(text)
            made.setMinimumWidth(self._width(text))

    def _width(self, text: str) -> int:
        bold = QFont(self.font())
        bold.setBold(True)
        return QFontMetrics(bold).horizontalAdvance(text) + _PADDING

    def _press(self, step: Step) -> None:
        self._buttons[self._present].setChecked(True)
        if step is not self._present:
            self.chosen.emit(step)
