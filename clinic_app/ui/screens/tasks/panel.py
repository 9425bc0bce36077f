"""The tasks about one person, for that person's page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.people import Patient
from clinic_app.domain.tasks import Task
from clinic_app.services.tasks import TaskRow
from clinic_app.ui.jobs import Lane, ScreenJobs
from clinic_app.ui.moments import local_day
from clinic_app.ui.pressed import Pressed
from clinic_app.ui.screens.tasks.form import open_task_form
from clinic_app.ui.screens.tasks.rows import due_text
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, clear, column, icon_button, label, row
from clinic_app.ui.widgets.focus import kept_focus
from clinic_app.ui.widgets.states import Failure
from clinic_app.ui.workspace import Workspace

Found = tuple[Patient, list[TaskRow]]


class TasksPanel(QWidget):
    """Reads by itself, once at first and again with ``look``.

    Signals:
        changed: a task was added, changed, done or cancelled.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, patient_id: UUID) -> None:
        super().__init__()
        self._workspace = workspace
        self._service = workspace.services.tasks
        self._jobs = jobs = ScreenJobs(workspace.jobs)
        self.destroyed.connect(lambda _=None: jobs.drop())
        self._patient_id = patient_id
        self._patient: Patient | None = None
        self._finished_shown = False
        self._pressed = Pressed()
        self._rows: list[TaskRow] = []
        box = column(self, gap=1)
        top = row()
        top.addWidget(label(tr("Tasks"), "heading"), 1)
        self.add = icon_button(tr("New task"), "plus", "quiet", self._new)
        self.add.setEnabled(False)
        top.addWidget(self.add)
        box.addLayout(top)
        self._list = column(gap=1)
        self._list.addWidget(label(tr("Reading…"), "muted"))
        box.addLayout(self._list)
        self.look()

    def look(self) -> None:
        """Read again."""

        def read() -> Found:
            patient = self._workspace.services.patients.get(self._patient_id)
            return patient, self._service.of_patient(self._patient_id)

        self._jobs.submit(Lane.DATABASE, read, done=self._show, failed=self._fail)

    def drop(self) -> None:
        """The page goes: answers still under way are dropped."""
        self._jobs.drop()

    def _show(self, found: Found) -> None:
        self._pressed.shown()
        self._patient, self._rows = found
        self.add.setEnabled(True)
        self._fill()

    def _fill(self) -> None:
        with kept_focus(self):
            self._fill_list()

    def _fill_list(self) -> None:
        clear(self._list)
        still = [one for one in self._rows if one.task.open]
        over = [one for one in self._rows if not one.task.open]
        for one in still:
            self._list.addWidget(self._row(one))
        if not still:
            self._list.addWidget(label(tr("No open tasks."), "muted"))
        if over:
            words = tr("Hide finished tasks") if self._finished_shown else _finished_text(len(over))
            self._list.addWidget(
                button(words, "link", self._toggle_finished), 0, Qt.AlignmentFlag.AlignLeft
            )
        if self._finished_shown:
            for one in over:
                self._list.addWidget(self._row(one))

    def _fail(self, error: BaseException) -> None:
        clear(self._list)
        self._list.addWidget(Failure(explain(error), self.look))

    def _row(self, one: TaskRow) -> QWidget:
        made = QWidget()
        line = row(made, gap=1)
        words = column()
        words.setSpacing(0)
        words.addWidget(label(one.task.title, "strong" if one.task.open else "muted"))
        facts = [due_text(one, local_day(utc_now()))]
        facts.append(one.owner_name or tr("nobody yet"))
        words.addWidget(label(" · ".join(facts), "alarm" if one.overdue else "small"))
        if one.task.detail and one.task.open:
            words.addWidget(label(one.task.detail, "small"))
        line.addLayout(words, 1)
        if one.task.open:
            change = icon_button("", "pen", "icon", partial(self._change, one.task))
            change.setAccessibleName(tr("Change “{title}”").format(title=one.task.title))
            done = icon_button(tr("Done"), "check", "", partial(self._finish, one.task))
            done.setAccessibleName(tr("“{title}” is done").format(title=one.task.title))
            for pressed in (change, done):
                line.addWidget(pressed, 0, Qt.AlignmentFlag.AlignTop)
        else:
            again = button(tr("Take it back"), "link", partial(self._reopen, one.task))
            again.setAccessibleName(tr("“{title}” is open again").format(title=one.task.title))
            line.addWidget(again, 0, Qt.AlignmentFlag.AlignTop)
        return made

    def _toggle_finished(self) -> None:
        self._finished_shown = not self._finished_shown
        self._fill()

    def _new(self) -> None:
        if self._patient is not None:
            open_task_form(self, self._workspace, self._saved, patient=self._patient)

    def _change(self, task: Task) -> None:
        open_task_form(self, self._workspace, self._saved, task=task, patient=self._patient)

    def _finish(self, task: Task) -> None:
        self._change_once(task, self._service.finish)

    def _reopen(self, task: Task) -> None:
        self._change_once(task, self._service.reopen)

    def _change_once(self, task: Task, change: Callable[[UUID], Task]) -> None:
        if not self._pressed.take(task.id):
            return

        def done(changed: Task) -> None:
            self._pressed.stored(task.id)
            self._saved(changed)

        def fail(error: BaseException) -> None:
            self._pressed.refused(task.id)
            self._trouble(error)

        self._jobs.submit(Lane.DATABASE, lambda: change(task.id), done=done, failed=fail)

    def _saved(self, _task: Task) -> None:
        self.look()
        self.changed.emit()

    def _trouble(self, error: BaseException) -> None:
        self._workspace.notices.report(error)
        self.look()


def _finished_text(count: int) -> str:
    if count == 1:
        return tr("1 finished task")
    return tr("{number} finished tasks").format(number=count)
