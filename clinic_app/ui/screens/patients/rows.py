"""The table of patients."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from clinic_app.domain.clock import utc_now
from clinic_app.services.patients import PatientRow
from clinic_app.ui.moments import day_text, local_day, near_text
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import current_palette
from clinic_app.ui.widgets.table_rows import Index, TableRows, bold

COLUMNS = ("Name", "Born", "Phone", "Clinic number", "Last screening", "To do")
_NAME, _BORN, _PHONE, _NUMBER, _LAST, _TO_DO = range(6)
NEEDS_WIDTH = {_PHONE: 900, _NUMBER: 800, _LAST: 680}
"""Least width of the page (pixels at 100% text size) at which a column is shown."""


def _heading(column: int) -> str:
    return tr(COLUMNS[column])


class PatientTable(TableRows[PatientRow]):
    def __init__(self) -> None:
        super().__init__(len(COLUMNS), _heading)

    def place_of(self, patient_id: UUID | None) -> int | None:
        """Which row a patient has now."""
        places = (n for n, row in enumerate(self._rows) if row.patient.id == patient_id)
        return next(places, None)

    def patient_at(self, index: Index) -> UUID | None:
        return self._rows[index.row()].patient.id if index.isValid() else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return text_of(row, column, utc_now())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{_heading(column)}: {text_of(row, column, utc_now())}"
        if role == Qt.ItemDataRole.FontRole and (column == _NAME or _urgent(row, column)):
            return bold()
        if role == Qt.ItemDataRole.ForegroundRole:
            colours = current_palette()
            if _urgent(row, column):
                return QColor(colours.danger)
            return None if column == _NAME else QColor(colours.muted)
        return None


def text_of(row: PatientRow, column: int, now: datetime) -> str:
    """What a cell says."""
    patient = row.patient
    if column == _NAME:
        return patient.display_name
    if column == _BORN:
        return born_text(patient.birth_date, patient.age_on(local_day(now)))
    if column == _PHONE:
        return patient.phone
    if column == _NUMBER:
        return patient.local_number
    if column == _LAST:
        return near_text(row.last_screening_at, now) if row.last_screening_at else tr("none yet")
    if row.safety_open:
        return tr("Safety steps open")
    return tr("Screening to finish") if row.has_draft else ""


def born_text(born: date, age: int) -> str:
    """As in "7 Mar 1984 (42)"."""
    return f"{day_text(born)} ({age})"


def _urgent(row: PatientRow, column: int) -> bool:
    return column == _TO_DO and row.safety_open
