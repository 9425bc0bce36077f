"""Taking a screening: steps, judgement before reveal, consent, images, finish."""

from __future__ import annotations

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.cautions import Caution
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import (
    ConsentMissing,
    FaceModuleOff,
    InvalidInput,
    NotFound,
    WrongState,
)
from clinic_app.domain.finding import AbstainReason, Band
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import DeploymentContext
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.screening import ClinicianSeverity
from tests.fakes.clinic import FakeClinic
from tests.fakes.reading import reading

PHQ9, GAD7 = InstrumentName.PHQ9, InstrumentName.GAD7
ALL = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES)


def kinds(clinic: FakeClinic) -> list[AuditKind]:
    return [entry.kind for entry in clinic.store.tables.audit]


# --- drafts -------------------------------------------------------------------------------------


def test_there_is_one_draft_a_patient_and_it_is_found_again(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    draft = clinic.services.screenings.start(patient.id)
    assert clinic.services.screenings.start(patient.id) == draft
    assert clinic.services.screenings.drafts() == [draft]


def test_a_screening_of_nobody_is_not_started(clinic: FakeClinic) -> None:
    with pytest.raises(NotFound):
        clinic.services.screenings.start(new_id())


def test_every_answer_is_kept_at_once(clinic: FakeClinic) -> None:
    draft = clinic.services.screenings.start(clinic.add_patient().id)
    for item, value in ((0, 1), (3, 2), (0, None)):
        clinic.services.screenings.answer(draft.id, PHQ9, item, value, AnsweredBy.PATIENT)
    sheet = clinic.services.screenings.draft(draft.id).sheet(PHQ9)
    assert sheet is not None
    assert sheet.answers == (None, None, None, 2, None, None, None, None, None)
    assert sheet.completed_at is None


@pytest.mark.parametrize(("item", "value"), [(-1, 0), (9, 0), (0, 4), (0, -1)])
def test_an_answer_that_does_not_exist_changes_nothing(
    clinic: FakeClinic, item: int, value: int
) -> None:
    draft = clinic.services.screenings.start(clinic.add_patient().id)
    with pytest.raises(InvalidInput):
        clinic.services.screenings.answer(draft.id, PHQ9, item, value, AnsweredBy.PATIENT)
    assert clinic.services.screenings.draft(draft.id) == draft


def test_a_questionnaire_without_any_answer_is_not_handed_in(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    with pytest.raises(InvalidInput):
        screenings.complete(draft.id, GAD7)
    screenings.answer(draft.id, GAD7, 0, 1, AnsweredBy.PATIENT)
    screenings.answer(draft.id, GAD7, 0, None, AnsweredBy.PATIENT)
    with pytest.raises(InvalidInput):
        screenings.complete(draft.id, GAD7)


def test_the_functional_item_is_kept_with_its_questionnaire(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    with pytest.raises(WrongState):
        screenings.answer_difficulty(draft.id, PHQ9, 2)
    screenings.answer(draft.id, PHQ9, 0, 1, AnsweredBy.PATIENT)
    assert screenings.answer_difficulty(draft.id, PHQ9, 2).sheets[0].difficulty == 2


def test_a_changed_answer_has_to_be_handed_in_again_before_finishing(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.record_questionnaire(draft.patient_id, GAD7, (1,) * 7, AnsweredBy.PATIENT)
    screenings.judge(draft.id, ClinicianSeverity.MILD)
    screenings.answer(draft.id, GAD7, 0, 3, AnsweredBy.PATIENT)
    with pytest.raises(WrongState, match="GAD-7 was started but not handed in"):
        screenings.finish(draft.id)
    screenings.complete(draft.id, GAD7)
    response = screenings.finish(draft.id).response(GAD7)
    assert response is not None
    assert response.answers == (3, 1, 1, 1, 1, 1, 1)


def test_a_questionnaire_that_was_handed_in_is_not_overwritten(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    kept = screenings.record_questionnaire(
        draft.patient_id, PHQ9, (2,) * 8 + (0,), AnsweredBy.PATIENT
    )
    with pytest.raises(WrongState) as caught:
        screenings.record_questionnaire(draft.patient_id, PHQ9, (0,) * 9, AnsweredBy.PATIENT)
    assert str(caught.value) == (
        "This screening already holds a completed PHQ-9; please finish or abandon it first."
    )
    assert screenings.draft(draft.id) == kept
    screenings.record_questionnaire(draft.patient_id, GAD7, (0,) * 7, AnsweredBy.PATIENT)


def test_a_questionnaire_is_replaced_only_on_purpose_and_that_is_audited(
    clinic: FakeClinic,
) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    for answers in ((2,) * 7, (0,) * 7):
        screenings.record_questionnaire(
            draft.patient_id, GAD7, answers, AnsweredBy.PATIENT, replace=True
        )
    details = [e.detail for e in clinic.store.tables.audit if e.subject_id == draft.id]
    assert details.count("gad7") == details.count("gad7 replaced") == 1
    (sheet,) = screenings.draft(draft.id).sheets
    assert sheet.answers == (0,) * 7


def test_answers_that_were_not_handed_in_give_way_to_a_whole_questionnaire(
    clinic: FakeClinic,
) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.answer(draft.id, GAD7, 0, 1, AnsweredBy.PATIENT)
    screenings.record_questionnaire(draft.patient_id, GAD7, (2,) * 7, AnsweredBy.PATIENT)
    (sheet,) = screenings.draft(draft.id).sheets
    assert sheet.answers == (2,) * 7


def test_an_abandoned_draft_takes_its_pictures_along(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.attach(draft.id, reading())
    assert clinic.store.tables.images
    screenings.abandon(draft.id)
    assert not clinic.store.tables.images
    assert screenings.drafts() == []
    with pytest.raises(NotFound):
        screenings.draft(draft.id)


# --- judgement first ----------------------------------------------------------------------------


def test_the_estimate_is_not_shown_before_the_own_judgement(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    with pytest.raises(WrongState, match="No picture"):
        screenings.reveal(draft.id)
    screenings.attach(draft.id, reading())
    with pytest.raises(WrongState, match="own judgement first"):
        screenings.reveal(draft.id)
    assert AuditKind.ESTIMATE_SHOWN not in kinds(clinic)
    screenings.judge(draft.id, ClinicianSeverity.MILD)
    screenings.judge(draft.id, ClinicianSeverity.MODERATE, "Changed my mind.")
    screenings.reveal(draft.id)
    assert AuditKind.ESTIMATE_SHOWN in kinds(clinic)
    with pytest.raises(WrongState, match="stays as it is"):
        screenings.judge(draft.id, ClinicianSeverity.NONE)


@pytest.mark.parametrize("printed", [True, False])
def test_once_the_estimate_was_shown_there_is_no_other_picture(
    clinic: FakeClinic, printed: bool
) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.attach(draft.id, reading(Band.SEVERE), shown=printed)
    screenings.judge(draft.id, ClinicianSeverity.MILD)
    screenings.reveal(draft.id)
    before, images = screenings.draft(draft.id), dict(clinic.store.tables.images)
    for attempt in (
        lambda: screenings.attach(draft.id, reading(Band.NONE)),
        lambda: screenings.attach(draft.id, reading(Band.NONE), shown=True),
        lambda: screenings.check_capture(draft.patient_id),
    ):
        with pytest.raises(WrongState, match="finish or abandon"):
            attempt()
    assert screenings.draft(draft.id) == before
    assert clinic.store.tables.images == images
    finished = screenings.finish(draft.id)
    assert finished.finding == before.finding
    assert finished.estimate_shown_at == before.revealed_at


def test_a_picture_taken_out_by_a_withdrawal_is_not_replaced_after_its_estimate_was_shown(
    clinic: FakeClinic,
) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.attach(draft.id, reading(), shown=True)
    for agreed in (False, True):
        clinic.services.consents.record(draft.patient_id, {Purpose.CAPTURE: agreed})
    assert screenings.draft(draft.id).finding is None
    with pytest.raises(WrongState, match="finish or abandon"):
        screenings.attach(draft.id, reading())
    screenings.abandon(draft.id)
    again = screenings.start(draft.patient_id)
    assert screenings.attach(again.id, reading()).finding is not None


def test_before_it_was_shown_a_picture_may_be_replaced_and_the_judgement_changed(
    clinic: FakeClinic,
) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.attach(draft.id, reading(Band.SEVERE))
    screenings.judge(draft.id, ClinicianSeverity.MILD)
    screenings.check_capture(draft.patient_id)
    second = reading(Band.NONE)
    assert screenings.attach(draft.id, second).finding == second.finding
    screenings.judge(draft.id, ClinicianSeverity.SEVERE)


def test_a_judgement_after_an_estimate_printed_by_a_script_tells_so_by_its_time(
    clinic: FakeClinic,
) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    shown = screenings.attach(draft.id, reading(), shown=True)
    assert shown.revealed_at is not None
    assert AuditKind.ESTIMATE_SHOWN in kinds(clinic)
    judged = screenings.judge(draft.id, ClinicianSeverity.MILD)
    assert judged.judgement is not None
    assert judged.judgement.at > shown.revealed_at
    with pytest.raises(WrongState):
        screenings.judge(draft.id, ClinicianSeverity.SEVERE)


# --- the picture --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "agreed", [(), (Purpose.CAPTURE,), (Purpose.ANALYSIS,), (Purpose.KEEP_IMAGES, Purpose.SHARING)]
)
def test_no_picture_without_consent_to_capture_and_analysis(
    clinic: FakeClinic, agreed: tuple[Purpose, ...]
) -> None:
    draft = clinic.services.screenings.start(clinic.add_patient(consent=agreed).id)
    with pytest.raises(ConsentMissing):
        clinic.services.screenings.check_capture(draft.patient_id)
    with pytest.raises(ConsentMissing):
        clinic.services.screenings.attach(draft.id, reading())
    assert clinic.services.screenings.draft(draft.id).finding is None
    assert not clinic.store.tables.images


@pytest.mark.parametrize("context", [DeploymentContext.SCHOOL, DeploymentContext.WORKPLACE])
def test_at_a_school_or_workplace_there_are_questionnaires_and_no_pictures(
    context: DeploymentContext,
) -> None:
    clinic = FakeClinic(context)
    patient = clinic.add_patient()
    draft = clinic.services.screenings.start(patient.id)
    with pytest.raises(FaceModuleOff):
        clinic.services.screenings.attach(draft.id, reading())
    clinic.services.screenings.record_questionnaire(patient.id, PHQ9, (0,) * 9, AnsweredBy.PATIENT)
    assert clinic.services.screenings.finish(draft.id).finding is None


@pytest.mark.parametrize("reason", AbstainReason)
def test_cannot_tell_is_stored_like_any_result(clinic: FakeClinic, reason: AbstainReason) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.attach(draft.id, reading(abstained=reason))
    screenings.judge(draft.id, ClinicianSeverity.CANNOT_TELL)
    finished = screenings.finish(draft.id)
    assert finished.finding is not None
    assert finished.finding.abstained is reason


def test_a_new_picture_replaces_the_first_and_its_crops(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.attach(draft.id, reading(Band.SEVERE))
    again = screenings.attach(draft.id, reading(abstained=AbstainReason.NO_FACE))
    assert not again.has_images
    assert not clinic.store.tables.images


def test_a_face_alone_cannot_be_finished(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.attach(draft.id, reading())
    with pytest.raises(WrongState, match="picture alone is not enough"):
        screenings.finish(draft.id)
    assert screenings.drafts()


def test_images_stay_only_with_the_consent_to_keep_them(clinic: FakeClinic) -> None:
    for agreed, kept in ((ALL, True), (ALL[:2], False)):
        draft = clinic.services.screenings.start(clinic.add_patient(consent=agreed).id)
        clinic.services.screenings.attach(draft.id, reading())
        clinic.services.screenings.judge(draft.id, ClinicianSeverity.NONE)
        finished = clinic.services.screenings.finish(draft.id)
        assert finished.images_kept is kept
        assert (clinic.services.screenings.images(finished.id) is not None) is kept
        assert (finished.id in clinic.store.tables.kept_images) is kept


# --- cautions and what is left out --------------------------------------------------------------


def test_cautions_are_kept_at_once_audited_and_go_with_the_screening(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    commits = clinic.store.commits
    screenings.set_cautions(draft.id, [Caution.EYELID, Caution.PALSY, Caution.EYELID])
    assert clinic.store.commits == commits + 1
    entry = clinic.store.tables.audit[-1]
    assert (entry.kind, entry.subject_id, entry.detail) == (
        AuditKind.CHANGED,
        draft.id,
        "cautions",
    )
    assert screenings.draft(draft.id).cautions == (Caution.PALSY, Caution.EYELID)
    screenings.set_cautions(draft.id, (Caution.PALSY,))
    screenings.judge(draft.id, ClinicianSeverity.NONE)
    assert screenings.finish(draft.id).cautions == (Caution.PALSY,)


def test_a_caution_that_could_not_be_stored_changes_nothing(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    clinic.store.commit_fails_with = RuntimeError("disk full")
    with pytest.raises(RuntimeError):
        screenings.set_cautions(draft.id, (Caution.PALSY,))
    clinic.store.commit_fails_with = None
    assert screenings.draft(draft.id) == draft


def test_a_questionnaire_left_out_is_remembered_until_it_is_answered(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.leave_out(draft.id, GAD7)
    assert screenings.leave_out(draft.id, PHQ9).left_out == (PHQ9, GAD7)
    screenings.answer(draft.id, PHQ9, 0, 1, AnsweredBy.PATIENT)
    assert screenings.draft(draft.id).left_out == (GAD7,)
    screenings.record_questionnaire(draft.patient_id, GAD7, (0,) * 7, AnsweredBy.PATIENT)
    assert screenings.draft(draft.id).left_out == ()


# --- finished -----------------------------------------------------------------------------------


def test_a_finished_screening_is_read_back_and_its_draft_is_gone(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.record_questionnaire(draft.patient_id, PHQ9, (0,) * 9, AnsweredBy.PATIENT, 1)
    finished = screenings.finish(draft.id)
    assert screenings.get(draft.id) == finished
    assert screenings.of_patient(draft.patient_id) == [finished]
    assert screenings.newest() == [finished]
    with pytest.raises(NotFound):
        screenings.finish(draft.id)


def test_when_finishing_fails_the_draft_is_still_whole(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.attach(draft.id, reading())
    judged = screenings.judge(draft.id, ClinicianSeverity.NONE)
    clinic.store.commit_fails_with = RuntimeError("power cut")
    with pytest.raises(RuntimeError):
        screenings.finish(draft.id)
    clinic.store.commit_fails_with = None
    assert screenings.draft(draft.id) == judged
    assert screenings.images(draft.id) is not None
