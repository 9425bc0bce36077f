"""Help where it is needed: what a number means, and one hint the first time on a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from clinic_app.domain.ids import new_id
from clinic_app.domain.questionnaires import INSTRUMENTS, InstrumentName
from clinic_app.ui.hints import HINTS, HintMemory
from clinic_app.ui.meanings import EXPLANATIONS, Meaning
from clinic_app.ui.widgets.meaning import meaning_button, show_meaning
from tests.gui.conftest import Driver


def test_every_number_has_an_explanation_that_says_no_verdict() -> None:
    assert set(EXPLANATIONS) == set(Meaning)
    for told in EXPLANATIONS.values():
        words = " ".join((told.title, *told.paragraphs)).lower()
        assert "depressed" not in words
        assert "risk score" not in words


@pytest.mark.parametrize("name", list(InstrumentName))
def test_the_bands_of_a_questionnaire_are_those_that_are_scored(name: InstrumentName) -> None:
    words = " ".join(EXPLANATIONS[Meaning(name.value)].paragraphs)
    for band in INSTRUMENTS[name].bands:
        assert f"{band.low} to {band.high} {band.label}" in words


def test_an_explanation_opens_by_keyboard_and_gives_the_keyboard_back(inside: Driver) -> None:
    made = meaning_button(Meaning.KAPPA)
    made.setParent(inside.desk)
    made.show()
    made.setFocus()
    assert made.accessibleName() == "What does this mean: Weighted kappa"
    inside.press(Qt.Key.Key_Return, made)
    assert "beyond chance" in inside.words()
    inside.press(Qt.Key.Key_Escape)
    assert inside.desk.sheet is None
    assert made.hasFocus()


def test_an_explanation_names_its_source(inside: Driver) -> None:
    show_meaning(inside.desk, Meaning.PHQ9)
    assert "Source: Kroenke, Spitzer & Williams 2001" in inside.words()


def test_a_hint_is_shown_until_it_is_put_away_and_stays_away(inside: Driver) -> None:
    bar = inside.desk.hint
    assert bar is not None
    assert bar.isVisible()
    assert bar.words.text() == HINTS["today"]
    inside.click("Got it")
    assert not bar.isVisible()
    inside.desk.show_worklist()
    inside.settle()
    assert bar.words.text() == HINTS["worklist"]
    inside.desk.show_today()
    inside.settle()
    assert not bar.isVisible()
    kept = json.loads(inside.appearance.hints_path.read_text())
    assert list(kept.values()) == [["today"]]


def test_hints_are_each_persons_own(tmp_path: Path) -> None:
    path, one, other = tmp_path / "hints.json", new_id(), new_id()
    HintMemory(path, one).dismiss("today")
    assert not HintMemory(path, one).wanted("today")
    assert HintMemory(path, other).wanted("today")
    HintMemory(path, other).dismiss("tasks")
    assert not HintMemory(path, one).wanted("today")


@pytest.mark.parametrize("content", ["", "[1]", '{"a": 3}', "{", "\udcff", "[" * 100_000])
def test_a_file_that_cannot_be_read_brings_the_hints_back(tmp_path: Path, content: str) -> None:
    path = tmp_path / "hints.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    memory = HintMemory(path, new_id())
    assert memory.wanted("today")
    memory.dismiss("today")
    assert not memory.wanted("today")


def test_a_hint_that_cannot_be_kept_still_goes_away(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    memory = HintMemory(tmp_path / "file" / "hints.json", new_id())
    memory.dismiss("today")
    assert not memory.wanted("today")
