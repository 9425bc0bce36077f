"""Patients on a real store: added, found, shown, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.domain.ids import new_id
from tests.integration.cli.clinic import Run, record


def add(cli: Run, family_name: str, given_name: str = "Ana", born: str = "1980-02-29") -> str:
    answer = cli(
        *("patients", "add", "--family-name", family_name, "--given-name", given_name),
        *("--birth-date", born, "--json"),
    )
    assert answer.code == 0, answer
    identity: str = answer.json["id"]
    return identity


def test_a_patient_is_added_listed_found_and_shown(store: Path, cli: Run) -> None:
    added = cli(
        *("patients", "add", "--family-name", "Müller", "--given-name", "Åsa"),
        *("--birth-date", "1980-02-29", "--phone", "0123", "--sex", "female"),
        *("--local-number", "A-7", "--json"),
    ).json
    assert added["possible_duplicates"] == []
    for search in ("muller", "asa", "0123", "A-7", "1980-02-29", added["id"]):
        (found,) = cli("patients", "list", "--search", search, "--json").json
        assert found["id"] == added["id"]
    assert cli("patients", "list", "--search", "nobody", "--json").json == []
    shown = cli("patients", "show", added["id"], "--json").json
    assert (shown["family_name"], shown["birth_date"], shown["sex"]) == (
        "Müller",
        "1980-02-29",
        "female",
    )
    assert shown["consent"] == dict.fromkeys(shown["consent"])


def test_without_json_the_first_line_is_the_id(store: Path, cli: Run) -> None:
    arguments = ("--family-name", "Okafor", "--given-name", "Chidi", "--birth-date", "1990-05-17")
    first = cli("patients", "add", *arguments)
    assert cli("patients", "show", first.out.strip()).code == 0
    again = cli("patients", "add", *arguments)
    assert again.code == 0
    assert again.out.strip() != first.out.strip()
    assert "Possible duplicate" in again.err
    assert first.out.strip() in again.err


def test_a_duplicate_is_named_in_json_and_never_blocks(store: Path, cli: Run) -> None:
    first = add(cli, "Okafor")
    second = cli(
        *("patients", "add", "--family-name", "OKAFOR", "--given-name", "Bea"),
        *("--birth-date", "1980-02-29", "--json"),
    )
    assert [one["id"] for one in second.json["possible_duplicates"]] == [first]
    assert second.err == ""


@pytest.mark.parametrize(
    "name", ["张", "أحمد السيد", "प्रिया", "🙂", "O'Brien; DROP TABLE patient;--"]
)
def test_a_name_of_any_script_comes_back_as_it_was(store: Path, cli: Run, name: str) -> None:
    identity = add(cli, name)
    assert cli("patients", "show", identity, "--json").json["family_name"] == name


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--birth-date", "2100-01-01", "between 1890 and today"),
        ("--birth-date", "1989-02-29", "not a day"),
        ("--birth-date", "29.02.1988", "not a day"),
        ("--birth-date", "19880229", "not a day"),
        ("--birth-date", "", "not a day"),
        ("--family-name", "", "Please enter the family name"),
        ("--family-name", " \u200b", "Please enter the family name"),
        ("--family-name", "x" * 81, "longer than 80"),
        ("--phone", "1" * 41, "longer than 40"),
    ],
)
def test_a_wrong_detail_is_one_sentence_and_nothing_is_stored(
    store: Path, cli: Run, option: str, value: str, sentence: str
) -> None:
    details = {"--family-name": "A", "--given-name": "B", "--birth-date": "1990-01-01"}
    details[option] = value
    arguments = [part for pair in details.items() for part in pair]
    refused = cli("patients", "add", *arguments, "--json")
    assert sentence in refused.trouble
    assert refused.out == ""
    assert cli("patients", "list", "--json").json == []


def test_the_newest_patients_come_first_up_to_the_limit(store: Path, cli: Run) -> None:
    names = [f"Name{number}" for number in range(4)]
    for name in names:
        add(cli, name)
    listed = cli("patients", "list", "--limit", "3", "--json").json
    assert [one["family_name"] for one in listed] == names[:0:-1]


def test_lists_are_readable_without_json(store: Path, cli: Run) -> None:
    assert "No patient" in cli("patients", "list").out
    identity = add(cli, "Okafor")
    record(cli, identity, "0,0,0,0,0,0,0,0,1")
    line = cli("patients", "list").out
    assert identity in line
    assert "safety steps open, draft, not assessed" in line
    page = cli("patients", "show", identity).out
    assert "Okafor, Ana" in page
    assert "Safety steps" in page


@pytest.mark.parametrize(
    "command",
    [
        ("patients", "show"),
        ("notes", "sign"),
        ("screenings", "show"),
        ("screenings", "finish"),
        ("screenings", "reveal"),
        ("screenings", "abandon"),
    ],
)
def test_an_id_that_is_none_or_unknown_is_one_sentence(
    store: Path, cli: Run, command: tuple[str, ...]
) -> None:
    assert "is not the ID of a" in cli(*command, "7").trouble
    assert cli(*command, str(new_id())).trouble


@pytest.mark.parametrize(
    "command",
    [
        ("notes", "list"),
        ("notes", "add", "--text", "x"),
        ("consent", "show"),
        ("consent", "record", "--purpose", "capture", "--language", "en"),
        ("screenings", "list"),
        ("questionnaire", "record", "--instrument", "gad7", "--answers", "0,0,0,0,0,0,0"),
    ],
)
def test_a_patient_who_is_not_there_is_one_sentence(
    store: Path, cli: Run, command: tuple[str, ...]
) -> None:
    assert cli(*command, "--patient", str(new_id()), "--json").trouble
