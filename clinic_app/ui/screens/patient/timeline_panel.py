"""The timeline: one card a row, newest first; questionnaires first, the estimate last and small."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from clinic_app.domain.notes import Note
from clinic_app.domain.reviews import Review
from clinic_app.domain.safety import SafetyFlow, SafetyState
from clinic_app.domain.screening import Screening
from clinic_app.ui.moments import local_day, moment_text
from clinic_app.ui.screens.patient.note_form import KIND_LABELS
from clinic_app.ui.screens.patient.presenter import Record
from clinic_app.ui.screens.patient.texts import (
    Row,
    consent_text,
    estimate_text,
    item_nine_text,
    moment_of_row,
    name_of,
    note_status,
    note_text,
    rows_of,
    safety_lines,
    score_text,
)
from clinic_app.ui.screens.review.sheet import review_text
from clinic_app.ui.screens.screening.result.facts import cautions_text
from clinic_app.ui.strings import JUDGEMENT_LABELS, TRIGGER_SENTENCES, tr
from clinic_app.ui.widgets.basics import button, card, clear, column, label, row
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.marks import Marks
from clinic_app.ui.widgets.states import Emptiness, picture

SHOWN_AT_FIRST = 15
_LONG_NOTE = 700
SIGNED_TWICE = (
    "Signed twice: the following text of this note was signed on another workstation. Neither holds"
    " alone; an addendum says what does."
)
WITHHELD = "The estimate from the picture is shown after you have recorded your own severity."


class Actions(Protocol):
    """What the rows can ask for."""

    def open_report(self, screening_id: UUID) -> None: ...
    def review(self, screening: Screening) -> None:
        """Begin, go on with or look at one's own review."""

    def discard(self, note: Note) -> None: ...
    def show_older(self) -> None:
        """Read one more page of screenings."""

    def open_flow(self, flow_id: UUID) -> None: ...
    def go_on_with(self, note: Note) -> None: ...
    def add_to(self, note: Note) -> None: ...
    def take_over(self, note: Note) -> None:
        """Begin an own note with the words of a draft that was handed over."""


class TimelinePanel(QWidget):
    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._actions = actions
        self._rows: list[Row] = []
        self._shown = SHOWN_AT_FIRST
        self._record: Record | None = None
        self.marks = Marks()
        box = column(self, gap=2)
        box.addWidget(label(tr("Timeline"), "heading"))
        self._list: QVBoxLayout = column(gap=2)
        box.addLayout(self._list)

    def show_record(self, record: Record) -> None:
        self._record = record
        self._rows = rows_of(record.timeline.events)
        self._fill()

    def _fill(self) -> None:
        record = self._record
        assert record is not None
        clear(self._list)
        self.marks.forget()
        if not self._rows:
            holder, box = card()
            box.addWidget(
                Emptiness(
                    "clock",
                    tr("Nothing here yet"),
                    tr("Screenings, notes and consent will stand here in order of time."),
                )
            )
            self._list.addWidget(holder)
            return
        for one in self._rows[: self._shown]:
            self._list.addWidget(self._card(one, record))
        older = len(self._rows) - self._shown
        if older > 0:
            self._list.addWidget(
                button(tr("Show {number} older").format(number=older), "", self._show_all)
            )
        elif record.timeline.older is not None:
            self._list.addWidget(button(tr("Read older screenings"), "", self._read_older))
        self.marks.refresh()

    def _show_all(self) -> None:
        self._shown = len(self._rows)
        self._fill()

    def _read_older(self) -> None:
        self._shown += SHOWN_AT_FIRST
        self._actions.show_older()

    def _card(self, one: Row, record: Record) -> QFrame:
        if isinstance(one, Screening):
            return self._screening(one, record)
        if isinstance(one, Note):
            return self._note(one, record)
        if isinstance(one, SafetyFlow):
            return self._flow(one, record)
        made, box = _event(tr("Consent"), "check", one)
        box.addWidget(label(consent_text(one, record.names), "muted"))
        return made

    def _screening(self, one: Screening, record: Record) -> QFrame:
        when = moment_text(one.finished_at)
        report = button(tr("Report"), "quiet", lambda: self._actions.open_report(one.id))
        report.setAccessibleName(tr("Report of the screening of {when}").format(when=when))
        made, box = _event(tr("Screening"), "screening", one, self._review(one, record), report)
        for response in one.responses:
            scores = label(score_text(response), "strong")
            box.addWidget(scores)
            if text := item_nine_text(response):
                box.addWidget(label(text, "caution"))
        if one.judgement is not None:
            said = tr("Clinician's judgement: {severity}").format(
                severity=tr(JUDGEMENT_LABELS[one.judgement.severity])
            )
            if one.judgement.flagged:
                said = f"{said} · {tr('flagged')}"
            box.addWidget(label(said))
            if one.judgement.note:
                box.addWidget(label(one.judgement.note, "muted"))
        for review in reviews_of(one, record):
            name = name_of(review.reviewer, record.names)
            box.addWidget(label(tr("Review by {text}").format(text=review_text(review, name))))
            if review.text:
                box.addWidget(label(review.text, "muted"))
        if one.id in record.timeline.withheld:
            box.addWidget(label(tr(WITHHELD), "small"))
        elif one.finding is not None:
            box.addWidget(label(_lesser(estimate_text(one.finding)), "small"))
            minor = record.timeline.patient.is_minor_on(local_day(one.started_at))
            if said := cautions_text(one.cautions, minor=minor):
                box.addWidget(label(said, "small"))
        box.addWidget(
            label(tr("Taken by {name}").format(name=name_of(one.taken_by, record.names)), "small")
        )
        box.addWidget(self.marks.of(one.id))
        return made

    def _review(self, one: Screening, record: Record) -> QWidget | None:
        if not record.page.may_review:
            return None
        own = own_review(one, record)
        words = tr("Review")
        if own is not None:
            words = tr("See the review") if own.concluded else tr("Finish the review")
        made = button(words, "quiet", lambda: self._actions.review(one))
        made.setAccessibleName(f"{words}, {moment_text(one.finished_at)}")
        return made

    def _note(self, one: Note, record: Record) -> QFrame:
        actions = []
        if one.signed_at is not None:
            actions.append(button(tr("Add to it"), "quiet", lambda: self._actions.add_to(one)))
        elif one.author == record.me:
            discard = button(tr("Discard…"), "quiet", lambda: self._actions.discard(one))
            go_on = button(tr("Go on writing"), "quiet", lambda: self._actions.go_on_with(one))
            actions += [discard, go_on]
        elif one.is_handed_to(record.me) and not _drawn_by_me(one, record):
            words = tr("Begin an own note with it")
            actions.append(button(words, "quiet", lambda: self._actions.take_over(one)))
        title = tr("Addendum") if one.addendum_to else tr(KIND_LABELS[one.kind])
        made, box = _event(title, "pen", one, *actions)
        written = note_text(one)
        text = label(written, selectable=True)
        if written:  # a colleague's draft comes without its words
            box.addWidget(text)
        if len(written) > _LONG_NOTE:
            text.setText(written[:_LONG_NOTE].rstrip() + " …")
            more = button(tr("Show all of it"), "link")

            def show_all() -> None:
                text.setText(written)
                more.hide()

            more.clicked.connect(show_all)
            box.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        status = label(
            note_status(one, record.names, record.me),
            "small" if one.signed_at else "caution",
            selectable=True,
        )
        box.addWidget(status)
        for other in record.timeline.signed_beside.get(one.id, ()):
            box.addWidget(label(tr(SIGNED_TWICE), "caution"))
            box.addWidget(label(note_text(other), selectable=True))
            said = note_status(other, record.names, record.me)
            box.addWidget(label(said, "small", selectable=True))
        box.addWidget(self.marks.of(one.id))
        return made

    def _flow(self, one: SafetyFlow, record: Record) -> QFrame:
        action = None
        if one.state is not SafetyState.CLOSED:
            action = button(tr("Open the steps"), "quiet", lambda: self._actions.open_flow(one.id))
        made, box = _event(tr("Safety steps"), "shield", one, action)
        if one.state is not SafetyState.CLOSED:
            made.setProperty("role", "edged")
        box.addWidget(label(tr(TRIGGER_SENTENCES[one.trigger])))
        for text in safety_lines(one, record.names):
            box.addWidget(label(text, "muted"))
        return made


def own_review(one: Screening, record: Record) -> Review | None:
    """The review of this screening that belongs to who looks at the page."""
    mine = (review for review in reviews_of(one, record) if review.reviewer == record.me)
    return next(mine, None)


def reviews_of(one: Screening, record: Record) -> list[Review]:
    """In order of judgement."""
    found = [review for review in record.timeline.reviews if review.screening_id == one.id]
    return sorted(found, key=lambda review: (review.judged_at, review.id))


def _drawn_by_me(draft: Note, record: Record) -> bool:
    """Whether an own note was begun with this draft of a colleague."""
    return any(
        isinstance(one, Note)
        and one.author == record.me
        and one.origin is not None
        and one.origin.note_id == draft.id
        for one in record.timeline.events
    )


def _event(
    title: str, drawing: str, one: Row, *actions: QWidget | None
) -> tuple[QFrame, QVBoxLayout]:
    made, box = card(margin=2, gap=0)
    made.setAccessibleName(f"{title}, {moment_text(moment_of_row(one))}")
    line = row(gap=2)
    tone = "danger" if isinstance(one, SafetyFlow) and one.blocks_finishing else "accent"
    line.addWidget(picture(drawing, 22, tone), 0, Qt.AlignmentFlag.AlignTop)
    words = column()
    words.setSpacing(4)
    # Title, time and actions share one line where they fit, and wrap with large text.
    top = Flow()
    top.add(label(title, "strong", wrap=False))
    top.add(label(moment_text(moment_of_row(one)), "small", wrap=False))
    for action in actions:
        if action is not None:
            top.add(action)
    words.addWidget(top)
    line.addLayout(words, 1)
    box.addLayout(line)
    return made, words


def _lesser(text: str) -> str:
    return tr("Beside it, from the picture: {text}").format(text=text)
