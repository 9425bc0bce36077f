"""What the patient sees: one question, large answers, and help always within reach."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from clinic_app.domain.people import CrisisContact
from clinic_app.ui.contact_words import contact_lines
from clinic_app.ui.screens.screening.questionnaire.patient import PatientPresenter, Question
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import (
    button,
    card,
    column,
    frame,
    label,
    pressed_once,
    restyle,
    row,
    scrolling,
)

COLUMN = 760
_DIGITS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4)


class PatientPage(QWidget):
    """Four looks: a question, the review, the thanks, and trouble; contacts below them all."""

    def __init__(self) -> None:
        super().__init__()
        self.presenter: PatientPresenter
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._stack = QStackedWidget()
        self._question = self._build_question()
        self._review = self._build_review()
        self._thanks = self._build_thanks()
        for page in (self._question, self._review, self._thanks):
            self._stack.addWidget(page)
        layout = column(self, gap=0)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._build_contacts())

    def show_contacts(self, contacts: Sequence[CrisisContact]) -> None:
        self.contacts.setText(contact_lines(contacts))

    def show_question(self, question: Question) -> None:
        self._progress.setMaximum(question.of)
        self._progress.setValue(question.place)
        place = tr("Question {place} of {of}").format(place=question.place, of=question.of)
        self._place.setText(place)
        self._progress.setAccessibleName(place)
        self._stem.setText(question.stem)
        self._stem.setVisible(bool(question.stem))
        self._text.setText(question.text)
        self._group.setExclusive(False)
        self._fit_text()
        for value, made in enumerate(self.answers):
            made.setText(question.answers[value])
            made.setChecked(value == question.chosen)
        self._group.setExclusive(True)
        self._before.setVisible(question.before)
        answered = question.chosen is not None or question.before
        self.next.setText(tr("Next") if answered else tr("Skip this question"))
        self.next.setProperty("role", "primary" if answered else "")
        restyle(self.next)
        self.back.setEnabled(not question.first)
        self._stack.setCurrentWidget(self._question)
        (self.next if answered else self).setFocus()

    def show_review(self, missing: int, *, first: bool) -> None:
        self._review_text.setText(
            tr("1 question is not answered.")
            if missing == 1
            else tr("{number} questions are not answered.").format(number=missing)
        )
        self._stack.setCurrentWidget(self._review)
        self.look_again.setFocus()

    def show_thanks(self, *, calm: bool) -> None:
        self._thanks_title.setText(tr("Thank you"))
        self._thanks_text.setText(
            tr(
                "Thank you for your answers. Please hand the laptop back now. Somebody will take"
                " a moment to talk with you."
            )
            if calm
            else tr("That was everything. Please hand the laptop back.")
        )
        self._stack.setCurrentWidget(self._thanks)
        self.hand_back.setFocus()

    def show_trouble(self) -> None:
        self._thanks_title.setText(tr("Please hand the laptop back"))
        self._thanks_text.setText(
            tr("Something needs the help of the staff for a moment. It is nothing you did.")
        )
        self._stack.setCurrentWidget(self._thanks)
        self.hand_back.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        asking = self._stack.currentWidget() is self._question
        if event.isAutoRepeat():
            return  # a finger that rests on a key goes through no questions
        if asking and key in _DIGITS:
            self.presenter.choose(_DIGITS.index(key))
        elif asking and key in (Qt.Key.Key_Left, Qt.Key.Key_Backspace) and self.back.isEnabled():
            self.presenter.back()
        elif asking and key in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.presenter.next()
        else:
            super().keyPressEvent(event)

    def _build_question(self) -> QWidget:
        page, inside = self._page()
        top = row(gap=2)
        self._place = label("", "muted", wrap=False)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        top.addWidget(self._place)
        top.addWidget(self._progress, 1)
        inside.addLayout(top)
        inside.addStretch(1)
        self._stem = label("", "muted")
        self._text = label("", "title")
        self._before = label(
            tr("This was answered before. You can leave it as it is, or choose again."), "muted"
        )
        inside.addWidget(self._stem)
        inside.addWidget(self._text)
        inside.addWidget(self._before)
        inside.addSpacing(UNIT)
        self._group = QButtonGroup(self)
        self.answers: list[QPushButton] = []
        for value in range(4):
            made = button("", "choice", partial(self._choose, value))
            made.setCheckable(True)
            made.setMinimumHeight(60)
            self._group.addButton(made)
            self.answers.append(made)
            inside.addWidget(made)
        inside.addStretch(1)
        bottom = row(gap=2)
        self.back = pressed_once(button(tr("Back"), "", lambda: self.presenter.back()))
        self.next = pressed_once(button("", "primary", lambda: self.presenter.next()))
        for made in (self.back, self.next):
            made.setMinimumHeight(48)
            made.setMinimumWidth(140)
        bottom.addWidget(self.back)
        bottom.addStretch(1)
        bottom.addWidget(self.next)
        inside.addLayout(bottom)
        return page

    def _build_review(self) -> QWidget:
        page, inside = self._page()
        inside.addStretch(1)
        self._review_text = label("", "title")
        inside.addWidget(self._review_text)
        inside.addWidget(
            label(tr("You may leave questions out. If you like, you can look at them once more."))
        )
        self.look_again = button(
            tr("Look at them once more"), "", lambda: self.presenter.look_again()
        )
        self.leave_out = button(tr("Continue"), "primary", lambda: self.presenter.hand_in())
        bottom = row(gap=2)
        for made in (self.look_again, self.leave_out):
            made.setMinimumHeight(48)
            bottom.addWidget(made)
        bottom.addStretch(1)
        inside.addLayout(bottom)
        inside.addStretch(1)
        return page

    def _build_thanks(self) -> QWidget:
        page, inside = self._page()
        inside.addStretch(1)
        self._thanks_title = label("", "figure")
        self._thanks_text = label("", "heading")
        self.hand_back = button(
            tr("I am staff: take the laptop back"), "", lambda: self.presenter.hand_back()
        )
        inside.addWidget(self._thanks_title)
        inside.addWidget(self._thanks_text)
        inside.addSpacing(2 * UNIT)
        inside.addWidget(self.hand_back, 0, Qt.AlignmentFlag.AlignLeft)
        inside.addStretch(1)
        return page

    def _build_contacts(self) -> QWidget:
        bar = frame("sunken")
        bar.setStyleSheet("border-radius: 0px;")
        layout = row(bar, gap=2)
        layout.setContentsMargins(4 * UNIT, 2 * UNIT, 4 * UNIT, 2 * UNIT)
        heading = label(tr("If you need help right now"), "strong", wrap=False)
        self.contacts = label("", selectable=True)
        stop = button(tr("Stop and hand back"), "quiet", lambda: self.presenter.hand_back())
        layout.addWidget(heading, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.contacts, 1)
        layout.addWidget(stop, 0, Qt.AlignmentFlag.AlignVCenter)
        return bar

    def _fit_text(self) -> None:
        """Larger answers than elsewhere, in step with the text size of the window."""
        style = f"font-size: {scaled(17)}px;"
        for made in self.answers:
            if made.styleSheet() != style:
                made.setStyleSheet(style)
                made.setMinimumHeight(scaled(52))

    def _choose(self, value: int) -> None:
        self.presenter.choose(value)

    def _page(self) -> tuple[QWidget, QVBoxLayout]:
        """An empty page that scrolls when it has to, and the layout of the card in its middle."""
        holder = QWidget()
        box, inside = card(margin=4, gap=2)
        box.setMaximumWidth(COLUMN)
        layout = row(holder, margin=3)
        layout.addStretch(1)
        layout.addWidget(box, 100)
        layout.addStretch(1)
        area = scrolling(holder)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area, inside
