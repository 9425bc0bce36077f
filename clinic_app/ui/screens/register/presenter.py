"""Registers once; warns about similar people first, and never stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import Patient
from clinic_app.services.patients import NewPatient, PatientService
from clinic_app.ui.jobs import Jobs, Lane


class RegisterView(Protocol):
    def show_similar(self, people: Sequence[Patient]) -> None:
        """Warn; an empty list takes the warning away."""

    def show_error(self, error: InvalidInput) -> None: ...
    def show_busy(self, busy: bool) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_registered(self, patient: Patient) -> None: ...


class RegisterPresenter:
    def __init__(self, view: RegisterView, patients: PatientService, jobs: Jobs) -> None:
        self._view = view
        self._patients = patients
        self._jobs = jobs
        self._latest = 0
        self._warned_about: NewPatient | None = None
        self._under_way = False

    def look_for_similar(self, new: NewPatient) -> None:
        """While the form is being filled in: warn early."""
        self._latest = asked = self._latest + 1

        def show(people: Sequence[Patient]) -> None:
            if asked == self._latest:
                self._warned_about = _identity(new) if people else None
                self._view.show_similar(people)

        # A failure here is told when the form is sent.
        self._jobs.submit(
            Lane.DATABASE, lambda: self._patients.similar(new), done=show, failed=lambda _: None
        )

    def register(self, new: NewPatient) -> None:
        """Register, unless similar people have not been shown yet."""
        if self._under_way:
            return
        if self._warned_about == _identity(new):
            self.register_anyway(new)
            return
        self._begin()

        def decide(people: Sequence[Patient]) -> None:
            self._end()
            if people:
                self._warned_about = _identity(new)
                self._view.show_similar(people)
            else:
                self.register_anyway(new)

        self._jobs.submit(
            Lane.DATABASE, lambda: self._patients.similar(new), done=decide, failed=self._fail
        )

    def register_anyway(self, new: NewPatient) -> None:
        """Register, whoever is similar."""
        if self._under_way:
            return
        self._begin()

        def done(patient: Patient) -> None:
            self._end()
            self._view.show_registered(patient)

        self._jobs.submit(
            Lane.DATABASE, lambda: self._patients.register(new), done=done, failed=self._fail
        )

    def _begin(self) -> None:
        self._under_way = True
        self._view.show_busy(True)

    def _end(self) -> None:
        self._under_way = False
        self._view.show_busy(False)

    def _fail(self, error: BaseException) -> None:
        self._end()
        if isinstance(error, InvalidInput):
            self._view.show_error(error)
        else:
            self._view.show_failure(error)


def _identity(new: NewPatient) -> NewPatient:
    """What makes people similar: names and birth date."""
    return NewPatient(new.family_name.strip(), new.given_name.strip(), new.birth_date)
