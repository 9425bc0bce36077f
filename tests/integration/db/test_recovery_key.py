"""The printed recovery key."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.db.recovery_key import ALPHABET, BITS, new_recovery_key, recovery_secret
from clinic_app.domain.errors import WrongPassword


def test_it_has_at_least_128_bits_in_six_groups_of_five() -> None:
    assert BITS >= 128
    assert re.fullmatch(rf"([{ALPHABET}]{{5}}-){{5}}[{ALPHABET}]{{5}}", new_recovery_key())


def test_two_keys_differ() -> None:
    assert len({new_recovery_key() for _ in range(50)}) == 50


def test_case_spaces_dashes_and_look_alikes_do_not_matter() -> None:
    key = new_recovery_key()
    sloppy = key.lower().replace("0", "O").replace("1", "i").replace("-", " – ")
    assert recovery_secret(sloppy) == recovery_secret(key)
    assert recovery_secret(key.replace("-", "").replace("1", "L")) == recovery_secret(key)


@given(place=st.integers(0, 29), shift=st.integers(1, 31))
def test_every_single_mistyped_symbol_is_noticed(place: int, shift: int) -> None:
    text = new_recovery_key().replace("-", "")
    other = ALPHABET[(ALPHABET.index(text[place]) + shift) % 32]
    with pytest.raises(WrongPassword):
        recovery_secret(text[:place] + other + text[place + 1 :])


@given(place=st.integers(0, 28))
def test_two_swapped_neighbours_are_noticed(place: int) -> None:
    text = new_recovery_key().replace("-", "")
    a, b = text[place], text[place + 1]
    if a != b:
        with pytest.raises(WrongPassword):
            recovery_secret(text[:place] + b + a + text[place + 2 :])


@pytest.mark.parametrize("typed", ["", "ABC", "U" * 30, "é" * 30, "0" * 31])
def test_what_is_no_key_is_said_to_be_none(typed: str) -> None:
    with pytest.raises(WrongPassword, match="recovery key"):
        recovery_secret(typed)
