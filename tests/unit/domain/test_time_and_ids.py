"""The hybrid clock and the record identifiers."""

from __future__ import annotations

from uuid import UUID

import pytest

from clinic_app.domain.clock import HybridClock, stamp_ms, utc_now, wall_ms
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.ids import new_id, parse_id
from clinic_app.domain.picture import Picture


def test_the_clock_goes_on_though_the_wall_clock_goes_back() -> None:
    times = iter([1000, 1000, 400, 2000])
    clock = HybridClock(wall=lambda: next(times))
    stamps = [clock.tick() for _ in range(4)]
    assert stamps == sorted(set(stamps))
    assert [stamp_ms(stamp) for stamp in stamps] == [1000, 1000, 1000, 2000]
    assert [stamp & 0xFFFF for stamp in stamps] == [0, 1, 2, 0]


def test_the_clock_starts_after_what_the_store_knows() -> None:
    clock = HybridClock(last=5000 << 16, wall=lambda: 10)
    assert clock.tick() == (5000 << 16) + 1


def test_the_clock_moves_past_a_stamp_from_elsewhere() -> None:
    clock = HybridClock(wall=lambda: 10)
    clock.see(7000 << 16)
    assert clock.tick() > 7000 << 16
    clock.see(3)
    assert clock.tick() > 7000 << 16


def test_the_present_is_in_utc() -> None:
    assert utc_now().utcoffset() is not None
    assert abs(utc_now().timestamp() * 1000 - wall_ms()) < 60_000


def test_an_identifier_is_a_version_7_uuid_that_carries_its_time() -> None:
    made = new_id(1_767_225_600_123)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == 1_767_225_600_123


def test_identifiers_sort_by_time_and_never_repeat() -> None:
    assert new_id(1000) < new_id(1001)
    assert len({new_id(1000) for _ in range(1000)}) == 1000


def test_an_identifier_is_read_back_from_text() -> None:
    made = new_id()
    assert parse_id(f" {made} ") == made


@pytest.mark.parametrize("text", ["", "7", "not-an-id", str(UUID(int=0))[:-1], "x" * 36])
def test_another_text_is_refused_in_plain_words(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not the ID of a patient"):
        parse_id(text, "patient")


def test_the_sentence_has_the_article_of_its_word() -> None:
    with pytest.raises(InvalidInput, match="is not the ID of an incident"):
        parse_id("7", "incident")


def test_a_picture_has_as_many_bytes_as_its_size_says() -> None:
    assert Picture(2, 1, bytes(6)).width == 2
    with pytest.raises(ValueError, match="do not fit"):
        Picture(2, 2, bytes(6))
