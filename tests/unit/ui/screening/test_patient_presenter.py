"""The laptop in the patient's hands: calm to the end, nothing lost, staff's steps afterwards."""

from __future__ import annotations

import pytest

from clinic_app.domain.errors import AccessDenied, StoreFull, WrongPassword
from clinic_app.domain.questionnaires import (
    DIFFICULTY_ITEM,
    GAD7,
    PHQ9,
    AnsweredBy,
    InstrumentName,
)
from clinic_app.domain.safety import SafetyState, SafetyTrigger
from clinic_app.services.session import SessionState
from clinic_app.ui.screens.screening.case import Step
from tests.fakes.clinic import CONTACT, FakeClinic
from tests.fakes.steps import Bench


@pytest.fixture
def bench(clinic: FakeClinic) -> Bench:
    made = Bench(clinic, clinic.add_patient(consent=()))
    made.consent.questionnaires_only()
    made.phq9.hand_over()
    return made


def _question(bench: Bench):
    return bench.patient_view.last("show_question")[0]


def _give(bench: Bench, *values: int | None) -> None:
    """Answer (``None``: skip) and go on, question by question."""
    for value in values:
        if value is not None:
            bench.at_laptop.choose(value)
        bench.at_laptop.next()


def _end(bench: Bench) -> str:
    return bench.patient_view.names[-1]


def test_the_laptop_is_locked_to_this_patient(clinic: FakeClinic, bench: Bench) -> None:
    assert clinic.services.session.state is SessionState.HANDED_OVER
    assert bench.view.names[-1] == "show_patient_page"
    assert bench.patient_view.last("show_contacts") == ((CONTACT,),)
    with pytest.raises(AccessDenied):
        bench.screenings.draft(bench.draft_id)


def test_one_question_at_a_time_with_its_place(bench: Bench) -> None:
    assert _question(bench).text == PHQ9.items[0]
    assert (_question(bench).place, _question(bench).of, _question(bench).first) == (1, 16, True)
    _give(bench, 2)
    assert _question(bench).text == PHQ9.items[1]
    bench.at_laptop.back()
    assert _question(bench).chosen == 2


def test_both_questionnaires_are_handed_in_and_the_end_is_thanks(bench: Bench) -> None:
    _give(bench, 1, 1, 0, 0, 0, 0, 0, 0, 0)
    assert _question(bench).text == DIFFICULTY_ITEM
    _give(bench, 1)
    _give(bench, *(0,) * 7)
    assert bench.patient_view.named("show_thanks") == {"calm": False}
    bench.at_laptop.hand_back()
    bench.navigator.take_back()
    assert [r.score.total for r in bench.draft.responses] == [2, 0]
    assert {r.answered_by for r in bench.draft.responses} == {AnsweredBy.PATIENT}
    assert bench.draft.sheet(InstrumentName.PHQ9).difficulty == 1
    assert bench.screen.step is Step.JUDGEMENT


def test_a_questionnaire_that_staff_left_out_is_not_asked_unless_from_its_own_page(
    clinic: FakeClinic,
) -> None:
    bench = Bench(clinic, clinic.add_patient(consent=()))
    bench.consent.questionnaires_only()
    bench.phq9.leave_out()
    assert bench.screen.step is Step.GAD7
    bench.gad7.hand_over()
    assert _question(bench).text == GAD7.items[0]
    assert _question(bench).of == 7
    bench.at_laptop.hand_back()
    bench.navigator.take_back()
    bench.screen.go(Step.PHQ9)
    bench.phq9.hand_over()
    assert _question(bench).text == PHQ9.items[0]
    assert _question(bench).of == 16


def test_without_any_problem_there_is_no_difficulty_question(bench: Bench) -> None:
    _give(bench, *(0,) * 9)
    assert _question(bench).text != DIFFICULTY_ITEM
    assert _question(bench).place == 10


def test_missing_answers_are_asked_for_gently_once(bench: Bench) -> None:
    _give(bench, 1, None, 1, None, 1, 1, 1, 1, 0, 0)
    assert bench.patient_view.last("show_review") == (2,)
    bench.at_laptop.look_again()
    assert _question(bench).text == PHQ9.items[1]
    _give(bench, 1, 1, 1, 1, 1, 1, 1, 0, 0)
    assert _question(bench).place == 10


def test_what_was_answered_before_is_not_shown_again_and_stays(clinic: FakeClinic) -> None:
    bench = Bench(clinic, clinic.add_patient(consent=()))
    bench.consent.questionnaires_only()
    for item in range(7):
        bench.phq9.answer(item, 1)
    bench.phq9.hand_over()
    assert (_question(bench).place, _question(bench).before) == (8, False)
    for _ in range(7):
        bench.at_laptop.back()
    assert (_question(bench).chosen, _question(bench).before) == (None, True)
    bench.at_laptop.choose(3)
    assert (_question(bench).chosen, _question(bench).before) == (3, False)
    _give(bench, *(None,) * 7, 1, 0)
    assert _question(bench).text == DIFFICULTY_ITEM, "a problem was told before"
    bench.at_laptop.next()
    assert _question(bench).place == 10, "nothing is missing"
    bench.at_laptop.hand_back()
    bench.navigator.take_back()
    assert bench.draft.sheet(InstrumentName.PHQ9).answers == (3, 1, 1, 1, 1, 1, 1, 1, 0)


def test_item_nine_answered_before_and_left_alone_is_not_missing(clinic: FakeClinic) -> None:
    bench = Bench(clinic, clinic.add_patient(consent=()))
    bench.consent.questionnaires_only()
    bench.phq9.answer(8, 0)
    bench.phq9.hand_over()
    _give(bench, *(0,) * 8, None)
    assert _question(bench).place == 10
    bench.at_laptop.hand_back()
    bench.navigator.take_back()
    assert bench.draft.responses[0].answers == (0,) * 9


def test_item_nine_ends_calmly_after_the_question_and_staff_goes_on(bench: Bench) -> None:
    _give(bench, 1, 1, 0, 0, 0, 0, 0, 0)
    bench.at_laptop.choose(2)
    assert _end(bench) == "show_question", "the patient may finish the question in peace"
    assert bench.navigator.safety == [], "nothing alarms the patient"
    bench.at_laptop.next()
    assert bench.patient_view.named("show_thanks") == {"calm": True}
    bench.at_laptop.hand_back()
    bench.navigator.take_back()
    assert bench.flow.state is SafetyState.OPEN
    assert bench.navigator.safety == [bench.flow.id]
    assert bench.screen.step is Step.PHQ9
    assert bench.draft.sheet(InstrumentName.PHQ9).answers == (1, 1, 0, 0, 0, 0, 0, 0, 2)
    bench.phq9.hand_in()
    assert bench.draft.responses[0].score.total == 4


def test_an_answer_to_item_nine_that_is_taken_back_still_ends_calmly(bench: Bench) -> None:
    _give(bench, 1, 1, 0, 0, 0, 0, 0, 0)
    bench.at_laptop.choose(1)
    bench.at_laptop.choose(0)
    bench.at_laptop.next()
    assert bench.patient_view.named("show_thanks") == {"calm": True}
    bench.at_laptop.hand_back()
    bench.navigator.take_back()
    assert bench.navigator.safety == [bench.flow.id]
    assert bench.flow.highest_item_nine == 1


def test_going_back_from_item_nine_ends_calmly_too(bench: Bench) -> None:
    _give(bench, 1, 1, 0, 0, 0, 0, 0, 0)
    bench.at_laptop.choose(3)
    bench.at_laptop.back()
    assert bench.patient_view.named("show_thanks") == {"calm": True}


def test_item_nine_left_out_opens_the_steps_when_it_is_handed_in(bench: Bench) -> None:
    _give(bench, 1, 1, 0, 0, 0, 0, 0, 0, None, 0)
    assert bench.patient_view.last("show_review") == (1,)
    assert bench.navigator.safety == []
    bench.at_laptop.hand_in()
    assert bench.patient_view.named("show_thanks") == {"calm": True}
    bench.at_laptop.hand_back()
    bench.navigator.take_back()
    assert bench.flow.trigger is SafetyTrigger.ITEM_NINE_NOT_ANSWERED
    assert bench.navigator.safety == [bench.flow.id]


def test_a_form_that_is_abandoned_after_item_nine_keeps_the_steps_open(
    clinic: FakeClinic, bench: Bench
) -> None:
    _give(bench, 1, 1, 0, 0, 0, 0, 0, 0)
    bench.at_laptop.choose(2)
    clinic.services.clinic.lock()
    bench.screen.leave()
    bench.screen.close()
    clinic.services.clinic.resume("quiet-harbour-lamp")
    again = Bench(clinic, bench.patient)
    assert again.screen.step is Step.PHQ9
    assert again.navigator.safety == [again.flow.id]
    assert again.draft.sheet(InstrumentName.PHQ9).answers[8] == 2


def test_a_wrong_password_leaves_the_laptop_with_the_patient(
    clinic: FakeClinic, bench: Bench
) -> None:
    bench.at_laptop.hand_back()
    with pytest.raises(WrongPassword):
        bench.navigator.take_back("not the password")
    assert clinic.services.session.state is SessionState.HANDED_OVER
    assert bench.at_laptop.active


def test_an_answer_that_cannot_be_stored_is_tried_again_for_staff(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = bench.screenings.answer

    def fail(*_: object, **__: object) -> None:
        raise StoreFull("The disk is full.")

    _give(bench, 1, 1, 0, 0, 0, 0, 0, 0)
    monkeypatch.setattr(bench.screenings, "answer", fail)
    bench.at_laptop.choose(2)
    assert "show_trouble" in bench.patient_view.names
    monkeypatch.setattr(bench.screenings, "answer", answer)
    bench.at_laptop.hand_back()
    bench.navigator.take_back()
    assert bench.draft.sheet(InstrumentName.PHQ9).answers[8] == 2
    assert bench.navigator.safety == [bench.flow.id]


def test_an_answer_that_is_lost_for_good_is_told_to_staff(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreFull("The disk is full.")

    monkeypatch.setattr(bench.screenings, "answer", fail)
    _give(bench, 1)
    bench.at_laptop.hand_back()
    bench.navigator.take_back()
    assert any("could not be stored" in text for text in bench.notices.warned)
