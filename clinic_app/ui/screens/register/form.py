"""The identity of a patient as a form, for registering and for correcting."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import Patient, SexAtBirth, check_birth_date
from clinic_app.services.patients import NewPatient
from clinic_app.ui.moments import local_day, long_day_text, parse_day
from clinic_app.ui.strings import SEX_LABELS, tr
from clinic_app.ui.widgets.basics import column, row
from clinic_app.ui.widgets.fields import Field, Fields, choice, text_edit

_DATE_HINT = "Type it as 7.3.1984 or 1984-03-07"


class PatientForm(QWidget):
    """Signals:
    entered: Enter was pressed in a line of text.
    identity_typed: names or birth date were changed and left.
    """

    entered = Signal()
    identity_typed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.family_name = text_edit(limit=120)
        self.given_name = text_edit(limit=120)
        self.birth_date = text_edit(tr("day.month.year"), limit=24)
        self.phone = text_edit(limit=60)
        self.local_number = text_edit(limit=60)
        self.sex = choice((tr(words), sex) for sex, words in SEX_LABELS.items())
        self.fields = Fields(
            {
                "family_name": Field(tr("Family name"), self.family_name),
                "given_name": Field(tr("Given name"), self.given_name),
                "birth_date": Field(tr("Birth date"), self.birth_date, hint=tr(_DATE_HINT)),
                "phone": Field(tr("Phone"), self.phone, optional=True),
                "local_number": Field(tr("Clinic number"), self.local_number, optional=True),
                "sex": Field(tr("Sex at birth"), self.sex),
            }
        )
        box = column(self, gap=2)
        for left, right in (
            ("family_name", "given_name"),
            ("birth_date", "sex"),
            ("phone", "local_number"),
        ):
            line = row(gap=2)
            line.addWidget(self.fields[left], 1)
            line.addWidget(self.fields[right], 1)
            box.addLayout(line)
        self._edits = (
            self.family_name,
            self.given_name,
            self.birth_date,
            self.phone,
            self.local_number,
        )
        for edit in self._edits:
            edit.returnPressed.connect(self.entered)
        for edit in (self.family_name, self.given_name, self.birth_date):
            edit.editingFinished.connect(self._tell_identity)
        self.birth_date.textEdited.connect(self._echo_date)
        self._told = ("", "", "")

    @property
    def touched(self) -> bool:
        """Whether anything was typed into the form."""
        return any(edit.isModified() and edit.text().strip() for edit in self._edits)

    def fill(self, patient: Patient) -> None:
        """Show a patient as registered."""
        self.family_name.setText(patient.family_name)
        self.given_name.setText(patient.given_name)
        self.birth_date.setText(patient.birth_date.isoformat())
        self.phone.setText(patient.phone)
        self.local_number.setText(patient.local_number)
        self.sex.setCurrentIndex(list(SEX_LABELS).index(patient.sex))
        self._echo_date(self.birth_date.text())

    def values(self) -> NewPatient:
        """What was typed; raises ``InvalidInput`` for a missing family name or an unclear date."""
        if not self.family_name.text().strip():
            raise InvalidInput("family_name", tr("Please enter the family name."))
        if not self.birth_date.text().strip():
            raise InvalidInput("birth_date", tr("Please enter the birth date."))
        born = check_birth_date(parse_day(self.birth_date.text()), local_day(utc_now()))
        sex = self.sex.currentData()
        return NewPatient(
            self.family_name.text(),
            self.given_name.text(),
            born,
            self.phone.text(),
            SexAtBirth(sex),
            self.local_number.text(),
        )

    def _echo_date(self, text: str) -> None:
        """Say the typed date in words, so that a slip of the hand is seen at once."""
        field = self.fields["birth_date"]
        today = local_day(utc_now())
        try:
            born = check_birth_date(parse_day(text), today)
        except InvalidInput:
            field.show_hint(tr(_DATE_HINT))
            return
        age = Patient(UUID(int=0), "", "", born).age_on(today)
        field.show_hint(tr("{day}, {age} years old").format(day=long_day_text(born), age=age))

    def _tell_identity(self) -> None:
        now = (self.family_name.text(), self.given_name.text(), self.birth_date.text())
        if now != self._told and now[0].strip() and now[2].strip():
            self._told = now
            self.identity_typed.emit()
