"""Five plain choices, a short note, and a flag for the doctor."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QPlainTextEdit

from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.ui.screens.screening.judgement.presenter import (
    JudgementPresenter,
    JudgementState,
)
from clinic_app.ui.screens.screening.page import StepPage
from clinic_app.ui.strings import JUDGEMENT_LABELS, tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import button, card, label
from clinic_app.ui.widgets.choices import ChoiceRow
from clinic_app.ui.widgets.tick import Tick

PAUSE_MS = 700
"""A pause in typing after which the note is kept."""


class JudgementStep(StepPage):
    """The judgement step; ``presenter`` is set by the screen."""

    def __init__(self) -> None:
        super().__init__(
            tr("Your own judgement"),
            tr(
                "What you have seen and heard counts. Please record it before the estimate is"
                " shown, so that the estimate cannot lead you."
            ),
        )
        self.presenter: JudgementPresenter
        self._stored_note = ""
        self._build_choices()
        self._build_note()
        self._build_fixed()
        self.concern = button(
            tr("I am worried about this person's safety"),
            "danger",
            lambda: self.presenter.raise_concern(),
        )
        self.content.addWidget(self.concern, 0, Qt.AlignmentFlag.AlignLeft)
        self.content.addStretch(1)
        self.next = button(tr("Continue to the result"), "primary", self._go_on)
        self.start = self._choices.buttons[0]
        self.buttons.addWidget(button(tr("Back"), "", lambda: self.presenter.back()))
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.next)

    def show_judgement(self, state: JudgementState) -> None:
        for severity, made in self.choices.items():
            made.setEnabled(not state.fixed)
            if severity is state.severity:
                self._choices.show_choice(self._choices.buttons.index(made))
        if state.severity is None:
            self._choices.show_choice(None)
        given = state.severity is not None
        typed = self.note.toPlainText().strip()
        # Words that are not in the store, or on their way there, exist here alone.
        unkept = typed != self._stored_note
        if state.fixed or not (unkept or self.note.hasFocus()):
            self.note.blockSignals(True)
            if typed != state.note:
                self.note.setPlainText(state.note)
            self.note.blockSignals(False)
        self._stored_note = state.note
        self.note.setEnabled(given and not state.fixed)
        self.flag.setEnabled(given and not state.fixed)
        self.flag.blockSignals(True)
        self.flag.setChecked(state.flagged)
        self.flag.blockSignals(False)
        self._fixed.setVisible(state.fixed)
        self.next.setEnabled(given)

    def pending_note(self) -> str:
        return self.note.toPlainText()

    def _build_choices(self) -> None:
        frame, inside = card(gap=1)
        inside.addWidget(label(tr("How severe is this person's state today?"), "heading"))
        inside.addSpacing(UNIT)
        severities = list(ClinicianSeverity)
        words = [tr(JUDGEMENT_LABELS[severity]).capitalize() for severity in severities]
        self._choices = ChoiceRow(words, lambda place: self.presenter.choose(severities[place]))
        self.choices = dict(zip(severities, self._choices.buttons, strict=True))
        for made in self.choices.values():
            name = tr("Own judgement: {word}").format(word=made.text())
            made.setAccessibleName(name)
        inside.addWidget(self._choices)
        self.content.addWidget(frame)

    def _build_note(self) -> None:
        frame, inside = card(gap=1)
        caption = label(tr("Short note (optional)"), "strong")
        self.note = QPlainTextEdit()
        self.note.setPlaceholderText(tr("What you saw and heard, in a sentence or two"))
        self.note.setAccessibleName(tr("Short note on your judgement"))
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(112)
        caption.setBuddy(self.note)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(lambda: self.presenter.note_paused())
        self.note.textChanged.connect(self._pause.start)
        self.flag = Tick(tr("Flag for the doctor"))
        self.flag.toggled.connect(lambda on: self.presenter.flag(on))
        inside.addWidget(caption)
        inside.addWidget(self.note)
        inside.addWidget(self.flag, 0, Qt.AlignmentFlag.AlignLeft)
        self.content.addWidget(frame)

    def _build_fixed(self) -> None:
        self._fixed, inside = card(role="info", margin=2)
        inside.addWidget(
            label(tr("This was recorded before the estimate was shown, so it stays as it is."))
        )
        self.content.addWidget(self._fixed)

    def _go_on(self) -> None:
        self._pause.stop()
        self.presenter.go_on()
