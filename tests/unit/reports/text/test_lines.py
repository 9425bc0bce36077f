from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_app.reports.text.clean import clean
from clinic_app.reports.text.lines import Line, Look, Piece, paragraph_lines, text_width

LOOK = Look(10, False, (0, 0, 0))
BOLD = Look(10, True, (0, 0, 0))


def _lines(text: str, width: float = 120) -> list[Line]:
    return list(paragraph_lines([Piece(text, LOOK)], width))


def _text(line: Line) -> str:
    return "".join(glyph.text for placed in line.placed for glyph in placed.run.glyphs)


def test_lines_end_between_words() -> None:
    lines = _lines("She reports early waking at four in the morning.")
    texts = [_text(line) for line in lines]
    assert texts == ["She reports early waking", "at four in the morning."]


def test_a_word_longer_than_the_line_is_broken() -> None:
    lines = _lines("Donaudampfschifffahrtsgesellschaft" * 3)
    assert len(lines) > 4
    assert all(line.width <= 120.01 for line in lines)
    assert "".join(map(_text, lines)) == "Donaudampfschifffahrtsgesellschaft" * 3


def test_chinese_is_broken_between_characters_but_not_before_a_full_stop() -> None:
    lines = [
        _text(line) for line in _lines("患者は二週間前から不眠を訴えている。次回は三月。", 100)
    ]
    assert len(lines) > 1
    assert not any(line.startswith("。") for line in lines)


def test_a_cut_never_parts_a_letter_from_its_marks() -> None:
    for line in map(_text, _lines("हिन्दीकीकिताब" * 6, 40)):
        assert not line.startswith(("ि", "ी", "्", "\u200b"))


def test_an_empty_paragraph_is_one_empty_line() -> None:
    (line,) = _lines("")
    assert line.width == 0
    assert line.placed == ()


def test_an_arabic_paragraph_runs_from_right_to_left() -> None:
    (line,) = _lines("مرحبا 45 سنة", 300)
    assert line.right_to_left
    # From left to right the page holds the last word first.
    words = [placed for placed in line.placed if placed.run.glyphs[0].text != " "]
    assert "".join(glyph.text for glyph in words[1].run.glyphs) == "45"
    assert words[0].run.level == 1


def test_arabic_letters_are_joined() -> None:
    (joined,) = _lines("محمد", 300)
    apart = {text_width(letter, LOOK) for letter in "محمد"}
    single = [
        glyph.number
        for letter in "محمد"
        for placed in _lines(letter, 300)[0].placed
        for glyph in placed.run.glyphs
    ]
    shaped = [glyph.number for placed in joined.placed for glyph in placed.run.glyphs]
    assert len(shaped) == 4
    assert set(shaped).isdisjoint(single[:1])
    assert joined.width < 4 * max(apart)


def test_a_devanagari_vowel_sign_is_drawn_before_its_consonant_but_read_after_it() -> None:
    (line,) = _lines("कि", 300)
    (placed,) = line.placed
    (consonant,) = _lines("क", 300)[0].placed
    assert placed.run.glyphs[-1].number == consonant.run.glyphs[0].number
    assert _text(line) == "कि"


def test_a_conjunct_is_one_shape() -> None:
    (line,) = _lines("क्ष", 300)
    (placed,) = line.placed
    assert len(placed.run.glyphs) == 1
    assert _text(line) == "क्ष"


def test_fields_in_a_row_keep_their_own_direction() -> None:
    pieces = [Piece("مستشفى ", LOOK), Piece("+44 20 7946", BOLD), Piece(" end", LOOK)]
    (line,) = paragraph_lines(pieces, 400)
    assert not line.right_to_left
    assert _text(line).endswith("+44 20 7946 end")


def test_what_no_font_has_is_a_box_and_no_error() -> None:
    (line,) = _lines("\ue123\U000130fe", 300)
    assert [glyph.number for placed in line.placed for glyph in placed.run.glyphs] == [0, 0]
    assert line.width > 0


@pytest.mark.parametrize(
    "text",
    [
        "Ωμέγα",
        "Привет",
        "שלום",
        "বাংলা",
        "தமிழ்",
        "ภาษาไทย",
        "陈大文",
        "こんにちは",
        "한국어",
        "😀",
        "❤",
        "ქართული",
    ],
)
def test_every_common_script_has_its_glyphs(text: str) -> None:
    (line,) = _lines(text, 400)
    assert all(glyph.number != 0 for placed in line.placed for glyph in placed.run.glyphs)


@given(st.text(max_size=60), st.floats(20, 300))
@settings(max_examples=60)
def test_no_text_makes_an_error_or_a_line_that_is_too_wide(text: str, width: float) -> None:
    for paragraph in clean(text).split("\n"):
        for line in paragraph_lines([Piece(paragraph, LOOK)], width):
            clusters = sum(len(placed.run.glyphs) for placed in line.placed)
            assert line.width <= width + 0.01 or clusters <= 24
