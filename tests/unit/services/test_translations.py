"""Catalogues are read as they are, and a bad one never stops the program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clinic_app.services import translations
from clinic_app.services.translations import Language, catalogue, languages, read_catalogue


def written(folder: Path, **files: object) -> Path:
    made = folder / "xx"
    made.mkdir()
    about = {"name": "Xish", "locale": "hi_IN", "first_weekday": 6, "reviewed_by": None}
    for name, content in {"language": about, **files}.items():
        (made / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return made


def test_english_comes_first_and_hindi_names_itself() -> None:
    assert [(one.code, one.name) for one in languages()] == [("en", "English"), ("hi", "हिन्दी")]


def test_nobody_has_reviewed_hindi_yet() -> None:
    hindi = catalogue("hi").language
    assert (hindi.locale, hindi.first_weekday, hindi.reviewed_by) == ("hi_IN", 6, "")


def test_the_files_of_a_language_are_read_together(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        desk={"texts": {"Yes": "Da"}},
        safety={"needs_clinical_review": True, "texts": {"Call": "Zov"}},
    )
    read = read_catalogue(folder)
    assert read.language == Language("xx", "Xish", "hi_IN", 6)
    assert read.texts == {"Yes": "Da", "Call": "Zov"}
    assert read.clinical == {"Call"}
    assert (read.text("Yes"), read.text("No")) == ("Da", "No")


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"texts": 5}', '{"other": {}}'], ids=["cut", "list", "number", "key"]
)
def test_a_damaged_file_leaves_english(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (written(tmp_path) / "desk.json").write_text(content, encoding="utf-8")
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    catalogue.cache_clear()
    try:
        assert catalogue("xx").language.code == "en"
    finally:
        catalogue.cache_clear()


def test_an_unknown_language_is_english() -> None:
    assert catalogue("zz").language.code == "en"
