"""The table of audit entries."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from clinic_app.domain.audit import AuditKind
from clinic_app.services.audit_data import AuditRow
from clinic_app.services.words import AUDIT_KINDS
from clinic_app.ui.moments import day_text, local, local_day
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import current_palette
from clinic_app.ui.widgets.table_rows import Index, TableRows

COLUMNS = ("No.", "When", "Who", "What", "About", "Details")
_NUMBER, _WHEN, _WHO, _WHAT, ABOUT, DETAILS = range(6)
NEEDS_WIDTH = {_NUMBER: 860, DETAILS: 760}
"""Least width of the table (pixels at 100% text size) at which a column is shown. Details without a
column of their own stand after what they are about."""

_STRIKING = frozenset({AuditKind.SIGN_IN_FAILED, AuditKind.REFUSED})


def _heading(column: int) -> str:
    return tr(COLUMNS[column])


class AuditTable(TableRows[AuditRow]):
    def __init__(self) -> None:
        super().__init__(len(COLUMNS), _heading)
        self.narrow = False

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _whole(row) if column in (ABOUT, DETAILS) else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{_heading(column)}: {self._text(row, column)}"
        if role == Qt.ItemDataRole.ForegroundRole:
            colours = current_palette()
            if row.entry.kind in _STRIKING and column == _WHAT:
                return QColor(colours.danger)
            return None if column in (_WHO, _WHAT) else QColor(colours.muted)
        return None

    def _text(self, row: AuditRow, column: int) -> str:
        joined = self.narrow and column == ABOUT and row.entry.detail
        return " · ".join(text_of(row, one) for one in ((ABOUT, DETAILS) if joined else (column,)))


def text_of(row: AuditRow, column: int) -> str:
    """What a cell says; record identifiers are shortened, the tool tip has them whole."""
    entry = row.entry
    if column == _NUMBER:
        return str(entry.number)
    if column == _WHEN:
        return f"{day_text(local_day(entry.at))}, {local(entry.at):%H:%M:%S}"
    if column == _WHO:
        return row.actor or "–"
    if column == _WHAT:
        return tr(AUDIT_KINDS[entry.kind])
    if column == ABOUT:
        subject = entry.subject.replace("_", " ")
        return f"{subject} …{str(entry.subject_id)[-6:]}" if entry.subject_id else subject
    return entry.detail.replace("_", " ")


def _whole(row: AuditRow) -> str:
    entry = row.entry
    return "\n".join(filter(None, (entry.subject, str(entry.subject_id or ""), entry.detail)))
