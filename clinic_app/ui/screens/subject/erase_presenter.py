"""Reads a person's requests for erasure, records one, and hands the decision to the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from clinic_app.domain.access import Action, allows
from clinic_app.domain.erasure import Erasure, ErasureState
from clinic_app.domain.people import Patient
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.erasure import ErasurePlan
from clinic_app.ui.jobs import Jobs, Lane


@dataclass(frozen=True, slots=True)
class Requests:
    """A person's requests, newest first. ``plan`` is what carrying one out would do; only
    administrators get it, while a request waits."""

    patient: Patient
    erasures: Sequence[Erasure]
    staff: Mapping[UUID, str]
    plan: ErasurePlan | None

    @property
    def waiting(self) -> Erasure | None:
        return next((one for one in self.erasures if one.state is ErasureState.ASKED), None)


class EraseView(Protocol):
    def show_requests(self, requests: Requests) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_storing(self) -> None:
        """The request is on its way; it cannot be left meanwhile."""

    def show_refused(self, error: BaseException) -> None:
        """The request could not be recorded; what was typed stays."""


class ErasePresenter:
    def __init__(
        self, view: EraseView, services: ClinicServices, jobs: Jobs, patient_id: UUID
    ) -> None:
        self._view = view
        self._services = services
        self._jobs = jobs
        self._patient_id = patient_id

    @property
    def may_decide(self) -> bool:
        return allows(self._services.session.user.role, Action.DECIDE_ERASURE)

    def look(self) -> None:
        """Read what was asked for and decided so far."""
        self._jobs.submit(
            Lane.DATABASE,
            self._read,
            done=self._view.show_requests,
            failed=self._view.show_failure,
        )

    def ask(self, reason: str) -> None:
        """Record that the person asks for erasure."""
        self._view.show_storing()
        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._services.erasures.ask(self._patient_id, reason),
            done=lambda _: self.look(),
            failed=self._view.show_refused,
        )

    def _read(self) -> Requests:
        erasures = self._services.erasures
        found = erasures.of_patient(self._patient_id)
        waits = any(one.state is ErasureState.ASKED for one in found)
        return Requests(
            self._services.patients.get(self._patient_id),
            found[::-1],
            self._services.staff.names(),
            erasures.plan(self._patient_id) if waits and self.may_decide else None,
        )
