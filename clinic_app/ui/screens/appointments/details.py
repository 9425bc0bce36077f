"""One appointment: what it is, what collides with it, what can be done, and its history."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from clinic_app.domain.appointments import (
    TRANSITIONS,
    Appointment,
    AppointmentEventKind,
    AppointmentState,
)
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import StaffUser
from clinic_app.services.appointment_reading import AppointmentDetails
from clinic_app.services.availability import NotAvailable
from clinic_app.services.confirmation import BookingState, booking_state
from clinic_app.ui.jobs import Lane, ScreenJobs
from clinic_app.ui.moments import moment_text
from clinic_app.ui.screens.appointments.confirming import confirm_bookings, confirmation_text
from clinic_app.ui.screens.appointments.time_fields import TimeFields
from clinic_app.ui.screens.appointments.words import (
    asked_text,
    badge_role,
    history_text,
    state_text,
    when,
    who,
)
from clinic_app.ui.screens.base import read_then_open
from clinic_app.ui.strings import sentence_of, tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, card, column, label, row
from clinic_app.ui.widgets.fields import Field, long_text
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.sheet import Sheet, ask
from clinic_app.ui.workspace import Workspace

Kind = AppointmentEventKind
Found = tuple[AppointmentDetails, BookingState | None, list[StaffUser], str, int]


def open_details(
    above: QWidget, workspace: Workspace, appointment_id: UUID, saved: Callable[[str], object]
) -> None:
    """Read the appointment, then show the sheet; ``saved`` gets a sentence for the user."""
    service = workspace.services.appointments

    def read() -> Found:
        details = service.get(appointment_id)
        state = booking_state(details.row.appointment, workspace.services.sync)
        return details, state, service.clinicians(), service.zone(), service.usual_minutes()

    def show(found: Found) -> None:
        DetailsSheet(above, workspace, saved, found)

    read_then_open(above, workspace, read, show)


class DetailsSheet:
    """Stays open until a step is stored or the sheet is closed."""

    def __init__(
        self, above: QWidget, workspace: Workspace, saved: Callable[[str], object], found: Found
    ) -> None:
        self._workspace = workspace
        self._service = workspace.services.appointments
        self._jobs = ScreenJobs(workspace.jobs)
        self._under_way = False
        self._saved = saved
        self._details, self._standing, self._clinicians, self._zone, self._usual = found
        self._id = self._details.row.appointment.id
        content = QWidget()
        box = column(content, margin=3, gap=2)
        self._box = box
        self._add_heading()
        self._add_conflicts()
        self._steps = column(gap=2)
        box.addLayout(self._steps)
        self.trouble = label("", "error")
        self.trouble.hide()
        box.addWidget(self.trouble)
        self._actions = Flow()
        box.addWidget(self._actions)
        box.addWidget(self._history())
        self.sheet = Sheet(above, content, name=tr("Appointment"), width=620)
        self.sheet.closed.connect(self._jobs.drop)
        self._offer_actions()
        last = row()
        self.person = button(tr("Open the patient's page"), "link", self._open_patient)
        last.addWidget(self.person)
        last.addStretch(1)
        self.close = button(tr("Close"), "", self.sheet.dismiss)
        last.addWidget(self.close)
        box.addLayout(last)
        self.sheet.open(self.close)

    # --- what it is --------------------------------------------------------------------------

    def _add_heading(self) -> None:
        one = self._details.row
        line = row(gap=2)
        line.addWidget(label(who(one), "heading"), 1)
        line.addWidget(label(state_text(one), badge_role(one), wrap=False))
        self._box.addLayout(line)
        words = column(gap=0)
        words.addWidget(label(when(one), "strong"))
        with_whom = one.clinician_name or tr("nobody named yet")
        words.addWidget(label(tr("With {name}").format(name=with_whom), "muted"))
        if one.appointment.reason:
            words.addWidget(label(one.appointment.reason))
        if one.appointment.state_text:
            words.addWidget(label(f"“{one.appointment.state_text}”", "muted"))
        if one.appointment.series_id is not None:
            words.addWidget(label(tr("One of a series; each is decided by itself."), "small"))
        words.addWidget(label(asked_text(one), "small"))
        if self._standing is not None and not self._details.conflicts:  # those have their own card
            words.addWidget(label(confirmation_text(self._standing), "small"))
        self._box.addLayout(words)

    def _add_conflicts(self) -> None:
        if not self._details.conflicts:
            return
        holder, box = card(role="danger", margin=2, gap=1)
        box.addWidget(label(tr("Two appointments at the same time"), "alarm"))
        for one in self._details.conflicts:
            names = [who(one), one.clinician_name, when(one)]
            box.addWidget(label(" · ".join(part for part in names if part)))
        box.addWidget(
            label(tr("Both were booked on different laptops. Please move or cancel one."), "small")
        )
        self._box.addWidget(holder)

    def _history(self) -> QFrame:
        holder, box = card(role="sunken", margin=2, gap=1)
        box.addWidget(label(tr("History"), "caption"))
        for line in reversed(self._details.history):
            words = column()
            words.setSpacing(0)
            words.addWidget(label(history_text(line)))
            if line.event.text:
                words.addWidget(label(f"“{line.event.text}”", "muted"))
            by = tr("{name}, {moment}").format(name=line.by_name, moment=moment_text(line.event.at))
            words.addWidget(label(by, "small"))
            box.addLayout(words)
        return holder

    # --- what can be done --------------------------------------------------------------------

    def _offer_actions(self) -> None:
        state = self._details.row.appointment.state
        has_time = self._details.row.starts is not None
        offered = [
            (Kind.APPROVED, tr("Approve"), "primary", self._approve if has_time else self._retime),
            (Kind.COMPLETED, tr("Took place"), "primary", self._complete),
            (Kind.RESCHEDULED, tr("Another time…"), "", self._retime),
            (Kind.DENIED, tr("Deny…"), "danger", self._deny),
            (Kind.NO_SHOW, tr("Did not come"), "", self._no_show),
            (Kind.CANCELLED, tr("Cancel it…"), "danger", self._cancel),
        ]
        for kind, words, role, act in offered:
            fits = (state, kind) in TRANSITIONS
            if kind is Kind.CANCELLED and state is AppointmentState.REQUESTED:
                words = tr("Withdraw it…")
            if fits and not (kind is Kind.RESCHEDULED and not has_time):
                self._actions.add(button(words, role, cast("Callable[[], object]", act)))

    def _approve(self, *, anyway: bool = False) -> None:
        self._run(
            lambda: self._service.approve(self._id, anyway=anyway),
            tr("The appointment is booked."),
            again=lambda: self._approve(anyway=True),
        )

    def _complete(self) -> None:
        self._run(
            lambda: self._service.complete(self._id), tr("It is marked as having taken place.")
        )

    def _no_show(self) -> None:
        self._run(lambda: self._service.no_show(self._id), tr("It is marked as missed."))

    def _deny(self) -> None:
        self._with_reason(
            tr("Why is it denied?"),
            tr("Deny the request"),
            lambda text: self._service.deny(self._id, text),
            tr("The request is denied."),
        )

    def _cancel(self) -> None:
        self._with_reason(
            tr("Why is it cancelled? (optional)"),
            tr("Cancel the appointment"),
            lambda text: self._service.cancel(self._id, text),
            tr("The appointment is cancelled."),
        )

    def _with_reason(
        self, caption: str, confirm: str, work: Callable[[str], Appointment], done: str
    ) -> None:
        edit = long_text(lines=2)
        field = Field(caption, edit)

        def send() -> None:
            text = edit.toPlainText()
            self._run(lambda: work(text), done, field=field)

        self._ask_step(field, button(confirm, "danger", send), edit)

    def _retime(self) -> None:
        one = self._details.row
        slot = one.appointment.slot
        minutes = slot.minutes if slot is not None else self._usual
        fields = TimeFields(self._workspace, self._jobs, self._clinicians, self._zone, minutes)
        if slot is not None:
            fields.set_time(slot.start, slot.clinician_id)
        fields.set_patient(one.appointment.patient_id)
        self.time = fields

        def send(*, anyway: bool = False) -> None:
            fields.fields.clear_errors()
            try:
                chosen = fields.chosen()
                start = chosen.start
                if start is None:
                    raise InvalidInput("start", tr("Please choose a time."))
            except InvalidInput as error:
                fields.fields.show_error(error)
                return
            self._run(
                lambda: self._service.reschedule(
                    self._id,
                    start,
                    minutes=chosen.minutes,
                    clinician_id=chosen.clinician_id,
                    anyway=anyway,
                ),
                tr("The appointment is booked for the new time."),
                again=lambda: send(anyway=True),
            )

        self._ask_step(fields, button(tr("Book this time"), "primary", send), fields.day)

    def _ask_step(self, asked: QWidget, confirm: QWidget, focus: QWidget) -> None:
        """Ask for what a step needs, in the place of the actions."""
        self._actions.hide()
        self.trouble.hide()
        self._steps.addWidget(asked)
        line = row()
        line.addStretch(1)
        line.addWidget(confirm, 0, Qt.AlignmentFlag.AlignRight)
        self._steps.addLayout(line)
        focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def _run(
        self,
        work: Callable[[], Appointment],
        sentence: str,
        *,
        again: Callable[[], object] | None = None,
        field: Field | None = None,
    ) -> None:
        self.trouble.hide()
        if self._under_way:  # a second press of the same button
            return
        self._store(True)

        def done(stored: Appointment) -> None:
            self._store(False)
            self.sheet.dismiss()
            self._saved(sentence)
            if stored.holds_time:
                confirm_bookings(self._workspace, [stored.id])

        def failed(error: BaseException) -> None:
            self._store(False)
            if isinstance(error, NotAvailable) and again is not None:
                ask(
                    self.sheet,
                    title=tr("Outside the hours"),
                    text=sentence_of(error),
                    yes=tr("Book it all the same"),
                    no=tr("Choose another time"),
                    on_yes=again,
                )
            elif isinstance(error, InvalidInput) and field is not None:
                field.show_error(sentence_of(error))
                field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            else:
                self.trouble.setText(explain(error))
                self.trouble.show()

        self._jobs.submit(Lane.DATABASE, work, done=done, failed=failed)

    def _store(self, under_way: bool) -> None:
        self._under_way = under_way
        self.sheet.hold(under_way, self.close, self.person)

    def _open_patient(self) -> None:
        row_ = self._details.row
        patient = row_.patient
        self.sheet.dismiss()
        self._workspace.navigator.show_patient(
            patient.id if patient is not None else row_.appointment.patient_id
        )
