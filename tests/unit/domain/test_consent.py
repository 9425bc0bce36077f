"""The newest answer counts, purpose by purpose."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from clinic_app.domain.consent import (
    ASKED_WHEN_SCREENING,
    ConsentEvent,
    GivenBy,
    Purpose,
    current_consent,
    offered,
)
from clinic_app.domain.ids import new_id
from tests.fakes.clock import START

PATIENT, STAFF = new_id(), new_id()


def answer(minute: int, purpose: Purpose, granted: bool) -> ConsentEvent:
    at = START + timedelta(minutes=minute)
    return ConsentEvent(new_id(), PATIENT, purpose, granted, GivenBy.PATIENT, STAFF, at)


def test_nobody_asked_means_no_entry() -> None:
    assert current_consent([]) == {}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_answer_counts_in_whatever_order_they_arrive(order: tuple[int, ...]) -> None:
    events = [
        answer(0, Purpose.CAPTURE, True),
        answer(1, Purpose.CAPTURE, False),
        answer(2, Purpose.ANALYSIS, True),
    ]
    assert current_consent([events[place] for place in order]) == {
        Purpose.CAPTURE: False,
        Purpose.ANALYSIS: True,
    }


def test_one_purpose_says_nothing_about_another() -> None:
    state = current_consent([answer(0, Purpose.CAPTURE, True)])
    assert Purpose.KEEP_IMAGES not in state


def test_nobody_is_asked_about_what_is_no_part_of_care_on_the_way_to_a_picture() -> None:
    assert set(Purpose) - set(ASKED_WHEN_SCREENING) == {Purpose.STUDIO, Purpose.JOINT_LEARNING}


def test_agreeing_to_models_of_this_clinic_says_nothing_about_those_of_several() -> None:
    state = current_consent([answer(0, Purpose.TRAINING_REUSE, True)])
    assert Purpose.JOINT_LEARNING not in state


def test_nobody_is_asked_about_other_clinics_where_this_one_learns_with_none() -> None:
    alone = offered({}, face_on=True, in_group=False)
    assert set(Purpose) - set(alone) == {Purpose.JOINT_LEARNING}
    assert set(offered({}, face_on=True, in_group=True)) == set(Purpose)
    assert offered({}, face_on=False, in_group=True) == (Purpose.SHARING,)


@pytest.mark.parametrize("answer_before", [True, False])
def test_whoever_has_answered_about_other_clinics_can_always_change_it(answer_before: bool) -> None:
    state = {Purpose.JOINT_LEARNING: answer_before}
    assert Purpose.JOINT_LEARNING in offered(state, face_on=True, in_group=False)
