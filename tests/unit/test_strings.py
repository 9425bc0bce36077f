"""Every text of the window is found in the code, and the translations fit it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from clinic_app.paths import ROOT
from clinic_app.services import translations

KINDS = ("not followed", "missing", "other places", "unused", "empty")


@pytest.fixture(scope="module")
def tool() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "tools")
        yield importlib.import_module("strings")


@pytest.fixture(scope="module")
def found(tool: ModuleType) -> Any:
    """What the tool finds; read once, for it follows thousands of texts."""
    return tool.collect()


@pytest.fixture(scope="module")
def wrong(tool: ModuleType, found: Any) -> dict[str, list[str]]:
    hindi = translations.read_catalogue(translations.FOLDER / "hi")
    return tool.problems(found, hindi)


@pytest.mark.parametrize("kind", KINDS)
def test_hindi_fits_the_code(kind: str, wrong: dict[str, list[str]]) -> None:
    assert wrong[kind] == [], f"run tools/strings.py; {kind}:\n" + "\n".join(wrong[kind])


def test_literals_tables_fields_and_errors_are_found(found: Any) -> None:
    for text in (
        "Sign in",  # a literal
        "Worklist",  # a row of a table
        "A clinic or practice",  # the value of a dictionary
        "Passwords and lock",  # a field of a dataclass
        "The note is empty.",  # an error of the rules
        "This {what} is longer than {limit} characters.",
        "Saturday",  # a value inside a sentence
    ):
        assert text in found.texts, text


def test_the_items_of_questionnaires_are_never_translated(found: Any) -> None:
    from clinic_app.domain import questionnaires

    kept = {
        questionnaires.STEM,
        questionnaires.DIFFICULTY_ITEM,
        *questionnaires.ANSWERS,
        *questionnaires.DIFFICULTY_ANSWERS,
        *(item for one in questionnaires.INSTRUMENTS.values() for item in one.items),
    }
    assert not kept & found.texts.keys()
    assert not kept & translations.catalogue("hi").texts.keys()


def test_a_missing_place_is_told_with_text_and_line(tool: ModuleType) -> None:
    made = tool.Found({"{n} people": ["ui/x.py:3"], "Yes": ["ui/x.py:4"]}, ["ui/x.py:5: words"])
    hindi = translations.Catalogue(
        translations.Language("hi", "हिन्दी", "hi_IN"), {"{n} people": "लोग", "Gone": "गया"}
    )
    assert tool.problems(made, hindi) == {
        "not followed": ["ui/x.py:5: words"],
        "missing": ["ui/x.py:4: 'Yes'"],
        "other places": ["ui/x.py:3: '{n} people' has ['n'], the translation []"],
        "unused": ["'Gone'"],
        "empty": [],
    }
