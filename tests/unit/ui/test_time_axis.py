"""The words below the course: never on top of each other, the newest always."""

from __future__ import annotations

from datetime import timedelta

from clinic_app.ui.widgets.time_axis import time_ticks
from tests.fakes.clock import START


def words(most: int, *days: float) -> list[str]:
    return [text for _, text in time_ticks([START + timedelta(days=day) for day in days], most)]


def test_every_date_is_named_where_there_is_room() -> None:
    assert words(4, 0, 31, 61) == ["2 Mar", "2 Apr", "2 May"]


def test_a_date_too_near_to_the_newest_is_left_out() -> None:
    assert words(4, 0, 31, 60, 61) == ["2 Mar", "2 Apr", "2 May"]
    assert words(1, 0, 31, 61) == ["2 Mar", "2 May"]


def test_beyond_a_year_the_year_is_named() -> None:
    assert words(3, 0, 400) == ["Mar 2026", "Apr 2027"]


def test_one_moment_or_many_at_once_have_one_date() -> None:
    assert words(5, 0) == ["2 Mar"]
    assert words(5, 0, 0) == ["2 Mar"]
