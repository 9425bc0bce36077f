"""Reads the patient's own pages and carries out what is asked for on them.

Everything runs while the laptop is handed over, so the services refuse whatever is not about the
person who holds it. What goes wrong is told on the page: notices wait for the staff.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from clinic_app.domain.consent import Purpose
from clinic_app.domain.feedback import Agreement
from clinic_app.domain.people import ClinicProfile
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.safety import SafetyFlow, SafetyState
from clinic_app.domain.screening import Draft, Progress
from clinic_app.services.appointment_rows import AppointmentRow
from clinic_app.services.appointments import NewAppointment
from clinic_app.services.availability import FreeTime
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.patient_home import OwnQuestionnaires, OwnResult, PatientHome
from clinic_app.ui.consent_words import shown_now
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.workspace import Workspace

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Appointments:
    """The person's own appointments and times that are still free."""

    own: tuple[AppointmentRow, ...]
    free: tuple[FreeTime, ...]


@dataclass(frozen=True, slots=True)
class OwnCase:
    """What the questions are asked with."""

    own: OwnQuestionnaires
    clinic: ClinicProfile

    @property
    def draft_id(self) -> UUID:
        return self.own.draft_id

    def progress(self, instrument: InstrumentName) -> Progress | None:
        return self.own.progress(instrument)


class HomeView(Protocol):
    def show_home(self, home: PatientHome) -> None: ...
    def show_results(self, results: Sequence[OwnResult]) -> None: ...
    def show_appointments(self, found: Appointments) -> None: ...
    def show_questions(self, home: PatientHome) -> None:
        """The draft is there: ask what waits."""

    def show_done(self, sentence: str) -> None:
        """It is kept; back on the first page."""

    def show_trouble(self, error: BaseException) -> None:
        """It could not be done; what was typed stays."""

    def show_refused(self) -> None:
        """The laptop could not be handed over."""


class PatientHomePresenter:
    """``patient_id`` is who gets the laptop. It hosts the questions as well."""

    def __init__(self, view: HomeView, workspace: Workspace, jobs: Jobs, patient_id: UUID) -> None:
        self._view = view
        self._workspace = workspace
        self._jobs = jobs
        self._patient_id = patient_id
        self._home: PatientHome | None = None
        self._case: OwnCase | None = None
        self._under_way = False

    # --- for the questions -------------------------------------------------------------------

    @property
    def case(self) -> OwnCase:
        assert self._case is not None, "the questions were not asked for yet"
        return self._case

    @property
    def services(self) -> ClinicServices:
        return self._workspace.services

    @property
    def workspace(self) -> Workspace:
        return self._workspace

    def ask(
        self,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Run ``work`` on the store; without ``failed`` trouble is told on the page."""
        tell = self._view.show_trouble if failed is None else failed
        self._jobs.submit(Lane.DATABASE, work, done=done, failed=tell)

    # --- pages -------------------------------------------------------------------------------

    def begin(self) -> None:
        """Hand the laptop over, then show the first page."""
        self._workspace.navigator.enter_patient_mode(self._patient_id)
        self.ask(self.services.patient_home.look, self._looked, lambda _: self._view.show_refused())

    def look(self) -> None:
        """Read the first page again."""
        self.ask(self.services.patient_home.look, self._looked)

    def open_results(self) -> None:
        self.ask(self.services.patient_home.results, self._view.show_results)

    def open_appointments(self) -> None:
        appointments, patient_id = self.services.appointments, self._patient_id

        def read() -> Appointments:
            own = appointments.of_patient(patient_id)
            return Appointments(tuple(own), tuple(appointments.free_times(patient_id=patient_id)))

        self.ask(read, self._view.show_appointments)

    def open_questions(self) -> None:
        """Make the draft where there is none, then ask."""
        home = self._home
        if home is None or not home.waiting:
            return

        def read() -> OwnCase:
            own = self.services.patient_home.questionnaires()
            return OwnCase(own, self.services.clinic.profile())

        def ready(case: OwnCase) -> None:
            self._case = case
            self._view.show_questions(home)

        self.ask(read, ready)

    # --- what the patient asks for -----------------------------------------------------------

    def record_consent(self, answers: Mapping[Purpose, bool], sentence: str) -> None:
        chosen = dict(answers)
        shown = shown_now()
        self._do(lambda: self.services.patient_home.consent(chosen, shown), sentence)

    def rate(self, rating: int, text: str, *, named: bool, sentence: str) -> None:
        patient_id = self._patient_id if named else None
        self._do(lambda: self.services.feedback.rate(rating, text, patient_id=patient_id), sentence)

    def agree(self, screening_id: UUID, agreement: Agreement) -> None:
        """Keep whether a result fits, and show the results again."""
        work, patient_id = self.services.feedback.agree, self._patient_id
        self._once(lambda: work(patient_id, screening_id, agreement), lambda _: self.open_results())

    def request_appointment(self, time: FreeTime | None, reason: str, sentence: str) -> None:
        """Ask for this time, or for any (the wait list)."""
        new = NewAppointment(
            self._patient_id,
            reason,
            time.start if time is not None else None,
            time.minutes if time is not None else None,
            time.clinician_id if time is not None else None,
            wait_list=time is None,
        )
        self._do(lambda: self.services.appointments.request(new), sentence)

    # --- staff is back -----------------------------------------------------------------------

    def taken_back(self, unsaved: Sequence[Callable[[], Draft]]) -> None:
        """Store what could not be stored, open the person's page, then the safety steps.

        Nothing of this is dropped when the screen has gone: an alarm is never lost.
        """
        navigator, jobs = self._workspace.navigator, self._workspace.jobs
        notices = self._workspace.notices
        for work in unsaved:
            jobs.submit(Lane.DATABASE, work, done=lambda _: None, failed=notices.report)
        navigator.show_patient(self._patient_id)
        if self._case is None:
            return
        draft_id = self._case.draft_id

        def known(flow: SafetyFlow | None) -> None:
            if flow is not None and flow.state is SafetyState.OPEN:
                navigator.show_safety(flow.id, flow.patient_id)

        jobs.submit(
            Lane.DATABASE,
            lambda: self.services.safety.of_screening(draft_id),
            done=known,
            failed=notices.report,
        )

    # --- inside ------------------------------------------------------------------------------

    def _looked(self, home: PatientHome) -> None:
        self._home = home
        self._view.show_home(home)

    def _do(self, work: Callable[[], object], sentence: str) -> None:
        self._once(work, lambda _: self._view.show_done(sentence))

    def _once(self, work: Callable[[], object], then: Callable[[object], None]) -> None:
        if self._under_way:  # a second press of the same button
            return
        self._under_way = True

        def done(answer: object) -> None:
            self._under_way = False
            then(answer)

        def failed(error: BaseException) -> None:
            self._under_way = False
            self._view.show_trouble(error)

        self.ask(work, done, failed)
