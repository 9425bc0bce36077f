"""Notes: cleaned, drafted, signed once and for all."""

from __future__ import annotations

import pytest

from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import NOTE_LIMIT, Note, clean_note, edited, signed
from tests.fakes.clock import START

STAFF = new_id()


def draft(text: str = "Sleeping better.") -> Note:
    return Note(new_id(), new_id(), STAFF, START, text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("One\r\nTwo\rThree\n", "One\nTwo\nThree\n"),
        ("Tab\there", "Tab\there"),
        ("Bell\x07 and\x00 escape\x1b", "Bell and escape"),
        ("broken \udce4 byte", "broken  byte"),
        ("नमस्ते\nمرحبا 🙂", "नमस्ते\nمرحبا 🙂"),
        ("  indented", "  indented"),
    ],
)
def test_a_note_keeps_its_lines_and_loses_control_characters(typed: str, kept: str) -> None:
    assert clean_note(typed) == kept


@pytest.mark.parametrize("blank", ["", " \n\t", "\u200b", "\x00"])
def test_an_empty_note_is_refused(blank: str) -> None:
    with pytest.raises(InvalidInput, match="empty"):
        clean_note(blank)


def test_a_note_may_be_long_but_not_endless() -> None:
    assert len(clean_note("x" * NOTE_LIMIT)) == NOTE_LIMIT
    with pytest.raises(InvalidInput, match="100,000"):
        clean_note("x" * (NOTE_LIMIT + 1))


def test_a_draft_can_be_changed_and_a_signed_note_cannot() -> None:
    note = edited(draft(), "Sleeping well.", START)
    assert note.text == "Sleeping well."
    with pytest.raises(WrongState, match="addendum"):
        edited(signed(note, STAFF, START), "Something else.", START)


def test_a_note_is_signed_once() -> None:
    note = signed(draft(), STAFF, START)
    assert (note.signed_by, note.signed_at) == (STAFF, START)
    with pytest.raises(WrongState, match="already signed"):
        signed(note, STAFF, START)


def test_the_hash_covers_the_text_in_any_script() -> None:
    assert draft("a").sha256 == ("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb")
    assert draft("أ").sha256 != draft("ا").sha256
