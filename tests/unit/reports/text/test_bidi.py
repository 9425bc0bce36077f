"""The levels, held against python-bidi, which implements the whole algorithm."""

from __future__ import annotations

import pytest
from bidi import get_display
from hypothesis import example, given
from hypothesis import strategies as st

from clinic_app.reports.text.bidi import base_level, has_right_to_left, levels, visual_order

# Letters of three directions, digits of two kinds, every weak and neutral class, brackets, marks.
_ALPHABET = "abéאבגابتثّ123٤٥+-/.,:%$€ ()[]{}!?&\u064b\u05b0\t"


def _shown(text: str, base: int) -> str:
    return "".join(visual_order(list(text), levels(text, base)))


@given(st.text(alphabet=_ALPHABET, max_size=24), st.sampled_from([0, 1]))
@example("محمد (Ahmed) 12/03/2024, +49 (30) 123", 1)
@example("a(ב)c [ד(e]f) ١٢٣ 45%", 0)
@example("ا 1.5$ +3-ב,4", 0)
def test_lines_are_ordered_as_by_python_bidi(text: str, base: int) -> None:
    assert _shown(text, base) == get_display(text, base_dir="R" if base else "L")


@pytest.mark.parametrize(
    ("text", "base"),
    [("", 0), ("123", 0), ("12 abc", 0), ("12 אבג abc", 1), ("«محمد»", 1), ("(abc) محمد", 0)],
)
def test_the_first_strong_letter_gives_the_direction(text: str, base: int) -> None:
    assert base_level(text) == base


def test_text_without_right_to_left_letters_is_left_alone() -> None:
    text = "Größe 12 (cm), 日本 ελ"
    assert not has_right_to_left(text)
    assert levels(text, 0) == [0] * len(text)


def test_a_telephone_number_keeps_its_order_inside_hebrew() -> None:
    assert _shown("טל 030-1234", 1) == "030-1234 לט"
