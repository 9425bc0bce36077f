"""Erasure of one person's records: the request, what would go and stay, the decision."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from PySide6.QtWidgets import QVBoxLayout, QWidget

from clinic_app.domain.erasure import Erasure
from clinic_app.domain.people import has_ink
from clinic_app.services.consent_texts import PURPOSE_LABELS
from clinic_app.services.erasure import ErasurePlan
from clinic_app.ui.jobs import ScreenJobs
from clinic_app.ui.screens.subject.erase_presenter import ErasePresenter, Requests
from clinic_app.ui.screens.subject.texts import STATE_ROLES, STATE_WORDS, story_of
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import answer_row, button, clear, column, frame, label, line, row
from clinic_app.ui.widgets.containers import Pages
from clinic_app.ui.widgets.fields import Field, long_text
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.sheet import Sheet
from clinic_app.ui.widgets.states import Busy, Failure, picture
from clinic_app.ui.workspace import Workspace


class EraseSheet:
    """Records a request, and lets administrators refuse it or carry it out."""

    def __init__(self, above: QWidget, workspace: Workspace, patient_id: UUID) -> None:
        self._above = above
        self._workspace = workspace
        self._jobs = ScreenJobs(workspace.jobs)
        self.presenter = ErasePresenter(self, workspace.services, self._jobs, patient_id)
        content = QWidget()
        box = column(content, margin=3, gap=2)
        title = tr("Erase")
        box.addWidget(label(title, "heading"))
        self._pages = Pages()
        self._busy = Busy(tr("Reading…"))
        self._storing = Busy(tr("Recording the request…"))
        self._page = QWidget()
        self._box = column(self._page, gap=2)
        for page in (self._busy, self._storing, self._page):
            self._pages.add(page)
        box.addWidget(self._pages)
        self.sheet = Sheet(above, content, name=title, width=600)
        self.sheet.closed.connect(self._jobs.drop)
        self.sheet.destroyed.connect(self._jobs.drop)
        self.close = button(tr("Close"), "", self.sheet.dismiss)
        box.addLayout(answer_row(self.close))
        self.reason = long_text(lines=3)
        self.sheet.open(self.close)
        self.presenter.look()

    # --- for the presenter ---------------------------------------------------------------------

    def show_storing(self) -> None:
        self._pages.show_page(self._storing)
        self.sheet.hold(True, self.close)

    def show_failure(self, error: BaseException) -> None:
        self.sheet.hold(False, self.close)
        clear(self._box)
        self._box.addWidget(Failure(explain(error), self.presenter.look))
        self._pages.show_page(self._page)

    def show_refused(self, error: BaseException) -> None:
        self.sheet.hold(False, self.close)
        self._pages.show_page(self._page)
        self._field.show_error(explain(error))
        self.reason.setFocus()

    def show_requests(self, requests: Requests) -> None:
        self.sheet.hold(False, self.close)
        clear(self._box)
        self._box.addWidget(label(requests.patient.display_name, "strong"))
        waiting = requests.waiting
        if waiting is None:
            self._offer_request()
        elif requests.plan is None:
            self._show_story(waiting, requests)
            text = tr("An administrator decides. Nothing is removed before.")
            self._box.addWidget(label(text, "muted"))
        else:
            self._show_story(waiting, requests)
            self._offer_decision(waiting, requests.plan)
        decided = [one for one in requests.erasures if one is not waiting]
        if decided:
            self._box.addWidget(line())
            self._box.addWidget(label(tr("Earlier requests"), "strong"))
            for one in decided:
                self._show_story(one, requests)
        self._pages.show_page(self._page)

    # --- inside --------------------------------------------------------------------------------

    def _show_story(self, one: Erasure, requests: Requests) -> None:
        box = column()
        box.setSpacing(4)
        state = row()
        state.addWidget(label(tr(STATE_WORDS[one.state]), STATE_ROLES[one.state], wrap=False))
        state.addStretch(1)
        box.addLayout(state)
        for text in story_of(one, requests.staff):
            box.addWidget(label(text, "muted", selectable=True))
        self._box.addLayout(box)

    def _offer_request(self) -> None:
        self._box.addWidget(
            label(
                tr(
                    "Record that the person asks for erasure. An administrator decides; the request"
                    " and the decision stay as a record."
                ),
                "muted",
            )
        )
        self._new_reason(tr("What the person asks for, in few words"), optional=True)
        across = row()
        across.addStretch(1)
        self.ask = button(tr("Record the request"), "primary", self._ask)
        across.addWidget(self.ask)
        self._box.addLayout(across)
        self.reason.setFocus()

    def _offer_decision(self, waiting: Erasure, plan: ErasurePlan) -> None:
        for title, drawing, tone, lines in (
            (tr("What goes, for good"), "close", "danger", what_goes(plan)),
            (tr("What stays"), "check", "good", what_stays(plan)),
        ):
            holder = frame("sunken")
            box = column(holder, margin=2, gap=1)
            box.addWidget(label(title, "strong"))
            _list(box, drawing, tone, lines)
            if tone == "good":
                box.addWidget(label(plan.kept_by_law, "small"))
            self._box.addWidget(holder)
        if plan.open_safety:
            text = tr("Safety steps of this person are open: complete them before erasing.")
            self._box.addWidget(label(text, "alarm"))
        self._new_reason(tr("Why it is refused (the person will be given this)"), optional=False)
        across = row()
        across.addStretch(1)
        self.refuse = button(tr("Refuse…"), "", partial(self._refuse, waiting))
        self.complete = button(tr("Carry out…"), "danger", partial(self._complete, waiting, plan))
        self.complete.setEnabled(not plan.open_safety)
        across.addWidget(self.refuse)
        across.addWidget(self.complete)
        self._box.addLayout(across)
        self.refuse.setFocus()

    def _new_reason(self, caption: str, *, optional: bool) -> None:
        self.reason = long_text(lines=2)
        self.reason.setMaximumHeight(self.reason.minimumHeight())
        self._field = Field(caption, self.reason, optional=optional)
        self._box.addWidget(self._field)

    def _ask(self) -> None:
        self._field.show_error("")
        self.presenter.ask(self.reason.toPlainText())

    def _refuse(self, waiting: Erasure) -> None:
        reason = self.reason.toPlainText()
        if not has_ink(reason):
            self._field.show_error(tr("Please write down why the erasure is refused."))
            self.reason.setFocus()
            return
        erasures = self._workspace.services.erasures
        ask_password(
            self._above,
            self._workspace.jobs,
            title=tr("Refuse the erasure?"),
            text=tr("The reason stays in the record and can be given to the person."),
            confirm=tr("Refuse"),
            work=lambda password: erasures.refuse(waiting.id, reason, password),
            done=self._decided,
        )

    def _complete(self, waiting: Erasure, plan: ErasurePlan) -> None:
        erasures = self._workspace.services.erasures
        goes = f"{tr('What goes, for good')}: {'; '.join(what_goes(plan))}"
        ask_password(
            self._above,
            self._workspace.jobs,
            title=tr("Erase for good?"),
            text=tr("{counts}. This cannot be undone.").format(counts=goes),
            confirm=tr("Erase for good"),
            work=partial(erasures.complete, waiting.id),
            done=self._decided,
        )

    def _decided(self, _: Erasure) -> None:
        self.presenter.look()


def what_goes(plan: ErasurePlan) -> list[str]:
    """What carrying out removes, a line each."""
    counts = (
        (plan.images, tr("pairs of pictures: {n}")),
        (plan.drafts, tr("unfinished screenings: {n}")),
        (plan.unsigned_notes, tr("unsigned notes: {n}")),
        (plan.forms, tr("begun forms: {n}")),
    )
    lines = [text.format(n=n) for n, text in counts if n]
    if plan.contact_details:
        lines.append(tr("the phone number"))
    lines += [
        tr("the consent to “{purpose}”").format(purpose=tr(PURPOSE_LABELS[one]))
        for one in plan.purposes_withdrawn
    ]
    return lines or [tr("nothing that is not kept by law")]


def what_stays(plan: ErasurePlan) -> list[str]:
    """What of it is counted, a line each; all that the law asks to keep stands in the plan."""
    counts = (
        (plan.kept_screenings, tr("screenings: {n}")),
        (plan.kept_notes, tr("signed notes: {n}")),
    )
    return [text.format(n=n) for n, text in counts if n]


def _list(box: QVBoxLayout, drawing: str, tone: str, lines: list[str]) -> None:
    for text in lines:
        across = row(gap=1)
        across.addWidget(picture(drawing, 16, tone))
        across.addWidget(label(text), 1)
        box.addLayout(across)
