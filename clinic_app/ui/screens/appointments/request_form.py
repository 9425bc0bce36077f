"""A sheet to ask for an appointment, or to book it at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from clinic_app.domain.access import Action, allows
from clinic_app.domain.appointments import APPOINTMENT_TEXT_LIMIT
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import Patient, StaffUser
from clinic_app.domain.schedule import SERIES_LIMIT, Frequency
from clinic_app.services.appointments import NewAppointment, Repeat
from clinic_app.services.availability import NotAvailable
from clinic_app.ui.jobs import Lane, ScreenJobs
from clinic_app.ui.screens.appointments.confirming import confirm_bookings
from clinic_app.ui.screens.appointments.number_edit import NumberEdit
from clinic_app.ui.screens.appointments.patient_picker import PatientPicker
from clinic_app.ui.screens.appointments.time_fields import TimeFields
from clinic_app.ui.screens.base import read_then_open
from clinic_app.ui.strings import sentence_of, tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, column, label, row
from clinic_app.ui.widgets.fields import Field, choice, text_edit
from clinic_app.ui.widgets.sheet import Sheet, ask
from clinic_app.ui.workspace import Workspace

_ONCE = "once"


def open_request_form(
    above: QWidget,
    workspace: Workspace,
    saved: Callable[[str], object],
    *,
    patient: Patient | None = None,
    start: datetime | None = None,
    clinician_id: UUID | None = None,
) -> None:
    """Read who can be booked, then show the sheet; ``saved`` gets a sentence for the user."""
    service = workspace.services.appointments

    def read() -> tuple[list[StaffUser], str, int]:
        return service.clinicians(), service.zone(), service.usual_minutes()

    def show(found: tuple[list[StaffUser], str, int]) -> None:
        form = RequestForm(above, workspace, saved, *found)
        if start is not None:
            form.time.set_time(start, clinician_id)
        if patient is not None:
            form.picker.set_patient(patient, fixed=True)
        else:
            form.time.offer()
        form.open()

    read_then_open(above, workspace, read, show)


class RequestForm:
    """The sheet; it stays open until the appointment is stored or given up."""

    def __init__(
        self,
        above: QWidget,
        workspace: Workspace,
        saved: Callable[[str], object],
        clinicians: Sequence[StaffUser],
        zone: str,
        minutes: int,
    ) -> None:
        self._workspace = workspace
        self._service = workspace.services.appointments
        self._jobs = jobs = ScreenJobs(workspace.jobs)
        self._saved = saved
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(tr("New appointment"), "heading"))
        self.picker = PatientPicker(jobs, workspace.services.patients.search)
        self.reason = text_edit(tr("e.g. follow-up after four weeks"), limit=APPOINTMENT_TEXT_LIMIT)
        self.time = TimeFields(workspace, jobs, clinicians, zone, minutes, optional=True)
        box.addWidget(self.picker)
        box.addWidget(Field(tr("Reason"), self.reason, optional=True))
        box.addWidget(self.time)
        box.addLayout(self._repeat_line())
        self.trouble = label("", "error")
        self.trouble.hide()
        box.addWidget(self.trouble)
        self.sheet = Sheet(above, content, name=tr("New appointment"), width=640)
        self.sheet.closed.connect(jobs.drop)
        self.picker.chosen.connect(self._person_chosen)
        role = workspace.services.session.user.role
        self.book = button(tr("Book it"), "primary", lambda: self._send(book=True))
        self.wait = button(tr("Put on the wait list"), "", lambda: self._send(wait_list=True))
        self.ask = button(tr("Ask for it"), "", self._send)
        buttons = row()
        self.cancel = button(tr("Cancel"), "quiet", self.sheet.dismiss)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        for one in (self.wait, self.ask, self.book):
            buttons.addWidget(one)
        box.addLayout(buttons)
        if not allows(role, Action.DECIDE_APPOINTMENT):
            self.book.hide()

    def open(self) -> None:
        patient = self.picker.patient
        self.sheet.open(self.picker.edit if patient is None else self.reason)

    def _repeat_line(self) -> QVBoxLayout:
        self.repeat = choice(
            [
                (tr("Once"), _ONCE),
                (tr("Every week"), (Frequency.WEEKLY, 1)),
                (tr("Every two weeks"), (Frequency.WEEKLY, 2)),
                (tr("Every month"), (Frequency.MONTHLY, 1)),
                (tr("Every day"), (Frequency.DAILY, 1)),
            ]
        )
        self.times = NumberEdit(2, SERIES_LIMIT, 4)
        self.skip = QCheckBox(tr("Leave out times that are taken"))
        self.skip.hide()
        times = Field(tr("How many times"), self.times)
        times.setEnabled(False)

        def changed(place: int) -> None:
            times.setEnabled(place > 0)
            self.skip.setVisible(place > 0)
            self.wait.setEnabled(place == 0)
            self.ask.setEnabled(place == 0)

        self.repeat.currentIndexChanged.connect(changed)
        line = row(gap=2)
        line.addWidget(Field(tr("Repeats"), self.repeat), 1)
        line.addWidget(times, 1)
        both = column(gap=1)
        both.addLayout(line)
        both.addWidget(self.skip)
        return both

    def _person_chosen(self) -> None:
        patient = self.picker.patient
        self.time.set_patient(patient.id if patient is not None else None)
        if patient is not None and self.sheet.isVisible():
            self.reason.setFocus()

    def _send(
        self,
        *,
        book: bool = False,
        wait_list: bool = False,
        anyway: bool = False,
    ) -> None:
        self.trouble.hide()
        self.time.fields.clear_errors()
        patient = self.picker.patient
        if patient is None:
            self.picker.field.show_error(tr("Please choose the patient."))
            self.picker.edit.setFocus()
            return
        try:
            chosen = self.time.chosen()
            if book and chosen.start is None:
                raise InvalidInput("start", tr("Please choose a time, or the wait list."))
        except InvalidInput as error:
            self.time.fields.show_error(error)
            return
        clinician = chosen.clinician_id if chosen.start is not None else None
        new = NewAppointment(
            patient.id, self.reason.text(), chosen.start, chosen.minutes, clinician, wait_list
        )
        repeat = self.repeat.currentData()
        self._busy(True)

        def work() -> tuple[str, list[UUID]]:
            if repeat != _ONCE:
                every = Repeat(repeat[0], self.times.value(), repeat[1])
                skip = self.skip.isChecked()
                made, left_out = self._service.book_series(
                    new, every, anyway=anyway, leave_out_taken=skip
                )
                told = tr("{number} appointments are booked.").format(number=len(made))
                sentences = [told, *(one.text(tr) for one in left_out)]
                return " ".join(sentences), [one.id for one in made]
            if book:
                booked = self._service.book(new, anyway=anyway)
                return tr("The appointment is booked."), [booked.id]
            asked = self._service.request(new)
            if asked.wait_list:
                return tr("The request is on the wait list."), []
            return tr("The request waits for a decision."), []

        def failed(error: BaseException) -> None:
            self._busy(False)
            self._refused(error)

        self._jobs.submit(Lane.DATABASE, work, done=self._done, failed=failed)

    def _busy(self, busy: bool) -> None:
        self.sheet.hold(busy, self.cancel)
        for one in (self.book, self.wait, self.ask):
            one.setEnabled(not busy)
        if not busy and self.repeat.currentIndex() > 0:
            self.wait.setEnabled(False)
            self.ask.setEnabled(False)

    def _done(self, done: tuple[str, list[UUID]]) -> None:
        sentence, booked = done
        self.sheet.dismiss()
        self._saved(sentence)
        if booked:
            confirm_bookings(self._workspace, booked)

    def _refused(self, error: BaseException) -> None:
        if isinstance(error, InvalidInput) and self.time.fields.show_error(error):
            return
        if isinstance(error, NotAvailable):
            ask(
                self.sheet,
                title=tr("Outside the hours"),
                text=sentence_of(error),
                yes=tr("Book it all the same"),
                no=tr("Choose another time"),
                on_yes=lambda: self._send(book=True, anyway=True),
            )
            return
        self.trouble.setText(explain(error))
        self.trouble.show()
