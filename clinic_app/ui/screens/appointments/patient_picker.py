"""Choosing a patient while typing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from clinic_app.domain.people import Patient
from clinic_app.services.patients import PatientRow
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.screens.patients.presenter import searchable
from clinic_app.ui.screens.person import person_text
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, column, label, may_be_cut, row
from clinic_app.ui.widgets.fields import Field, text_edit

PAUSE_MS = 140
_LIMIT = 6


class PatientPicker(QWidget):
    """Signals:
    chosen: emitted when a patient is chosen or given up again.
    """

    chosen = Signal()

    def __init__(self, jobs: Jobs, search: Callable[[str, int], list[PatientRow]]) -> None:
        super().__init__()
        self._jobs, self._search = jobs, search
        self._asked = self._answered = 0
        self._found: list[Patient] = []
        self.patient: Patient | None = None
        self.edit = text_edit(tr("Name, phone, number or birth date"))
        self.field = Field(tr("Patient"), self.edit)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Patients found"))
        self.list.hide()
        self.list.itemActivated.connect(self._take)
        self.list.itemClicked.connect(self._take)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._look)
        self.edit.textEdited.connect(lambda _: self._pause.start())
        self.edit.returnPressed.connect(self._take_first)
        self.edit.installEventFilter(self)
        self._name = may_be_cut(label("", "strong"))
        self._other = button(tr("Somebody else"), "link", self._give_up)
        self._line = QWidget()
        line = row(self._line, gap=2)
        line.addWidget(self._name, 1)
        line.addWidget(self._other)
        self._line.hide()
        box = column(self)
        for widget in (self.field, self.list, self._line):
            box.addWidget(widget)

    def set_patient(self, patient: Patient, *, fixed: bool = False) -> None:
        """Choose this one; ``fixed`` leaves no other choice."""
        self.patient = patient
        self._name.setText(person_text(patient))
        self._line.show()
        self._other.setVisible(not fixed)
        self.field.hide()
        self.list.hide()
        self.chosen.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            down = event.key() == Qt.Key.Key_Down
            if watched is self.edit and down and self.list.isVisible():
                self.list.setFocus()
                return True
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        self._asked = asked = self._asked + 1
        text = searchable(self.edit.text().strip())
        if not text:
            self.list.hide()
            return

        def show(rows: list[PatientRow]) -> None:
            if asked == self._asked and self.patient is None:
                self._answered = asked
                self._show([one.patient for one in rows])

        def fail(error: BaseException) -> None:
            if asked == self._asked:
                self.list.hide()  # whoever stands there was found by other words
                self.field.show_error(explain(error))

        self._jobs.submit(Lane.DATABASE, lambda: self._search(text, _LIMIT), done=show, failed=fail)

    def _show(self, found: list[Patient]) -> None:
        self._found = found
        self.list.clear()
        for patient in found:
            self.list.addItem(QListWidgetItem(person_text(patient)))
        self.list.setVisible(bool(found))
        self.list.setFixedHeight(min(len(found), 4) * scaled(40) + 8)
        if found:
            self.list.setCurrentRow(0)
        self.field.show_hint("" if found else tr("Nobody found."))

    def _take_first(self) -> None:
        if self._pause.isActive():  # what is shown does not fit what was typed yet
            self._pause.stop()
            self._look()
        elif self.list.isVisible() and self._found and self._answered == self._asked:
            self.set_patient(self._found[max(self.list.currentRow(), 0)])

    def _take(self, item: QListWidgetItem) -> None:
        self.set_patient(self._found[self.list.row(item)])

    def _give_up(self) -> None:
        self.patient = None
        self._line.hide()
        self.field.show()
        self.edit.clear()
        self.edit.setFocus()
        self.chosen.emit()
