"""What people read points to things that are there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from clinic_app.paths import ROOT
from clinic_app.services.demo import (
    DEMO_COLLEAGUE,
    DEMO_COLLEAGUE_PHRASE,
    DEMO_PHRASE,
    DEMO_USER,
)
from clinic_app.ui.shell.keymap import KEYS

_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")
_LABEL = re.compile(r"(?<!\*)\*([^*\n][^*]*)\*(?!\*)")
_PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_every_link_and_picture_exists(page: Path) -> None:
    links = _LINK.findall(page.read_text(encoding="utf-8"))
    missing = [one for one in links if not (page.parent / one).exists()]
    assert missing == []


def test_every_picture_exists_in_light_and_dark() -> None:
    names = {path.name for path in (ROOT / "docs" / "screenshots").glob("*.png")}
    assert names
    assert {name.replace("-light", "-dark") for name in names if "-light" in name} == {
        name for name in names if "-dark" in name
    }


def test_the_guide_tells_how_to_enter_the_demo_clinic() -> None:
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    for told in (DEMO_USER, DEMO_PHRASE, DEMO_COLLEAGUE, DEMO_COLLEAGUE_PHRASE):
        assert f"`{told}`" in guide


def test_every_key_does_one_thing_and_stands_in_the_guide() -> None:
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8").replace("←", "Left")
    bound = [keys for key in KEYS for keys in key.keys]
    assert len(bound) == len(set(bound))
    told = guide.replace("`Alt+1` … `Alt+4`", "`Alt+1` `Alt+2` `Alt+3` `Alt+4`")
    assert [key.keys[0] for key in KEYS if f"`{key.keys[0]}`" not in told] == []


def test_what_the_guide_calls_a_label_stands_in_the_window() -> None:
    """The catalogue of Hindi holds every text of the window; labels with figures are examples."""
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    files = (ROOT / "resources" / "translations" / "hi").glob("*.json")
    texts = "\n".join(_keys(json.loads(file.read_text("utf-8"))) for file in files).casefold()
    labels = {
        " ".join(part.split()).rstrip("…").strip().casefold()
        for label in _LABEL.findall(guide)
        if not re.search("[0-9]", label)
        for part in label.split(", ")
    }
    assert len(labels) > 60
    assert sorted(label for label in labels if label not in texts) == []


def _keys(catalogue: object) -> str:
    """The texts of a catalogue's file, a line each."""
    if not isinstance(catalogue, dict):
        return ""
    return "\n".join(text for key, below in catalogue.items() for text in (key, _keys(below)))
