"""Reading aloud: answers are kept one by one, and item 9 opens the clinician's steps at once."""

from __future__ import annotations

import pytest

from clinic_app.domain.errors import StoreFull
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyState, SafetyTrigger
from clinic_app.ui.screens.safety.presenter import TALK_NOW
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.screens.screening.questionnaire.presenter import NOT_STORED
from tests.fakes.clinic import FakeClinic
from tests.fakes.steps import Bench

ALL_ONE = (1,) * 8


@pytest.fixture
def bench() -> Bench:
    clinic = FakeClinic()
    made = Bench(clinic, clinic.add_patient(consent=()))
    made.consent.questionnaires_only()
    return made


def _state(bench: Bench, step: Step = Step.PHQ9):
    return bench.views[step].last("show_sheet")[0]


def test_every_answer_is_in_the_store_at_once(bench: Bench) -> None:
    bench.phq9.answer(0, 2)
    sheet = bench.draft.sheet(InstrumentName.PHQ9)
    assert sheet.answers[0] == 2
    assert sheet.answered_by is AnsweredBy.READ_ALOUD
    bench.phq9.answer(0, None)
    assert bench.draft.sheet(InstrumentName.PHQ9).answers[0] is None


def test_answers_on_their_way_are_not_called_missing(bench: Bench) -> None:
    for item in range(8):
        bench.phq9.answer(item, 0)
    bench.jobs.held = True
    bench.phq9.answer(8, 0)
    bench.phq9.hand_in()  # before the store has answered
    bench.jobs.release()
    assert "show_missing" not in bench.views[Step.PHQ9].names
    assert bench.draft.sheet(InstrumentName.PHQ9).completed_at is not None


def test_the_difficulty_is_asked_once_there_is_a_problem(bench: Bench) -> None:
    bench.phq9.answer(0, 0)
    assert not _state(bench).asks_difficulty
    bench.phq9.answer(1, 1)
    assert _state(bench).asks_difficulty
    bench.phq9.answer_difficulty(2)
    assert bench.draft.sheet(InstrumentName.PHQ9).difficulty == 2


@pytest.mark.parametrize("value", [1, 2, 3])
def test_item_nine_opens_the_safety_steps_at_once(bench: Bench, value: int) -> None:
    bench.phq9.answer(8, value)
    assert bench.flow.state is SafetyState.OPEN
    assert bench.navigator.safety == [bench.flow.id]


def test_item_nine_with_zero_opens_nothing_and_says_nothing(bench: Bench) -> None:
    bench.phq9.answer(8, 0)
    assert bench.flow is None
    assert bench.navigator.safety == []
    assert not bench.notices.told


def test_changing_the_answer_back_leaves_the_steps_open(bench: Bench) -> None:
    bench.phq9.answer(8, 2)
    bench.phq9.answer(8, 0)
    assert bench.flow.state is SafetyState.OPEN
    assert bench.flow.highest_item_nine == 2
    assert bench.navigator.safety == [bench.flow.id] * 2


def test_the_alarm_is_raised_even_when_the_screen_is_gone_before_the_answer_is_stored(
    bench: Bench,
) -> None:
    bench.jobs.held = True
    bench.phq9.answer(8, 1)
    bench.screen.leave()
    bench.screen.close()
    bench.jobs.release()
    assert bench.flow is not None
    assert bench.navigator.safety == [bench.flow.id]


def test_missing_answers_are_pointed_out_before_handing_in(bench: Bench) -> None:
    bench.fill(bench.phq9, (1, 1, None, 1, 1, None, 1, 1, 0))
    bench.phq9.hand_in()
    assert bench.views[Step.PHQ9].last("show_missing")[0].missing == (2, 5)
    assert bench.draft.responses == ()
    bench.phq9.hand_in_anyway()
    assert bench.draft.responses[0].score.prorated
    assert bench.screen.step is Step.GAD7


def test_item_nine_left_open_is_handed_in_with_the_safety_steps(bench: Bench) -> None:
    bench.fill(bench.phq9, ALL_ONE)
    bench.phq9.hand_in()
    assert bench.flow is None
    bench.phq9.hand_in_anyway()
    assert bench.flow.trigger is SafetyTrigger.ITEM_NINE_NOT_ANSWERED
    assert bench.navigator.safety == [bench.flow.id]


def test_a_complete_sheet_goes_on_to_the_next_instrument(bench: Bench) -> None:
    bench.fill(bench.phq9, (*ALL_ONE, 0))
    bench.phq9.hand_in()
    assert bench.screen.step is Step.GAD7
    bench.fill(bench.gad7, (0,) * 7)
    bench.gad7.hand_in()
    assert bench.screen.step is Step.JUDGEMENT
    assert [response.score.scale for response in bench.draft.responses] == ["PHQ-9", "GAD-7"]


def test_an_answer_that_cannot_be_stored_is_taken_off_the_screen(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = StoreFull("The disk is full.")

    def fail(*_: object, **__: object) -> None:
        raise full

    monkeypatch.setattr(bench.screenings, "answer", fail)
    bench.phq9.answer(0, 3)
    assert bench.notices.reported == [full]
    assert _state(bench).answers[0] is None


def test_an_answer_changed_after_handing_in_is_handed_in_again(bench: Bench) -> None:
    bench.fill(bench.phq9, (*ALL_ONE, 0))
    bench.phq9.hand_in()
    bench.screen.go(Step.PHQ9)
    assert _state(bench).completed_at is not None
    bench.phq9.answer(0, 3)
    assert _state(bench).completed_at is None
    bench.phq9.hand_in()
    assert bench.draft.responses[0].score.total == 10


def test_leaving_out_is_remembered_and_answering_takes_it_back(bench: Bench) -> None:
    bench.phq9.leave_out()
    assert bench.screen.step is Step.GAD7
    again = Bench(bench.clinic, bench.patient)
    assert again.screen.step is Step.GAD7
    again.gad7.leave_out()
    assert Bench(bench.clinic, bench.patient).screen.step is Step.JUDGEMENT
    again.screen.go(Step.PHQ9)
    again.phq9.answer(0, 1)
    assert Bench(bench.clinic, bench.patient).screen.step is Step.PHQ9


def test_left_out_with_answers_in_it_a_questionnaire_is_come_back_to(bench: Bench) -> None:
    bench.phq9.answer(0, 1)
    bench.phq9.leave_out()
    assert bench.screen.step is Step.GAD7
    assert Bench(bench.clinic, bench.patient).screen.step is Step.PHQ9


@pytest.mark.parametrize(("item", "value", "called"), [(8, 1, True), (8, 0, False), (3, 3, False)])
def test_an_item_nine_that_a_full_disk_refuses_still_calls_for_the_talk(
    item: int, value: int, called: bool
) -> None:
    clinic = FakeClinic()
    bench = Bench(clinic, clinic.add_patient(consent=()))
    bench.consent.questionnaires_only()
    clinic.store.commit_fails_with = StoreFull("The disk is full.")
    bench.phq9.answer(item, value)
    clinic.store.commit_fails_with = None
    assert len(bench.notices.reported) == 1
    assert (TALK_NOW in bench.notices.warned) is called
    assert (NOT_STORED in bench.notices.warned) is called
    bench.phq9.answer(item, value)  # once there is room the steps open
    assert bool(bench.navigator.safety) is called
