"""Feedback: how the service is found, what is written about it, what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QWidget

from clinic_app.domain.access import Action, allows
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.feedback import Author, DegreeOfHarm, Incident, IncidentCategory
from clinic_app.domain.ids import new_id
from clinic_app.services.feedback import NewIncident
from clinic_app.services.feedback_analysis import FeedbackAnalysis
from clinic_app.services.feedback_table import FeedbackKind
from clinic_app.services.words import INCIDENTS
from clinic_app.ui.moments import day_text
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.feedback.closing import CloseIncident
from clinic_app.ui.screens.feedback.figures import Figures, panel
from clinic_app.ui.screens.feedback.presenter import FeedbackPresenter, Form
from clinic_app.ui.screens.feedback.words import (
    HARM_WORDS,
    RATING_WORDS,
)
from clinic_app.ui.strings import sentence_of, tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import (
    button,
    card,
    clear,
    column,
    label,
    line,
    row,
    scrolling,
)
from clinic_app.ui.widgets.choices import ChoiceRow
from clinic_app.ui.widgets.containers import Centred, Columns, Pages
from clinic_app.ui.widgets.fields import Field, choice, long_text, text_edit
from clinic_app.ui.widgets.focus import kept_focus
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.sheet import is_shown
from clinic_app.ui.widgets.states import Busy, Failure
from clinic_app.ui.workspace import Workspace

_TEXT_HEIGHT = 110
"""Of the forms' text fields, in pixels at 100% text size."""


class FeedbackScreen(Screen):
    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.jobs, tr("Feedback"))
        self._workspace = workspace
        role = workspace.services.session.user.role
        self._may_close = allows(role, Action.CLOSE_INCIDENT)
        self._may_export = allows(role, Action.EXPORT_FEEDBACK)
        self._rating: int | None = None
        self._rating_id = self._incident_id = new_id()
        self._closing: CloseIncident | None = None
        self.presenter = FeedbackPresenter(self, workspace.services.feedback, self.jobs)
        self._pages = Pages()
        self._busy = Busy(tr("Adding up…"))
        self._failure = QWidget()
        self._failure_box = column(self._failure)
        self.figures = Figures()
        for page in (self._busy, self.figures, self._failure):
            self._pages.add(page)
        columns = Columns(break_at=900, side_width=360)
        columns.main_box.addWidget(self._build_filter())
        columns.main_box.addWidget(self._pages)
        columns.main_box.addStretch(1)
        columns.side_box.addWidget(self._build_rating())
        columns.side_box.addWidget(self._build_incident())
        columns.side_box.addWidget(self._build_incidents())
        columns.side_box.addStretch(1)
        holder = QWidget()
        column(holder, margin=4).addWidget(Centred(columns, 1500))
        column(self).addWidget(scrolling(holder))

    # --- for the shell -----------------------------------------------------------------------

    def arrive(self) -> None:
        self.presenter.look()

    def renew(self) -> None:
        self.presenter.look()

    def unfinished(self) -> str:
        typed = self.rating_text.toPlainText() + self.incident_text.toPlainText()
        return tr("What was typed as feedback is not kept yet.") if typed.strip() else ""

    # --- for the presenter -------------------------------------------------------------------

    def show_analysis(self, found: FeedbackAnalysis) -> None:
        self.figures.show_analysis(found)
        self._pages.show_page(self.figures)

    def show_incidents(self, found: Sequence[Incident]) -> None:
        with kept_focus(self):
            clear(self._incidents)
            for one in sorted(found, key=lambda one: not one.open):
                self._incidents.addWidget(self._incident_row(one))
        if not found:
            self._incidents.addWidget(label(tr("No incident was reported."), "muted"))

    def show_failure(self, error: BaseException) -> None:
        clear(self._failure_box)
        self._failure_box.addWidget(Failure(explain(error), self.presenter.look))
        self._pages.show_page(self._failure)

    def show_trouble(self, error: BaseException, form: Form | None = None) -> None:
        if form is None and isinstance(error, InvalidInput) and error.field in ("first", "last"):
            field = self._first if error.field == "first" else self._last
            field.show_error(sentence_of(error))
            return
        closing = form is Form.CLOSING
        if closing and self._closing is not None and is_shown(self._closing.sheet):
            self._closing.show_refused(error)
            return
        self._workspace.notices.report(error)

    def show_sending(self, form: Form, sending: bool) -> None:
        if form is Form.RATING:
            self.rating_text.setReadOnly(sending)
            self.add.setEnabled(not sending and self._rating is not None)
        elif form is Form.INCIDENT:
            self.incident_text.setReadOnly(sending)
            self.report.setEnabled(not sending)
        elif self._closing is not None:
            self._closing.show_sending(sending)

    def show_done(self, form: Form, sentence: str) -> None:
        if form is Form.RATING:
            self._rating, self._rating_id = None, new_id()
            self.choices.show_choice(None)
            self.rating_text.clear()
            self.add.setEnabled(False)
        elif form is Form.INCIDENT:
            self._incident_id = new_id()
            self.incident_text.clear()
        elif self._closing is not None:
            self._closing.sheet.dismiss()
        self._workspace.notices.tell(sentence)

    # --- what staff do -----------------------------------------------------------------------

    def _filter(self) -> None:
        for field in (self._first, self._last):
            field.show_error("")
        self.presenter.choose_months(self.first.text(), self.last.text())

    def _choose(self, place: int) -> None:
        self._rating = place + 1
        self.choices.show_choice(place)
        self.add.setEnabled(True)

    def _add(self) -> None:
        if self._rating is not None:
            author = Author(self.author.currentData())
            text = self.rating_text.toPlainText()
            sentence = tr("The rating is kept.")
            self.presenter.rate(self._rating_id, self._rating, text, author, sentence)

    def _report(self) -> None:
        new = NewIncident(
            self.incident_text.toPlainText(),
            IncidentCategory(self.category.currentData()),
            DegreeOfHarm(self.harm.currentData()),
            id=self._incident_id,
        )
        self.presenter.report(new, tr("The incident is reported."))

    def _ask_to_close(self, incident_id: UUID) -> None:
        self._closing = CloseIncident(
            self,
            lambda text: self.presenter.close(incident_id, text, tr("The incident is closed.")),
        )

    def _export(self, kind: FeedbackKind) -> None:
        dialog = QFileDialog(
            self, tr("Save the answers"), f"{kind.value}.csv", tr("Tables (*.csv)")
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(partial(self.ask_export, kind))
        dialog.open()

    def ask_export(self, kind: FeedbackKind, path: str) -> None:
        """Ask for the password, then write the file."""
        ask_password(
            self,
            self.jobs,
            title=tr("Export feedback"),
            text=tr("The file is not encrypted. It names nobody, but holds what people wrote."),
            confirm=tr("Export"),
            work=partial(self.presenter.export, kind, Path(path)),
            done=lambda saved: self._workspace.notices.tell(
                tr("“{name}” is saved.").format(name=saved.name)
            ),
        )

    # --- layout ------------------------------------------------------------------------------

    def _build_filter(self) -> QFrame:
        made, box = card()
        across = row(gap=2)
        self.first, self.last = text_edit("2026-01", limit=7), text_edit("2026-12", limit=7)
        self._first = Field(tr("From month"), self.first)
        self._last = Field(tr("To month"), self.last)
        for field in (self._first, self._last):
            field.setMinimumWidth(scaled(120))
            across.addWidget(field)
        for edit in (self.first, self.last):
            edit.returnPressed.connect(self._filter)
        self.show_span = button(tr("Show"), "primary", self._filter)
        across.addWidget(self.show_span, 0, Qt.AlignmentFlag.AlignBottom)
        across.addStretch(1)
        box.addLayout(across)
        if self._may_export:
            below = row(gap=2)
            for kind, words in (
                (FeedbackKind.RATINGS, tr("Export ratings…")),
                (FeedbackKind.AGREEMENTS, tr("Export agreement…")),
                (FeedbackKind.INCIDENTS, tr("Export incidents…")),
            ):
                below.addWidget(button(words, "link", partial(self._export, kind)))
            below.addStretch(1)
            box.addLayout(below)
        return made

    def _build_rating(self) -> QFrame:
        self.choices = ChoiceRow([str(one) for one in RATING_WORDS], self._choose)
        for number, made in enumerate(self.choices.buttons, start=1):
            made.setAccessibleName(tr(RATING_WORDS[number]))
        self.rating_text = long_text(lines=2)
        self.rating_text.setMaximumHeight(scaled(_TEXT_HEIGHT))
        self.author = choice(
            ((tr("a patient"), Author.PATIENT.value), (tr("staff"), Author.STAFF.value))
        )
        self.add = button(tr("Keep the rating"), "primary", self._add)
        self.add.setEnabled(False)
        return panel(
            label(tr("A rating on paper or by phone"), "heading"),
            label(tr("1 is poor, 5 is very good. No name is kept."), "muted"),
            self.choices,
            Field(tr("What was said"), self.rating_text, optional=True),
            Field(tr("Given by"), self.author),
            self.add,
        )

    def _build_incident(self) -> QFrame:
        self.category = choice((tr(words), one.value) for one, words in INCIDENTS.items())
        self.harm = choice((tr(words), one.value) for one, words in HARM_WORDS.items())
        self.incident_text = long_text(lines=3)
        self.incident_text.setMaximumHeight(scaled(_TEXT_HEIGHT))
        self.report = button(tr("Report the incident"), "primary", self._report)
        return panel(
            label(tr("Something went wrong"), "heading"),
            Field(tr("Kind"), self.category),
            Field(tr("Harm"), self.harm),
            Field(tr("What happened"), self.incident_text),
            self.report,
        )

    def _build_incidents(self) -> QFrame:
        self._incidents = column(gap=1)
        made, box = card(gap=1)
        box.addWidget(label(tr("Incidents"), "heading"))
        box.addLayout(self._incidents)
        return made

    def _incident_row(self, one: Incident) -> QWidget:
        holder = QWidget()
        box = column(holder, gap=0)
        box.addWidget(line())
        top = row(gap=1)
        words = f"{day_text(one.opened_on)} · {tr(INCIDENTS[one.category])}"
        top.addWidget(label(words, "strong"), 1)
        badge = label(tr("open") if one.open else tr("closed"), wrap=False)
        badge.setProperty("role", "badge-warning" if one.open else "badge")
        top.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(top)
        box.addWidget(label(f"{tr('Harm')}: {tr(HARM_WORDS[one.harm])}", "small"))
        box.addWidget(label(one.text))
        told = [step for step in one.events[1:] if step.id not in one.void]
        for step in told:
            box.addWidget(label(f"{day_text(step.on)}: {step.text}", "muted"))
        if one.open and self._may_close:
            close = button(tr("Close…"), "link", self._closer(one.id))
            close.setAccessibleName(
                tr("Close the incident of {day}: {text}").format(
                    day=day_text(one.opened_on), text=one.text[:60]
                )
            )
            box.addWidget(close, 0, Qt.AlignmentFlag.AlignLeft)
        return holder

    def _closer(self, incident_id: UUID) -> Callable[[], None]:
        return lambda: self._ask_to_close(incident_id)
