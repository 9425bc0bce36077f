"""Reliable change: the site's rule, and slow changes found as well."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_app.domain.change import Direction, Total, reliable_changes
from tests.fakes.clock import START


def totals(*values: int) -> list[Total]:
    return [Total(START + timedelta(days=day), value) for day, value in enumerate(values)]


def points(*values: int, threshold: int = 5) -> list[int | None]:
    return [one and one.points for one in reliable_changes(totals(*values), threshold)]


def test_a_change_of_just_the_rule_counts_and_one_point_less_does_not() -> None:
    assert points(14, 9) == [None, -5]
    assert points(14, 10) == [None, None]
    assert points(14, 9, threshold=6) == [None, None]


def test_a_slow_change_is_found_when_it_adds_up() -> None:
    assert points(16, 14, 12, 11, 10) == [None, None, None, -5, None]


def test_after_a_change_the_next_one_is_counted_from_there() -> None:
    found = reliable_changes(totals(18, 10, 9, 16), 5)
    assert [one and one.direction for one in found] == [
        None,
        Direction.IMPROVED,
        None,
        Direction.WORSENED,
    ]
    assert found[3] is not None
    assert (found[3].points, found[3].since) == (6, START + timedelta(days=1))


def test_one_total_or_none_is_no_change() -> None:
    assert points() == []
    assert points(20) == [None]


def test_a_rule_of_no_points_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        reliable_changes(totals(1, 2), 0)
