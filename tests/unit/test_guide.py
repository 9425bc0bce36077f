"""What people read points to things that are there."""

from __future__ import annotations

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
