"""Two ways out of an open flow, and what has to be written down before either is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.people import CrisisContact, Patient, StaffUser
from clinic_app.domain.safety import SafetyAssessment, SafetyFlow, SafetyState
from clinic_app.domain.sentence import Sentence
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.moments import parse_clock, parse_day, to_utc

TALK_NOW = (
    "Please talk with the person now, in private, and stay until the next step is clear. Asking"
    " openly about such thoughts does no harm."
)


@dataclass(frozen=True, slots=True)
class Situation:
    """``flow`` is ``None`` once it is closed; ``me`` is who is signed in."""

    me: StaffUser
    patient: Patient
    flow: SafetyFlow | None
    contacts: tuple[CrisisContact, ...]
    colleagues: tuple[StaffUser, ...]

    @property
    def handed_to(self) -> StaffUser | None:
        """Who is to take over, if anybody; may be the person who is signed in."""
        wanted = self.flow.handed_to_user if self.flow else None
        people = (self.me, *self.colleagues)
        return next((one for one in people if one.id == wanted), None)

    @property
    def may_be_left(self) -> bool:
        """After a hand-over the steps may be left; they stay on the first screen."""
        return self.flow is None or self.flow.state is not SafetyState.OPEN


@dataclass(frozen=True, slots=True)
class Written:
    """The form as it was typed; ``day`` and ``clock`` are local."""

    clinical_assessment: str
    means_access: str
    who_was_told: str
    plan: str
    day: str
    clock: str


class SafetyView(Protocol):
    def show_situation(self, situation: Situation) -> None: ...
    def show_error(self, error: InvalidInput) -> None: ...
    def show_busy(self, busy: bool) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_done(self, flow: SafetyFlow) -> None:
        """The flow is closed."""

    def show_done_elsewhere(self) -> None:
        """Another laptop has closed the flow: what is written here comes too late."""


class SafetyPresenter:
    def __init__(
        self,
        view: SafetyView,
        services: ClinicServices,
        jobs: Jobs,
        flow_id: UUID,
        patient_id: UUID,
    ) -> None:
        self._view = view
        self._services = services
        self._jobs = jobs
        self._flow_id = flow_id
        self._patient_id = patient_id
        self._under_way = False

    def look(self) -> None:
        """Read the flow and who may be called."""
        self._jobs.submit(
            Lane.DATABASE,
            self._read,
            done=self._view.show_situation,
            failed=self._view.show_failure,
        )

    def assess(self, written: Written) -> None:
        """Close the flow with what was written; every field is required."""
        try:
            assessment = assessment_of(written, utc_now())
        except InvalidInput as error:
            self._view.show_error(error)
            return
        self._do(lambda: self._services.safety.assess(self._flow_id, assessment))

    def hand_over(self, colleague: UUID | None) -> None:
        """Hand the flow to a colleague."""
        if colleague is None:
            self._view.show_error(
                InvalidInput("handed_to", "Please choose the colleague who takes over.")
            )
            return
        self._do(lambda: self._services.safety.hand_over(self._flow_id, colleague))

    def acknowledge(self, user_name: str, password: str) -> None:
        """The colleague takes over with the own password."""
        if not password:
            self._view.show_error(InvalidInput("password", "Please enter the password."))
            return
        self._do(lambda: self._services.safety.acknowledge(self._flow_id, user_name, password))

    def _do(self, work: Callable[[], SafetyFlow]) -> None:
        if self._under_way:
            return
        self._under_way = True
        self._view.show_busy(True)

        def done(flow: SafetyFlow) -> None:
            self._under_way = False
            self._view.show_busy(False)
            if flow.state is SafetyState.CLOSED:
                self._view.show_done(flow)
            else:
                self.look()

        def failed(error: BaseException) -> None:
            self._under_way = False
            self._view.show_busy(False)
            if isinstance(error, InvalidInput):
                self._view.show_error(error)
            elif isinstance(error, WrongState):
                self._view.show_done_elsewhere()
            else:
                self._view.show_failure(error)

        self._jobs.submit(Lane.DATABASE, work, done=done, failed=failed)

    def _read(self) -> Situation:
        safety = self._services.safety
        found = next((one for one in safety.unfinished() if one.flow.id == self._flow_id), None)
        patient = found.patient if found else self._services.patients.get(self._patient_id)
        return Situation(
            self._services.session.user,
            patient,
            found.flow if found else None,
            safety.crisis_contacts(),
            tuple(safety.clinicians()),
        )


def assessment_of(written: Written, now: datetime) -> SafetyAssessment:
    """The assessment that was typed; raises ``InvalidInput`` at the first field that is missing,
    and when the next contact lies in the past."""
    texts = (
        ("clinical_assessment", written.clinical_assessment, "what you found when you asked"),
        ("means_access", written.means_access, "whether the person has access to means"),
        ("who_was_told", written.who_was_told, "who was told"),
        ("plan", written.plan, "the plan"),
    )
    for field, text, words in texts:
        if not text.strip():
            raise InvalidInput(field, "Please write down {label}.", label=Sentence(words))
    try:
        day = parse_day(written.day, example="7.3.2027")
    except InvalidInput as error:
        raise InvalidInput("day", error.sentence) from error
    moment = to_utc(day, parse_clock(written.clock))
    if moment <= now:
        raise InvalidInput("day", "The next contact must lie in the future.")
    return SafetyAssessment(
        written.clinical_assessment.strip(),
        written.means_access.strip(),
        written.who_was_told.strip(),
        written.plan.strip(),
        moment,
    )
