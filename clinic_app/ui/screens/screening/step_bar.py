"""The list of steps at the top: where one is, what is done, where one may go."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from clinic_app.ui.screens.screening.case import STEPS, Step
from clinic_app.ui.screens.screening.page import room_for_bold
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


class StepBar(QWidget):
    """Signals:
    chosen: a ``Step`` that was pressed.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Steps of this screening"))
        layout = row(self, gap=0)
        layout.setContentsMargins(3 * UNIT, UNIT, 3 * UNIT, UNIT)
        self._group = QButtonGroup(self)
        self._buttons: dict[Step, QPushButton] = {}
        for step in STEPS:
            made = button("", "nav")
            made.setCheckable(True)
            made.clicked.connect(lambda _checked=False, step=step: self._press(step))
            self._group.addButton(made)
            self._buttons[step] = made
            layout.addWidget(made)
        layout.addStretch(1)

    def show_steps(self, present: Step, done: Collection[Step], allowed: Collection[Step]) -> None:
        """Numbers become check marks when a step is done."""
        self._present = present
        for number, step in enumerate(STEPS, start=1):
            made, name = self._buttons[step], tr(STEP_NAMES[step])
            is_done = step in done
            made.setText(f"{'✓' if is_done else number}  {name}")
            room_for_bold(made)
            made.setChecked(step is present)
            made.setEnabled(step in allowed or step is present)
            state = tr("done") if is_done else tr("to do")
            made.setAccessibleName(
                tr("Step {number} of {all}: {name}, {state}").format(
                    number=number, all=len(STEPS), name=name, state=state
                )
            )

    def _press(self, step: Step) -> None:
        self._buttons[self._present].setChecked(True)
        if step is not self._present:
            self.chosen.emit(step)
