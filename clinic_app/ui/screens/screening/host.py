"""What a step is given by the screen that hosts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from clinic_app.domain.consent import Purpose
from clinic_app.domain.safety import SafetyFlow
from clinic_app.domain.screening import Draft
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.ui.screens.screening.case import Case, Step
from clinic_app.ui.workspace import Workspace

Answer = TypeVar("Answer")


class Host(Protocol):
    """The screen, as its steps see it. Answers that arrive after the screen is gone are dropped."""

    @property
    def case(self) -> Case: ...
    @property
    def services(self) -> ClinicServices: ...
    @property
    def workspace(self) -> Workspace: ...
    def ask(
        self,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Run ``work`` on the store; without ``failed`` trouble becomes a notice."""

    def read(
        self,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Run ``work`` in the inference lane."""

    def keep(self, draft: Draft) -> None:
        """The draft as the store has it now."""

    def keep_typed(self, done: Callable[[BaseException | None], None]) -> None:
        """Keep a note that is still being typed, then call ``done`` with what went wrong."""

    def keep_consent(self, consent: Mapping[Purpose, bool]) -> None: ...
    def go(self, step: Step) -> None: ...
    def forward(self) -> None: ...
    def back(self) -> None: ...
    def check_safety(self, then: Callable[[], None] | None = None) -> None:
        """Read the safety flow again and open the clinician's steps when it is open."""

    def check_flow(self) -> None:
        """Read the safety flow again without opening anything."""

    def open_safety(self, flow: SafetyFlow) -> None:
        """The clinician's safety steps, over this screen."""

    def hand_over(self) -> None:
        """Give the laptop to the patient for the questionnaires that are not handed in."""


class StepPresenter(Protocol):
    """What the screen asks of every step."""

    def enter(self) -> None:
        """The step comes into view."""

    def leave(self) -> None:
        """The step goes out of view; it may be entered again."""

    def refresh(self) -> None:
        """The case has changed while the step is in view."""
