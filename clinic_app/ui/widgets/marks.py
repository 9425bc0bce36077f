"""Small marks on records whose changes have not reached the centre yet."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import label, row
from clinic_app.ui.widgets.states import picture


class Mark(QWidget):
    """Hidden until its record is found to wait."""

    def __init__(self) -> None:
        super().__init__()
        line = row(self)
        line.setSpacing(4)
        line.addWidget(picture("sync", 14), 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(label(tr("not yet at the centre"), "small", wrap=False))
        line.addStretch(1)
        self.setToolTip(tr("Kept on this laptop; it travels with the next round."))
        self.setAccessibleName(tr("not yet at the centre"))
        self.hide()


class Marks:
    """The marks of one list by record; ``show`` may come before and after the rows are made."""

    def __init__(self) -> None:
        self._marks: dict[UUID, Mark] = {}
        self._waiting: frozenset[UUID] = frozenset()

    @property
    def records(self) -> tuple[UUID, ...]:
        return tuple(self._marks)

    def forget(self) -> None:
        """The rows are made anew."""
        self._marks.clear()

    def of(self, record_id: UUID) -> Mark:
        """A mark to be put into the record's row; ``refresh`` once it stands there."""
        made = self._marks[record_id] = Mark()
        return made

    def show(self, waiting: frozenset[UUID]) -> None:
        """Mark these records, and no others."""
        self._waiting = waiting
        self.refresh()

    def refresh(self) -> None:
        for record_id, mark in self._marks.items():
            mark.setVisible(record_id in self._waiting)
