"""The order of the steps and where a reopened draft goes on."""

from __future__ import annotations

from clinic_app.domain.consent import Purpose
from clinic_app.domain.people import DeploymentContext
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.ui.screens.screening.case import (
    Step,
    first_unfinished,
    open_to_visit,
    read_case,
)
from tests.fakes.clinic import FakeClinic
from tests.fakes.reading import reading

REFUSED = dict.fromkeys(Purpose, False)


def _case(clinic: FakeClinic, consent: tuple[Purpose, ...] = (Purpose.CAPTURE, Purpose.ANALYSIS)):
    patient = clinic.add_patient(consent=consent)
    draft = clinic.services.screenings.start(patient.id)
    return lambda: read_case(clinic.services, draft.id)


def _answer(clinic: FakeClinic, draft_id, name: InstrumentName, *, hand_in: bool) -> None:
    services = clinic.services.screenings
    services.answer(draft_id, name, 0, 1, AnsweredBy.READ_ALOUD)
    if hand_in:
        services.complete(draft_id, name)


def test_a_new_draft_begins_with_consent(clinic: FakeClinic) -> None:
    assert first_unfinished(_case(clinic, consent=())()) is Step.CONSENT


def test_with_consent_the_picture_comes_next(clinic: FakeClinic) -> None:
    assert first_unfinished(_case(clinic)()) is Step.PICTURE


def test_a_refusal_goes_straight_to_the_questionnaires(clinic: FakeClinic) -> None:
    case = _case(clinic, consent=())
    clinic.services.consents.record(case().patient.id, REFUSED)
    assert first_unfinished(case()) is Step.PHQ9


def test_a_picture_left_out_is_not_asked_for_again_once_questions_were_begun(
    clinic: FakeClinic,
) -> None:
    case = _case(clinic)
    _answer(clinic, case().draft.id, InstrumentName.PHQ9, hand_in=False)
    assert first_unfinished(case()) is Step.PHQ9


def test_the_steps_follow_each_other_to_the_end(clinic: FakeClinic) -> None:
    case = _case(clinic)
    draft_id, screenings = case().draft.id, clinic.services.screenings
    screenings.attach(draft_id, reading())
    assert first_unfinished(case()) is Step.PHQ9
    _answer(clinic, draft_id, InstrumentName.PHQ9, hand_in=True)
    assert first_unfinished(case()) is Step.GAD7
    _answer(clinic, draft_id, InstrumentName.GAD7, hand_in=True)
    assert first_unfinished(case()) is Step.JUDGEMENT
    screenings.judge(draft_id, ClinicianSeverity.MILD)
    assert first_unfinished(case()) is Step.RESULT
    screenings.reveal(draft_id)
    assert first_unfinished(case()) is Step.FINISH


def test_the_result_waits_for_the_own_judgement(clinic: FakeClinic) -> None:
    case = _case(clinic)
    assert Step.RESULT not in open_to_visit(case())
    clinic.services.screenings.judge(case().draft.id, ClinicianSeverity.CANNOT_TELL)
    assert Step.RESULT in open_to_visit(case())


def test_saving_is_open_once_there_is_something_to_save(clinic: FakeClinic) -> None:
    case = _case(clinic)
    assert Step.FINISH not in open_to_visit(case())
    _answer(clinic, case().draft.id, InstrumentName.GAD7, hand_in=True)
    assert Step.FINISH in open_to_visit(case())


def test_where_the_face_module_is_off_consent_explains_it_until_questions_begin() -> None:
    clinic = FakeClinic(context=DeploymentContext.SCHOOL)
    case = _case(clinic, consent=())
    assert first_unfinished(case()) is Step.CONSENT
    assert not case().may_capture
    _answer(clinic, case().draft.id, InstrumentName.PHQ9, hand_in=False)
    assert first_unfinished(case()) is Step.PHQ9


def test_a_picture_left_out_is_not_asked_for_again_once_a_questionnaire_was_left_out(
    clinic: FakeClinic,
) -> None:
    case = _case(clinic)
    clinic.services.screenings.leave_out(case().draft.id, InstrumentName.PHQ9)
    assert first_unfinished(case()) is Step.GAD7
