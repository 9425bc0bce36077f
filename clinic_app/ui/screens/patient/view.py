"""One person's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.notes import Note
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import GAD7, PHQ9, Instrument
from clinic_app.domain.screening import Screening
from clinic_app.ui.jobs import Lane
from clinic_app.ui.moments import near_text
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.patient.consent_panel import ConsentPanel
from clinic_app.ui.screens.patient.identity_panel import Correction, IdentityPanel
from clinic_app.ui.screens.patient.notes_panel import NotesPanel
from clinic_app.ui.screens.patient.presenter import PatientPresenter, Record
from clinic_app.ui.screens.patient.texts import Point, course
from clinic_app.ui.screens.patient.timeline_panel import TimelinePanel
from clinic_app.ui.screens.patients.rows import born_text
from clinic_app.ui.screens.today.presenter import progress_of
from clinic_app.ui.strings import TRIGGER_SENTENCES, tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import (
    button,
    card,
    clear,
    column,
    frame,
    icon_button,
    label,
    row,
    scrolling,
)
from clinic_app.ui.widgets.containers import Centred, Columns, Pages
from clinic_app.ui.widgets.states import Busy, Failure, picture
from clinic_app.ui.widgets.trend import Trend, prepare
from clinic_app.ui.workspace import Workspace


class PatientScreen(Screen):
    def __init__(self, workspace: Workspace, patient_id: UUID) -> None:
        super().__init__(workspace.jobs, tr("Patient"))
        self.back_text = tr("Patients")
        self._workspace = workspace
        self._patient_id = patient_id
        self._patient: Patient | None = None
        self._correction: Correction | None = None
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
        self._work = column(gap=2)
        self._trends_frame, self._trends = card(margin=2, gap=1)
        self._trends_frame.hide()
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

    def go_back(self) -> None:
        self._workspace.navigator.show_patients()

    def keep(self, done: Callable[[BaseException | None], None]) -> None:
        self.notes.keep(done)

    def unfinished(self) -> str:
        return tr("The changed consent is not recorded yet.") if self.consent.changes else ""

    # --- for the presenter -------------------------------------------------------------------

    def show_record(self, record: Record) -> None:
        patient = record.timeline.patient
        self._patient = patient
        today = utc_now().astimezone().date()
        facts = [f"{tr('born')} {born_text(patient.birth_date, patient.age_on(today))}"]
        facts += [text for text in (patient.local_number, patient.phone) if text]
        self.set_heading(patient.display_name, " · ".join(facts), tr("Patients"))
        self.identity.show_patient(patient)
        events = record.timeline.events
        consents = [event for event in reversed(events) if isinstance(event, ConsentEvent)]
        self.consent.show_consent(record.timeline.consent, consents, face_on=record.face_on)
        self._show_work(record)
        self._show_trends([event for event in events if isinstance(event, Screening)])
        self.timeline.show_record(record)
        me = self._workspace.services.session.user.id
        drafts = [event for event in events if isinstance(event, Note) and not event.signed_at]
        mine = next((note for note in drafts if note.author == me), None)
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
        self._workspace.notices.tell(tr("The consent is recorded."))

    def show_corrected(self, patient: Patient) -> None:
        if self._correction is not None:
            self._correction.sheet.dismiss()
            self._correction = None
        self._workspace.notices.tell(tr("The change is saved."))

    def show_correction_error(self, error: InvalidInput) -> None:
        if self._correction is not None:
            self._correction.show_error(error)

    # --- for the timeline --------------------------------------------------------------------

    def open_report(self, screening_id: UUID) -> None:
        self._workspace.navigator.show_report(screening_id)

    def open_flow(self, flow_id: UUID) -> None:
        self._workspace.navigator.show_safety(flow_id, self._patient_id)

    def go_on_with(self, note: Note) -> None:
        self.notes.go_on_with(note)

    def add_to(self, note: Note) -> None:
        self.notes.add_to(note)

    # --- inside ------------------------------------------------------------------------------

    def _layout_content(self) -> QWidget:
        columns = Columns(break_at=960, side_width=380)
        columns.main_box.addLayout(self._work)
        columns.main_box.addWidget(self._trends_frame)
        for panel, box in (
            (self.notes, columns.main_box),
            (self.identity, columns.side_box),
            (self.consent, columns.side_box),
        ):
            holder, inner = card(gap=1)
            inner.addWidget(panel)
            box.addWidget(holder)
        columns.main_box.addWidget(self.timeline)
        columns.main_box.addStretch(1)
        columns.side_box.addStretch(1)
        return columns

    def _show_work(self, record: Record) -> None:
        clear(self._work)
        for flow in record.timeline.open_flows:
            made = frame("edged")
            line = row(made, margin=2, gap=2)
            line.addWidget(picture("shield", 26, "danger"))
            words = column()
            words.setSpacing(2)
            words.addWidget(label(tr("Safety steps are open"), "strong"))
            words.addWidget(label(tr(TRIGGER_SENTENCES[flow.trigger]), "muted"))
            line.addLayout(words, 1)
            go = button(tr("Safety steps"), "primary", self._flow_opener(flow.id))
            line.addWidget(go)
            self._work.addWidget(made)
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
            words.addWidget(label(f"{tr(progress_of(draft))} · {when}", "muted"))
            text = tr("Continue screening")
        line.addLayout(words, 1)
        role = "" if record.timeline.open_flows else "primary"
        self.start = icon_button(text, "forward", role, self.presenter.start_screening)
        line.addWidget(self.start)
        box.addLayout(line)
        return made

    def _show_trends(self, screenings: list[Screening]) -> None:
        courses: list[tuple[Instrument, list[Point]]] = []
        for instrument in (PHQ9, GAD7):
            points = course(screenings, instrument.name, instrument.title)
            if len(points) >= 2:
                courses.append((instrument, points))
        self._trends_frame.setVisible(bool(courses))
        if not courses:
            return

        def draw(_: None) -> None:
            clear(self._trends)
            across = row(gap=3)
            self._trends.addLayout(across)
            for instrument, points in courses:
                # One chart a turn of the event loop: each takes a moment to make.
                QTimer.singleShot(0, across, partial(_add_trend, across, instrument, points))

        # Loading the plotting library takes longer than a window may stand still.
        self.jobs.submit(Lane.INFERENCE, prepare, done=draw, failed=self.show_trouble)

    def _correct(self) -> None:
        if self._patient is not None:
            self._correction = Correction(self, self._patient, self.presenter.correct)

    def _flow_opener(self, flow_id: UUID) -> Callable[[], None]:
        return lambda: self.open_flow(flow_id)


def _add_trend(across: QHBoxLayout, instrument: Instrument, points: Sequence[Point]) -> None:
    words = column(gap=1)
    words.addWidget(label(instrument.title, "strong"))
    words.addWidget(Trend(instrument, [(point.at, point.total) for point in points]))
    across.addLayout(words, 1)
