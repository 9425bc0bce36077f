"""An official translation is taken over whole or not at all, and never changes a score."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, NotFound, WrongPassword
from clinic_app.domain.questionnaires import ANSWERS, AnsweredBy, InstrumentName, Response
from clinic_app.domain.record_codec import from_plain, to_plain
from clinic_app.domain.wordings import LARGEST_FILE, Wording, english, read_wording, wording_in
from clinic_app.ui.screens.screening.questionnaire.presenter import sheet_state
from tests.fakes.clinic import PASSWORD, FakeClinic

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
    loaded = clinic.services.instruments.load(path, PASSWORD)
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
        clinic.services.instruments.load(written(tmp_path, **changes), PASSWORD)
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
        clinic.services.instruments.load(tmp_path / "nothing.json", PASSWORD)


def test_changed_words_need_a_version_of_their_own(clinic: FakeClinic, tmp_path: Path) -> None:
    load = clinic.services.instruments.load
    load(written(tmp_path), PASSWORD)
    with pytest.raises(InvalidInput, match="Version xx-1 is loaded already with other words"):
        load(written(tmp_path, stem="another stem"), PASSWORD)
    load(written(tmp_path, stem="another stem", version="xx-2"), PASSWORD)
    (kept,) = clinic.services.clinic.profile().wordings
    assert (kept.version, kept.stem) == ("xx-2", "another stem")


def test_the_answers_count_the_same_and_name_their_words(
    clinic: FakeClinic, tmp_path: Path
) -> None:
    clinic.services.instruments.load(written(tmp_path), PASSWORD)
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
    clinic.services.instruments.load(written(tmp_path), PASSWORD)
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.answer(draft.id, GAD7, 0, 1, AnsweredBy.PATIENT)
    after = screenings.answer(draft.id, GAD7, 1, 1, AnsweredBy.PATIENT, "xx")
    sheet = after.sheet(GAD7)
    assert sheet is not None
    assert (sheet.language, sheet.version) == ("en", "en-1")


def begun(clinic: FakeClinic, shown: Wording | None = None) -> UUID:
    """A draft with the first answer given, in the made-up language."""
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.answer(draft.id, GAD7, 0, 1, AnsweredBy.PATIENT, "xx", shown)
    return draft.id


def answered(clinic: FakeClinic, draft_id: UUID) -> Response:
    """The rest is answered and handed in."""
    screenings = clinic.services.screenings
    for item in range(1, 7):
        screenings.answer(draft_id, GAD7, item, 1, AnsweredBy.PATIENT, "xx")
    (response,) = screenings.complete(draft_id, GAD7).responses
    screenings.finish(draft_id)
    return response


@pytest.mark.parametrize("meanwhile", ["replaced", "removed"])
def test_what_is_loaded_midway_changes_no_word_of_what_was_begun(
    clinic: FakeClinic, tmp_path: Path, meanwhile: str
) -> None:
    first = clinic.services.instruments.load(written(tmp_path), PASSWORD)
    draft_id = begun(clinic)
    if meanwhile == "replaced":
        clinic.services.instruments.load(
            written(tmp_path, stem="another", version="xx-2"), PASSWORD
        )
    else:
        clinic.services.instruments.remove(GAD7, "xx", PASSWORD)
    sheet = clinic.services.screenings.draft(draft_id).sheet(GAD7)
    assert sheet_state(GAD7, sheet, clinic.services.clinic.profile().wordings).wording == first
    response = answered(clinic, draft_id)
    named = (response.language, response.version, response.wording_sha256)
    assert named == ("xx", "xx-1", first.fingerprint)


def test_a_first_load_midway_leaves_english_what_was_begun_in_english(
    clinic: FakeClinic, tmp_path: Path
) -> None:
    draft_id = begun(clinic)
    clinic.services.instruments.load(written(tmp_path), PASSWORD)
    response = answered(clinic, draft_id)
    named = (response.language, response.version, response.wording_sha256)
    assert named == ("en", "en-1", english(GAD7).fingerprint)


def test_what_the_person_read_counts_though_it_was_replaced_before_the_first_answer(
    clinic: FakeClinic, tmp_path: Path
) -> None:
    read = clinic.services.instruments.load(written(tmp_path), PASSWORD)
    clinic.services.instruments.load(written(tmp_path, stem="another", version="xx-2"), PASSWORD)
    response = answered(clinic, begun(clinic, read))
    assert (response.version, response.wording_sha256) == ("xx-1", read.fingerprint)


def test_an_administration_that_is_begun_anew_is_asked_in_the_present_words(
    clinic: FakeClinic, tmp_path: Path
) -> None:
    clinic.services.instruments.load(written(tmp_path), PASSWORD)
    draft_id = begun(clinic)
    second = clinic.services.instruments.load(
        written(tmp_path, stem="another", version="xx-2"), PASSWORD
    )
    take = clinic.services.screenings
    take.answer(draft_id, GAD7, 0, None, AnsweredBy.PATIENT, "xx")
    sheet = take.answer(draft_id, GAD7, 0, 2, AnsweredBy.PATIENT, "xx").sheet(GAD7)
    assert sheet is not None
    assert sheet.wording == second


def test_the_words_of_another_questionnaire_are_refused(clinic: FakeClinic) -> None:
    with pytest.raises(InvalidInput, match="another questionnaire"):
        begun(clinic, english(InstrumentName.PHQ9))


def test_a_form_filled_in_elsewhere_names_no_words(clinic: FakeClinic) -> None:
    draft = clinic.services.screenings.record_questionnaire(
        clinic.add_patient().id, GAD7, (1,) * 7, AnsweredBy.PATIENT
    )
    assert [one.wording_sha256 for one in draft.responses] == [""]


def test_answers_from_before_the_hash_was_kept_can_be_read(clinic: FakeClinic) -> None:
    response = answered(clinic, begun(clinic))
    plain = to_plain(response)
    del plain["wording_sha256"]
    assert from_plain(Response, plain) == replace(response, wording_sha256="")


def test_the_fingerprint_is_of_the_words_alone() -> None:
    one = read_wording(json.dumps(made_up()).encode())
    same = read_wording(json.dumps(made_up(source="Another shelf", version="xx-9")).encode())
    other = read_wording(json.dumps(made_up(difficulty_item="Another")).encode())
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_a_language_that_is_not_loaded_is_asked_in_english(clinic: FakeClinic) -> None:
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    sheet = screenings.answer(draft.id, GAD7, 0, 1, AnsweredBy.PATIENT, "xx").sheet(GAD7)
    assert sheet is not None
    assert (sheet.language, sheet.version) == ("en", "en-1")


def test_a_removed_translation_is_asked_no_more(clinic: FakeClinic, tmp_path: Path) -> None:
    instruments = clinic.services.instruments
    instruments.load(written(tmp_path), PASSWORD)
    assert [one.language for one in instruments.wordings()] == ["en", "en", "xx"]
    instruments.remove(GAD7, "xx", PASSWORD)
    assert clinic.services.clinic.profile().wordings == ()
    with pytest.raises(NotFound):
        instruments.remove(GAD7, "xx", PASSWORD)


def test_without_the_password_no_words_come_or_go_and_the_try_is_audited(
    clinic: FakeClinic, tmp_path: Path
) -> None:
    instruments = clinic.services.instruments
    with pytest.raises(WrongPassword):
        instruments.load(written(tmp_path), "not the password")
    assert clinic.services.clinic.profile().wordings == ()
    loaded = instruments.load(written(tmp_path), PASSWORD)
    with pytest.raises(WrongPassword):
        instruments.remove(GAD7, "xx", "not the password")
    assert clinic.services.clinic.profile().wordings == (loaded,)
    with pytest.raises(WrongPassword):
        clinic.services.clinic.prove("not the password")
    clinic.services.clinic.prove(PASSWORD)
    kinds = [one.kind for one in clinic.store.tables.audit]
    assert kinds.count(AuditKind.SIGN_IN_FAILED) == 3


def test_english_is_what_ships() -> None:
    assert wording_in((), GAD7, "xx") == english(GAD7)
    assert english(GAD7).answers == ANSWERS
