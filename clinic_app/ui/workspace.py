"""What a screen is given, and the places it can send the user to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from clinic_app.domain.worklist import WorklistFilter
from clinic_app.services.worklist import EVERYBODY
from clinic_app.ui.jobs import Jobs

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices


Act = tuple[str, Callable[[], object]]
"""A button's words, and what it does."""


class Notices(Protocol):
    """Short messages at the edge of the window."""

    def tell(self, text: str) -> None:
        """A quiet confirmation that goes away by itself."""

    def warn(self, text: str, act: Act | None = None) -> None:
        """Something the user should know; stays until dismissed. ``act`` is what can be done."""

    def report(self, error: BaseException) -> None:
        """Expected trouble as its sentence; a mistake of ours as an apology with a log entry."""


class Navigator(Protocol):
    """Where a screen can go. The main window implements it."""

    def show_today(self) -> None: ...
    def show_worklist(self) -> None:
        """Who comes next, by facts."""

    def show_tasks(self) -> None: ...
    def show_patients(self, text: str = "") -> None:
        """The list of patients, searched for ``text``."""

    def show_appointments(self, day: date | None = None) -> None:
        """The calendar, at the week of ``day``; where it was left unless given."""

    def show_register(self, family_name: str = "") -> None:
        """Register a new patient."""

    def show_duplicates(self) -> None:
        """Records that may be of one person."""

    def show_patient(self, patient_id: UUID) -> None: ...
    def show_screening(self, draft_id: UUID) -> None:
        """Continue (or begin) the steps of a draft."""

    def show_report(self, screening_id: UUID) -> None:
        """Preview, save and print the PDF of a finished screening."""

    def show_reports(
        self, patient_id: UUID | None = None, wanted: WorklistFilter = EVERYBODY
    ) -> None:
        """Reports about a person, or about the clinic: the worklist of the ``wanted`` first."""

    def show_safety(self, flow_id: UUID, patient_id: UUID) -> None:
        """The clinician's safety steps, modal, not dismissible while the flow is open."""

    def show_feedback(self) -> None:
        """What people say about the service."""

    def show_sync(self) -> None:
        """How sync with the centre stands."""

    def show_conflicts(self) -> None:
        """What two workstations wrote differently, to be settled."""

    def show_learning(self) -> None:
        """Pictures to read blind, and drift."""

    def show_heads(self) -> None:
        """Local heads, to compare and promote."""

    def show_models(self) -> None:
        """The cards of the models."""

    def show_patient_home(self, patient_id: UUID) -> None:
        """Hand the laptop over: this person's own pages, and nothing else until staff is back."""

    def enter_patient_mode(self, patient_id: UUID) -> None:
        """Hide navigation and everything but the present screen; the session is handed over."""

    def leave_patient_mode(self, then: Callable[[], None]) -> None:
        """Ask staff for the password; on success give back the window and call ``then``."""


class Centre(Protocol):
    """Rounds with the centre, as far as a screen may ask for them."""

    def look(self) -> None:
        """Look again how things stand, and whether who is at work still is."""

    def round_then(self, then: Callable[[], None]) -> None:
        """Call ``then`` when a round that begins from now on has ended, well or not; never
        without a centre."""


class NoCentre:
    """A clinic that lives on this laptop alone."""

    def look(self) -> None:
        """There is nothing to look at."""

    def round_then(self, then: Callable[[], None]) -> None:
        """There is no round to wait for."""


_ALONE = NoCentre()


@dataclass(frozen=True, slots=True)
class Workspace:
    services: ClinicServices
    jobs: Jobs
    notices: Notices
    navigator: Navigator
    centre: Centre = _ALONE
