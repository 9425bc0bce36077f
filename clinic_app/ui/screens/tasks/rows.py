"""The table of tasks, and what its cells say."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from clinic_app.domain.clock import utc_now
from clinic_app.services.tasks import TaskRow
from clinic_app.ui.icons import icon
from clinic_app.ui.moments import day_text, local_day
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import current_palette
from clinic_app.ui.widgets.table_rows import Index, TableRows, bold

COLUMNS = ("Task", "Due", "Patient", "Who does it")
TITLE, DUE, PERSON, OWNER = range(4)
NEEDS_WIDTH = {OWNER: 820, PERSON: 620}
"""Least width of the page (pixels at 100% text size) at which a column is shown."""


def _heading(column: int) -> str:
    return tr(COLUMNS[column])


class TaskTable(TableRows[TaskRow]):
    def __init__(self) -> None:
        super().__init__(len(COLUMNS), _heading)

    def place_of(self, task_id: UUID) -> int | None:
        places = (n for n, row in enumerate(self._rows) if row.task.id == task_id)
        return next(places, None)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row_at(index)
        if row is None:
            return None
        column = index.column()
        text = cell_text(row, column, local_day(utc_now()))
        late = column == DUE and row.overdue
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{_heading(column)}: {text}"
        if role == Qt.ItemDataRole.DecorationRole and late:
            return icon("alert", "danger")
        if role == Qt.ItemDataRole.FontRole and (column == TITLE or late):
            return bold()
        if role == Qt.ItemDataRole.ForegroundRole:
            colours = current_palette()
            if late:
                return QColor(colours.danger)
            return None if column == TITLE else QColor(colours.muted)
        return None


def cell_text(row: TaskRow, column: int, today: date) -> str:
    """What a cell says."""
    if column == TITLE:
        return row.task.title
    if column == DUE:
        return due_text(row, today)
    if column == PERSON:
        return row.patient.display_name if row.patient else ""
    return row.owner_name or tr("nobody yet")


def due_text(row: TaskRow, today: date) -> str:
    """As in "today", "overdue, 3 Mar 2026" or "9 Mar 2026"; a finished task says so."""
    task = row.task
    if task.done_at is not None:
        return tr("done {day}").format(day=day_text(local_day(task.done_at)))
    if task.cancelled_at is not None:
        return tr("no longer needed")
    if task.due_on is None:
        return tr("no date")
    if row.overdue:
        return tr("overdue, {day}").format(day=day_text(task.due_on))
    days = (task.due_on - today).days
    if days == 0:
        return tr("today")
    return tr("tomorrow") if days == 1 else day_text(task.due_on)
