"""`demo`: the whole path on made-up people, with the shipped models and no display."""

from __future__ import annotations

import json
from pathlib import Path

from pypdf import PdfReader

from clinic_app.services.demo import DEMO_PHRASE, DEMO_USER
from tests.integration.cli.clinic import Run, run_process


def text_of(pdf: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(pdf).pages).split())


def test_the_demo_leaves_a_report_a_reading_and_an_encrypted_store(
    cli: Run, tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "out"
    first = cli("demo", "--out", out, "--json")
    assert (first.code, first.err) == (0, "")
    pdf, record = Path(first.json["pdf"]), Path(first.json["json"])
    text = text_of(pdf)
    for words in (
        "Portrait",
        "PHQ-9",
        "GAD-7",
        "Visible depressive affect",
        "Made-up crisis line",
        "this is not a record of a real person",
        "Page 1 of",
    ):
        assert words in text, words
    (reading,) = json.loads(record.read_text("utf-8"))
    assert reading["path"] == "astronaut.png"
    assert reading["severity"]["probabilities"]["none"] is not None
    store = Path(first.json["store"])
    assert not (store / "clinic.db").read_bytes().startswith(b"SQLite format 3")

    again = cli("demo", "--out", out, "--json")
    assert again.code == 0
    assert again.json["screening_id"] != first.json["screening_id"]
    signed_in = {"CLINIC_APP_USER": DEMO_USER, "CLINIC_APP_PASSWORD": DEMO_PHRASE}
    found = run_process(
        *("patients", "list", "--search", "DEMO-PORTRAIT", "--store", store, "--json"),
        environment=signed_in,
    )
    (person,) = found.json
    listed = run_process(
        *("screenings", "list", "--patient", person["id"], "--store", store, "--json"),
        environment=signed_in,
    )
    assert {one["id"] for one in listed.json} == {
        first.json["screening_id"],
        again.json["screening_id"],
    }
    assert all(one["state"] == "finished" and one["judgement"] for one in listed.json)
    consent = run_process(
        *("consent", "show", "--patient", person["id"], "--store", store, "--json"),
        environment=signed_in,
    )
    assert consent.json["consent"]["capture"] is consent.json["consent"]["analysis"] is True


def test_a_folder_that_cannot_be_made_is_one_sentence(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert cli("demo", "--out", tmp_path / "file").trouble
    assert cli("demo", "--out", tmp_path / "file" / "below").trouble


def test_a_demo_that_was_cut_short_is_taken_up_again(cli: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = cli("demo", "--out", out, "--json").json
    signed_in = {"CLINIC_APP_USER": DEMO_USER, "CLINIC_APP_PASSWORD": DEMO_PHRASE}
    store = first["store"]
    (person,) = run_process(
        *("patients", "list", "--search", "DEMO-PORTRAIT", "--store", store, "--json"),
        environment=signed_in,
    ).json
    draft = run_process(
        *("questionnaire", "record", "--patient", person["id"], "--instrument", "gad7"),
        *("--answers", "3,3,3,3,3,3,3", "--store", store, "--json"),
        environment=signed_in,
    ).json["screening_id"]
    judged = run_process(
        *("screenings", "judge", draft, "--severity", "none", "--store", store),
        environment=signed_in,
    )
    assert judged.code == 0
    assert cli("demo", "--out", out, "--json").json["screening_id"] != draft
