"""The appointments of one person, for that person's page."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from clinic_app.domain.appointments import AppointmentState
from clinic_app.domain.clock import utc_now
from clinic_app.domain.people import Patient
from clinic_app.services.appointment_rows import AppointmentRow
from clinic_app.ui.jobs import Lane, ScreenJobs
from clinic_app.ui.screens.appointments.details import open_details
from clinic_app.ui.screens.appointments.request_form import open_request_form
from clinic_app.ui.screens.appointments.words import badge_role, state_text, when
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, clear, column, icon_button, label, row
from clinic_app.ui.widgets.focus import kept_focus
from clinic_app.ui.widgets.marks import Marks
from clinic_app.ui.widgets.states import Failure
from clinic_app.ui.workspace import Workspace

Found = tuple[Patient, list[AppointmentRow]]
_COMING = (AppointmentState.REQUESTED, AppointmentState.APPROVED)


class AppointmentsPanel(QWidget):
    """Reads by itself, once at first and again with ``look``.

    Signals:
        changed: an appointment was made or changed.
        filled: the rows were made anew.
    """

    changed = Signal()
    filled = Signal()

    def __init__(self, workspace: Workspace, patient_id: UUID) -> None:
        super().__init__()
        self._workspace = workspace
        self._service = workspace.services.appointments
        self._jobs = jobs = ScreenJobs(workspace.jobs)
        self.destroyed.connect(lambda _=None: jobs.drop())
        self._patient_id = patient_id
        self._patient: Patient | None = None
        self._rows: list[AppointmentRow] = []
        self._past_shown = False
        self.marks = Marks()
        box = column(self, gap=1)
        top = row()
        top.addWidget(label(tr("Appointments"), "heading"), 1)
        self.new = icon_button(tr("New"), "plus", "quiet", self._new)
        self.new.setAccessibleName(tr("New appointment"))
        self.new.setEnabled(False)
        top.addWidget(self.new)
        box.addLayout(top)
        self._list = column(gap=1)
        self._list.addWidget(label(tr("Reading…"), "muted"))
        box.addLayout(self._list)
        self.look()

    def look(self) -> None:
        """Read again."""

        def read() -> Found:
            patient = self._workspace.services.patients.get(self._patient_id)
            return patient, self._service.of_patient(self._patient_id)

        self._jobs.submit(Lane.DATABASE, read, done=self._show, failed=self._fail)

    def drop(self) -> None:
        """The page goes: answers still under way are dropped."""
        self._jobs.drop()

    def _show(self, found: Found) -> None:
        self._patient, self._rows = found
        self.new.setEnabled(True)
        self._fill()

    def _fill(self) -> None:
        with kept_focus(self):
            self._fill_list()
        self.marks.refresh()
        self.filled.emit()

    def _fill_list(self) -> None:
        clear(self._list)
        self.marks.forget()
        now = utc_now()
        coming = [one for one in self._rows if _coming(one)]
        coming.sort(key=lambda one: (one.starts is None, one.starts or now))
        past = [one for one in self._rows if not _coming(one)]
        for one in coming:
            self._list.addWidget(self._row(one))
        if not coming:
            self._list.addWidget(label(tr("No appointment to come."), "muted"))
        if past:
            words = tr("Hide earlier ones") if self._past_shown else _earlier(len(past))
            toggle = button(words, "link", self._toggle)
            self._list.addWidget(toggle, 0, Qt.AlignmentFlag.AlignLeft)
        if self._past_shown:
            for one in past:
                self._list.addWidget(self._row(one))

    def _row(self, one: AppointmentRow) -> QWidget:
        made = QWidget()
        line = row(made, gap=1)
        words = column()
        words.setSpacing(0)
        words.addWidget(label(when(one), "strong"))
        facts = [part for part in (one.clinician_name, one.appointment.reason) if part]
        if facts:
            words.addWidget(label(" · ".join(facts), "small"))
        if one.appointment.state_text:
            words.addWidget(label(f"“{one.appointment.state_text}”", "small"))
        if one.appointment.conflicting:
            words.addWidget(label(tr("Collides with another appointment."), "alarm"))
        line.addLayout(words, 1)
        badge = label(state_text(one), badge_role(one), wrap=False)
        words.addWidget(badge, 0, Qt.AlignmentFlag.AlignLeft)
        words.addWidget(self.marks.of(one.appointment.id))
        opens = button(tr("Open"), "quiet", lambda: self._open(one.appointment.id))
        opens.setAccessibleName(tr("Open the appointment: {when}").format(when=when(one)))
        line.addWidget(opens, 0, Qt.AlignmentFlag.AlignTop)
        return made

    def _toggle(self) -> None:
        self._past_shown = not self._past_shown
        self._fill()

    def _open(self, appointment_id: UUID) -> None:
        open_details(self, self._workspace, appointment_id, self._saved)

    def _new(self) -> None:
        if self._patient is not None:
            open_request_form(self, self._workspace, self._saved, patient=self._patient)

    def _saved(self, sentence: str) -> None:
        self._workspace.notices.tell(sentence)
        self.look()
        self.changed.emit()

    def _fail(self, error: BaseException) -> None:
        clear(self._list)
        self._list.addWidget(Failure(explain(error), self.look))


def _coming(one: AppointmentRow) -> bool:
    """Still to be decided or held; one whose time has passed stays until it is closed."""
    return one.appointment.state in _COMING


def _earlier(count: int) -> str:
    if count == 1:
        return tr("Show 1 earlier one")
    return tr("Show {number} earlier ones").format(number=count)
