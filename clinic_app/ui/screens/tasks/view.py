"""Open tasks: one's own, everybody's, the overdue; all of it from the keyboard."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QTableView,
    QWidget,
)

from clinic_app.domain.tasks import Task
from clinic_app.services.tasks import LIST_LIMIT, TaskRow
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.tasks.form import open_task_form
from clinic_app.ui.screens.tasks.presenter import Counts, TasksPresenter, Whose
from clinic_app.ui.screens.tasks.rows import NEEDS_WIDTH, TITLE, TaskTable
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import (
    button,
    clear,
    column,
    icon_button,
    label,
    pressed_once,
    row,
)
from clinic_app.ui.widgets.containers import framed
from clinic_app.ui.widgets.fitted import Fitted
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.row_table import row_table
from clinic_app.ui.widgets.states import Busy, Emptiness, Failure
from clinic_app.ui.workspace import Workspace

WHOSE_LABELS = {Whose.MINE: "Mine", Whose.ALL: "Everybody's", Whose.OVERDUE: "Overdue"}


class TasksScreen(Fitted, Screen):
    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.jobs, tr("Tasks"))
        self._workspace = workspace
        services = workspace.services
        me = services.session.user.id
        self.presenter = TasksPresenter(self, services.tasks, self.jobs, me)
        self.rows = TaskTable()
        self.table = self._make_table()
        self.add = icon_button(tr("New task"), "plus", "primary", self._new)
        self._others = QWidget()
        self._others_box = column(self._others)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._others)
        self.detail = label("", "muted")
        self.undone = label("", "small")
        self.take_back = button(tr("Take it back"), "link", self._take_back)
        self._last: Task | None = None
        content = QWidget()
        box = column(content, gap=2)
        top = row(gap=2)
        top.addWidget(self._filters(), 1)
        top.addWidget(self.add, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(top)
        box.addWidget(self._stack, 1)
        box.addWidget(self.detail)
        box.addLayout(self._actions())
        column(self, margin=4).addWidget(content)
        self._show_other(Busy(tr("Looking…")))
        self._show_undone(None)

    # --- for the shell -----------------------------------------------------------------------

    def arrive(self) -> None:
        self.presenter.look()
        self.table.setFocus()

    def renew(self) -> None:
        self.presenter.look()

    # --- for the presenter -------------------------------------------------------------------

    def show_tasks(self, rows: list[TaskRow], counts: Counts) -> None:
        before = self._chosen()
        place = self.table.currentIndex().row()
        self.rows.show(rows)
        numbers = {
            Whose.MINE: counts.mine,
            Whose.ALL: counts.all,
            Whose.OVERDUE: counts.overdue,
        }
        for whose, made in self.whose.items():
            many = f"{numbers[whose]}+" if numbers[whose] >= LIST_LIMIT else str(numbers[whose])
            made.setText(f"{tr(WHOSE_LABELS[whose])} · {many}")
        self.chips.refit()
        if not rows:
            self._show_other(self._nothing())
        else:
            self._stack.setCurrentWidget(self.table)
            kept = self.rows.place_of(before.task.id) if before is not None else None
            self.table.selectRow(kept if kept is not None else min(max(place, 0), len(rows) - 1))
        self._follow()

    def show_changed(self, task: Task) -> None:
        self._show_undone(task if not task.open else None)

    def show_failure(self, error: BaseException) -> None:
        self._show_other(Failure(explain(error), self.presenter.look))
        self._follow()

    def show_trouble(self, error: BaseException) -> None:
        self._workspace.notices.report(error)
        self.presenter.look()

    # --- inside ------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.table
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Space
            and not event.isAutoRepeat()
        ):
            self._finish()
            return True
        return super().eventFilter(watched, event)

    def _filters(self) -> QWidget:
        self.chips = Flow()
        self.chips.setAccessibleName(tr("Whose tasks"))
        self._group = QButtonGroup(self)
        self.whose: dict[Whose, QPushButton] = {}
        for whose, words in WHOSE_LABELS.items():
            made = button(tr(words), "chip", self._choose)
            made.setCheckable(True)
            made.setChecked(whose is Whose.MINE)
            made.setAccessibleName(tr(words))
            self._group.addButton(made)
            self.whose[whose] = made
            self.chips.add(made)
        return self.chips

    def _actions(self) -> QHBoxLayout:
        line = row(gap=1)
        self.done = pressed_once(icon_button(tr("Done"), "check", "", self._finish))
        self.done.setToolTip(tr("Space"))
        self.change = icon_button(tr("Change…"), "pen", "", self._change)
        self.change.setToolTip(tr("Enter"))
        self.cancel = pressed_once(button(tr("No longer needed"), "quiet", self._cancel))
        self.record_button = button(tr("Open the record"), "quiet", self._open_record)
        actions = Flow()
        for made in (self.done, self.change, self.cancel, self.record_button):
            actions.add(made)
        line.addWidget(actions, 1)
        line.addWidget(self.undone)
        line.addWidget(self.take_back)
        return line

    def _make_table(self) -> QTableView:
        table = row_table(self.rows, tr("Tasks"), widest=TITLE)
        table.doubleClicked.connect(lambda _: self._change())
        table.activated.connect(lambda _: self._change())
        table.selectionModel().currentChanged.connect(self._follow)
        table.installEventFilter(self)
        return table

    def fit(self) -> None:
        self.table.verticalHeader().setDefaultSectionSize(scaled(44))
        for number, width in enumerate((0, 230, 220, 170)):
            if width:
                self.table.setColumnWidth(number, scaled(width))
        for number, least in NEEDS_WIDTH.items():
            self.table.setColumnHidden(number, self.width() < scaled(least))

    def _chosen(self) -> TaskRow | None:
        if self._stack.currentWidget() is not self.table:
            return None
        return self.rows.row_at(self.table.currentIndex())

    def _follow(self, _now: QModelIndex = QModelIndex(), _before: object = None) -> None:  # noqa: B008
        """Offer what can be done with the chosen task."""
        chosen = self._chosen()
        for made in (self.done, self.change, self.cancel):
            made.setEnabled(chosen is not None)
        self.record_button.setEnabled(chosen is not None and chosen.patient is not None)
        self.detail.setText(chosen.task.detail if chosen is not None else "")
        self.detail.setVisible(bool(self.detail.text()))

    def _choose(self) -> None:
        whose = next(one for one, made in self.whose.items() if made.isChecked())
        if whose is not self.presenter.whose:
            self.presenter.choose(whose)

    def _new(self) -> None:
        open_task_form(self, self._workspace, lambda _: self.presenter.look())

    def _change(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            open_task_form(
                self,
                self._workspace,
                lambda _: self.presenter.look(),
                task=chosen.task,
                patient=chosen.patient,
            )

    def _finish(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self.presenter.finish(chosen.task.id)

    def _cancel(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self.presenter.cancel(chosen.task.id)

    def _take_back(self) -> None:
        if self._last is not None:
            self.presenter.reopen(self._last.id)

    def _open_record(self) -> None:
        chosen = self._chosen()
        if chosen is not None and chosen.patient is not None:
            patient_id: UUID = chosen.patient.id
            self._workspace.navigator.show_patient(patient_id)

    def _show_undone(self, task: Task | None) -> None:
        self._last = task
        self.take_back.setVisible(task is not None)
        text = ""
        if task is not None:
            said = tr("“{title}” is done.") if task.done_at else tr("“{title}” is cancelled.")
            text = said.format(title=_short(task.title))
        self.undone.setText(text)
        self.undone.setVisible(bool(text))

    def _nothing(self) -> Emptiness:
        words = {
            Whose.MINE: tr("You have no open tasks."),
            Whose.ALL: tr("There are no open tasks."),
            Whose.OVERDUE: tr("No task is overdue."),
        }
        return Emptiness(
            "check",
            words[self.presenter.whose],
            tr("A task has somebody who does it and, if you like, a day by which it is due."),
            (tr("Add a task"), self._new),
        )

    def _show_other(self, page: QWidget) -> None:
        clear(self._others_box)
        self._others_box.addWidget(framed(page))
        self._stack.setCurrentWidget(self._others)


def _short(title: str) -> str:
    return title if len(title) <= 40 else title[:39] + "…"
