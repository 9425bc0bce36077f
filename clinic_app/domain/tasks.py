"""Tasks: something that somebody does by a day; merged field by field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.people import clean_text, has_ink

TITLE_LIMIT = 120
DETAIL_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Task:
    """``due_on`` is a local day. A task is open until it is done or cancelled."""

    id: UUID
    title: str
    created_by: UUID
    created_at: datetime
    detail: str = ""
    owner: UUID | None = None
    due_on: date | None = None
    patient_id: UUID | None = None
    done_at: datetime | None = None
    done_by: UUID | None = None
    cancelled_at: datetime | None = None
    cancelled_by: UUID | None = None

    @property
    def open(self) -> bool:
        return self.done_at is None and self.cancelled_at is None

    def overdue(self, today: date) -> bool:
        return self.open and self.due_on is not None and self.due_on < today


def checked_task(task: Task) -> Task:
    """The task with its texts cleaned; raises ``InvalidInput``."""
    title = clean_text(task.title, TITLE_LIMIT, "title")
    if not has_ink(title):
        raise InvalidInput("title", "Please say what there is to do.")
    return replace(task, title=title, detail=clean_text(task.detail, DETAIL_LIMIT, "detail"))


def done(task: Task, by: UUID, at: datetime) -> Task:
    """The task as done; raises ``WrongState`` when it is no longer open."""
    _require_open(task)
    return replace(task, done_at=at, done_by=by)


def cancelled(task: Task, by: UUID, at: datetime) -> Task:
    """The task as no longer needed; raises ``WrongState`` when it is no longer open."""
    _require_open(task)
    return replace(task, cancelled_at=at, cancelled_by=by)


def reopened(task: Task) -> Task:
    """The task as open again."""
    return replace(task, done_at=None, done_by=None, cancelled_at=None, cancelled_by=None)


def _require_open(task: Task) -> None:
    if not task.open:
        raise WrongState("This task is already done or cancelled.")
