"""The three-level reading, and that a finding has a reading or a reason, never both."""

from __future__ import annotations

import dataclasses

import pytest

from clinic_app.domain.finding import (
    AbstainReason,
    ThreeLevelClass,
    probability_text,
    three_level,
)
from tests.fakes.reading import finding


@pytest.mark.parametrize(
    ("probability", "level", "grey"),
    [
        (1.0, ThreeLevelClass.NONE, False),
        (0.751, ThreeLevelClass.NONE, False),
        (0.7, ThreeLevelClass.NONE, True),
        (0.699, ThreeLevelClass.MILD, True),
        (0.651, ThreeLevelClass.MILD, True),
        (0.55, ThreeLevelClass.MILD, False),
        (0.449, ThreeLevelClass.MILD, True),
        (0.4, ThreeLevelClass.MILD, True),
        (0.399, ThreeLevelClass.HIGH, True),
        (0.349, ThreeLevelClass.HIGH, False),
        (0.0, ThreeLevelClass.HIGH, False),
    ],
)
def test_the_papers_cuts_and_the_zones_around_them(
    probability: float, level: ThreeLevelClass, grey: bool
) -> None:
    reading = three_level(probability)
    assert (reading.level, reading.grey_zone) == (level, grey)


def test_a_finding_without_a_reading_must_say_why() -> None:
    with pytest.raises(ValueError, match="never both"):
        dataclasses.replace(finding(), severity=None)


def test_a_finding_with_a_reading_has_no_reason_for_having_none() -> None:
    with pytest.raises(ValueError, match="never both"):
        dataclasses.replace(finding(), abstained=AbstainReason.QUALITY)


@pytest.mark.parametrize("reason", AbstainReason)
def test_every_reason_makes_a_finding_without_a_reading(reason: AbstainReason) -> None:
    assert finding(abstained=reason).severity is None


def test_a_probability_is_never_printed_as_certain() -> None:
    shares = (0.0, 0.004, 0.01, 0.5, 0.99, 0.996, 1.0)
    assert [probability_text(share) for share in shares] == [
        "< 1 %",
        "< 1 %",
        "1 %",
        "50 %",
        "99 %",
        "> 99 %",
        "> 99 %",
    ]
