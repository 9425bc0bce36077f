"""Recording consent: every answer at once, a withdrawal only after a second look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from clinic_app.domain.consent import GivenBy, Purpose
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.screens.screening.consent.words import PICTURE_PURPOSES
from clinic_app.ui.screens.screening.host import Host

ADULT_AGE = 18


@dataclass(frozen=True, slots=True)
class ConsentState:
    """``answers`` per purpose; one never asked for is absent. ``usable``: a picture may follow."""

    face_on: bool
    answers: Mapping[Purpose, bool]
    minor: bool
    given_by: GivenBy
    usable: bool
    may_go_on: bool


class ConsentView(Protocol):
    def show_consent(self, state: ConsentState) -> None: ...
    def ask_withdrawal(self, purpose: Purpose) -> None:
        """Say what withdrawing removes; ``presenter.withdraw`` may follow."""


class ConsentPresenter:
    def __init__(self, host: Host, view: ConsentView) -> None:
        self._host = host
        self._view = view
        self._given_by: GivenBy | None = None

    def enter(self) -> None:
        self.refresh()

    def leave(self) -> None:
        """Nothing waits: every answer is in the store already."""

    def refresh(self) -> None:
        case = self._host.case
        answers = dict(case.consent)
        asked = {Purpose.CAPTURE, Purpose.ANALYSIS} <= set(answers)
        self._view.show_consent(
            ConsentState(
                face_on=case.face_on,
                answers=answers,
                minor=self._minor,
                given_by=self._giver,
                usable=case.may_capture,
                may_go_on=asked or not case.face_on,
            )
        )

    def choose_giver(self, given_by: GivenBy) -> None:
        self._given_by = given_by
        self.refresh()

    def answer(self, purpose: Purpose, granted: bool) -> None:
        """Record one answer; taking back a "yes" that holds a picture is confirmed first."""
        case = self._host.case
        holds_picture = case.draft.finding is not None or case.draft.has_images
        withdraws = not granted and case.consent.get(purpose, False)
        if withdraws and holds_picture and purpose in PICTURE_PURPOSES[:3]:
            self._view.ask_withdrawal(purpose)
        else:
            self._record(_with_dependents(purpose, granted))

    def withdraw(self, purpose: Purpose) -> None:
        self._record(_with_dependents(purpose, False))

    def questionnaires_only(self) -> None:
        """A refusal without penalty: no picture, and on to the questionnaires."""
        self._record(dict.fromkeys(PICTURE_PURPOSES, False), then=Step.PHQ9)

    def go_on(self) -> None:
        self._host.go(Step.PICTURE if self._host.case.may_capture else Step.PHQ9)

    @property
    def _minor(self) -> bool:
        case = self._host.case
        return case.patient.age_on(case.draft.started_at.date()) < ADULT_AGE

    @property
    def _giver(self) -> GivenBy:
        return self._given_by or (GivenBy.GUARDIAN if self._minor else GivenBy.PATIENT)

    def _record(self, answers: Mapping[Purpose, bool], then: Step | None = None) -> None:
        host, patient_id, giver = self._host, self._host.case.patient.id, self._giver

        def kept(consent: Mapping[Purpose, bool]) -> None:
            host.keep_consent(consent)
            if then is not None:
                host.go(then)

        def failed(error: BaseException) -> None:
            host.workspace.notices.report(error)
            self.refresh()

        host.ask(lambda: host.services.consents.record(patient_id, answers, giver), kept, failed)


def _with_dependents(purpose: Purpose, granted: bool) -> dict[Purpose, bool]:
    """A refused picture also refuses what can only be done with one."""
    if not granted and purpose is Purpose.CAPTURE:
        return dict.fromkeys(PICTURE_PURPOSES, False)
    if not granted and purpose is Purpose.ANALYSIS:
        return dict.fromkeys(PICTURE_PURPOSES[1:], False)
    return {purpose: granted}
