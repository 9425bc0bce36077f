"""The pages a patient reads and fills in: large, one thing on each, always a way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from clinic_app.domain.appointments import AppointmentState
from clinic_app.domain.consent import Purpose, offered
from clinic_app.domain.feedback import Agreement
from clinic_app.services.appointment_rows import AppointmentRow
from clinic_app.services.availability import FreeTime
from clinic_app.services.patient_home import OwnResult, OwnScore, PatientHome
from clinic_app.ui.moments import day_text, long_day_text
from clinic_app.ui.screens.patient_home.words import (
    AGREEMENT_LABELS,
    RATING_LABELS,
    STATE_SENTENCES,
    VIEW_SENTENCES,
)
from clinic_app.ui.screens.screening.consent.view import PurposeRow
from clinic_app.ui.strings import PURPOSE_TEXTS, PURPOSE_WITHDRAWALS, tr
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import (
    button,
    card,
    clear,
    column,
    icon_button,
    label,
    line,
    scrolling,
)
from clinic_app.ui.widgets.choices import ChoiceRow
from clinic_app.ui.widgets.containers import Centred
from clinic_app.ui.widgets.fields import Field, long_text
from clinic_app.ui.widgets.languages import Original
from clinic_app.ui.widgets.tick import Tick

COLUMN = 820
_TOUCH = 52
"""Height of what fingers press, in pixels at 100% text size."""
_SHOWN_STATES = (AppointmentState.REQUESTED, AppointmentState.APPROVED, AppointmentState.DENIED)


def touchable(made: QPushButton) -> QPushButton:
    """Large enough for a finger."""
    made.setMinimumHeight(scaled(_TOUCH))
    return made


class HomePage(QWidget):
    """A page below the first one.

    Signals:
        back_asked: to the first page.
    """

    back_asked = Signal()

    def __init__(self, title: str, lead: str = "") -> None:
        super().__init__()
        self.setAccessibleName(title)
        inside = QWidget()
        box = column(inside, gap=2)
        self.back = touchable(icon_button(tr("Back"), "back", "quiet", self.back_asked.emit))
        box.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(label(title, "title"))
        if lead:
            box.addWidget(label(lead, "muted"))
        self.trouble = label("", "error")
        self.trouble.hide()
        self.content: QVBoxLayout = column(gap=2)
        box.addLayout(self.content)
        box.addWidget(self.trouble)
        box.addStretch(1)
        holder = QWidget()
        column(holder, margin=4).addWidget(Centred(inside, COLUMN))
        area = scrolling(holder)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column(self).addWidget(area)

    def show_trouble(self, sentence: str) -> None:
        self.trouble.setText(sentence)
        self.trouble.setAccessibleName(sentence)
        self.trouble.setVisible(bool(sentence))

    def forget(self) -> None:
        """Take away everything about a person."""
        self.show_trouble("")


class ConsentPage(HomePage):
    """Yes and no for each purpose; ``on_save`` gets what differs."""

    def __init__(self, on_save: Callable[[dict[Purpose, bool]], object]) -> None:
        super().__init__(
            tr("What may be done"),
            tr("Every “no” is fine, and you can change your mind at any time."),
        )
        self._on_save = on_save
        self._before: dict[Purpose, bool] = {}
        self._answers: dict[Purpose, bool] = {}
        self._minor = label(
            tr("A parent or guardian decides about this, together with you and the staff.")
        )
        self._off = label(tr("Pictures are switched off at this place."), "muted")
        frame, inside = card(gap=2)
        self.purposes: dict[Purpose, PurposeRow] = {}
        self._rules: dict[Purpose, QWidget] = {}
        for purpose in Purpose:
            shown, rule = PurposeRow(purpose), line()
            for made in (shown.yes, shown.no):
                touchable(made)
            shown.answered.connect(partial(self._answer, purpose))
            self.purposes[purpose], self._rules[purpose] = shown, rule
            inside.addWidget(shown)
            inside.addWidget(rule)
        self._means = label("", "caution")
        self.save = touchable(button(tr("Save my answers"), "primary", self._save))
        original = Original(list(PURPOSE_TEXTS))
        for widget in (self._minor, self._off, frame, original, self._means, self.save):
            self.content.addWidget(widget)

    def show_consent(self, home: PatientHome) -> None:
        self.show_trouble("")
        self._before, self._answers = dict(home.consent), dict(home.consent)
        self._minor.setVisible(home.minor)
        self._off.setVisible(not home.face_on)
        asked = offered(home.consent, face_on=home.face_on, in_group=home.in_group)
        for purpose, shown in self.purposes.items():
            shown.setVisible(purpose in asked)
            self._rules[purpose].setVisible(purpose in asked[:-1])
            shown.setEnabled(not home.minor)
        self._refresh()

    def forget(self) -> None:
        super().forget()
        self._before, self._answers = {}, {}
        self._refresh()

    def _answer(self, purpose: Purpose, granted: bool) -> None:
        self._answers[purpose] = granted
        self._refresh()

    @property
    def _changes(self) -> dict[Purpose, bool]:
        before = self._before
        return {p: yes for p, yes in self._answers.items() if before.get(p) is not yes}

    def _refresh(self) -> None:
        for purpose, shown in self.purposes.items():
            shown.show_answer(self._answers.get(purpose))
        taken_back = [p for p, yes in self._changes.items() if not yes and self._before.get(p)]
        self._means.setText("\n".join(tr(PURPOSE_WITHDRAWALS[one]) for one in taken_back))
        self._means.setVisible(bool(taken_back))
        self.save.setEnabled(bool(self._changes))

    def _save(self) -> None:
        self._on_save(self._changes)


class FeedbackPage(HomePage):
    """1 to 5 and free words; unnamed unless the person says otherwise."""

    def __init__(self, on_send: Callable[[int, str, bool], object]) -> None:
        super().__init__(
            tr("How was it?"),
            tr("This is about the clinic, not about you. It changes nothing in your care."),
        )
        self._on_send = on_send
        self._rating: int | None = None
        self.choices = ChoiceRow([tr(words) for words in RATING_LABELS], self._choose)
        self.choices.setAccessibleName(tr("From 1, poor, to 5, very good"))
        self.text = own_words(lines=5)
        field = Field(tr("What was good, what could be better?"), self.text, optional=True)
        self.named = Tick(tr("The clinic may know that this is from me"))
        self.send = touchable(button(tr("Send"), "primary", self._send))
        for widget in (self.choices, field, self.named, self.send):
            self.content.addWidget(widget)
        self.forget()

    def forget(self) -> None:
        super().forget()
        self._rating = None
        self.choices.show_choice(None)
        self.text.clear()
        self.named.setChecked(False)
        self.send.setEnabled(False)

    def _choose(self, place: int) -> None:
        self._rating = place + 1
        self.choices.show_choice(place)
        self.send.setEnabled(True)

    def _send(self) -> None:
        if self._rating is not None:
            self._on_send(self._rating, self.text.toPlainText(), self.named.isChecked())


class AppointmentPage(HomePage):
    """The own appointments, and asking for one; ``on_send`` gets the time (``None``: any)."""

    def __init__(self, on_send: Callable[[FreeTime | None, str], object]) -> None:
        super().__init__(
            tr("Appointments"), tr("You can ask for a time. The clinic answers to it.")
        )
        self._on_send = on_send
        self._times: list[FreeTime | None] = []
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self._chosen)
        self._own = column(gap=1)
        self._choices = column(gap=1)
        self.reason = own_words(lines=3)
        field = Field(tr("What is it about?"), self.reason, optional=True)
        self.send = touchable(button(tr("Ask for this appointment"), "primary", self._send))
        self.content.addLayout(self._own)
        self.content.addWidget(label(tr("Times that are free"), "heading"))
        self.content.addLayout(self._choices)
        self.content.addWidget(field)
        self.content.addWidget(self.send)
        self.forget()

    def show_appointments(self, own: Sequence[AppointmentRow], free: Sequence[FreeTime]) -> None:
        self.forget()
        shown = [one for one in own if one.appointment.state in _SHOWN_STATES]
        for one in shown[:6]:
            self._own.addWidget(label(_appointment_text(one)))
        if not shown:
            self._own.addWidget(label(tr("You have no appointment yet."), "muted"))
        self._times = [*free, None]
        for place, time in enumerate(self._times):
            made = touchable(button(_time_text(time), "choice"))
            made.setCheckable(True)
            self._group.addButton(made, place)
            self._choices.addWidget(made)
        self.send.setEnabled(False)

    @property
    def times(self) -> list[QPushButton]:
        """What can be chosen, the wait list last."""
        return [one for one in self._group.buttons() if isinstance(one, QPushButton)]

    def forget(self) -> None:
        super().forget()
        for made in self._group.buttons():
            self._group.removeButton(made)
        clear(self._own)
        clear(self._choices)
        self._times = []
        self.reason.clear()
        self.send.setEnabled(False)

    def _chosen(self, _place: int) -> None:
        self.send.setEnabled(True)

    def _send(self) -> None:
        place = self._group.checkedId()
        if 0 <= place < len(self._times):
            self._on_send(self._times[place], self.reason.toPlainText())


class ResultsPage(HomePage):
    """Reviewed results in plain words; ``on_answer`` gets whether one fits."""

    def __init__(self, on_answer: Callable[[UUID, Agreement], object]) -> None:
        super().__init__(
            tr("My results"),
            tr(
                "Only what a doctor has looked through is shown here. A number says little by"
                " itself: please talk about it with the people who look after you."
            ),
        )
        self._on_answer = on_answer
        self._cards = column(gap=2)
        self.content.addLayout(self._cards)
        self.content.addWidget(Original(list(VIEW_SENTENCES.values())))

    def show_results(self, results: Sequence[OwnResult]) -> None:
        self.forget()
        for result in results:
            self._cards.addWidget(self._card(result))
        if not results:
            self._cards.addWidget(
                label(tr("There is nothing to read yet. A doctor looks through results first."))
            )

    def forget(self) -> None:
        super().forget()
        clear(self._cards)

    def _card(self, result: OwnResult) -> QWidget:
        made, box = card(gap=1)
        box.addWidget(label(long_day_text(result.taken_on), "heading"))
        box.addWidget(label(tr(VIEW_SENTENCES[result.doctors_view])))
        for score in result.scores:
            box.addWidget(label(_score_text(score)))
        looked = tr("Looked through by {name} on {day}.").format(
            name=result.reviewer or tr("a doctor"), day=day_text(result.reviewed_on)
        )
        box.addWidget(label(looked, "muted"))
        box.addSpacing(UNIT)
        box.addWidget(label(tr("Does this fit how you have been?"), "strong"))
        answers = list(Agreement)

        def answer(place: int) -> None:
            self._on_answer(result.screening_id, answers[place])

        day = day_text(result.taken_on)
        choices = ChoiceRow([tr(AGREEMENT_LABELS[one]) for one in answers], answer)
        for one, pressed in zip(answers, choices.buttons, strict=True):
            pressed.setAccessibleName(f"{day}: {tr(AGREEMENT_LABELS[one])}")
        choices.show_choice(None if result.said is None else answers.index(result.said))
        box.addWidget(choices)
        return made


def own_words(*, lines: int) -> QPlainTextEdit:
    """Where a patient types: nothing can be dropped in, and there is no menu."""
    made = long_text(lines=lines)
    made.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
    made.setAcceptDrops(False)
    made.setMaximumHeight(scaled(34 * lines))
    return made


def _score_text(score: OwnScore) -> str:
    if score.total is None or score.band is None:
        return tr("{title}: too many questions were left open for a total.").format(
            title=score.title
        )
    return tr("{title}: {total} of {maximum} points. This range is called “{band}”.").format(
        title=score.title, total=score.total, maximum=score.maximum, band=score.band
    )


def _appointment_text(one: AppointmentRow) -> str:
    state = tr(STATE_SENTENCES[one.appointment.state])
    if one.starts is None:
        return f"{tr('Without a time yet')} · {state}"
    when = f"{long_day_text(one.starts.date())}, {one.starts:%H:%M}"
    return " · ".join(part for part in (when, one.clinician_name, state) if part)


def _time_text(time: FreeTime | None) -> str:
    if time is None:
        return tr("Another time: please call me when one is free")
    day = f"{long_day_text(time.starts.date())}"
    return f"{day}, {time.starts:%H:%M} · {time.clinician_name}"
