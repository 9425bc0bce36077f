"""Reads tasks and carries out what is decided about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from clinic_app.domain.tasks import Task
from clinic_app.services.tasks import TaskRow, TaskService
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.pressed import Pressed


class Whose(StrEnum):
    MINE = "mine"
    ALL = "all"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many open tasks each of the lists has."""

    mine: int
    all: int
    overdue: int


Listed = tuple[list[TaskRow], Counts]
_CHANGE = "change"


class TasksView(Protocol):
    def show_tasks(self, rows: list[TaskRow], counts: Counts) -> None: ...
    def show_changed(self, task: Task) -> None:
        """The task is done, cancelled or open again."""

    def show_failure(self, error: BaseException) -> None: ...
    def show_trouble(self, error: BaseException) -> None: ...


class TasksPresenter:
    def __init__(self, view: TasksView, service: TaskService, jobs: Jobs, me: UUID) -> None:
        self._view = view
        self._service = service
        self._jobs = jobs
        self._me = me
        self._latest = 0
        self._pressed = Pressed()
        self.whose = Whose.MINE

    def choose(self, whose: Whose) -> None:
        """Show other tasks."""
        self.whose = whose
        self.look()

    def look(self) -> None:
        """Read again; an older, slower answer is dropped."""
        self._latest = asked = self._latest + 1
        whose = self.whose

        def show(answer: Listed) -> None:
            if asked == self._latest:
                self._pressed.shown()
                self._view.show_tasks(*answer)

        def fail(error: BaseException) -> None:
            if asked == self._latest:
                self._view.show_failure(error)

        self._jobs.submit(Lane.DATABASE, lambda: self._read(whose), done=show, failed=fail)

    def finish(self, task_id: UUID) -> None:
        self._change(lambda: self._service.finish(task_id))

    def cancel(self, task_id: UUID) -> None:
        self._change(lambda: self._service.cancel(task_id))

    def reopen(self, task_id: UUID) -> None:
        self._change(lambda: self._service.reopen(task_id))

    def _change(self, work: Callable[[], Task]) -> None:
        """One change at a time: each is about the chosen row, and the next row is chosen then."""
        if not self._pressed.take(_CHANGE):
            return

        def done(task: Task) -> None:
            self._pressed.stored(_CHANGE)
            self._view.show_changed(task)
            self.look()

        def fail(error: BaseException) -> None:
            self._pressed.refused(_CHANGE)
            self._view.show_trouble(error)

        self._jobs.submit(Lane.DATABASE, work, done=done, failed=fail)

    def _read(self, whose: Whose) -> Listed:
        every = self._service.open()
        mine = [row for row in every if row.task.owner == self._me]
        late = [row for row in every if row.overdue]
        lists = {Whose.MINE: mine, Whose.ALL: every, Whose.OVERDUE: late}
        return lists[whose], Counts(len(mine), len(every), len(late))
