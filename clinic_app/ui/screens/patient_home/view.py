"""The first page in a patient's hands, the pages below it, and help always within reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget

from clinic_app.services.patient_home import OwnResult, PatientHome
from clinic_app.ui.contact_words import contact_lines
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.patient_home.pages import (
    COLUMN,
    AppointmentPage,
    ConsentPage,
    FeedbackPage,
    HomePage,
    ResultsPage,
    touchable,
)
from clinic_app.ui.screens.patient_home.presenter import Appointments, PatientHomePresenter
from clinic_app.ui.screens.screening.questionnaire.patient import PatientPresenter
from clinic_app.ui.screens.screening.questionnaire.patient_view import PatientPage
from clinic_app.ui.strings import sentence_of, tr
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import button, column, frame, label, may_be_cut, row, scrolling
from clinic_app.ui.widgets.containers import Centred
from clinic_app.ui.widgets.languages import LanguageSwitch
from clinic_app.ui.widgets.states import Busy
from clinic_app.ui.widgets.tile import Tile
from clinic_app.ui.workspace import Workspace

_SIZES = {
    "QLabel, QPushButton, QPlainTextEdit, QCheckBox": 17,
    'QLabel[role="muted"]': 16,
    'QLabel[role="heading"]': 20,
    'QLabel[role="title"]': 28,
    'QLabel[role="figure"]': 34,
}
"""Text sizes in pixels at 100%."""


class Questions(PatientPage):
    """The questionnaires, from which one comes back to the first page.

    Signals:
        finished: everything was handed in and nothing in it calls for a member of staff now.
        calmed: the person is asked to hand the laptop back to a member of staff.
    """

    finished = Signal()
    calmed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.calm = False

    def show_thanks(self, *, calm: bool) -> None:
        self.calm = calm
        super().show_thanks(calm=calm)
        (self.calmed if calm else self.finished).emit()

    def show_trouble(self) -> None:
        self.calm = True  # the staff have to see to it: no way back to the first page
        super().show_trouble()
        self.calmed.emit()


class PatientHomeScreen(Screen):
    """Hands the laptop to ``patient_id`` as soon as it comes to the front, unless it is
    ``handed_over`` already."""

    def __init__(
        self, workspace: Workspace, patient_id: UUID, *, handed_over: bool = False
    ) -> None:
        super().__init__(workspace.jobs, tr("In the patient's hands"))
        self._workspace = workspace
        self._begun = handed_over
        self._home: PatientHome | None = None
        self._after_look: Callable[[], None] | None = None
        self.presenter = PatientHomePresenter(self, workspace, self.jobs, patient_id)
        self.consent = ConsentPage(
            lambda answers: self.presenter.record_consent(answers, tr("Your answers are kept."))
        )
        self.feedback = FeedbackPage(
            lambda rating, text, named: self.presenter.rate(
                rating, text, named=named, sentence=tr("Thank you. Your words have arrived.")
            )
        )
        self.appointment = AppointmentPage(
            lambda time, reason: self.presenter.request_appointment(
                time, reason, tr("The clinic has your request and will answer it.")
            )
        )
        self.results = ResultsPage(
            lambda screening_id, said: self.presenter.agree(screening_id, said)
        )
        self.questions = Questions()
        self.asking = PatientPresenter(self.presenter, self.questions)
        self.questions.presenter = self.asking
        self.questions.finished.connect(self._all_answered)
        self.questions.calmed.connect(lambda: self._show(self.questions))
        self.asking.taken_back = self._taken_back
        self._busy = Busy(tr("One moment…"))
        self.first = self._build_first()
        self._stack = QStackedWidget()
        for page in (self._busy, self.first, *self._pages, self.questions):
            self._stack.addWidget(page)
        for page in self._pages:
            page.back_asked.connect(self.presenter.look)
        box = column(self, gap=0)
        box.addWidget(self._stack, 1)
        self.foot = self._build_foot()
        box.addWidget(self.foot)

        self._fit_text()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit_text()

    # --- for the shell -----------------------------------------------------------------------

    def arrive(self) -> None:
        if not self._begun:
            self._begun = True
            self.presenter.begin()
        elif self._home is None:
            self.presenter.look()

    def cover(self) -> None:
        """Nothing about the person stays behind the lock, nor what was typed."""
        if self.asking.ends_calmly:  # the lock came before "Next": the question was the last one
            self.questions.show_thanks(calm=True)
        if self._asked_to_hand_back:
            return
        self.asking.end()
        self._forget()
        self._stack.setCurrentWidget(self._busy)

    def uncover(self) -> None:
        if not self._asked_to_hand_back:
            self.presenter.look()

    # --- for the presenter -------------------------------------------------------------------

    def show_home(self, home: PatientHome) -> None:
        self._forget()
        self._home = home
        self._greeting.setText(tr("Hello, {name}").format(name=home.given_name))
        self._contacts.setText(contact_lines(home.contacts))
        self._questions_tile.setEnabled(bool(home.waiting))
        self._questions_text.setText(_waiting_text(len(home.waiting)))
        self._results_text.setText(_results_text(home.results))
        self._show(self.first)
        (self._questions_tile if home.waiting else self._consent_tile).setFocus()
        after, self._after_look = self._after_look, None
        if after is not None:
            after()

    def show_results(self, results: Sequence[OwnResult]) -> None:
        self.results.show_results(results)
        self._show(self.results)
        self.results.back.setFocus()

    def show_appointments(self, found: Appointments) -> None:
        self.appointment.show_appointments(found.own, found.free)
        self._show(self.appointment)
        self.appointment.back.setFocus()

    def show_questions(self, home: PatientHome) -> None:
        self._show(self.questions)
        self.asking.begin(home.waiting)

    def show_done(self, sentence: str) -> None:
        def tell() -> None:
            self._told.setText(sentence)
            self._told.setAccessibleName(sentence)
            self._told.show()

        self._after_look = tell
        self.presenter.look()

    def show_trouble(self, error: BaseException) -> None:
        sentence = sentence_of(error)
        page = self._stack.currentWidget()
        if isinstance(page, HomePage):
            page.show_trouble(sentence)
            return
        self._told.setText(sentence)
        self._told.show()
        self._show(self.first)

    def show_refused(self) -> None:
        self._workspace.navigator.show_today()

    # --- inside ------------------------------------------------------------------------------

    @property
    def _pages(self) -> tuple[HomePage, ...]:
        return (self.consent, self.feedback, self.appointment, self.results)

    @property
    def _asked_to_hand_back(self) -> bool:
        """The person was asked to hand the laptop back; that stays until staff has it."""
        return self.questions.calm

    def _show(self, page: QWidget) -> None:
        if self._asked_to_hand_back and page is not self.questions:
            return  # an answer that was under way
        self.foot.setVisible(page is not self.questions)  # the questions have their own
        self._stack.setCurrentWidget(page)

    def _forget(self) -> None:
        self._home = None
        self._greeting.clear()
        self._told.clear()
        self._told.hide()
        for page in self._pages:
            page.forget()

    def _open_consent(self) -> None:
        if self._home is not None:
            self.consent.show_consent(self._home)
            self._show(self.consent)
            self.consent.back.setFocus()

    def _open_feedback(self) -> None:
        self.feedback.forget()
        self._show(self.feedback)
        self.feedback.back.setFocus()  # a ring around an answer would look like a choice

    def _all_answered(self) -> None:
        self.asking.active = False
        self.show_done(tr("Thank you. Your answers are kept."))

    def _fit_text(self) -> None:
        """Larger than elsewhere, in step with the text size of the window."""
        style = "\n".join(
            f"{what} {{ font-size: {scaled(size)}px; }}" for what, size in _SIZES.items()
        )
        if self._stack.styleSheet() != style:
            self._stack.setStyleSheet(style)

    def _hand_back(self) -> None:
        self._workspace.navigator.leave_patient_mode(self._taken_back)

    def _taken_back(self) -> None:
        unsaved = self.asking.end()
        self._forget()
        self._stack.setCurrentWidget(self._busy)
        self.presenter.taken_back(unsaved)

    def _build_first(self) -> QWidget:
        inside = QWidget()
        box = column(inside, gap=2)
        self._greeting = may_be_cut(label("", "figure"))
        self._told = label("", "good")
        self._told.hide()
        self._questions_tile, self._questions_text = _tile(
            tr("Questions about how you are"), "screening", self.presenter.open_questions
        )
        self._consent_tile, consent_text = _tile(
            tr("What may be done"), "shield", self._open_consent
        )
        consent_text.setText(tr("Look at what you agreed to, and change it."))
        results, self._results_text = _tile(tr("My results"), "trend", self.presenter.open_results)
        visits, visits_text = _tile(tr("Appointments"), "clock", self.presenter.open_appointments)
        visits_text.setText(tr("See your own, and ask for one."))
        self.said, said_text = _tile(tr("How was it?"), "pen", self._open_feedback)
        said_text.setText(tr("Tell the clinic what was good and what could be better."))
        box.addWidget(LanguageSwitch(), 0, Qt.AlignmentFlag.AlignRight)
        box.addWidget(self._greeting)
        box.addWidget(
            label(tr("These pages are only yours. Take your time; nothing can break here."))
        )
        box.addWidget(self._told)
        for made in (self._questions_tile, self._consent_tile, results, visits, self.said):
            box.addWidget(made)
        holder = QWidget()
        column(holder, margin=4).addWidget(Centred(inside, COLUMN, vertically=True))
        area = scrolling(holder)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    def _build_foot(self) -> QWidget:
        bar = frame("sunken")
        bar.setStyleSheet("border-radius: 0px;")
        across = row(bar, gap=2)
        across.setContentsMargins(4 * UNIT, 2 * UNIT, 4 * UNIT, 2 * UNIT)
        across.addWidget(label(tr("If you need help right now"), "strong", wrap=False))
        self._contacts = label("")
        across.addWidget(self._contacts, 1)
        self.hand_back = touchable(
            button(tr("I am staff: take the laptop back"), "quiet", self._hand_back)
        )
        across.addWidget(self.hand_back)
        return bar


def _tile(title: str, drawing: str, on_click: Callable[[], object]) -> tuple[Tile, QLabel]:
    """A tile and its second line, whose words may change."""
    made = Tile(title, " ", drawing=drawing, on_click=on_click)
    return made, made.findChildren(QLabel)[-2]


def _waiting_text(number: int) -> str:
    if number == 0:
        return tr("Everything is handed in. Thank you.")
    return (
        tr("1 questionnaire waits for you.")
        if number == 1
        else tr("{number} questionnaires wait for you.").format(number=number)
    )


def _results_text(number: int) -> str:
    if number == 0:
        return tr("Nothing to read yet: a doctor looks through results first.")
    return tr("What a doctor has looked through, in plain words.")
