"""Reads one person's page and carries out what is decided on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from clinic_app.domain.consent import GivenBy, Purpose
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import Patient
from clinic_app.domain.screening import Draft
from clinic_app.services.front_door import ClinicServices
from clinic_app.services.patients import NewPatient
from clinic_app.services.timeline import Timeline
from clinic_app.ui.jobs import Jobs, Lane


@dataclass(frozen=True, slots=True)
class Record:
    """The page's content. ``names`` are the display names of the staff by user."""

    timeline: Timeline
    names: Mapping[UUID, str]
    face_on: bool


class PatientView(Protocol):
    def show_record(self, record: Record) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_trouble(self, error: BaseException) -> None:
        """Something asked for could not be done; the page stays."""

    def show_consent_recorded(self) -> None: ...
    def show_corrected(self, patient: Patient) -> None: ...
    def show_correction_error(self, error: InvalidInput) -> None: ...


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
        chosen = dict(answers)

        def done(_: object) -> None:
            self._view.show_consent_recorded()
            self.look()

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._services.consents.record(self._patient_id, chosen, given_by, note),
            done=done,
            failed=self._view.show_trouble,
        )

    def correct(self, new: NewPatient) -> None:
        """Change the identity, then read the page again."""

        def done(patient: Patient) -> None:
            self._view.show_corrected(patient)
            self.look()

        def fail(error: BaseException) -> None:
            if isinstance(error, InvalidInput):
                self._view.show_correction_error(error)
            else:
                self._view.show_trouble(error)

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._services.patients.correct(self._patient_id, new),
            done=done,
            failed=fail,
        )

    def _read(self) -> Record:
        return Record(
            self._services.timeline.of_patient(self._patient_id),
            self._services.staff.names(),
            self._services.clinic.profile().face_module_enabled,
        )
