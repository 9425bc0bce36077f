"""Who the person is, and correcting it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QGridLayout, QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import Patient
from clinic_app.services.patients import NewPatient
from clinic_app.ui.moments import local_day, moment_text
from clinic_app.ui.screens.patients.rows import born_text
from clinic_app.ui.screens.register.form import PatientForm
from clinic_app.ui.strings import SEX_LABELS, tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import answer_row, button, clear, column, icon_button, label, row
from clinic_app.ui.widgets.sheet import Sheet


class IdentityPanel(QWidget):
    def __init__(self, correct: Callable[[], object]) -> None:
        super().__init__()
        box = column(self, gap=2)
        top = row()
        top.addWidget(label(tr("Person"), "heading"), 1)
        self.edit = icon_button(tr("Correct"), "pen", "quiet", correct)
        top.addWidget(self.edit)
        box.addLayout(top)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(2 * UNIT)
        self._grid.setVerticalSpacing(UNIT)
        self._grid.setColumnStretch(1, 1)
        box.addLayout(self._grid)

    def show_patient(self, patient: Patient) -> None:
        clear(self._grid)
        today = local_day(utc_now())
        facts = (
            (tr("Family name"), patient.family_name),
            (tr("Given name"), patient.given_name),
            (tr("Born"), born_text(patient.birth_date, patient.age_on(today))),
            (tr("Sex at birth"), tr(SEX_LABELS[patient.sex])),
            (tr("Phone"), patient.phone),
            (tr("Clinic number"), patient.local_number),
            (
                tr("Registered"),
                moment_text(patient.registered_at) if patient.registered_at else "",
            ),
        )
        for number, (caption, text) in enumerate(facts):
            self._grid.addWidget(label(caption, "muted", wrap=False), number, 0)
            self._grid.addWidget(label(text or "–", selectable=True), number, 1)


class Correction:
    """The sheet with the form; stays until the change is made or given up."""

    def __init__(
        self, above: QWidget, patient: Patient, send: Callable[[NewPatient], None]
    ) -> None:
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(tr("Correct the person's details"), "heading"))
        box.addWidget(label(tr("The change is kept in the audit trail."), "muted"))
        self.form = PatientForm()
        self.form.fill(patient)
        self.form.entered.connect(self._send)
        box.addWidget(self.form)
        self._trouble = label("", "error")
        self._trouble.hide()
        box.addWidget(self._trouble)
        self._to = send
        self.sheet = Sheet(above, content, name=tr("Correct the person's details"), width=680)
        self.save = button(tr("Save"), "primary", self._send)
        box.addLayout(answer_row(button(tr("Cancel"), "", self.sheet.dismiss), self.save))
        self.sheet.open(self.form.family_name)

    def show_error(self, error: BaseException) -> None:
        """Here, where the change was asked for: the page lies dimmed below."""
        self.save.setEnabled(True)
        if not (isinstance(error, InvalidInput) and self.form.fields.show_error(error)):
            self._trouble.setText(explain(error))
            self._trouble.show()

    def _send(self) -> None:
        if not self.save.isEnabled():  # it is under way
            return
        self.form.fields.clear_errors()
        self._trouble.hide()
        try:
            values = self.form.values()
        except InvalidInput as error:
            self.show_error(error)
            return
        self.save.setEnabled(False)
        self._to(values)
