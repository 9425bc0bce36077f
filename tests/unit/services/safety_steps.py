"""Steps of the safety flow that its tests share."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyAssessment
from clinic_app.domain.screening import Draft
from tests.fakes.clinic import FakeClinic
from tests.fakes.clock import START

PHQ9 = InstrumentName.PHQ9
ASSESSMENT = SafetyAssessment(
    "Asked directly", "no access", "the doctor on call", "safety plan", START + timedelta(days=1)
)


def answer(clinic: FakeClinic, draft: Draft, value: int | None, item: int = 8) -> None:
    clinic.services.screenings.answer(draft.id, PHQ9, item, value, AnsweredBy.PATIENT)


def record(
    clinic: FakeClinic, draft: Draft, item_nine: int | None, *, replace: bool = False
) -> None:
    """A whole questionnaire, filled in elsewhere."""
    answers = (1,) * 8 + (item_nine,)
    clinic.services.screenings.record_questionnaire(
        draft.patient_id, PHQ9, answers, AnsweredBy.PATIENT, replace=replace
    )


def flow_id(clinic: FakeClinic, draft: Draft) -> UUID:
    flow = clinic.services.safety.of_screening(draft.id)
    assert flow is not None
    return flow.id


def close(clinic: FakeClinic, draft: Draft) -> UUID:
    identity = flow_id(clinic, draft)
    clinic.services.safety.assess(identity, ASSESSMENT)
    return identity
