"""Tasks with an owner and a due date."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from clinic_app.domain import tasks as rules
from clinic_app.domain.access import Action, allows
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, NotFound, WrongState
from clinic_app.domain.forms import FormKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.merges import survivor
from clinic_app.domain.people import Patient, StaffUser
from clinic_app.domain.schedule import to_local
from clinic_app.domain.tasks import Task, checked_task
from clinic_app.services.forms import handed_in
from clinic_app.services.meanwhile import form_of, without_stale
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork

LIST_LIMIT = 500
"""A list of tasks shows at most this many; the earliest due come first."""


@dataclass(frozen=True, slots=True)
class NewTask:
    """What is asked for a task; ``owner`` ``None`` leaves it to whoever takes it."""

    title: str
    detail: str = ""
    owner: UUID | None = None
    due_on: date | None = None
    patient_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task with the names that a list shows; ``overdue`` by the local day."""

    task: Task
    owner_name: str
    patient: Patient | None
    overdue: bool


class TaskService:
    """The day of the clinic's time zone decides what is overdue."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def today(self) -> date:
        """The clinic's present day."""
        self._desk.allow(Action.EDIT_TASKS)
        with self._desk.unit_of_work() as work:
            return clinic_day(work, self._desk.now())

    def owners(self) -> list[StaffUser]:
        """Members of staff who can have a task, by name."""
        self._desk.allow(Action.EDIT_TASKS)
        with self._desk.unit_of_work() as work:
            found = [user for user in work.users.all() if _may_own(user)]
        return sorted(found, key=lambda user: (user.display_name.casefold(), user.id))

    def add(self, new: NewTask, *, from_form: bool = False) -> Task:
        """A new open task; raises ``InvalidInput`` and ``NotFound``.

        ``from_form``: typed into the window's form, whose kept words go in the same transaction.
        """
        user = self._desk.allow(Action.EDIT_TASKS)
        task = checked_task(
            Task(
                new_id(),
                new.title,
                user.id,
                self._desk.now(),
                new.detail,
                new.owner,
                new.due_on,
                new.patient_id,
            )
        )
        with self._desk.unit_of_work() as work:
            _check(work, task)
            work.tasks.add(task)
            work.audit.record(AuditKind.CREATED, user.id, "task", task.id)
            if from_form:
                handed_in(work, user.id, FormKind.TASK, new.patient_id or user.id)
            work.commit()
        return task

    def change(
        self,
        task_id: UUID,
        new: NewTask,
        *,
        from_form: bool = False,
        over: NewTask | None = None,
    ) -> Task:
        """Correct an open task; raises ``WrongState`` once it is done or cancelled.

        ``from_form`` as for ``add``. What is as in ``over``, which the form showed when it was
        opened, stays as it is by now.
        """

        def changed(task: Task, _by: UUID, _at: datetime) -> Task:
            if not task.open:
                raise WrongState("This task is already done or cancelled.")
            wanted = without_stale(new, over, form_of(NewTask, task))
            return checked_task(
                replace(
                    task,
                    title=wanted.title,
                    detail=wanted.detail,
                    owner=wanted.owner,
                    due_on=wanted.due_on,
                    patient_id=wanted.patient_id,
                )
            )

        return self._save(task_id, "changed", changed, from_form=from_form)

    def finish(self, task_id: UUID) -> Task:
        """Tick the task off; raises ``WrongState`` when it is no longer open."""
        return self._save(task_id, "done", rules.done)

    def cancel(self, task_id: UUID) -> Task:
        """The task is no longer needed; raises ``WrongState`` when it is no longer open."""
        return self._save(task_id, "cancelled", rules.cancelled)

    def reopen(self, task_id: UUID) -> Task:
        """Take "done" or "cancelled" back."""
        return self._save(task_id, "reopened", lambda task, _by, _at: rules.reopened(task))

    def open(
        self, *, owner: UUID | None = None, overdue: bool = False, limit: int = LIST_LIMIT
    ) -> list[TaskRow]:
        """Open tasks, earliest due first; of one owner, or the overdue alone. Audited."""
        user = self._desk.allow(Action.EDIT_TASKS)
        with self._desk.unit_of_work() as work:
            before = clinic_day(work, self._desk.now()) if overdue else None
            found = work.tasks.open(owner=owner, due_before=before, limit=limit)
            rows = self._rows(work, found)
            work.audit.record(AuditKind.READ, user.id, "tasks")
            work.commit()
        return rows

    def mine(self, *, until: date | None = None) -> list[TaskRow]:
        """One's own open tasks; with ``until`` those that are due by this day."""
        rows = self.open(owner=self._desk.session.user.id)
        return [row for row in rows if until is None or _due_by(row.task, until)]

    def of_patient(self, patient_id: UUID) -> list[TaskRow]:
        """A person's tasks, open ones first, finished ones too. Audited."""
        user = self._desk.allow(Action.EDIT_TASKS)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            rows = self._rows(work, work.tasks.of_patient(patient_id))
            work.audit.record(AuditKind.READ, user.id, "tasks", patient_id)
            work.commit()
        return rows

    def _save(
        self,
        task_id: UUID,
        detail: str,
        change: Callable[[Task, UUID, datetime], Task],
        *,
        from_form: bool = False,
    ) -> Task:
        user = self._desk.allow(Action.EDIT_TASKS)
        with self._desk.unit_of_work() as work:
            before = work.tasks.get(task_id)
            after = change(before, user.id, self._desk.now())
            if (before.owner, before.patient_id) != (after.owner, after.patient_id):
                _check(work, after)
            work.tasks.save(after)
            work.audit.record(AuditKind.CHANGED, user.id, "task", task_id, detail)
            if from_form:
                handed_in(work, user.id, FormKind.TASK, task_id)
            if not after.open:
                # Nobody can hand a change in any more, so nobody's begun words stay behind.
                work.forms.remove_of_subject(FormKind.TASK, task_id)
            work.commit()
        return after

    def _rows(self, work: UnitOfWork, found: list[Task]) -> list[TaskRow]:
        names = {user.id: user.display_name for user in work.users.all()}
        merged = work.merges.state()
        people: dict[UUID, Patient] = {}
        for task in found:
            if task.patient_id is not None and task.patient_id not in people:
                with suppress(NotFound):  # not synced to this laptop yet
                    people[task.patient_id] = work.patients.get(survivor(merged, task.patient_id))
        today = clinic_day(work, self._desk.now())
        return [
            TaskRow(
                task,
                names.get(task.owner, "") if task.owner else "",
                people.get(task.patient_id) if task.patient_id else None,
                task.overdue(today),
            )
            for task in found
        ]


def clinic_day(work: UnitOfWork, moment: datetime) -> date:
    """The day on the clinic's clocks."""
    return to_local(moment, work.clinic.get().time_zone).date()


def _may_own(user: StaffUser) -> bool:
    return user.active and allows(user.role, Action.EDIT_TASKS)


def _check(work: UnitOfWork, task: Task) -> None:
    if task.patient_id is not None:
        work.patients.get(task.patient_id)
    if task.owner is None:
        return
    try:
        fits = _may_own(work.users.get(task.owner))
    except NotFound:
        fits = False
    if not fits:
        raise InvalidInput("owner", "Please choose somebody who works here.")


def _due_by(task: Task, day: date) -> bool:
    return task.due_on is not None and task.due_on <= day
