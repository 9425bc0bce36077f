"""`demo`: the whole path on made-up people, with the shipped models and no display."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import pytest
from pypdf import PdfReader

from clinic_app import app
from clinic_app.services.backup_data import Progress
from clinic_app.services.demo import DEMO_PHRASE, DEMO_USER
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.made_up.clinic import MadeUpClinic
from tests.integration.cli.clinic import Run, run_process


def text_of(pdf: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(pdf).pages).split())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the demo says it has left, after a run in a folder that was not there."""
    done = run_process("demo", "--out", tmp_path_factory.mktemp("demo") / "deep" / "out", "--json")
    assert (done.code, done.err) == (0, "")
    left: dict[str, Any] = done.json
    return left


def test_the_demo_leaves_a_report_a_reading_pictures_and_an_encrypted_store(
    demo: dict[str, Any],
) -> None:
    pdf, record = Path(demo["pdf"]), Path(demo["json"])
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
    pictures = {Path(path).stem: cv2.imread(path) for path in demo["screenshots"]}
    assert set(pictures) == {
        f"{scene}-{look}"
        for scene in ("sign-in", "today", "patient", "result", "estimate", "report")
        for look in ("light", "dark")
    }
    assert {picture.shape for picture in pictures.values()} == {(800, 1280, 3)}
    assert len({picture.tobytes() for picture in pictures.values()}) == len(pictures)
    for scene in ("sign-in", "today", "patient", "result"):
        assert pictures[f"{scene}-light"].mean() > 180 > 90 > pictures[f"{scene}-dark"].mean()
    store = Path(demo["store"])
    assert not (store / "clinic.db").read_bytes().startswith(b"SQLite format 3")


def test_a_demo_is_repeated_also_after_it_was_cut_short(
    demo: dict[str, Any], cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINIC_APP_USER", DEMO_USER)
    monkeypatch.setenv("CLINIC_APP_PASSWORD", DEMO_PHRASE)
    monkeypatch.setenv("CLINIC_APP_STORE", demo["store"])
    (person,) = cli("patients", "list", "--search", "DEMO-PORTRAIT", "--json").json
    own = ("--patient", person["id"])
    gad7 = ("--instrument", "gad7", "--answers", "3,3,3,3,3,3,3")
    left = cli("questionnaire", "record", *own, *gad7, "--json").json["screening_id"]
    assert cli("screenings", "judge", left, "--severity", "none").code == 0

    again = run_process("demo", "--out", Path(demo["store"]).parent, "--json")
    assert again.code == 0, again
    listed = cli("screenings", "list", *own, "--json").json
    assert [one["id"] for one in listed] == [again.json["screening_id"], demo["screening_id"]]
    assert all(one["state"] == "finished" and one["judgement"] for one in listed)
    consent = cli("consent", "show", *own, "--json").json["consent"]
    assert consent["capture"] is consent["analysis"] is True
    assert cli("audit", "verify").code == 0


def test_a_folder_that_cannot_be_made_is_one_sentence(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert cli("demo", "--out", tmp_path / "file").trouble
    assert cli("demo", "--out", tmp_path / "file" / "below").trouble


def test_the_large_demo_clinic_says_how_to_get_in(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def small(out: Path, progress: Progress) -> tuple[FrontDoor, MadeUpClinic]:
        door, made = app.open_demo(out)
        progress(0.5)
        return door, MadeUpClinic(made.services, made.user_name, made.phrase, len(made.patients))

    monkeypatch.setattr(app, "open_seeded", small)
    told = cli("demo", "--seed-clinic", "--out", tmp_path / "out", "--json").json
    assert told == {
        "store": str(tmp_path / "out" / app.SEEDED_FOLDER),
        "user": DEMO_USER,
        "password": DEMO_PHRASE,
        "patients": 6,
        "screenings": 6,
    }
    said = cli("demo", "--seed-clinic", "--out", tmp_path / "out")
    assert "50%" in said.out
    assert f"CLINIC_APP_STORE={told['store']} clinic-app" in said.out
