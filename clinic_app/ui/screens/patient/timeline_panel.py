"""The timeline: one card a row, newest first; questionnaires first, the estimate last and small."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from clinic_app.domain.notes import Note
from clinic_app.domain.safety import SafetyFlow, SafetyState
from clinic_app.domain.screening import Screening
from clinic_app.ui.moments import moment_text
from clinic_app.ui.screens.patient.presenter import Record
from clinic_app.ui.screens.patient.texts import (
    Row,
    consent_text,
    estimate_text,
    item_nine_text,
    moment_of_row,
    name_of,
    note_status,
    rows_of,
    safety_lines,
    score_text,
)
from clinic_app.ui.strings import JUDGEMENT_LABELS, TRIGGER_SENTENCES, tr
from clinic_app.ui.widgets.basics import button, card, clear, column, label, row
from clinic_app.ui.widgets.states import Emptiness, picture

SHOWN_AT_FIRST = 15
_LONG_NOTE = 700


class Actions(Protocol):
    """What the rows can ask for."""

    def open_report(self, screening_id: UUID) -> None: ...
    def open_flow(self, flow_id: UUID) -> None: ...
    def go_on_with(self, note: Note) -> None: ...
    def add_to(self, note: Note) -> None: ...


class TimelinePanel(QWidget):
    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._actions = actions
        self._rows: list[Row] = []
        self._shown = SHOWN_AT_FIRST
        self._record: Record | None = None
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

    def _show_all(self) -> None:
        self._shown = len(self._rows)
        self._fill()

    def _card(self, one: Row, record: Record) -> QFrame:
        if isinstance(one, Screening):
            return self._screening(one, record)
        if isinstance(one, Note):
            return self._note(one, record)
        if isinstance(one, SafetyFlow):
            return self._flow(one, record)
        made, box = _event(tr("Consent"), "check", one)
        box.addWidget(label(tr(consent_text(one, record.names)), "muted"))
        return made

    def _screening(self, one: Screening, record: Record) -> QFrame:
        report = button(tr("Report"), "quiet", lambda: self._actions.open_report(one.id))
        report.setAccessibleName(
            tr("Report of the screening of {when}").format(when=moment_text(one.finished_at))
        )
        made, box = _event(tr("Screening"), "screening", one, report)
        for response in one.responses:
            scores = label(score_text(response), "strong")
            box.addWidget(scores)
            if text := item_nine_text(response):
                box.addWidget(label(tr(text), "caution"))
        if one.judgement is not None:
            said = tr("Clinician's judgement: {severity}").format(
                severity=tr(JUDGEMENT_LABELS[one.judgement.severity])
            )
            if one.judgement.flagged:
                said = f"{said} · {tr('flagged')}"
            box.addWidget(label(said))
            if one.judgement.note:
                box.addWidget(label(one.judgement.note, "muted"))
        if one.finding is not None:
            box.addWidget(label(_lesser(estimate_text(one.finding)), "small"))
        box.addWidget(
            label(tr("Taken by {name}").format(name=name_of(one.taken_by, record.names)), "small")
        )
        return made

    def _note(self, one: Note, record: Record) -> QFrame:
        if one.signed_at is None:
            action = button(tr("Go on writing"), "quiet", lambda: self._actions.go_on_with(one))
        else:
            action = button(tr("Add to it"), "quiet", lambda: self._actions.add_to(one))
        title = tr("Addendum") if one.addendum_to else tr("Note")
        made, box = _event(title, "pen", one, action)
        text = label(one.text, selectable=True)
        box.addWidget(text)
        if len(one.text) > _LONG_NOTE:
            text.setText(one.text[:_LONG_NOTE].rstrip() + " …")
            more = button(tr("Show all of it"), "link")

            def show_all() -> None:
                text.setText(one.text)
                more.hide()

            more.clicked.connect(show_all)
            box.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(
            label(note_status(one, record.names), "small" if one.signed_at else "caution")
        )
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


def _event(
    title: str, drawing: str, one: Row, action: QWidget | None = None
) -> tuple[QFrame, QVBoxLayout]:
    made, box = card(margin=2, gap=0)
    made.setAccessibleName(f"{title}, {moment_text(moment_of_row(one))}")
    line = row(gap=2)
    tone = "danger" if isinstance(one, SafetyFlow) and one.blocks_finishing else "accent"
    line.addWidget(picture(drawing, 22, tone), 0, Qt.AlignmentFlag.AlignTop)
    words = column()
    words.setSpacing(4)
    top = row(gap=1)
    top.addWidget(label(title, "strong", wrap=False))
    top.addWidget(label(moment_text(moment_of_row(one)), "small", wrap=False))
    top.addStretch(1)
    words.addLayout(top)
    line.addLayout(words, 1)
    if action is not None:
        line.addWidget(action, 0, Qt.AlignmentFlag.AlignTop)
    box.addLayout(line)
    return made, words


def _lesser(text: str) -> str:
    return tr("Beside it, from the picture: {text}").format(text=text)
