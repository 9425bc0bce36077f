"""The sheet with the safety steps; it cannot be dismissed while the flow is open."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.forms import FormKind
from clinic_app.domain.people import CrisisContact
from clinic_app.domain.safety import SafetyFlow, SafetyState
from clinic_app.ui.jobs import ScreenJobs
from clinic_app.ui.moments import near_text
from clinic_app.ui.screens.kept_words import KeptWords
from clinic_app.ui.screens.safety.forms import AcknowledgeForm, AssessmentForm, HandOverForm
from clinic_app.ui.screens.safety.presenter import TALK_NOW, SafetyPresenter, Situation
from clinic_app.ui.strings import TRIGGER_SENTENCES, tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain, explain_refusal
from clinic_app.ui.widgets.basics import (
    bring_into_view,
    button,
    card,
    clear,
    column,
    label,
    line,
    may_be_cut,
    row,
)
from clinic_app.ui.widgets.containers import Pages
from clinic_app.ui.widgets.languages import Original
from clinic_app.ui.widgets.sheet import Sheet
from clinic_app.ui.widgets.states import Busy, Failure, picture
from clinic_app.ui.workspace import Workspace

_DONE_ELSEWHERE = (
    "These steps were completed on another laptop meanwhile, so what is written here is no part of"
    " them. Copy it into a note if it is to stay in the record."
)


class SafetySteps(QWidget):
    """The content of the sheet."""

    def __init__(self, workspace: Workspace, flow_id: UUID, patient_id: UUID) -> None:
        super().__init__()
        self.sheet: Sheet | None = None
        self.jobs = ScreenJobs(workspace.jobs)
        self._notices = workspace.notices
        self._forms, self._flow_id = workspace.services.forms, flow_id
        self.presenter = SafetyPresenter(self, workspace.services, self.jobs, flow_id, patient_id)
        box = column(self, margin=3, gap=2)
        top = row(gap=2)
        top.addWidget(picture("shield", 30, "danger"))
        words = column()
        words.setSpacing(2)
        self.title = may_be_cut(label(tr("Safety steps"), "title"))
        words.addWidget(self.title)
        self._trigger = label("", "muted")
        words.addWidget(self._trigger)
        top.addLayout(words, 1)
        box.addLayout(top)
        self._pages = Pages()
        self._busy = Busy(tr("Opening…"))
        self._problem = QWidget()
        self._problem_box = column(self._problem)
        self._content = QWidget()
        self._fill_content()
        for page in (self._busy, self._content, self._problem):
            self._pages.add(page)
        box.addWidget(self._pages)
        self._loaded = self._may_leave = False

    # --- for the presenter -------------------------------------------------------------------

    def show_situation(self, situation: Situation) -> None:
        flow = situation.flow
        if flow is None:
            self.kept.end()
            self.close_sheet()
            return
        self._loaded = True
        self.kept.restore()
        self.title.setText(tr("Safety steps · {name}").format(name=situation.patient.display_name))
        self._trigger.setText(
            tr("{what} Open since {when}.").format(
                what=tr(TRIGGER_SENTENCES[flow.trigger]), when=near_text(flow.opened_at, utc_now())
            )
        )
        self._show_contacts(situation.contacts)
        self.hand_over.show_colleagues(situation.colleagues)
        handed = flow.state is SafetyState.HANDED_OVER
        self.acknowledge.setVisible(handed)
        if handed:
            self.acknowledge.show_colleague(situation.handed_to, flow.handed_to)
        self.leave.setVisible(situation.may_be_left)
        self.stays.setVisible(situation.may_be_left)
        self._may_leave = situation.may_be_left
        self._let_leave(True)
        self._pages.show_page(self._content)
        QTimer.singleShot(0, self._focus_first)

    def show_error(self, error: InvalidInput) -> None:
        for form in (self.assessment, self.hand_over, self.acknowledge):
            if form.isVisible() and form.fields.show_error(error):
                return
        self.show_failure(error)

    def show_busy(self, busy: bool) -> None:
        self._failure.hide()
        for form in (self.assessment, self.hand_over, self.acknowledge):
            form.setEnabled(not busy)
        self._let_leave(not busy)

    def show_failure(self, error: BaseException) -> None:
        if self._loaded:
            self.acknowledge.forget()
            self._failure.setText(explain_refusal(error))
            self._failure.show()
            return
        # Nothing can be done here without the store: it may be left, the flow stays where it is.
        clear(self._problem_box)
        self._problem_box.addWidget(Failure(explain(error), self.presenter.look))
        close = button(tr("Close; the steps stay on the first screen"), "", self.close_sheet)
        self._problem_box.addWidget(close)
        self._may_leave = True
        self._let_leave(True)
        self._pages.show_page(self._problem)

    def show_done(self, flow: SafetyFlow) -> None:
        self.kept.end()
        self._notices.tell(tr("The safety steps are documented."))
        self.close_sheet()

    def show_done_elsewhere(self) -> None:
        self._failure.setText(tr(_DONE_ELSEWHERE))
        self._failure.show()
        for form in (self.assessment, self.hand_over, self.acknowledge):
            form.send.setEnabled(False)  # what is written stays, to be copied
        self.stays.hide()
        self.leave.setText(tr("Close"))
        self.leave.show()
        self.leave.setFocus()
        bring_into_view(self.leave)
        self._may_leave = True
        self._let_leave(True)

    def close_sheet(self) -> None:
        if self.sheet is not None:
            self.sheet.dismiss()

    # --- inside ------------------------------------------------------------------------------

    def _let_leave(self, now: bool) -> None:
        """Not while something is being stored, even where the steps may be left: whoever has gone
        is told neither that it is done nor that the password was wrong."""
        self.leave.setEnabled(now)
        if self.sheet is not None:
            self.sheet.set_dismissible(now and self._may_leave)

    def _fill_content(self) -> None:
        box = column(self._content, gap=2)
        box.addWidget(label(tr(TALK_NOW)))
        box.addWidget(Original([TALK_NOW, *TRIGGER_SENTENCES.values()]))
        self._contacts_holder, self._contacts = card(role="sunken", margin=2, gap=1)
        box.addWidget(self._contacts_holder)
        self.acknowledge = AcknowledgeForm(self.presenter.acknowledge)
        self.acknowledge.hide()
        box.addWidget(self.acknowledge)
        box.addWidget(line())
        self.assessment = AssessmentForm(self.presenter.assess)
        self.kept = KeptWords(
            self._forms, self.jobs, FormKind.SAFETY_ASSESSMENT, self._flow_id, self.assessment.edits
        )
        self.assessment.show_around(self.kept.offer, self.kept)
        self.hand_over = HandOverForm(self.presenter.hand_over)
        self._ways = Pages()
        self._ways.add(self.assessment)
        self._ways.add(self.hand_over)
        box.addLayout(self._choice_of_ways())
        box.addWidget(self._ways)
        self._failure = label("", "error")
        self._failure.hide()
        box.addWidget(self._failure)
        self.stays = label(tr("The steps stay on the first screen until they are done."), "small")
        self.stays.hide()
        box.addWidget(self.stays)
        self.leave = button(tr("Leave for now"), "", self.close_sheet)
        self.leave.hide()
        box.addWidget(self.leave)

    def _choice_of_ways(self) -> QHBoxLayout:
        across = row(gap=1)
        group = QButtonGroup(self)
        for words, page in (
            (tr("Document the assessment"), self.assessment),
            (tr("Hand over to a colleague"), self.hand_over),
        ):
            made = button(words, "choice", self._shower(page))
            made.setCheckable(True)
            made.setChecked(page is self.assessment)
            group.addButton(made)
            across.addWidget(made, 1)
        return across

    def _shower(self, page: QWidget) -> Callable[[], None]:
        return lambda: self._ways.show_page(page)

    def _show_contacts(self, contacts: tuple[CrisisContact, ...]) -> None:
        clear(self._contacts)
        self._contacts.addWidget(label(tr("Crisis contacts"), "strong"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * UNIT)
        grid.setColumnStretch(1, 1)
        for number, contact in enumerate(contacts):
            grid.addWidget(picture("phone", 18, "accent"), number, 0)
            grid.addWidget(label(contact.name), number, 1)
            grid.addWidget(label(contact.phone, "strong", wrap=False, selectable=True), number, 2)
            grid.addWidget(label(contact.hours, "small", wrap=False), number, 3)
        self._contacts.addLayout(grid)

    def _focus_first(self) -> None:
        if self.acknowledge.isVisible():
            self.acknowledge.password.edit.setFocus()
        elif self.assessment.isVisible():
            self.assessment.first.setFocus()


def open_safety(workspace: Workspace, above: QWidget, flow_id: UUID, patient_id: UUID) -> Sheet:
    """Open the steps over ``above``; the sheet's ``closed`` tells when they are left."""
    steps = SafetySteps(workspace, flow_id, patient_id)
    sheet = Sheet(above, steps, name=tr("Safety steps"), width=760, dismissible=False)
    steps.sheet = sheet
    sheet.closed.connect(steps.kept.keep)
    sheet.closed.connect(steps.jobs.drop)
    sheet.open()
    steps.presenter.look()
    return sheet
