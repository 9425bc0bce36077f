"""Scores of every pattern of answers, against the rules written a second way."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_app.domain.questionnaires import INSTRUMENTS, InstrumentName, ItemNine, score

answer = st.one_of(st.none(), st.integers(0, 3))
phq9 = st.tuples(*[answer] * 9)
gad7 = st.tuples(*[answer] * 7)


def expected_total(answers: tuple[int | None, ...]) -> int | None:
    """Mean of the given answers times the number of items, halves up; at most two missing."""
    given_answers = [value for value in answers if value is not None]
    if len(answers) - len(given_answers) > 2:
        return None
    mean = Fraction(sum(given_answers), len(given_answers))
    return floor(mean * len(answers) + Fraction(1, 2))


@settings(max_examples=500)
@given(phq9)
def test_the_phq9_never_fills_in_item_nine(answers: tuple[int | None, ...]) -> None:
    result = score(InstrumentName.PHQ9, answers)
    if answers[8] is None:
        assert result.scale == "PHQ-8"
        assert result.total == expected_total(answers[:8])
        assert result.item_nine is ItemNine.NOT_ANSWERED
    else:
        assert result.scale == "PHQ-9"
        assert result.total == expected_total(answers)
        assert result.item_nine is (ItemNine.POSITIVE if answers[8] else ItemNine.NO)
    assert result.missing == answers.count(None)


@settings(max_examples=500)
@given(gad7)
def test_the_gad7_is_prorated_with_at_most_two_missing(answers: tuple[int | None, ...]) -> None:
    result = score(InstrumentName.GAD7, answers)
    assert result.total == expected_total(answers)
    assert result.prorated is (result.total is not None and None in answers)


@given(
    st.one_of(
        phq9.map(lambda a: (InstrumentName.PHQ9, a)), gad7.map(lambda a: (InstrumentName.GAD7, a))
    )
)
def test_a_total_lies_within_the_scale_and_its_band(
    case: tuple[InstrumentName, tuple[int | None, ...]],
) -> None:
    name, answers = case
    result = score(name, answers)
    if result.total is None:
        assert (result.band, result.positive, result.prorated) == (None, None, False)
        return
    assert 0 <= result.total <= result.maximum
    band = INSTRUMENTS[name].band_of(result.total)
    assert result.band == band.label
    assert band.low <= result.total <= band.high
    assert result.positive is (result.total >= INSTRUMENTS[name].positive_from)


@given(st.tuples(*[st.integers(0, 3)] * 9), st.integers(0, 8))
def test_a_higher_answer_never_lowers_the_total(answers: tuple[int, ...], item: int) -> None:
    higher = (*answers[:item], min(answers[item] + 1, 3), *answers[item + 1 :])
    before, after = (score(InstrumentName.PHQ9, one).total for one in (answers, higher))
    assert before is not None
    assert after is not None
    assert after >= before
