"""Days and moments as they are typed and read."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.domain import schedule
from clinic_app.domain.errors import InvalidInput
from clinic_app.ui.moments import day_text, near_text, parse_clock, parse_day, to_utc, use_clock_of

BORN = date(1984, 3, 7)


@pytest.mark.parametrize(
    "typed",
    [
        "1984-03-07",
        "7.3.1984",
        "07.03.1984",
        " 7 3 1984 ",
        "7-3-1984",
        "19840307",
        "7 Mar 1984",
        "7. march 1984",
        "1984/03/07",
    ],
)
def test_a_birth_date_is_understood_as(typed: str) -> None:
    assert parse_day(typed) == BORN


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "day.month.year"),
        ("7.3.84", "four digits"),
        ("31.2.1984", "no such day"),
        ("3/7/1984", "mixed up"),
        ("yesterday", "day.month.year"),
        ("7.3", "day.month.year"),
        ("٧.٣.١٩٨٤", "day.month.year"),
    ],
)
def test_an_unclear_date_is_asked_for_again(typed: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        parse_day(typed)
    assert caught.value.field == "birth_date"


def test_slashes_are_taken_when_only_one_reading_is_possible() -> None:
    assert parse_day("23/11/1996") == parse_day("11/23/1996") == date(1996, 11, 23)


@given(st.dates(min_value=date(1890, 1, 1)))
def test_what_is_shown_can_be_typed_back(day: date) -> None:
    assert parse_day(day_text(day)) == day
    assert parse_day(day.isoformat()) == day
    assert parse_day(f"{day.day}.{day.month}.{day.year}") == day


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_a_clear_refusal(text: str) -> None:
    outcome: object
    try:
        outcome = parse_day(text)
    except InvalidInput as error:
        outcome = str(error)
    assert isinstance(outcome, date) or str(outcome).endswith(".")


@pytest.mark.parametrize(
    ("typed", "clock"),
    [("9", time(9)), ("9:05", time(9, 5)), ("09.05", time(9, 5)), ("1430", time(14, 30))],
)
def test_a_time_of_day_is_understood(typed: str, clock: time) -> None:
    assert parse_clock(typed) == clock


@pytest.mark.parametrize("typed", ["", "25:00", "9:61", "noon"])
def test_an_unclear_time_is_asked_for_again(typed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_clock(typed)
    assert caught.value.field == "time"


def test_a_local_moment_is_kept_in_utc() -> None:
    kept = to_utc(date(2026, 7, 1), time(12))
    assert kept.tzinfo is UTC
    assert kept.astimezone().replace(tzinfo=None) == datetime(2026, 7, 1, 12)  # noqa: DTZ001


def test_a_day_at_the_very_end_of_all_years_is_refused_in_a_sentence() -> None:
    use_clock_of("America/New_York")
    try:
        with pytest.raises(InvalidInput, match="too far away") as caught:
            to_utc(date(9999, 12, 31), time(23, 30))
    finally:
        use_clock_of(None)
    assert caught.value.field == "day"
    with pytest.raises(InvalidInput, match="too far away") as caught:
        schedule.to_utc(datetime(9999, 12, 31, 23, 30), "America/New_York")  # noqa: DTZ001
    assert caught.value.field == "start"


def test_near_days_are_named() -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC).astimezone()
    assert near_text(now, now).startswith("today, ")
    assert near_text(now - timedelta(days=1), now).startswith("yesterday, ")
    assert near_text(now - timedelta(days=3), now).startswith("27 Feb 2026, ")
