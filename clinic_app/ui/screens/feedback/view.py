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
from clinic_app.services.feedback import FeedbackKind, NewIncident
from clinic_app.services.feedback_analysis import FeedbackAnalysis, Group
from clinic_app.services.words import AGREEMENTS, INCIDENTS, TONES
from clinic_app.ui.language import number_text
from clinic_app.ui.moments import day_text
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.feedback.bars import Bar, Bars
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
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.sheet import Sheet
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
        self.presenter = FeedbackPresenter(self, workspace.services.feedback, self.jobs)
        self._pages = Pages()
        self._busy = Busy(tr("Adding up…"))
        self._failure = QWidget()
        self._failure_box = column(self._failure)
        self._figures = self._build_figures()
        for page in (self._busy, self._figures, self._failure):
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
        fewer = tr("fewer than {number}").format(number=found.smallest)
        total = fewer if found.ratings is None else number_text(found.ratings)
        mean = "" if found.mean is None else f" · {tr('mean')} {found.mean:.1f}"
        self._total.setText(f"{tr('Ratings')}: {total}{mean}")
        self._distribution.show_bars(
            _parts({tr(RATING_WORDS[one]): n for one, n in found.distribution.items()})
        )
        self._months.show_bars([_group(one) for one in found.by_month])
        self._no_months.setVisible(not found.by_month)
        self._clinics.show_bars([_group(one) for one in found.by_clinic])
        self._agreement.show_bars(
            _parts({tr(AGREEMENTS[one]): n for one, n in found.agreement.items()})
        )
        self._tones.show_bars(_parts({tr(TONES[one]): n for one, n in found.tones.items()}))
        self._reader.setText(
            tr(
                "English texts only, as the word list of {reader} reads them. How well it does so"
                " for patients was not measured."
            ).format(reader=found.tone_reader)
        )
        most = max((one.authors for one in found.themes), default=1)
        self._themes.show_bars(
            [
                Bar(one.words, one.authors / most, tr("{n} people").format(n=one.authors))
                for one in found.themes
            ]
        )
        self._no_themes.setVisible(not found.themes)
        self._cut.setVisible(found.cut)
        self._pages.show_page(self._figures)

    def show_incidents(self, found: Sequence[Incident]) -> None:
        clear(self._incidents)
        for one in sorted(found, key=lambda one: not one.open):
            self._incidents.addWidget(self._incident_row(one))
        if not found:
            self._incidents.addWidget(label(tr("No incident was reported."), "muted"))

    def show_failure(self, error: BaseException) -> None:
        clear(self._failure_box)
        self._failure_box.addWidget(Failure(explain(error), self.presenter.look))
        self._pages.show_page(self._failure)

    def show_trouble(self, error: BaseException) -> None:
        if isinstance(error, InvalidInput) and error.field in ("first", "last"):
            field = self._first if error.field == "first" else self._last
            field.show_error(sentence_of(error))
            return
        self._workspace.notices.report(error)

    def show_sending(self, form: Form, sending: bool) -> None:
        if form is Form.RATING:
            self.rating_text.setReadOnly(sending)
            self.add.setEnabled(not sending and self._rating is not None)
        elif form is Form.INCIDENT:
            self.incident_text.setReadOnly(sending)
            self.report.setEnabled(not sending)

    def show_done(self, form: Form, sentence: str) -> None:
        if form is Form.RATING:
            self._rating, self._rating_id = None, new_id()
            self.choices.show_choice(None)
            self.rating_text.clear()
            self.add.setEnabled(False)
        elif form is Form.INCIDENT:
            self._incident_id = new_id()
            self.incident_text.clear()
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
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(tr("Close this incident"), "heading"))
        edit = long_text(lines=4)
        box.addWidget(Field(tr("What was done about it"), edit))
        sheet = Sheet(self, content, name=tr("Close this incident"), width=520)

        def accept() -> None:
            text = edit.toPlainText()
            if not text.strip():
                edit.setFocus()
                return
            sheet.dismiss()
            self.presenter.close(incident_id, text, tr("The incident is closed."))

        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(button(tr("Cancel"), "", sheet.dismiss))
        buttons.addWidget(button(tr("Close the incident"), "primary", accept))
        box.addLayout(buttons)
        sheet.open(edit)

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
        made, box = card(margin=2)
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

    def _build_figures(self) -> QWidget:
        page = QWidget()
        box = column(page, gap=3)
        self._total = label("", "heading")
        self._distribution = Bars(tr("Ratings from 1 to 5"))
        self._months = Bars(tr("Mean by month"))
        self._no_months = label(tr("Nobody has given a rating yet."), "muted")
        self._clinics = Bars(tr("Mean by clinic"))
        self._agreement = Bars(tr("Does the result fit"))
        self._tones = Bars(tr("Tone of texts"))
        self._reader = label("", "small")
        self._themes = Bars(tr("Themes"))
        self._no_themes = label(tr("No theme was written about by five people yet."), "muted")
        self._cut = label(tr("Only the newest texts were read."), "small")
        note = label(
            tr(
                "Numbers below five are withheld (hatched), and now and then a larger one with"
                " them, so that nobody can be found by subtraction."
            ),
            "small",
        )
        box.addWidget(_panel(self._total, self._distribution, note))
        box.addWidget(_panel(label(tr("Mean by month"), "heading"), self._no_months, self._months))
        box.addWidget(_panel(label(tr("By clinic"), "heading"), self._clinics))
        box.addWidget(
            _panel(label(tr("Do patients find that results fit?"), "heading"), self._agreement)
        )
        box.addWidget(
            _panel(
                label(tr("What is written about"), "heading"),
                self._no_themes,
                self._themes,
                self._cut,
                label(tr("Tone"), "strong"),
                self._tones,
                self._reader,
            )
        )
        return page

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
        return _panel(
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
        return _panel(
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


def _panel(*widgets: QWidget) -> QFrame:
    made, box = card(gap=1)
    for widget in widgets:
        box.addWidget(widget)
    return made


def _parts(counts: dict[str, int | None]) -> list[Bar]:
    """Parts of a whole, the longest bar for the largest that is told."""
    most = max((count for count in counts.values() if count is not None), default=0) or 1
    return [
        Bar(
            words,
            None if count is None else count / most,
            tr("withheld") if count is None else number_text(count),
        )
        for words, count in counts.items()
    ]


def _group(one: Group) -> Bar:
    if one.count is None or one.mean is None:
        return Bar(one.name, None, tr("withheld"))
    return Bar(one.name, one.mean / 5, f"{one.mean:.1f} · {number_text(one.count)}")
