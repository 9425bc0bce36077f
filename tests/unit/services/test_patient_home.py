"""A laptop in a patient's hands: the own consent, questionnaires and reviewed results, no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from uuid import UUID

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import GivenBy, Purpose
from clinic_app.domain.errors import AccessDenied, NotSignedIn, WrongState
from clinic_app.domain.feedback import Agreement
from clinic_app.domain.people import DeploymentContext
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.patient_home import OwnResult, OwnScore, PatientHomeService
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.reading import reading

Call = Callable[[PatientHomeService], object]
CALLS: dict[str, Call] = {
    "look": lambda home: home.look(),
    "consent": lambda home: home.consent({Purpose.SHARING: True}),
    "questionnaires": lambda home: home.questionnaires(),
    "results": lambda home: home.results(),
}


def screened(clinic: FakeClinic, patient_id: UUID, *, review: bool) -> UUID:
    """A finished screening with a picture."""
    screenings = clinic.services.screenings
    draft = screenings.start(patient_id)
    screenings.attach(draft.id, reading())
    for instrument, answers in ((InstrumentName.PHQ9, 9), (InstrumentName.GAD7, 7)):
        values = (1,) * (answers - 1) + (0,)
        screenings.record_questionnaire(patient_id, instrument, values, AnsweredBy.PATIENT)
    screenings.judge(draft.id, ClinicianSeverity.MODERATE)
    screenings.reveal(draft.id)
    screenings.finish(draft.id)
    if review:
        begun = clinic.services.reviews.judge(draft.id, ClinicianSeverity.MODERATE)
        clinic.services.reviews.conclude(begun.id, Verdict.AGREE)
    return draft.id


@pytest.mark.parametrize("name", CALLS)
def test_staff_do_not_use_it_in_the_patients_place(clinic: FakeClinic, name: str) -> None:
    with pytest.raises(AccessDenied):
        CALLS[name](clinic.services.patient_home)
    assert clinic.store.tables.audit[-1].kind is AuditKind.REFUSED


@pytest.mark.parametrize("name", CALLS)
def test_behind_the_lock_it_is_closed(clinic: FakeClinic, name: str) -> None:
    clinic.services.clinic.hand_over(clinic.add_patient().id)
    clinic.services.clinic.lock()
    with pytest.raises(NotSignedIn):
        CALLS[name](clinic.services.patient_home)


def test_a_review_that_came_before_its_screening_keeps_nobody_out(clinic: FakeClinic) -> None:
    """Another workstation's review can be here earlier than the third one's screening."""
    me = clinic.add_patient()
    away = screened(clinic, me.id, review=True)
    here = screened(clinic, me.id, review=True)
    del clinic.store.tables.screenings[away]
    clinic.services.clinic.hand_over(me.id)
    assert clinic.services.patient_home.look().results == 1
    assert [one.screening_id for one in clinic.services.patient_home.results()] == [here]


def test_the_first_page_is_about_the_holder_alone(clinic: FakeClinic) -> None:
    clinic.add_patient("Baker", "Bo")
    me = clinic.add_patient()
    clinic.services.clinic.hand_over(me.id)
    home = clinic.services.patient_home.look()
    assert (home.patient_id, home.given_name) == (me.id, "Chidi")
    assert home.waiting == tuple(InstrumentName)
    assert home.contacts[0].name == "Night line"
    assert (home.results, home.minor, home.face_on) == (0, False, True)


def test_consent_is_given_and_taken_back_by_the_patient(clinic: FakeClinic) -> None:
    me = clinic.add_patient()
    clinic.services.clinic.hand_over(me.id)
    state = clinic.services.patient_home.consent({Purpose.SHARING: True, Purpose.CAPTURE: False})
    assert (state[Purpose.SHARING], state[Purpose.CAPTURE]) == (True, False)
    clinic.services.clinic.resume(PASSWORD)
    newest = clinic.services.consents.history(me.id)[-1]
    assert newest.given_by is GivenBy.PATIENT
    assert newest.recorded_by == clinic.services.session.user.id


def test_a_minor_does_not_decide_alone(clinic: FakeClinic) -> None:
    me = clinic.add_patient(birth_date=date(2015, 5, 17), consent=())
    clinic.services.clinic.hand_over(me.id)
    assert clinic.services.patient_home.look().minor
    with pytest.raises(WrongState):
        clinic.services.patient_home.consent({Purpose.SHARING: True})
    clinic.services.clinic.resume(PASSWORD)
    assert clinic.services.consents.history(me.id) == []


def test_where_pictures_are_off_the_page_says_so() -> None:
    clinic = FakeClinic(DeploymentContext.SCHOOL)
    clinic.services.clinic.hand_over(clinic.add_patient(consent=()).id)
    assert not clinic.services.patient_home.look().face_on


def test_answers_go_into_one_draft_and_what_is_handed_in_waits_no_more(
    clinic: FakeClinic,
) -> None:
    me = clinic.add_patient()
    clinic.services.clinic.hand_over(me.id)
    home, screenings = clinic.services.patient_home, clinic.services.screenings
    draft_id = home.questionnaires().draft_id
    assert home.questionnaires().draft_id == draft_id
    for item in range(7):
        screenings.answer(draft_id, InstrumentName.GAD7, item, 1, AnsweredBy.PATIENT)
    screenings.complete(draft_id, InstrumentName.GAD7)
    assert home.look().waiting == (InstrumentName.PHQ9,)


def test_what_the_staff_left_out_is_not_offered_unless_an_answer_is_in_it_already(
    clinic: FakeClinic,
) -> None:
    me, screenings = clinic.add_patient(), clinic.services.screenings
    draft = screenings.start(me.id)
    screenings.leave_out(draft.id, InstrumentName.GAD7)
    clinic.services.clinic.hand_over(me.id)
    home = clinic.services.patient_home
    assert home.look().waiting == (InstrumentName.PHQ9,)
    clinic.services.clinic.resume(PASSWORD)
    screenings.answer(draft.id, InstrumentName.PHQ9, 0, 1, AnsweredBy.READ_ALOUD)
    screenings.leave_out(draft.id, InstrumentName.PHQ9)
    clinic.services.clinic.hand_over(me.id)
    assert home.look().waiting == (InstrumentName.PHQ9,)


def test_no_answer_reading_or_judgement_of_before_is_given_out(clinic: FakeClinic) -> None:
    me, screenings = clinic.add_patient(), clinic.services.screenings
    draft = screenings.start(me.id)
    screenings.attach(draft.id, reading())
    for item, value in ((0, 3), (2, 0)):
        screenings.answer(draft.id, InstrumentName.GAD7, item, value, AnsweredBy.READ_ALOUD)
    screenings.judge(draft.id, ClinicianSeverity.SEVERE, "staff alone read this")
    clinic.services.clinic.hand_over(me.id)
    own = clinic.services.patient_home.questionnaires()
    assert own.draft_id == draft.id
    progress = own.progress(InstrumentName.GAD7)
    assert progress is not None
    assert progress.answered == (True, False, True, False, False, False, False)
    assert set(to_plain(progress)) == {"instrument", "answered", "problem", "language", "wording"}
    for back in (
        screenings.answer(draft.id, InstrumentName.GAD7, 1, 1, AnsweredBy.PATIENT),
        screenings.answer_difficulty(draft.id, InstrumentName.GAD7, 1),
        screenings.complete(draft.id, InstrumentName.GAD7),
    ):
        assert (back.sheets, back.finding, back.judgement, back.revealed_at) == (
            (),
            None,
            None,
            None,
        )
    clinic.services.clinic.resume(PASSWORD)
    sheet = screenings.draft(draft.id).sheet(InstrumentName.GAD7)
    assert sheet is not None
    assert sheet.answers == (3, 1, 0, None, None, None, None)


def test_a_result_is_shown_only_after_its_review_and_never_the_estimate(
    clinic: FakeClinic,
) -> None:
    me, other = clinic.add_patient(), clinic.add_patient("Baker", "Bo")
    shown = screened(clinic, me.id, review=True)
    screened(clinic, me.id, review=False)
    screened(clinic, other.id, review=True)
    half = screened(clinic, me.id, review=False)
    clinic.services.reviews.judge(half, ClinicianSeverity.MODERATE)
    clinic.services.clinic.hand_over(me.id)
    (only,) = clinic.services.patient_home.results()
    assert only.screening_id == shown
    assert (only.doctors_view, only.reviewer) == (ClinicianSeverity.MODERATE, "Amina Diallo")
    assert only.scores == (
        OwnScore("PHQ-9", 8, 27, "mild"),
        OwnScore("GAD-7", 6, 21, "mild"),
    )
    names = {one.name for one in fields(OwnResult)} | {one.name for one in fields(OwnScore)}
    assert not names & {"finding", "estimate", "severity", "percent", "answers", "item_nine"}


def test_what_the_patient_said_about_a_result_is_remembered(clinic: FakeClinic) -> None:
    me = clinic.add_patient()
    shown = screened(clinic, me.id, review=True)
    clinic.services.clinic.hand_over(me.id)
    home = clinic.services.patient_home
    assert home.results()[0].said is None
    clinic.services.feedback.agree(me.id, shown, Agreement.PARTLY)
    assert home.results()[0].said is Agreement.PARTLY
