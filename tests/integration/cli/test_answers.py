"""What commands print: a line to read for people, one document with --json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.cli.clinic import Run

# --- for people ---------------------------------------------------------------------------------


def test_without_json_every_answer_is_a_line_to_read(patient: str, cli: Run) -> None:
    own = ("--patient", patient)
    assert cli("safety", "list").out == "No safety steps are open.\n"
    assert cli("screenings", "list").out == "There are no screenings.\n"
    assert cli("notes", "list", *own).out == "There are no notes.\n"
    note = cli("notes", "add", *own, "--text", "Seen today.").out.strip()
    assert cli("notes", "sign", note).out.strip() == note
    phq9 = ("questionnaire", "record", *own, "--instrument", "phq9", "--replace", "--answers")
    assert cli(*phq9, "1,1,1,1,1,1,1,1,0").out == "PHQ-9: 8 of 27 (mild)\n"
    assert cli(*phq9, ",1,1,1,1,1,1,1,0").out == "PHQ-9: 8 of 27 (mild, prorated)\n"
    assert "PHQ-9: no total, 3 items were not answered." in cli(*phq9, ",,,1,1,1,1,1,0").out
    assert "The safety steps are open and come first: " in cli(*phq9, "1,1,1,1,1,1,1,1,1").out
    listed = cli("screenings", "list", *own).out
    assert "draft" in listed
    assert "safety steps open" in listed
    draft = listed.split()[0]
    judged = cli("screenings", "judge", draft, "--severity", "cannot_tell", "--note", "Later.")
    assert judged.out.startswith(draft)
    assert "Own judgement: cannot tell" in cli("screenings", "show", draft).out


# --- one document, whatever the command ---------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ("patients", "list"),
        ("screenings", "list"),
        ("safety", "list"),
        ("audit", "verify"),
    ],
)
def test_json_is_one_document_and_nothing_else(
    store: Path, cli: Run, command: tuple[str, ...]
) -> None:
    answer = cli(*command, "--json")
    assert answer.err == ""
    json.loads(answer.out)
