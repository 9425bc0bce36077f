"""One card a purpose with yes and no; nothing is chosen beforehand."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from clinic_app.domain.consent import ASKED_WHEN_SCREENING, GivenBy, Purpose
from clinic_app.services.consent_texts import PURPOSE_LABELS, PURPOSE_MEANINGS
from clinic_app.ui.screens.screening.consent.presenter import ConsentPresenter, ConsentState
from clinic_app.ui.screens.screening.consent.words import PICTURE_PURPOSES
from clinic_app.ui.screens.screening.page import StepPage, room_for_bold
from clinic_app.ui.strings import PURPOSE_TEXTS, PURPOSE_WITHDRAWALS, tr
from clinic_app.ui.widgets.basics import button, card, column, label, line, row
from clinic_app.ui.widgets.languages import Original
from clinic_app.ui.widgets.sheet import ask


class PurposeRow(QWidget):
    """One purpose in plain words with its two answers.

    Signals:
        answered: yes or no.
    """

    answered = Signal(bool)

    def __init__(self, purpose: Purpose) -> None:
        super().__init__()
        title, meaning = tr(PURPOSE_LABELS[purpose]), tr(PURPOSE_MEANINGS[purpose])
        words = column(gap=0)
        words.addWidget(label(title, "strong"))
        words.addWidget(label(meaning, "muted"))
        self._group = QButtonGroup(self)
        self.yes = self._choice(tr("Yes"), f"{title}: {tr('yes')}")
        self.no = self._choice(tr("No"), f"{title}: {tr('no')}")
        self.yes.clicked.connect(lambda: self.answered.emit(True))
        self.no.clicked.connect(lambda: self.answered.emit(False))
        layout = row(self, gap=1)
        layout.addLayout(words, 1)
        layout.addSpacing(16)
        layout.addWidget(self.yes, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.no, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_answer(self, answer: bool | None) -> None:
        self._group.setExclusive(False)
        self.yes.setChecked(answer is True)
        self.no.setChecked(answer is False)
        self._group.setExclusive(True)

    def _choice(self, text: str, spoken: str) -> QPushButton:
        made = button(text, "choice")
        made.setCheckable(True)
        made.setMinimumWidth(76)
        made.setStyleSheet("text-align: center;")
        made.setAccessibleName(spoken)
        self._group.addButton(made)
        return made


class ConsentStep(StepPage):
    """The consent step; ``presenter`` is set by the screen."""

    def __init__(self) -> None:
        super().__init__(
            tr("What may be done today?"),
            tr(
                "Please go through each point with the patient. Every “no” is fine: the"
                " questionnaires work without a picture, and nothing else changes."
            ),
        )
        self.presenter: ConsentPresenter
        self._build_off_card()
        self._build_giver()
        self._build_purposes()
        self.content.addWidget(Original(list(PURPOSE_TEXTS)))
        self.content.addStretch(1)
        self.only = button(
            tr("Questionnaires only"), "quiet", lambda: self.presenter.questionnaires_only()
        )
        self.next = button(tr("Continue"), "primary", lambda: self.presenter.go_on())
        self.start = self.purposes[Purpose.CAPTURE].yes
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.only)
        self.buttons.addWidget(self.next)

    def show_consent(self, state: ConsentState) -> None:
        self._off.setVisible(not state.face_on)
        self._giver.setVisible(state.face_on)
        self._minor.setVisible(state.minor)
        chosen = self.guardian if state.given_by is GivenBy.GUARDIAN else self.patient
        for made in (self.patient, self.guardian):
            room_for_bold(made)
        chosen.setChecked(True)
        refused = state.answers.get(Purpose.CAPTURE) is False
        for purpose, shown in self.purposes.items():
            picture = purpose in PICTURE_PURPOSES
            visible = state.face_on or not picture
            shown.setVisible(visible)
            self._rules[purpose].setVisible(visible and purpose is not Purpose.SHARING)
            shown.show_answer(state.answers.get(purpose))
            follows = picture and purpose is not Purpose.CAPTURE
            given = state.answers.get(purpose) is True
            shown.setEnabled(given or not (follows and refused))
        self.only.setVisible(state.face_on and not refused and not state.holds_picture)
        self.next.setEnabled(state.may_go_on)
        self.next.setText(
            tr("Continue to the picture") if state.usable else tr("Continue to the questionnaires")
        )

    def ask_withdrawal(self, purpose: Purpose) -> None:
        self.presenter.refresh()
        ask(
            self,
            title=tr("Take this “yes” back?"),
            text=tr(PURPOSE_WITHDRAWALS[purpose]),
            yes=tr("Take back and remove"),
            no=tr("Leave it as it is"),
            danger=True,
            on_yes=lambda: self.presenter.withdraw(purpose),
        )

    def _build_off_card(self) -> None:
        self._off, inside = card(role="info", margin=2, gap=1)
        inside.addWidget(label(tr("Pictures are switched off here"), "heading"))
        inside.addWidget(
            label(
                tr(
                    "Reading expressions from a face is not allowed, or not wanted, at this place"
                    " of work. The questionnaires are the measurement and stay fully available."
                )
            )
        )
        self.content.addWidget(self._off)

    def _build_giver(self) -> None:
        self._giver = QWidget()
        layout = row(self._giver, gap=1)
        layout.addWidget(label(tr("Answers given by"), wrap=False))
        group = QButtonGroup(self)
        self.patient = self._giver_button(tr("the patient"), GivenBy.PATIENT, group)
        self.guardian = self._giver_button(tr("a parent or guardian"), GivenBy.GUARDIAN, group)
        layout.addWidget(self.patient)
        layout.addWidget(self.guardian)
        layout.addStretch(1)
        self._minor = label(
            tr("This patient is under 18: a parent or guardian decides, together with the patient.")
        )
        self.content.addWidget(self._giver)
        self.content.addWidget(self._minor)

    def _giver_button(self, text: str, who: GivenBy, group: QButtonGroup) -> QPushButton:
        made = button(text, "choice", lambda: self.presenter.choose_giver(who))
        made.setStyleSheet("padding: 6px 14px;")
        made.setCheckable(True)
        group.addButton(made)
        return made

    def _build_purposes(self) -> None:
        frame, inside = card(gap=2)
        self.purposes: dict[Purpose, PurposeRow] = {}
        self._rules: dict[Purpose, QWidget] = {}
        for purpose in ASKED_WHEN_SCREENING:
            shown, rule = PurposeRow(purpose), line()
            shown.answered.connect(
                lambda granted, purpose=purpose: self.presenter.answer(purpose, granted)
            )
            self.purposes[purpose], self._rules[purpose] = shown, rule
            inside.addWidget(shown)
            inside.addWidget(rule)
        self.content.addWidget(frame)
