"""One person's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.notes import Note
from clinic_app.domain.people import Patient
from clinic_app.domain.screening import Screening
from clinic_app.services.meanwhile import form_of
from clinic_app.services.patients import NewPatient
from clinic_app.services.withholding import judged_by
from clinic_app.ui.moments import near_text
from clinic_app.ui.screens.appointments.panel import AppointmentsPanel
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.duplicates.compare import CompareSheet, UndoSheet
from clinic_app.ui.screens.patient.alerts_panel import AlertsPanel
from clinic_app.ui.screens.patient.consent_panel import ConsentPanel
from clinic_app.ui.screens.patient.course import (
    lanes_of,
    left_out,
    mixes_models,
    reads_a_minor,
)
from clinic_app.ui.screens.patient.course_panel import CoursePanel
from clinic_app.ui.screens.patient.documents_panel import DocumentsPanel
from clinic_app.ui.screens.patient.identity_panel import Correction, IdentityPanel
from clinic_app.ui.screens.patient.interventions_panel import (
    InterventionSheet,
    InterventionsPanel,
)
from clinic_app.ui.screens.patient.notes_panel import NotesPanel
from clinic_app.ui.screens.patient.presenter import PatientPresenter, Record
from clinic_app.ui.screens.patient.timeline_panel import TimelinePanel, own_review
from clinic_app.ui.screens.patients.rows import born_text
from clinic_app.ui.screens.review.sheet import ReviewSheet
from clinic_app.ui.screens.subject.panel import SubjectPanel
from clinic_app.ui.screens.tasks.panel import TasksPanel
from clinic_app.ui.screens.today.presenter import progress_of
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import (
    button,
    card,
    clear,
    column,
    icon_button,
    label,
    row,
    scrolling,
)
from clinic_app.ui.widgets.containers import Centred, Columns, Pages
from clinic_app.ui.widgets.focus import kept_focus
from clinic_app.ui.widgets.sheet import host_of, sheet_over
from clinic_app.ui.widgets.states import Busy, Failure, picture
from clinic_app.ui.workspace import Workspace


class PatientScreen(Screen):
    def __init__(self, workspace: Workspace, patient_id: UUID) -> None:
        super().__init__(workspace.jobs, tr("Patient"))
        self.back_text = tr("Patients")
        self._workspace = workspace
        self._patient_id = patient_id
        self._patient: Patient | None = None
        self._correction: Correction | None = None
        self._intervention: InterventionSheet | None = None
        self._record: Record | None = None
        self.presenter = PatientPresenter(
            self,
            workspace.services,
            self.jobs,
            patient_id,
            workspace.navigator.show_screening,
        )
        self.notes = NotesPanel(workspace.services.notes, self.jobs, patient_id)
        self.notes.changed.connect(self.presenter.look)
        self.timeline = TimelinePanel(self)
        self.identity = IdentityPanel(self._correct)
        self.consent = ConsentPanel(self.presenter.record_consent)
        self.alerts = AlertsPanel(self)
        self.course = CoursePanel()
        self.interventions = InterventionsPanel(self.presenter.ask_intervention)
        self.documents = DocumentsPanel(self.open_report, self.open_reports)
        self.appointments = AppointmentsPanel(workspace, patient_id)
        self.tasks = TasksPanel(workspace, patient_id)
        self.appointments.changed.connect(self.presenter.look)
        self.tasks.changed.connect(self.presenter.look)
        self.appointments.filled.connect(self.renew_marks)
        self.rights = SubjectPanel(workspace, patient_id)
        self._work = column(gap=2)
        self._pages = Pages()
        self._busy = Busy(tr("Opening the record…"))
        self._content = self._layout_content()
        self._failure = QWidget()
        self._failure_box = column(self._failure)
        for page in (self._busy, self._content, self._failure):
            self._pages.add(page)
        holder = QWidget()
        column(holder, margin=4).addWidget(Centred(self._pages, 1500))
        column(self).addWidget(scrolling(holder))

    # --- for the shell -----------------------------------------------------------------------

    def arrive(self) -> None:
        self.presenter.look()

    def renew(self) -> None:
        self.presenter.look()
        self.appointments.look()
        self.tasks.look()

    def renew_marks(self) -> None:
        self.presenter.look_at_marks(
            (*self.timeline.marks.records, *self.appointments.marks.records)
        )

    def go_back(self) -> None:
        self._workspace.navigator.show_patients()

    def keep(self, done: Callable[[BaseException | None], None]) -> None:
        self.notes.keep(done)

    def drop(self) -> None:
        self.appointments.drop()
        self.tasks.drop()
        super().drop()

    def unfinished(self) -> str:
        return tr("The changed consent is not recorded yet.") if self.consent.changes else ""

    # --- for the presenter -------------------------------------------------------------------

    def show_record(self, record: Record) -> None:
        with kept_focus(self):
            self._fill(record)
        self.renew_marks()

    def show_waiting(self, waiting: frozenset[UUID]) -> None:
        self.timeline.marks.show(waiting)
        self.appointments.marks.show(waiting)

    def _fill(self, record: Record) -> None:
        patient = record.timeline.patient
        self._patient = patient
        self._record = record
        today = record.today
        facts = [f"{tr('born')} {born_text(patient.birth_date, patient.age_on(today))}"]
        facts += [text for text in (patient.local_number, patient.phone) if text]
        self.set_heading(patient.display_name, " · ".join(facts), tr("Patients"))
        self.identity.show_patient(patient)
        events = record.timeline.events
        consents = [event for event in reversed(events) if isinstance(event, ConsentEvent)]
        self.consent.show_consent(
            record.timeline.consent,
            consents,
            face_on=record.face_on,
            in_group=record.page.in_group,
            minor=patient.is_minor_on(today),
        )
        self.alerts.show_record(record)
        self._show_work(record)
        rule = record.page.reliable_change
        screenings = [event for event in events if isinstance(event, Screening)]
        withheld = record.timeline.withheld
        self.course.show_course(
            lanes_of(screenings, withheld, rule),
            rule,
            all_shown=record.timeline.older is None,
            minor=reads_a_minor(screenings, withheld, patient),
            mixed=mixes_models(screenings, withheld),
            left_out=left_out(screenings),
        )
        self.timeline.show_record(record)
        self.interventions.show_interventions(record.page.interventions, record.names)
        self.documents.show_documents(record.page.documents, record.names)
        drafts = [event for event in events if isinstance(event, Note) and not event.signed_at]
        mine = next((note for note in drafts if note.author == record.me), None)
        if mine is not None:
            self.notes.offer_draft(mine)
        first_time = self._pages.current is not self._content
        self._pages.show_page(self._content)
        if first_time:
            self.start.setFocus()

    def show_failure(self, error: BaseException) -> None:
        clear(self._failure_box)
        self._failure_box.addWidget(Failure(explain(error), self.presenter.look))
        self._pages.show_page(self._failure)

    def show_trouble(self, error: BaseException) -> None:
        self._workspace.notices.report(error)

    def show_consent_recorded(self) -> None:
        self.consent.show_recorded()
        self._workspace.notices.tell(tr("The consent is recorded."))

    def show_consent_refused(self, error: BaseException) -> None:
        self.consent.show_refused()
        self.show_trouble(error)

    def show_corrected(self, patient: Patient) -> None:
        if self._correction is not None:
            self._correction.sheet.dismiss()
        self._workspace.notices.tell(tr("The change is saved."))

    def show_correction_error(self, error: BaseException) -> None:
        if self._correction is not None:  # also behind the lock, where it waits to be read
            self._correction.show_error(error)
        else:
            self.show_trouble(error)

    def show_intervention_kinds(self, kinds: tuple[str, ...]) -> None:
        if sheet_over(host_of(self)) is not None:
            return  # the form is there already, or something else is
        self._intervention = InterventionSheet(
            self, self._workspace, self._patient_id, kinds, self._add_intervention
        )
        self._intervention.sheet.closed.connect(self._forget_intervention)

    def show_intervention_added(self) -> None:
        if self._intervention is not None:
            self._intervention.close()
        self._workspace.notices.tell(tr("The intervention is recorded."))

    def show_intervention_error(self, error: BaseException) -> None:
        if self._intervention is not None:  # also behind the lock, where it waits to be read
            self._intervention.show_error(error)
        else:
            self.show_trouble(error)

    # --- for the panels ----------------------------------------------------------------------

    def open_report(self, screening_id: UUID) -> None:
        """The report shows the estimate: who may review records the own severity first."""
        record = self._record
        if record is not None and screening_id in record.timeline.withheld:
            found = [one for one in record.timeline.events if one.id == screening_id]
            if found and isinstance(found[0], Screening):
                self._workspace.notices.tell(
                    tr("The report shows the estimate; please judge first.")
                )
                self.review(found[0])
                return
        self._workspace.navigator.show_report(screening_id)

    def open_reports(self) -> None:
        self._workspace.navigator.show_reports(self._patient_id)

    def review(self, screening: Screening) -> None:
        record = self._record
        if record is not None:
            ReviewSheet(
                self,
                self._workspace.services.reviews,
                self.jobs,
                screening,
                own=own_review(screening, record),
                judged=judged_by(screening, record.me),
                closed=self.presenter.look,
            )

    def show_older(self) -> None:
        self.presenter.show_older()

    def compare_with(self, other: Patient) -> None:
        if self._patient is not None:
            merges = self._workspace.services.merges
            CompareSheet(self, merges, self.jobs, self._patient.id, other.id, self._merged)

    def undo_merge(self, other: Patient) -> None:
        merges = self._workspace.services.merges
        UndoSheet(self, merges, self.jobs, other, self._unmerged)

    def discard(self, note: Note) -> None:
        self.notes.discard(note)

    def open_flow(self, flow_id: UUID) -> None:
        self._workspace.navigator.show_safety(flow_id, self._patient_id)

    def go_on_with(self, note: Note) -> None:
        self.notes.go_on_with(note)

    def add_to(self, note: Note) -> None:
        self.notes.add_to(note)

    def take_over(self, note: Note) -> None:
        self.notes.take_over(note)

    # --- inside ------------------------------------------------------------------------------

    def _layout_content(self) -> QWidget:
        columns = Columns(break_at=960, side_width=380)
        columns.main_box.addWidget(self.alerts)
        columns.main_box.addLayout(self._work)
        for panel, box in (
            (self.course, columns.main_box),
            (self.notes, columns.main_box),
            (self.identity, columns.side_box),
            (self.appointments, columns.side_box),
            (self.tasks, columns.side_box),
            (self.interventions, columns.side_box),
            (self.documents, columns.side_box),
            (self.consent, columns.side_box),
            (self.rights, columns.side_box),
        ):
            _put(panel, box)
        columns.main_box.addWidget(self.timeline)
        columns.main_box.addStretch(1)
        columns.side_box.addStretch(1)
        return columns

    def _show_work(self, record: Record) -> None:
        clear(self._work)
        self._work.addWidget(self._start_card(record))

    def _start_card(self, record: Record) -> QFrame:
        made, box = card(margin=2)
        line = row(gap=2)
        line.addWidget(picture("screening", 26, "accent"))
        words = column()
        words.setSpacing(2)
        draft = record.timeline.draft
        if draft is None:
            words.addWidget(label(tr("New screening"), "strong"))
            words.addWidget(
                label(tr("Consent, picture if agreed to, questionnaires, your judgement."), "muted")
            )
            text = tr("Start screening")
        else:
            words.addWidget(label(tr("A screening is not finished"), "strong"))
            when = tr("last change {when}").format(when=near_text(draft.changed_at, utc_now()))
            words.addWidget(label(f"{progress_of(draft, record.asked)} · {when}", "muted"))
            text = tr("Continue screening")
        line.addLayout(words, 1)
        role = "" if record.timeline.open_flows else "primary"
        self.start = icon_button(text, "forward", role, self.presenter.start_screening)
        self.hand_over = button(tr("Hand the laptop over"), "link", self._hand_over)
        self.hand_over.setToolTip(tr("To this person alone; only your password takes it back."))
        words.addWidget(self.hand_over, 0, Qt.AlignmentFlag.AlignLeft)
        line.addWidget(self.start)
        box.addLayout(line)
        return made

    def _hand_over(self) -> None:
        self._workspace.navigator.show_patient_home(self._patient_id)

    def _correct(self) -> None:
        if self._patient is not None:
            shown = form_of(NewPatient, self._patient)
            self._correction = Correction(
                self, self._patient, lambda new: self.presenter.correct(new, shown)
            )
            self._correction.sheet.closed.connect(self._forget_correction)

    def _forget_correction(self) -> None:
        self._correction = None

    def _forget_intervention(self) -> None:
        self._intervention = None

    def _add_intervention(self, entry_id: UUID, kind: str, day: date, text: str) -> None:
        self.presenter.add_intervention(entry_id, kind, day, text)

    def _merged(self, patient: Patient) -> None:
        self._workspace.notices.tell(tr("The two records are one person now."))
        self.presenter.look()

    def _unmerged(self, patient: Patient) -> None:
        self._workspace.notices.tell(
            tr("The record of {name} stands for itself again.").format(name=patient.display_name)
        )
        self.presenter.look()


def _put(panel: QWidget, box: QVBoxLayout) -> None:
    holder, inner = card(gap=1)
    inner.addWidget(panel)
    box.addWidget(holder)
