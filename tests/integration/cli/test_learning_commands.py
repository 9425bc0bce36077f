"""`clinic-app learning` on a real encrypted store: from settled cases to a head in use and back."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest

from clinic_app.domain.adjudication import AdjudicationEvent, AdjudicationEventKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.training_export import LIST_END
from clinic_app.training.clinic_set import load_clinic_set, read_withdrawn
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD
from tests.fakes.labelled import READERS, add_case, fill, withdraw
from tests.integration.cli.clinic import Run, open_store

IN_A_RECORD = "This picture is in a record"


@pytest.fixture
def filled(store: Path, cli: Run) -> Path:
    opened = open_store(store)
    try:
        fill(opened.unit_of_work, READERS[0])
    finally:
        opened.close()
    return store


def test_from_settled_cases_to_a_head_in_use_and_back(filled: Path, cli: Run) -> None:
    status = cli("learning", "status", "--json").json
    assert (status["settled"], status["in_use"], status["guard"]["missing"]) == (220, None, [])
    head = cli("learning", "fit", "--json").json["version"]
    assert "not been compared" in cli("learning", "promote", head, "--reason", "x").trouble
    compared = cli("learning", "compare", head, "--json").json
    assert compared["kappa_gain"]["low"] > 0
    promoted = cli("learning", "promote", head, "--reason", "Closer to us.", "--json").json
    assert promoted == {"in_use": head}
    (row,) = cli("learning", "status", "--json").json["heads"]
    assert (row["in_use"], row["against"], row["withdrawn"]) == (True, [], 0)
    members = cli("learning", "members", head, "--json").json
    assert sum(not one["judged"] for one in members) == row["cases"]
    assert sum(one["judged"] for one in members) == compared["cases"]
    same = cli("learning", "fit", "--json").json["version"]
    line = cli("learning", "compare", same).out
    assert f"of the head in use, {head}, better by 0.00 (0.00 to 0.00)" in line
    refused = cli("learning", "promote", same, "--reason", "Newer.").trouble
    assert "not better than the head in use" in refused
    card = cli("learning", "card", head).out
    assert "not a diagnosis" in card
    assert "Closer to us." in card
    assert "In use: no local head" in cli("learning", "rollback", "--reason", "New camera.").out
    assert "No local head" in cli("learning", "rollback", "--reason", "Again.").trouble
    assert "There is no local head" in cli("learning", "card", "local-9").trouble


def test_the_status_says_that_the_head_in_use_holds_a_withdrawn_case(
    filled: Path, cli: Run
) -> None:
    head = cli("learning", "fit", "--json").json
    cli("learning", "compare", head["version"], "--json")
    cli("learning", "promote", head["version"], "--reason", "Closer.", "--json")
    (first, *_) = cli("learning", "members", head["version"], "--json").json
    opened = open_store(filled)
    with opened.unit_of_work() as work:
        withdraw(work, UUID(first["patient_id"]), READERS[0])
        work.commit()
    opened.close()
    said = cli("learning", "status").out
    assert f"In use         {head['version']}, with withdrawn cases (1)" in said


def test_the_training_set_is_written_once_and_read_by_training(
    filled: Path, cli: Run, tmp_path: Path
) -> None:
    out = tmp_path / "set"
    refused = cli("learning", "export", "-o", out).trouble
    assert ("not encrypted" in refused, "--unprotected" in refused) == (True, True)
    made = cli("learning", "export", "-o", out, "--unprotected", "--json").json
    assert (made["cases"], made["crops"]) == (220, 220)
    assert len(load_clinic_set(out)) == 220
    assert "already" in cli("learning", "export", "-o", out, "--unprotected").trouble


def test_whom_to_drop_from_an_exported_set_is_listed(
    filled: Path, cli: Run, tmp_path: Path
) -> None:
    nothing = cli("learning", "export", "--withdrawn")
    assert nothing.out == f"{LIST_END}\n"
    assert nothing.err == "No training set was written yet.\n"
    assert "Please name a new folder" in cli("learning", "export", "--unprotected").err
    out = tmp_path / "set"
    made = cli("learning", "export", "-o", out, "--unprotected", "--json").json
    assert cli("learning", "export", "--withdrawn").out == f"{LIST_END} {made['sha256']}\n"
    opened = open_store(filled)
    with opened.unit_of_work() as work:
        leaving, hiding = work.face_cases.all()[:2]
        withdraw(work, leaving.patient_id, READERS[0])
        withdraw(work, hiding.patient_id, READERS[0], Purpose.KEEP_IMAGES)
        work.commit()
    opened.close()
    told = cli("learning", "export", "--withdrawn")
    sent = [json.loads(line)["case"] for line in (out / "cases.jsonl").read_text().splitlines()]
    *lines, end = told.out.splitlines()
    assert end == f"{LIST_END} {made['sha256']}"
    assert len(lines) == 2
    assert all(line.removesuffix("  crop alone") in sent for line in lines)
    assert sum(line.endswith("  crop alone") for line in lines) == 1
    assert f"{made['sha256'][:16]}: 220 cases, 1 withdrawn, of 1 the crop alone" in told.err
    (found,) = cli("learning", "export", "--withdrawn", "--json").json
    assert (found["sha256"], found["cases"]) == (made["sha256"], 220)
    assert len(found["withdrawn"]) == len(found["crops"]) == 1
    (tmp_path / "gone").write_text(told.out)
    left = load_clinic_set(out).without(read_withdrawn(tmp_path / "gone"))
    assert (len(left), left.crops.count(None)) == (219, 1)
    assert "To drop        2 from earlier training sets" in cli("learning", "status").out
    assert "without -o" in cli("learning", "export", "--withdrawn", "-o", out).err


def test_drift_tells_of_every_month(filled: Path, cli: Run) -> None:
    (version,) = cli("learning", "drift", "--json").json
    assert version["reference"] == 200
    assert version["months"]
    assert "reference: 200" in cli("learning", "drift").out


def test_a_small_clinic_is_told_what_is_missing(store: Path, cli: Run) -> None:
    assert "to fit on" in cli("learning", "fit").trouble
    assert "0 of 20 people to fit on" in cli("learning", "status").out
    assert "No picture" in cli("learning", "drift").out


def test_a_doctor_reads_a_picture_blind(
    store: Path, cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_store(store)
    with opened.unit_of_work() as work:
        case, known = (add_case(work, READERS[0], label=None).id for _ in range(2))
        work.commit()
    opened.close()
    monkeypatch.setenv("CLINIC_APP_NEW_PASSWORD", COLLEAGUE_PASSWORD)
    cli("users", "add", COLLEAGUE, "--role", Role.DOCTOR.value, "--name", "Tomas Vaz", "--json")
    monkeypatch.setenv("CLINIC_APP_USER", COLLEAGUE)
    monkeypatch.setenv("CLINIC_APP_PASSWORD", COLLEAGUE_PASSWORD)
    assert set(cli("learning", "queue", "--json").json["cases"]) == {str(case), str(known)}
    assert "Left to others" in cli("learning", "leave", known).out
    assert "blind reader" in cli("learning", "read", known, "mild").trouble
    assert cli("learning", "queue", "--json").json["cases"] == [str(case)]
    out = tmp_path / "case.png"
    assert "Delete it" in cli("learning", "picture", case, "-o", out).err
    assert out.read_bytes().startswith(b"\x89PNG")
    assert out.stat().st_mode & 0o77 == 0
    drawn = tmp_path / "drawn.png"
    assert IN_A_RECORD in cli("style", "apply", out, drawn, "--style", "ink").trouble
    assert IN_A_RECORD in cli("style", "optimise", out, "ink", drawn).trouble
    assert not drawn.exists()
    assert cli("learning", "read", case, "mild", "--json").json == {"state": "open"}
    assert "0 wait for you" in cli("learning", "queue").out
    assert "read it already" in cli("learning", "read", case, "severe").trouble
    assert "settled" in cli("learning", "agree", case, "mild", "--reason", "x").trouble
    assert "role" in cli("learning", "fit").trouble


def test_what_three_readers_leave_open_is_listed_shown_again_and_settled(
    store: Path, cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINIC_APP_NEW_PASSWORD", COLLEAGUE_PASSWORD)
    cli("users", "add", COLLEAGUE, "--role", Role.DOCTOR.value, "--name", "Tomas Vaz", "--json")
    opened = open_store(store)
    with opened.unit_of_work() as work:
        case = add_case(work, READERS[0], label=None)
        doctor = next(one.id for one in work.users.all() if one.user_name == COLLEAGUE)
        for reader, seen in ((doctor, "none"), (READERS[0], "mild"), (READERS[1], "severe")):
            kind, band = AdjudicationEventKind.READ, ClinicianSeverity(seen)
            event = AdjudicationEvent(
                new_id(), case.id, case.patient_id, kind, case.finished_at, reader, band
            )
            work.adjudications.add(event)
        work.commit()
    opened.close()
    monkeypatch.setenv("CLINIC_APP_USER", COLLEAGUE)
    monkeypatch.setenv("CLINIC_APP_PASSWORD", COLLEAGUE_PASSWORD)
    listed = cli("learning", "queue").out
    assert f"{case.id}  to be settled together: Tomas Vaz none, a colleague mild" in listed
    cli("learning", "picture", case.id, "-o", tmp_path / "case.png")
    assert (tmp_path / "case.png").exists()
    settled = cli("learning", "agree", case.id, "mild", "--reason", "Looked at together.", "--json")
    assert settled.json == {"state": "settled"}
