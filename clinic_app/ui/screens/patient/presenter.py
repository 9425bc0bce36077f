"""Reads one person's page and carries out what is decided on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from clinic_app.domain.clock import utc_now
from clinic_app.domain.consent import GivenBy, Purpose
from clinic_app.domain.errors import NotSignedIn
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.schedule import to_local
from clinic_app.domain.screening import Draft
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.patient_page import PatientPage
from clinic_app.services.patients import NewPatient
from clinic_app.services.timeline import Timeline
from clinic_app.ui.consent_words import shown_now
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.trouble import log_mistake


@dataclass(frozen=True, slots=True)
class Record:
    """The page's content. ``names`` are the display names of the staff by user; ``today`` is the
    local day, ``me`` who looks at the page, ``asked`` the questionnaires that the clinic asks."""

    timeline: Timeline
    page: PatientPage
    names: Mapping[UUID, str]
    face_on: bool
    today: date
    me: UUID
    asked: tuple[InstrumentName, ...]


class PatientView(Protocol):
    def show_record(self, record: Record) -> None: ...
    def show_waiting(self, waiting: frozenset[UUID]) -> None:
        """Which of the records on the page have not reached the centre."""

    def show_failure(self, error: BaseException) -> None: ...
    def show_trouble(self, error: BaseException) -> None:
        """Something asked for could not be done; the page stays."""

    def show_consent_recorded(self) -> None: ...
    def show_consent_refused(self, error: BaseException) -> None:
        """It is not recorded; what was chosen stays."""

    def show_corrected(self, patient: Patient) -> None: ...
    def show_correction_error(self, error: BaseException) -> None: ...
    def show_intervention_kinds(self, kinds: tuple[str, ...]) -> None:
        """Ask what was done; ``kinds`` is the clinic's list."""

    def show_intervention_added(self) -> None: ...
    def show_intervention_error(self, error: BaseException) -> None: ...


class PatientPresenter:
    """``start`` goes on to the screening of a draft."""

    def __init__(
        self,
        view: PatientView,
        services: ClinicServices,
        jobs: Jobs,
        patient_id: UUID,
        start: Callable[[UUID], None],
    ) -> None:
        self._view = view
        self._services = services
        self._jobs = jobs
        self._patient_id = patient_id
        self._start = start
        self._latest = 0
        self._starting = False
        self._pages = 1

    def look(self) -> None:
        """Read the page again; an older, slower answer is dropped."""
        self._latest = asked = self._latest + 1

        def show(record: Record) -> None:
            if asked == self._latest:
                self._view.show_record(record)

        def fail(error: BaseException) -> None:
            if asked == self._latest:
                self._view.show_failure(error)

        self._jobs.submit(Lane.DATABASE, self._read, done=show, failed=fail)

    def look_at_marks(self, records: tuple[UUID, ...]) -> None:
        """Which of these records have not reached the centre yet; quiet when that fails."""

        def show(marks: dict[UUID, bool]) -> None:
            self._view.show_waiting(frozenset(one for one, there in marks.items() if not there))

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._services.sync.marks(records),
            done=show,
            failed=lambda error: None if isinstance(error, NotSignedIn) else log_mistake(error),
        )

    def show_older(self) -> None:
        """One more page of screenings; they stay when the page is read again."""
        self._pages += 1
        self.look()

    def ask_intervention(self) -> None:
        """Read the clinic's list of what can be done."""
        self._jobs.submit(
            Lane.DATABASE,
            self._services.interventions.kinds,
            done=self._view.show_intervention_kinds,
            failed=self._view.show_trouble,
        )

    def add_intervention(self, entry_id: UUID, kind: str, day: date, text: str) -> None:
        """Record what was done, once for each form, then read the page again."""

        def done(_: object) -> None:
            self._view.show_intervention_added()
            self.look()

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._services.interventions.add(
                self._patient_id, kind, day, text, entry_id=entry_id, from_form=True
            ),
            done=done,
            failed=self._view.show_intervention_error,
        )

    def start_screening(self) -> None:
        """Go on to the open draft, or to a new one."""
        if self._starting:
            return
        self._starting = True

        def go(draft: Draft) -> None:
            self._starting = False
            self._start(draft.id)

        def fail(error: BaseException) -> None:
            self._starting = False
            self._view.show_trouble(error)

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._services.screenings.start(self._patient_id),
            done=go,
            failed=fail,
        )

    def record_consent(self, answers: Mapping[Purpose, bool], given_by: GivenBy, note: str) -> None:
        """Record what has changed, then read the page again."""
        chosen, shown = dict(answers), shown_now()

        def done(_: object) -> None:
            self._view.show_consent_recorded()
            self.look()

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._services.consents.record(self._patient_id, chosen, given_by, note, shown),
            done=done,
            failed=self._view.show_consent_refused,
        )

    def correct(self, new: NewPatient, over: NewPatient | None = None) -> None:
        """Change what of the identity differs from ``over``, then read the page again."""

        def done(patient: Patient) -> None:
            self._view.show_corrected(patient)
            self.look()

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._services.patients.correct(self._patient_id, new, over=over),
            done=done,
            failed=self._view.show_correction_error,
        )

    def _read(self) -> Record:
        timeline = self._services.timeline.of_patient(self._patient_id)
        for _ in range(self._pages - 1):
            if timeline.older is not None:
                older = self._services.timeline.older_screenings(self._patient_id, timeline.older)
                timeline = timeline.with_older(older)
        profile = self._services.clinic.profile()
        return Record(
            timeline,
            self._services.pages.of_patient(self._patient_id),
            self._services.staff.names(),
            profile.face_module_enabled,
            to_local(utc_now(), profile.time_zone).date(),
            self._services.session.user.id,
            profile.instruments,
        )
