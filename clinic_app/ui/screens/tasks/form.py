"""A sheet to write a task down, or to change one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from PySide6.QtWidgets import QComboBox, QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.forms import FormKind
from clinic_app.domain.people import Patient, StaffUser
from clinic_app.domain.tasks import TITLE_LIMIT, Task
from clinic_app.services.meanwhile import form_of
from clinic_app.services.tasks import NewTask
from clinic_app.ui.jobs import Lane, ScreenJobs
from clinic_app.ui.moments import local_day, parse_day
from clinic_app.ui.screens.base import read_then_open
from clinic_app.ui.screens.kept_words import Edit, KeptWords
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import answer_row, button, column, label
from clinic_app.ui.widgets.fields import Field, Fields, choice, long_text, text_edit
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.sheet import Sheet
from clinic_app.ui.workspace import Workspace


def open_task_form(
    above: QWidget,
    workspace: Workspace,
    saved: Callable[[Task], object],
    *,
    task: Task | None = None,
    patient: Patient | None = None,
) -> None:
    """Ask who can have the task, then show the sheet; ``saved`` gets the task once it is stored."""

    def show(owners: list[StaffUser]) -> None:
        TaskForm(above, workspace, owners, saved, task=task, patient=patient)

    read_then_open(above, workspace, workspace.services.tasks.owners, show)


class TaskForm:
    """The sheet; what is typed into it is kept until the task is stored or it is discarded."""

    def __init__(
        self,
        above: QWidget,
        workspace: Workspace,
        owners: list[StaffUser],
        saved: Callable[[Task], object],
        *,
        task: Task | None = None,
        patient: Patient | None = None,
    ) -> None:
        self._service = workspace.services.tasks
        self._jobs = ScreenJobs(workspace.jobs)
        self._saved = saved
        self._task = task
        self._patient = patient
        heading = tr("New task") if task is None else tr("Change the task")
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(heading, "heading"))
        self._me = workspace.services.session.user
        if patient is not None:
            box.addWidget(label(tr("About {name}").format(name=patient.display_name), "muted"))
        self.title = text_edit(tr("What there is to do"), limit=TITLE_LIMIT)
        self.due = text_edit(tr("day.month.year"))
        self.owners = self._owner_choice(owners, self._me)
        self.detail = long_text(lines=3)
        self.detail.setFixedHeight(self.detail.minimumHeight())
        self.fields = Fields(
            {
                "title": Field(tr("Task"), self.title),
                "due_on": Field(tr("Due"), self.due, optional=True),
                "owner": Field(tr("Who does it"), self.owners),
                "detail": Field(tr("More about it"), self.detail, optional=True),
            }
        )
        if task is not None:
            self._fill(task)
        self.kept = self._make_kept(workspace)
        box.addWidget(self.kept.offer)
        for name in ("title", "due_on"):
            box.addWidget(self.fields[name])
        box.addWidget(self._days())
        for name in ("owner", "detail"):
            box.addWidget(self.fields[name])
        self.trouble = label("", "error")
        self.trouble.hide()
        box.addWidget(self.trouble)
        box.addWidget(self.kept)
        self.sheet = Sheet(above, content, name=heading, width=540)
        self.sheet.keeps = True
        self.sheet.closed.connect(self.kept.keep)
        self.sheet.closed.connect(self._jobs.drop)
        self.confirm = button(
            tr("Add the task") if task is None else tr("Save"), "primary", self._send
        )
        self.close = button(tr("Close"), "", self.sheet.dismiss)
        box.addLayout(answer_row(self.close, self.confirm))
        for edit in (self.title, self.due):
            edit.returnPressed.connect(self._send)
        self.sheet.open(self.title)
        self.kept.restore()

    def _make_kept(self, workspace: Workspace) -> KeptWords:
        about = self._task or self._patient or self._me
        edits: dict[str, Edit] = {
            "title": self.title,
            "due_on": self.due,
            "owner": self.owners,
            "detail": self.detail,
        }
        forms = workspace.services.forms
        return KeptWords(forms, self._jobs, FormKind.TASK, about.id, edits)

    def _owner_choice(self, owners: list[StaffUser], me: StaffUser) -> QComboBox:
        others = [(user.display_name, user.id) for user in owners if user.id != me.id]
        mine = (tr("{name} (you)").format(name=me.display_name), me.id)
        return choice([mine, *others, (tr("Nobody yet"), None)])

    def _days(self) -> QWidget:
        holder = Flow()
        today = local_day(utc_now())
        for words, days in ((tr("Today"), 0), (tr("Tomorrow"), 1), (tr("In a week"), 7)):
            day = today + timedelta(days=days)
            made = button(words, "chip", partial(self._set_due, day))
            made.setAccessibleName(tr("Due {day}").format(day=words))
            holder.add(made)
        return holder

    def _set_due(self, day: date) -> None:
        self.due.setText(day.isoformat())
        self.fields["due_on"].show_error("")

    def _fill(self, task: Task) -> None:
        self.title.setText(task.title)
        self.due.setText(task.due_on.isoformat() if task.due_on else "")
        self.detail.setPlainText(task.detail)
        place = self.owners.findData(task.owner)
        if place < 0:  # somebody who works here no more keeps it until another is chosen
            self.owners.addItem(tr("As before"), task.owner)
            place = self.owners.count() - 1
        self.owners.setCurrentIndex(place)

    def _send(self) -> None:
        if not self.confirm.isEnabled():
            return
        self.fields.clear_errors()
        self.trouble.hide()
        try:
            due = parse_day(self.due.text()) if self.due.text().strip() else None
        except InvalidInput as error:
            self.fields.show_error(InvalidInput("due_on", error.sentence))
            return
        patient_id = self._patient.id if self._patient else None
        if self._task is not None:
            patient_id = self._task.patient_id
        new = NewTask(
            self.title.text(),
            self.detail.toPlainText(),
            self.owners.currentData(),
            due,
            patient_id,
        )
        self.confirm.setEnabled(False)
        self.sheet.hold(True, self.close)
        task = self._task

        def work() -> Task:
            if task is None:
                return self._service.add(new, from_form=True)
            return self._service.change(task.id, new, from_form=True, over=form_of(NewTask, task))

        self.kept.hold()
        self._jobs.submit(Lane.DATABASE, work, done=self._done, failed=self._refused)

    def _done(self, task: Task) -> None:
        self.kept.end()
        self.sheet.dismiss()
        self._saved(task)

    def _refused(self, error: BaseException) -> None:
        self.confirm.setEnabled(True)
        self.sheet.hold(False, self.close)
        self.kept.go_on()
        if not (isinstance(error, InvalidInput) and self.fields.show_error(error)):
            self.trouble.setText(explain(error))
            self.trouble.show()
