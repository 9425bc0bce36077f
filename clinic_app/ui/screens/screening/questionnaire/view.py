"""The questionnaire read aloud, on one page; or the laptop goes to the patient."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from clinic_app.domain.questionnaires import (
    ANSWERS,
    DIFFICULTY_ANSWERS,
    INSTRUMENTS,
    InstrumentName,
)
from clinic_app.domain.wordings import Wording, english
from clinic_app.ui.moments import clock_text
from clinic_app.ui.screens.screening.page import StepPage
from clinic_app.ui.screens.screening.questionnaire.presenter import (
    QuestionnairePresenter,
    SheetState,
)
from clinic_app.ui.screens.screening.questionnaire.rows import ANSWER_WIDTH, AnswerRow
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import button, card, label, row
from clinic_app.ui.widgets.choices import ChoiceRow


class QuestionnaireStep(StepPage):
    """PHQ-9 or GAD-7; ``presenter`` is set by the screen."""

    def __init__(self, name: InstrumentName) -> None:
        self._instrument = INSTRUMENTS[name]
        super().__init__(self._instrument.title, width=1040)
        self.presenter: QuestionnairePresenter
        self._changing = False
        self._marking = False
        self._build_ways()
        self._build_done()
        self._build_items()
        self._build_difficulty()
        self._build_missing()
        self.content.addStretch(1)
        self._build_actions()
        self._wording: Wording | None = None
        self._show_words(english(name))
        self.start = self.rows[0]

    def show_sheet(self, state: SheetState) -> None:
        self._show_words(state.wording)
        completed = state.completed_at is not None
        self._marking = self._marking and bool(state.missing)
        for item, shown in enumerate(self.rows):
            value = state.answers[item]
            shown.show_answer(value, missing=self._marking and value is None)
        self._difficulty.setVisible(state.asks_difficulty)
        self._choices.show_choice(state.difficulty)
        self._done.setVisible(completed)
        if state.completed_at is not None:
            who = tr("the patient") if state.by_patient else tr("reading aloud")
            self._done_text.setText(
                tr(
                    "Handed in at {time}, answered by {who}. The total is on the result page."
                ).format(time=clock_text(state.completed_at), who=who)
            )
        editable = not completed or self._changing
        self._items.setVisible(editable)
        self._difficulty.setVisible(editable and state.asks_difficulty)
        self._ways.setVisible(not completed)
        self.hand_over.setVisible(not completed)
        self._missing.setVisible(self._marking and not completed)
        self.hand_in.setVisible(not completed)
        self.hand_in.setEnabled(any(value is not None for value in state.answers))
        self.skip.setVisible(not completed)
        self.next.setVisible(completed)

    def show_missing(self, state: SheetState) -> None:
        self._marking = True
        self.show_sheet(state)
        number = len(state.missing)
        text = (
            tr("1 question is not answered.")
            if number == 1
            else tr("{number} questions are not answered.").format(number=number)
        )
        advice = tr("You can ask again, or hand in as it is.")
        if self._instrument.name is InstrumentName.PHQ9 and state.answers[-1] is None:
            advice = tr(
                "Question 9 is never filled in by calculation. If it stays open, you will be asked"
                " to speak with the patient about it."
            )
        self._missing_text.setText(f"{text} {advice}")
        self.rows[state.missing[0]].setFocus()

    def change(self) -> None:
        """Open the handed-in answers for correction."""
        self._changing = True
        self.presenter.refresh()

    def _build_ways(self) -> None:
        """Beside the heading: the other way to fill the page in."""
        self.content.removeWidget(self.heading)
        top = row(gap=2)
        top.addWidget(self.heading)
        self._ways = label(tr("Read the questions aloud, or"), "muted")
        self.hand_over = button(
            tr("Hand the laptop to the patient"), "", lambda: self.presenter.hand_over()
        )
        self._ways.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        top.addWidget(self._ways, 1)
        top.addWidget(self.hand_over)
        self.content.insertLayout(0, top)

    def _build_done(self) -> None:
        self._done, inside = card(role="info", margin=2, gap=1)
        self._done_text = label("")
        inside.addWidget(self._done_text)
        inside.addWidget(
            button(tr("Change an answer"), "", self.change), 0, Qt.AlignmentFlag.AlignLeft
        )
        self.content.addWidget(self._done)

    def _build_items(self) -> None:
        self._items, inside = card(margin=2, gap=0)
        heading = row(gap=1)
        heading.setContentsMargins(UNIT, 0, UNIT, UNIT)
        self._stem = label("", "strong")
        heading.addWidget(self._stem, 1)
        self._captions: list[QLabel] = []
        for _ in ANSWERS:
            caption = label("", "small")
            self._captions.append(caption)
            caption.setFixedWidth(ANSWER_WIDTH - UNIT)
            caption.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
            heading.addWidget(caption)
        inside.addLayout(heading)
        self.rows: list[AnswerRow] = []
        for item, text in enumerate(self._instrument.items):
            shown = AnswerRow(item + 1, text)
            shown.answered.connect(lambda value, item=item: self._answered(item, value))
            shown.moved.connect(lambda by, item=item: self._move(item + by))
            self.rows.append(shown)
            inside.addWidget(shown)
        self.content.addWidget(self._items)

    def _build_difficulty(self) -> None:
        self._difficulty, inside = card(margin=2, gap=1)
        self._difficulty_item = label("")
        inside.addWidget(self._difficulty_item)
        self._choices = ChoiceRow(
            DIFFICULTY_ANSWERS, lambda value: self.presenter.answer_difficulty(value)
        )
        self.difficulty = self._choices.buttons
        inside.addWidget(self._choices)
        self.content.addWidget(self._difficulty)

    def _show_words(self, wording: Wording) -> None:
        """Ask in these words; everything else on the page stays."""
        if wording == self._wording:
            return
        self._wording = wording
        self._stem.setText(wording.stem)
        for value, caption in enumerate(self._captions):
            caption.setText(f"{value}\n{wording.answers[value]}")
        for shown, text in zip(self.rows, wording.items, strict=True):
            shown.show_words(text, wording.answers)
        self._difficulty_item.setText(wording.difficulty_item)
        for made, words in zip(self.difficulty, wording.difficulty_answers, strict=True):
            made.setText(words.replace("&", "&&"))
            made.setAccessibleName(words)

    def _build_missing(self) -> None:
        self._missing, inside = card(role="warning", margin=2, gap=1)
        self._missing_text = label("")
        self.anyway = button(tr("Hand in as it is"), "", lambda: self.presenter.hand_in_anyway())
        inside.addWidget(self._missing_text)
        inside.addWidget(self.anyway, 0, Qt.AlignmentFlag.AlignLeft)
        self._missing.hide()
        self.content.addWidget(self._missing)

    def _build_actions(self) -> None:
        keys = label(tr("Keys 0-3 answer, Backspace takes back"), "small")
        self.skip = button(tr("Leave out"), "quiet", lambda: self.presenter.leave_out())
        self.hand_in = button(tr("Hand in"), "primary", lambda: self.presenter.hand_in())
        self.next = button(tr("Continue"), "primary", lambda: self.presenter.go_on())
        self.buttons.addWidget(button(tr("Back"), "", lambda: self.presenter.back()))
        self.buttons.addWidget(keys, 1)
        self.buttons.addWidget(self.skip)
        self.buttons.addWidget(self.hand_in)
        self.buttons.addWidget(self.next)

    def _answered(self, item: int, value: int | None) -> None:
        self._changing = False
        if value is not None:
            self.hand_in.setEnabled(True)
        self.presenter.answer(item, value)

    def _move(self, item: int) -> None:
        if 0 <= item < len(self.rows):
            self.rows[item].setFocus()
            self.area.ensureWidgetVisible(self.rows[item])
        elif item == len(self.rows):
            asked = self._difficulty.isVisible()
            (self.difficulty[0] if asked else self.hand_in).setFocus()
