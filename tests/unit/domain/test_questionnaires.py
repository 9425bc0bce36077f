"""PHQ-9 and GAD-7: the public-domain wording, and scores worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.questionnaires import (
    ANSWERS,
    DIFFICULTY_ANSWERS,
    DIFFICULTY_ITEM,
    GAD7,
    INSTRUMENTS,
    PHQ9,
    STEM,
    AnsweredBy,
    DepressivePattern,
    InstrumentName,
    ItemNine,
    Response,
    asks_safety,
    check_answers,
    check_difficulty,
    score,
)

N = None
PHQ = InstrumentName.PHQ9
GAD = InstrumentName.GAD7


def test_the_wording_is_the_published_one() -> None:
    assert STEM == (
        "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
    )
    assert ANSWERS == ("Not at all", "Several days", "More than half the days", "Nearly every day")
    assert PHQ9.items == (
        "Little interest or pleasure in doing things",
        "Feeling down, depressed, or hopeless",
        "Trouble falling or staying asleep, or sleeping too much",
        "Feeling tired or having little energy",
        "Poor appetite or overeating",
        "Feeling bad about yourself - or that you are a failure or have let yourself or your family"
        " down",
        "Trouble concentrating on things, such as reading the newspaper or watching television",
        "Moving or speaking so slowly that other people could have noticed? Or the opposite - being"
        " so fidgety or restless that you have been moving around a lot more than usual",
        "Thoughts that you would be better off dead or of hurting yourself in some way",
    )
    assert GAD7.items == (
        "Feeling nervous, anxious or on edge",
        "Not being able to stop or control worrying",
        "Worrying too much about different things",
        "Trouble relaxing",
        "Being so restless that it is hard to sit still",
        "Becoming easily annoyed or irritable",
        "Feeling afraid as if something awful might happen",
    )
    assert DIFFICULTY_ITEM == (
        "If you checked off any problems, how difficult have these problems made it for you to do"
        " your work, take care of things at home, or get along with other people?"
    )
    assert len(DIFFICULTY_ANSWERS) == 4


@pytest.mark.parametrize(
    ("total", "label"),
    [
        (0, "none-minimal"),
        (4, "none-minimal"),
        (5, "mild"),
        (9, "mild"),
        (10, "moderate"),
        (14, "moderate"),
        (15, "moderately severe"),
        (19, "moderately severe"),
        (20, "severe"),
        (27, "severe"),
    ],
)
def test_phq9_bands_begin_and_end_where_published(total: int, label: str) -> None:
    assert PHQ9.band_of(total).label == label


@pytest.mark.parametrize(
    ("total", "label"),
    [
        (0, "minimal"),
        (4, "minimal"),
        (5, "mild"),
        (9, "mild"),
        (10, "moderate"),
        (14, "moderate"),
        (15, "severe"),
        (21, "severe"),
    ],
)
def test_gad7_bands_begin_and_end_where_published(total: int, label: str) -> None:
    assert GAD7.band_of(total).label == label


@pytest.mark.parametrize(
    ("answers", "scale", "total", "prorated", "missing", "item_nine"),
    [
        ((0,) * 9, "PHQ-9", 0, False, 0, ItemNine.NO),
        ((3,) * 9, "PHQ-9", 27, False, 0, ItemNine.POSITIVE),
        ((1, 1, 1, 1, 1, 1, 1, 1, 2), "PHQ-9", 10, False, 0, ItemNine.POSITIVE),
        # one missing of nine: 8 / 8 * 9 = 9
        ((N, 1, 1, 1, 1, 1, 1, 1, 1), "PHQ-9", 9, True, 1, ItemNine.POSITIVE),
        # two missing: 11 / 7 * 9 = 14.14
        ((N, N, 2, 2, 2, 2, 2, 1, 0), "PHQ-9", 14, True, 2, ItemNine.NO),
        # two missing, exactly half: 7 / 7 * 9 = 9; 3.5 would round up: 0.5 -> see GAD-7
        ((N, N, 1, 1, 1, 1, 1, 1, 1), "PHQ-9", 9, True, 2, ItemNine.POSITIVE),
        ((N, N, N, 1, 1, 1, 1, 1, 1), "PHQ-9", None, False, 3, ItemNine.POSITIVE),
        # item 9 missing: never imputed, the PHQ-8 instead
        ((1, 1, 1, 1, 1, 1, 1, 1, N), "PHQ-8", 8, False, 1, ItemNine.NOT_ANSWERED),
        ((3,) * 8 + (N,), "PHQ-8", 24, False, 1, ItemNine.NOT_ANSWERED),
        # two more missing: 9 / 6 * 8 = 12
        ((N, N, 2, 2, 2, 1, 1, 1, N), "PHQ-8", 12, True, 3, ItemNine.NOT_ANSWERED),
        ((N, N, N, 2, 2, 1, 1, 1, N), "PHQ-8", None, False, 4, ItemNine.NOT_ANSWERED),
        ((N,) * 9, "PHQ-8", None, False, 9, ItemNine.NOT_ANSWERED),
    ],
)
def test_phq9_scores_worked_out_by_hand(
    answers: tuple[int | None, ...],
    scale: str,
    total: int | None,
    prorated: bool,
    missing: int,
    item_nine: ItemNine,
) -> None:
    result = score(PHQ, answers)
    assert (result.scale, result.total, result.prorated, result.missing, result.item_nine) == (
        scale,
        total,
        prorated,
        missing,
        item_nine,
    )
    assert result.maximum == (24 if scale == "PHQ-8" else 27)
    assert result.band == (None if total is None else PHQ9.band_of(total).label)
    assert result.positive is (None if total is None else total >= 10)


@pytest.mark.parametrize(
    ("answers", "total", "prorated"),
    [
        ((0,) * 7, 0, False),
        ((3,) * 7, 21, False),
        ((N, N, 1, 1, 1, 1, 1), 7, True),
        ((N, 1, 1, 1, 1, 1, 0), 6, True),  # 5 / 6 * 7 = 5.83
        ((N, 1, 1, 1, 0, 0, 0), 4, True),  # 3 / 6 * 7 = 3.5, half goes up
        ((N, N, N, 1, 1, 1, 1), None, False),
    ],
)
def test_gad7_scores_worked_out_by_hand(
    answers: tuple[int | None, ...], total: int | None, prorated: bool
) -> None:
    result = score(GAD, answers)
    assert (result.scale, result.total, result.prorated) == ("GAD-7", total, prorated)
    assert result.item_nine is None
    assert result.pattern is None


@pytest.mark.parametrize(
    ("answers", "pattern"),
    [
        ((2, 0, 2, 2, 2, 0, 0, 0, 1), DepressivePattern.MAJOR),  # item 9 counts from 1
        ((2, 0, 2, 2, 2, 0, 0, 1, 0), DepressivePattern.OTHER),  # item 8 does not
        ((0, 3, 2, 0, 0, 0, 0, 0, 0), DepressivePattern.OTHER),
        ((3, 0, 0, 0, 0, 0, 0, 0, 0), DepressivePattern.NEITHER),  # one symptom
        ((1, 1, 3, 3, 3, 3, 3, 3, 3), DepressivePattern.NEITHER),  # no core item
        ((2, 2, 2, 2, 2, 2, 2, 2, 0), DepressivePattern.MAJOR),
    ],
)
def test_the_algorithm_needs_a_core_item(
    answers: tuple[int, ...], pattern: DepressivePattern
) -> None:
    assert score(PHQ, answers).pattern is pattern


def test_there_is_no_pattern_with_a_missing_item() -> None:
    assert score(PHQ, (N, 3, 3, 3, 3, 3, 3, 3, 3)).pattern is None


@pytest.mark.parametrize("instrument", InstrumentName)
@pytest.mark.parametrize("wrong", [4, -1, True, False, 1.0, "1", 2**70])
def test_an_answer_outside_0_to_3_is_refused(instrument: InstrumentName, wrong: object) -> None:
    answers = [0] * (len(INSTRUMENTS[instrument].items) - 1)
    with pytest.raises(InvalidInput, match="0, 1, 2 or 3"):
        check_answers(instrument, [*answers, wrong])  # type: ignore[list-item]


@pytest.mark.parametrize("count", [0, 6, 8, 10])
def test_the_wrong_number_of_answers_is_refused_for_both(count: int) -> None:
    for name, items in ((PHQ, 9), (GAD, 7)):
        assert count != items
        with pytest.raises(InvalidInput, match=f"has {items} items, not {count}"):
            check_answers(name, [0] * count)


@pytest.mark.parametrize("value", [None, 0, 1, 2, 3])
def test_the_functional_item_takes_0_to_3_or_nothing(value: int | None) -> None:
    assert check_difficulty(value) == value


@pytest.mark.parametrize("value", [-1, 4, True])
def test_another_functional_answer_is_refused(value: int) -> None:
    with pytest.raises(InvalidInput):
        check_difficulty(value)


@pytest.mark.parametrize("name", InstrumentName)
@pytest.mark.parametrize("item", range(9))
@pytest.mark.parametrize("value", [None, 0, 1, 2, 3])
def test_only_item_nine_of_the_phq9_from_1_asks_for_the_safety_flow(
    name: InstrumentName, item: int, value: int | None
) -> None:
    expected = name is PHQ and item == 8 and value in (1, 2, 3)
    assert asks_safety(name, item, value) is expected


def test_a_response_carries_its_score() -> None:
    response = Response(GAD, (1,) * 7, AnsweredBy.PATIENT, datetime(2026, 1, 1, tzinfo=UTC))
    assert response.score == score(GAD, (1,) * 7)
