"""Recording consent: every answer at once, a withdrawal only after a second look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from clinic_app.domain.consent import GivenBy, Purpose
from clinic_app.ui.consent_words import shown_now
from clinic_app.ui.moments import local_day
from clinic_app.ui.screens.screening.case import Step, first_question
from clinic_app.ui.screens.screening.consent.words import PICTURE_PURPOSES
from clinic_app.ui.screens.screening.host import Host


@dataclass(frozen=True, slots=True)
class ConsentState:
    """``answers`` per purpose; one never asked for is absent. ``usable``: a picture may follow;
    ``holds_picture``: the draft has one already."""

    face_on: bool
    answers: Mapping[Purpose, bool]
    minor: bool
    given_by: GivenBy
    usable: bool
    may_go_on: bool
    holds_picture: bool


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
                holds_picture=case.draft.finding is not None,
            )
        )

    def choose_giver(self, given_by: GivenBy) -> None:
        self._given_by = given_by
        self.refresh()

    def answer(self, purpose: Purpose, granted: bool) -> None:
        """Record one answer; taking back a "yes" that removes pictures is confirmed first."""
        withdraws = not granted and self._host.case.consent.get(purpose, False)
        if withdraws and (purpose is Purpose.KEEP_IMAGES or self._removes_picture(purpose)):
            self._view.ask_withdrawal(purpose)
        else:
            self._record(self._with_dependents(purpose, granted))

    def withdraw(self, purpose: Purpose) -> None:
        self._record(self._with_dependents(purpose, False))

    def questionnaires_only(self) -> None:
        """A refusal without penalty: no picture today, and on to the questionnaires."""
        then = first_question(self._host.case)
        self._record(self._with_dependents(Purpose.CAPTURE, False), then=then)

    def go_on(self) -> None:
        case = self._host.case
        self._host.go(Step.PICTURE if case.may_capture else first_question(case))

    @property
    def _minor(self) -> bool:
        case = self._host.case
        return case.patient.is_minor_on(local_day(case.draft.started_at))

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

        shown = shown_now()
        consents = host.services.consents
        host.ask(lambda: consents.record(patient_id, answers, giver, shown=shown), kept, failed)

    def _removes_picture(self, purpose: Purpose) -> bool:
        """Whether the open draft holds a picture that needs this purpose."""
        needs = purpose in (Purpose.CAPTURE, Purpose.ANALYSIS)
        return needs and self._host.case.draft.finding is not None

    def _with_dependents(self, purpose: Purpose, granted: bool) -> dict[Purpose, bool]:
        """A refused picture also answers what was never asked and needs one; an earlier "yes" to
        keeping pictures stays, for the pictures of earlier screenings depend on it."""
        if granted or purpose not in (Purpose.CAPTURE, Purpose.ANALYSIS):
            return {purpose: granted}
        unasked = [one for one in PICTURE_PURPOSES if one not in self._host.case.consent]
        return {**dict.fromkeys(unasked, False), purpose: False}
