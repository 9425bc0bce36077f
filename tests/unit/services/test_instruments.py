"""An official translation is taken over whole or not at all, and never changes a score."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, NotFound
from clinic_app.domain.questionnaires import ANSWERS, AnsweredBy, InstrumentName
from clinic_app.domain.wordings import LARGEST_FILE, english, read_wording, wording_in
from tests.fakes.clinic import FakeClinic

GAD7 = InstrumentName.GAD7


def made_up(**changes: Any) -> dict[str, Any]:
    """A file in a language that nobody speaks: no real translation is written here."""
    return {
        "instrument": "gad7",
        "language": "xx",
        "version": "xx-1",
        "source": "A made-up publisher, page 3",
        "licence": "Free to use unchanged",
        "stem": "stem xx",
        "items": [f"item {number} xx" for number in range(1, 8)],
        "answers": [f"answer {value} xx" for value in range(4)],
        "difficulty_item": "difficulty xx",
        "difficulty_answers": [f"difficulty {value} xx" for value in range(4)],
        **changes,
    }


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "gad7.json"
    path.write_text(json.dumps(made_up(**changes)), encoding="utf-8")
    return path


def test_a_translation_is_kept_with_where_it_is_from(clinic: FakeClinic, tmp_path: Path) -> None:
    path = written(tmp_path)
    loaded = clinic.services.instruments.load(path)
    (kept,) = clinic.services.clinic.profile().wordings
    assert kept == loaded
    assert (kept.source, kept.licence) == ("A made-up publisher, page 3", "Free to use unchanged")
    assert kept.loaded_by == clinic.services.session.user.id
    assert kept.loaded_at is not None
    assert len(kept.sha256) == 64
    assert kept.items[6] == "item 7 xx"
    audited = [one for one in clinic.store.tables.audit if "wording" in one.detail]
    assert [(one.kind, one.detail) for one in audited] == [
        (AuditKind.CHANGED, "wording gad7 xx-1 loaded")
    ]


@pytest.mark.parametrize("mark", ["\u200c", "\u200d", "\u200f", "\u00a0", "\u202f", "\u00ad"])
def test_the_unseen_marks_of_a_script_are_kept(mark: str) -> None:
    """Joiners in Hindi and Persian, direction marks in Arabic, unbroken spaces in French."""
    stem = f"before{mark}after"
    assert read_wording(json.dumps(made_up(stem=stem)).encode()).stem == stem


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"items": ["one"] * 6}, "“items” needs exactly 7 texts."),
        ({"items": ["the same"] * 7}, "Two texts of “items” are the same."),
        ({"answers": ["a", "b", "c"]}, "“answers” needs exactly 4 texts."),
        ({"answers": "abcd"}, "“answers” needs exactly 4 texts."),
        ({"stem": ""}, "“stem” needs a text of one line"),
        ({"stem": "two\nlines"}, "“stem” needs a text of one line"),
        ({"stem": "two\u2028lines"}, "“stem” needs a text of one line"),
        ({"stem": "a bell\x07"}, "“stem” needs a text of one line"),
        ({"stem": "half a character \ud83d"}, "“stem” needs a text of one line"),
        ({"stem": 5}, "“stem” needs a text of one line"),
        ({"source": " "}, "“source” needs a text of one line"),
        ({"licence": ""}, "“licence” needs a text of one line"),
        ({"language": "en"}, "The language is a code"),
        ({"language": "Hindi"}, "The language is a code"),
        ({"version": "en-1"}, "The version is a short name"),
        ({"version": "a b"}, "The version is a short name"),
        ({"instrument": "bdi"}, "The instrument is one of phq9, gad7."),
        ({"more": 1}, "The file needs exactly these fields"),
    ],
)
def test_a_file_that_does_not_fit_changes_nothing(
    clinic: FakeClinic, tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        clinic.services.instruments.load(written(tmp_path, **changes))
    assert clinic.services.clinic.profile().wordings == ()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 5000])
def test_what_is_no_such_file_is_told(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_wording(content)


def test_a_huge_file_is_not_read_whole() -> None:
    with pytest.raises(InvalidInput, match="too large"):
        read_wording(b" " * (LARGEST_FILE + 1))


def test_a_missing_file_is_told(clinic: FakeClinic, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        clinic.services.instruments.load(tmp_path / "nothing.json")


def test_changed_words_need_a_version_of_their_own(clinic: FakeClinic, tmp_path: Path) -> None:
    load = clinic.services.instruments.load
    load(written(tmp_path))
    with pytest.raises(InvalidInput, match="Version xx-1 is loaded already with other words"):
        load(written(tmp_path, stem="another stem"))
    load(written(tmp_path, stem="another stem", version="xx-2"))
    (kept,) = clinic.services.clinic.profile().wordings
    assert (kept.version, kept.stem) == ("xx-2", "another stem")


def test_the_answers_count_the_same_and_name_their_words(
    clinic: FakeClinic, tmp_path: Path
) -> None:
    clinic.services.instruments.load(written(tmp_path))
    patient = clinic.add_patient()
    screenings = clinic.services.screenings
    draft = screenings.start(patient.id)
    for item in range(7):
        screenings.answer(draft.id, GAD7, item, 2, AnsweredBy.PATIENT, "xx")
    (response,) = screenings.complete(draft.id, GAD7).responses
    assert (response.language, response.version) == ("xx", "xx-1")
    assert response.score.total == 14
    assert response.score == replace(response, language="en", version="en-1").score


def test_one_administration_is_never_asked_in_two_languages(
    clinic: FakeClinic, tmp_path: Path
) -> None:
    clinic.services.instruments.load(written(tmp_path))
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.answer(draft.id, GAD7, 0, 1, AnsweredBy.PATIENT)
    after = screenings.answer(draft.id, GAD7, 1, 1, AnsweredBy.PATIENT, "xx")
    sheet = after.sheet(GAD7)
    assert sheet is not None
    assert (sheet.language, sheet.version) == ("en", "en-1")


def test_a_language_that_is_not_loaded_is_asked_in_english(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    sheet = screenings.answer(draft.id, GAD7, 0, 1, AnsweredBy.PATIENT, "xx").sheet(GAD7)
    assert sheet is not None
    assert (sheet.language, sheet.version) == ("en", "en-1")


def test_a_removed_translation_is_asked_no_more(clinic: FakeClinic, tmp_path: Path) -> None:
    instruments = clinic.services.instruments
    instruments.load(written(tmp_path))
    assert [one.language for one in instruments.wordings()] == ["en", "en", "xx"]
    instruments.remove(GAD7, "xx")
    assert clinic.services.clinic.profile().wordings == ()
    with pytest.raises(NotFound):
        instruments.remove(GAD7, "xx")


def test_english_is_what_ships() -> None:
    assert wording_in((), GAD7, "xx") == english(GAD7)
    assert english(GAD7).answers == ANSWERS
