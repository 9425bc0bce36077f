"""One screening being taken, as the screen knows it, and the order of its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.consent import Purpose
from clinic_app.domain.people import ClinicProfile, Patient
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.safety import SafetyFlow
from clinic_app.domain.screening import Draft, Progress
from clinic_app.services.clinic_services import ClinicServices


class Step(StrEnum):
    """The steps, in their order."""

    CONSENT = "consent"
    PICTURE = "picture"
    PHQ9 = "phq9"
    GAD7 = "gad7"
    JUDGEMENT = "judgement"
    RESULT = "result"
    FINISH = "finish"


STEPS = tuple(Step)
SHEET_STEPS = ((InstrumentName.PHQ9, Step.PHQ9), (InstrumentName.GAD7, Step.GAD7))
"""Which questionnaire is asked in which step."""


@dataclass(frozen=True, slots=True)
class Case:
    """Everything the steps share, as last read from the store."""

    draft: Draft
    patient: Patient
    clinic: ClinicProfile
    consent: Mapping[Purpose, bool]
    flow: SafetyFlow | None

    @property
    def face_on(self) -> bool:
        return self.clinic.face_module_enabled

    @property
    def may_capture(self) -> bool:
        """Whether a picture may be taken and analysed."""
        granted = self.consent.get(Purpose.CAPTURE, False) and self.consent.get(
            Purpose.ANALYSIS, False
        )
        return self.face_on and granted

    @property
    def revealed(self) -> bool:
        return self.draft.revealed_at is not None

    @property
    def draft_id(self) -> UUID:
        return self.draft.id

    def progress(self, instrument: InstrumentName) -> Progress | None:
        """How far a questionnaire has come, for the patient's pages."""
        sheet = self.draft.sheet(instrument)
        return sheet.progress if sheet is not None else None

    def completed(self, instrument: InstrumentName) -> bool:
        sheet = self.draft.sheet(instrument)
        return sheet is not None and sheet.completed_at is not None

    def asked(self, instrument: InstrumentName) -> bool:
        """Whether the clinic asks this questionnaire; one that was begun is gone on with."""
        return instrument in self.clinic.instruments or self.draft.sheet(instrument) is not None

    def dealt_with(self, instrument: InstrumentName) -> bool:
        """Handed in, or left out without an answer that would be lost."""
        sheet = self.draft.sheet(instrument)
        begun = sheet is not None and any(value is not None for value in sheet.answers)
        left_out = instrument in self.draft.left_out and not begun
        return self.completed(instrument) or left_out


def read_case(services: ClinicServices, draft_id: UUID) -> Case:
    """Read a draft with all that belongs to it; for the database lane. Raises ``NotFound``."""
    draft = services.screenings.draft(draft_id)
    return Case(
        draft=draft,
        patient=services.patients.get(draft.patient_id),
        clinic=services.clinic.profile(),
        consent=services.consents.current(draft.patient_id),
        flow=services.safety.of_screening(draft_id),
    )


def done_steps(case: Case) -> frozenset[Step]:
    """The steps that need nothing more.

    Consent is done once every picture purpose was asked; the picture, once it is taken or the
    questionnaires were begun, or left out, without it.
    """
    asked = {Purpose.CAPTURE, Purpose.ANALYSIS} <= set(case.consent)
    begun = bool(case.draft.sheets or case.draft.left_out)
    done = {
        Step.CONSENT: begun if not case.face_on else asked,
        Step.PICTURE: case.draft.finding is not None
        or begun
        or (asked and not case.may_capture)
        or not case.face_on,
        **{step: not case.asked(name) or case.dealt_with(name) for name, step in SHEET_STEPS},
        Step.JUDGEMENT: case.draft.judgement is not None,
        Step.RESULT: case.draft.judgement is not None
        and (case.draft.finding is None or case.revealed),
    }
    return frozenset(step for step, is_done in done.items() if is_done)


def first_unfinished(case: Case) -> Step:
    """Where a reopened draft goes on."""
    done = done_steps(case)
    return next((step for step in STEPS if step not in done), Step.FINISH)


def first_question(case: Case) -> Step:
    """Where the questionnaires begin: the first one that the clinic asks."""
    return next((step for name, step in SHEET_STEPS if case.asked(name)), Step.JUDGEMENT)


def open_to_visit(case: Case) -> frozenset[Step]:
    """The steps one may go to: the result waits for the clinician's own judgement."""
    allowed = {Step.CONSENT, Step.PICTURE, Step.JUDGEMENT}
    allowed |= {step for name, step in SHEET_STEPS if case.asked(name)}
    if case.draft.judgement is not None:
        allowed |= {Step.RESULT}
    if case.draft.judgement is not None or case.draft.responses:
        allowed |= {Step.FINISH}
    return frozenset(allowed)
