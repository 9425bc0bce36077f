"""A search line over a table, all of it from the keyboard."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QTableView, QWidget

from clinic_app.services.patients import PatientRow
from clinic_app.ui.icons import icon
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.patients.presenter import LIMIT, PatientsPresenter
from clinic_app.ui.screens.patients.rows import NEEDS_WIDTH, PatientTable
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, clear, column, icon_button, label, row
from clinic_app.ui.widgets.containers import framed
from clinic_app.ui.widgets.fields import text_edit
from clinic_app.ui.widgets.fitted import Fitted
from clinic_app.ui.widgets.row_table import row_table
from clinic_app.ui.widgets.states import Busy, Emptiness, Failure
from clinic_app.ui.workspace import Workspace

PAUSE_MS = 140
"""A pause in the typing after which the search starts."""


class PatientsScreen(Fitted, Screen):
    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.jobs, tr("Patients"))
        self._workspace = workspace
        self._chosen: UUID | None = None
        self._listed = ""
        self.presenter = PatientsPresenter(self, workspace.services.patients, self.jobs)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._search)
        self.search = text_edit(tr("Name, phone, number or birth date"))
        self.search.setAccessibleName(tr("Find a patient"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search"), self.search.ActionPosition.LeadingPosition)
        self.search.textEdited.connect(lambda _: self._pause.start())
        self.search.textChanged.connect(self._start_when_cleared)
        self.search.returnPressed.connect(self._open_first)
        self.search.installEventFilter(self)
        self.register = icon_button(tr("Register a patient"), "plus", "primary", self._register)
        self.register.setToolTip("Ctrl+N")
        top = row(gap=2)
        top.addWidget(self.search, 1)
        self.duplicates = button(tr("Duplicates…"), "quiet", workspace.navigator.show_duplicates)
        self.duplicates.setToolTip(tr("Records that may be of one person"))
        top.addWidget(self.duplicates)
        top.addWidget(self.register)
        self.rows = PatientTable()
        self.table = self._make_table()
        self._others = QWidget()
        self._others_box = column(self._others)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._others)
        self.count = label("", "small")
        content = QWidget()
        box = column(content, gap=2)
        box.addLayout(top)
        box.addWidget(self._stack, 1)
        box.addWidget(self.count)
        holder = column(self, margin=4)
        holder.addWidget(content)
        self._show_other(Busy(tr("Looking…")))

    def search_for(self, text: str) -> None:
        """Put ``text`` into the search line and look."""
        self._pause.stop()
        if text:
            self.search.setText(text)
        self.search.setFocus()
        self.search.selectAll()
        self._search()

    def show_patients(self, rows: list[PatientRow], text: str, *, more: bool) -> None:
        chosen, self._chosen = self._chosen, None
        self.rows.show(rows)
        self._listed = text
        if rows:
            self._stack.setCurrentWidget(self.table)
            self.table.selectRow(self.rows.place_of(chosen) or 0)
        elif text:
            self._show_other(
                Emptiness(
                    "search",
                    tr("Nobody found for “{text}”").format(text=text),
                    tr("Try fewer letters, another spelling, or the birth date."),
                    (tr("Register a patient"), self._register),
                )
            )
        else:
            self._show_other(
                Emptiness(
                    "patients",
                    tr("No patients yet"),
                    tr("The first one is registered in less than a minute."),
                    (tr("Register a patient"), self._register),
                )
            )
        self.count.setText(_count_text(len(rows), text, more))

    def show_failure(self, error: BaseException) -> None:
        self.count.setText("")
        self._show_other(Failure(explain(error), self.presenter.again))

    def drop(self) -> None:
        self._pause.stop()
        super().drop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if watched is self.search and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown):
                self.table.setFocus()
                return True
            if watched is self.table and self._back_to_typing(event):
                return True
        return super().eventFilter(watched, event)

    def _make_table(self) -> QTableView:
        table = row_table(self.rows, tr("Patients"), widest=0, to_contents=True)
        table.doubleClicked.connect(self._open)
        table.activated.connect(self._open)
        table.installEventFilter(self)
        return table

    def fit(self) -> None:
        """The name keeps its room; what matters least goes first."""
        self.table.verticalHeader().setDefaultSectionSize(scaled(44))
        for column_number, least in NEEDS_WIDTH.items():
            self.table.setColumnHidden(column_number, self.width() < scaled(least))

    def arrive(self) -> None:
        self.presenter.again()
        self.search.setFocus()

    def renew(self) -> None:
        if not self._pause.isActive():
            self._chosen = self.rows.patient_at(self.table.currentIndex())
            self.presenter.again()

    def _search(self) -> None:
        self._chosen = None
        self.presenter.search(self.search.text())

    def _start_when_cleared(self, text: str) -> None:
        if not text:
            self._pause.start()

    def _open_first(self) -> None:
        if self._pause.isActive():  # what is shown does not fit what was typed yet
            self._pause.stop()
            self._search()
        elif self._stack.currentWidget() is self.table and self._listed == self.presenter.text:
            self._open(self.table.currentIndex())  # not somebody who was found by other words

    def _open(self, index: QModelIndex) -> None:
        patient_id = self.rows.patient_at(index)
        if patient_id is not None:
            self._workspace.navigator.show_patient(patient_id)

    def _register(self) -> None:
        text = self.search.text().strip()
        name = text if text and not any(letter.isdigit() for letter in text) else ""
        self._workspace.navigator.show_register(name)

    def _back_to_typing(self, event: QKeyEvent) -> bool:
        """Letters typed in the table, and Up in its first row, go to the search line."""
        text = event.text()
        if event.key() == Qt.Key.Key_Up and self.table.currentIndex().row() <= 0:
            self.search.setFocus()
            return True
        if text and text.isprintable() and not event.modifiers() & ~_TYPING:
            self.search.setFocus()
            self.search.setText(self.search.text() + text)
            self._pause.start()
            return True
        return False

    def _show_other(self, page: QWidget) -> None:
        clear(self._others_box)
        self._others_box.addWidget(framed(page))
        self._stack.setCurrentWidget(self._others)


_TYPING = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


def _count_text(count: int, text: str, more: bool) -> str:
    if more:
        return tr("The first {number} are shown; type more to narrow the list.").format(
            number=LIMIT
        )
    if not count:
        return ""
    if not text:
        return tr("Newest registered first.")
    return tr("1 patient found") if count == 1 else tr("{n} patients found").format(n=count)
