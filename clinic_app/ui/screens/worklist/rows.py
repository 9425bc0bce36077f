"""The table of the worklist, and what its cells say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QColor

from clinic_app.domain.clock import utc_now
from clinic_app.domain.worklist import WorklistReason, WorklistRow
from clinic_app.services.worklist import reasons
from clinic_app.ui.icons import icon
from clinic_app.ui.moments import day_text, local_day
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import current_palette
from clinic_app.ui.widgets.table_rows import Index, TableRows, bold

COLUMNS = ("Name", "Why", "Waiting", "Last screening")
NAME, WHY, WAITING, LAST = range(4)
NEEDS_WIDTH = {LAST: (150, 880), WAITING: (120, 640)}
"""Width of a column, and least width of the page at which it is shown (pixels at 100% text)."""
_UNKNOWN_YEAR = 1970
DRAWINGS = {
    WorklistReason.SAFETY_OPEN: ("shield", "danger"),
    WorklistReason.NOT_ASSESSED: ("clock", "accent"),
    WorklistReason.QUESTIONNAIRE: ("screening", "muted"),
}


def _heading(column: int) -> str:
    return tr(COLUMNS[column])


class WorklistTable(TableRows[WorklistRow]):
    """Asks for more when the view comes near its end; ``ask`` reads the following page."""

    def __init__(self, ask: Callable[[], None]) -> None:
        super().__init__(len(COLUMNS), _heading)
        self._ask = ask
        self._more = False

    def show(self, rows: Sequence[WorklistRow], *, more: bool = False) -> None:
        """Replace everything; ``more`` where a page follows."""
        self._more = more
        super().show(rows)

    def extend(self, rows: Sequence[WorklistRow], *, more: bool) -> None:
        """Add the following page."""
        self._more = more
        if rows:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self._rows = [*self._rows, *rows]
            self.endInsertRows()

    def place_of(self, patient_id: UUID) -> int | None:
        """The row of this person among those read so far."""
        places = (n for n, row in enumerate(self._rows) if row.patient_id == patient_id)
        return next(places, None)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._more

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._ask()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row_at(index)
        if row is None:
            return None
        column = index.column()
        text = text_of(row, column, utc_now())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{_heading(column)}: {text}"
        if role == Qt.ItemDataRole.DecorationRole and column == WHY:
            return icon(*DRAWINGS[row.reason])
        urgent = column == WHY and row.reason is WorklistReason.SAFETY_OPEN
        if role == Qt.ItemDataRole.FontRole and (column == NAME or urgent):
            return bold()
        if role == Qt.ItemDataRole.ForegroundRole:
            colours = current_palette()
            if urgent:
                return QColor(colours.danger)
            return QColor(colours.muted) if column in (WAITING, LAST) else None
        return None


def text_of(row: WorklistRow, column: int, now: datetime) -> str:
    """What a cell says."""
    if column == NAME:
        return row.display_name
    if column == WHY:
        return why_text(row)
    if column == WAITING:
        return waiting_text(row.waiting_since, now)
    if row.last_screened_at is None:
        return tr("none yet")
    return day_text(local_day(row.last_screened_at))


def why_text(row: WorklistRow) -> str:
    """The reason and the facts, as in "PHQ-9: 17, moderately severe · flagged by the clinician"."""
    found = reasons(row, lambda at: day_text(local_day(at)))
    return " · ".join(one.text(tr) for one in found)


def waiting_text(since: datetime, now: datetime) -> str:
    """How long somebody waits, in words."""
    if since.year == _UNKNOWN_YEAR:
        return tr("not known")
    days = (local_day(now) - local_day(since)).days
    if days <= 0:
        return tr("today")
    if days == 1:
        return tr("1 day")
    if days < 61:
        return tr("{number} days").format(number=days)
    months = round(days / 30.44)
    return tr("{number} months").format(number=months)
