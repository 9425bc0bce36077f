"""Feedback from the command line, on a real encrypted store."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.integration.cli.clinic import Run

pytestmark = pytest.mark.usefixtures("store")


def test_ratings_are_added_up_and_exported(cli: Run, tmp_path: Path) -> None:
    for rating in (5, 5, 4, 5, 5, 1):
        assert cli("feedback", "add", "--rating", str(rating), "--text", "kind staff").code == 0
    found = cli("feedback", "report", "--json").json
    assert (found["ratings"], found["mean"]) == (6, 4.2)
    assert found["distribution"]["1"] is None
    assert found["themes"] == [{"words": "kind staff", "authors": 6}]
    assert "withheld" in cli("feedback", "report").out
    assert len(cli("feedback", "list", "ratings", "--json").json) == 6
    out = tmp_path / "ratings.csv"
    assert cli("feedback", "export", "ratings", "-o", str(out)).code == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert [row["rating"] for row in csv.DictReader(file)] == ["1", "5", "5", "4", "5", "5"]


def test_an_incident_is_reported_listed_and_closed(cli: Run) -> None:
    made = cli(
        *("feedback", "add", "--incident", "equipment", "--text", "A chair broke.", "--json"),
    ).json
    assert made["open"] is True
    assert "A chair broke." in cli("feedback", "list", "incidents", "--open").out
    assert cli("feedback", "close", made["id"], "--text", "Mended.", "--json").json["open"] is False
    assert "nothing yet" in cli("feedback", "list", "--open").out
    assert "as it stands" in cli("feedback", "close", made["id"], "--text", "Again.").trouble
    opened = cli("feedback", "close", made["id"], "--text", "Broke again.", "--reopen", "--json")
    assert opened.json["open"] is True


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--rating", "4", "--incident", "other"),
        ("--agreement", "agree"),
        ("--incident", "weather", "--text", "rain"),
    ],
)
def test_exactly_one_known_form_is_wanted(cli: Run, wrong: tuple[str, ...]) -> None:
    assert cli("feedback", "add", *wrong).code == 2


def test_what_does_not_fit_is_told_in_a_sentence(cli: Run, tmp_path: Path) -> None:
    assert "between 1 and 5" in cli("feedback", "add", "--rating", "7").trouble
    assert "YYYY-MM" in cli("feedback", "report", "--from", "May").trouble
    missing = str(tmp_path / "no" / "such.csv")
    assert cli("feedback", "export", "ratings", "-o", missing).trouble
