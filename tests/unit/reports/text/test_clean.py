from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from clinic_app.reports.text.clean import clean, clean_line


def test_markup_is_just_characters() -> None:
    assert clean("<b>x</b> &amp; <font size=99>") == "<b>x</b> &amp; <font size=99>"


def test_line_ends_of_every_system_become_line_feeds() -> None:
    assert clean("a\r\nb\rc\u2028d\x0ce") == "a\nb\nc\nd\ne"


def test_controls_and_lone_surrogates_are_dropped() -> None:
    assert clean("a\x00b\x1b[31mc\ud800d\x7f") == "ab[31mcd"


def test_direction_controls_cannot_disguise_a_name() -> None:
    assert clean("\u202eevil\u202c \u2066x\u2069\u200f") == "evil x"


def test_decomposed_letters_are_composed() -> None:
    assert clean("e\u0301") == "é"
    assert clean("e\x00\u0301") == "é"


def test_a_label_is_one_line_with_single_blanks() -> None:
    assert clean_line("  a\n\tb  c ") == "a b c"


@given(st.text())
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert all(unicodedata.category(c) not in ("Cc", "Cs") or c == "\n" for c in once)
