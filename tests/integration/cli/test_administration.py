"""Backup, restore, users, audit list, retention, erasure and export, as commands."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, USER
from tests.integration.cli.clinic import Run

NEW = "orange-window-tide"


@pytest.fixture
def backup(store: Path, patient: str, cli: Run, tmp_path: Path) -> Path:
    target = tmp_path / "b.clinicbackup"
    made = cli("backup", "-o", target, "--json").json
    assert (made["patients"], made["path"]) == (1, str(target))
    return target


@pytest.fixture
def colleague(store: Path, cli: Run, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CLINIC_APP_NEW_PASSWORD", COLLEAGUE_PASSWORD)
    made = cli("users", "add", COLLEAGUE, "--role", "doctor", "--name", "Tomas Vaz", "--json").json
    assert made["role"] == "doctor"
    return COLLEAGUE


def become(monkeypatch: pytest.MonkeyPatch, user: str, password: str) -> None:
    monkeypatch.setenv("CLINIC_APP_USER", user)
    monkeypatch.setenv("CLINIC_APP_PASSWORD", password)


def test_a_backup_is_drilled_listed_and_brought_back(
    backup: Path, patient: str, cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drilled = cli("backup", "drill", backup, "--json").json
    assert (drilled["passed"], drilled["rebuilt_operations"]) == (True, 3)
    status = cli("backup", "status", "--json").json
    assert (status["last_drill_passed"], status["last_drill_at"]) == (True, drilled["drill_at"])
    (listed,) = cli("backup", "list", tmp_path, "--json").json
    assert (listed["clinic"], listed["sha256"]) == ("Harbour Clinic", drilled["sha256"])
    restored = cli("restore", backup, "--to", tmp_path / "new", "--json").json
    assert (restored["patients"], restored["audit"]["intact"]) == (1, True)
    monkeypatch.setenv("CLINIC_APP_STORE", str(tmp_path / "new"))
    assert [one["id"] for one in cli("patients", "list", "--json").json] == [patient]
    assert cli("audit", "verify", "--json").json["intact"] is True
    assert cli("backup", "status", "--json").json["restored_at"] is not None


def test_people_read_what_a_backup_holds(
    backup: Path, store: Path, cli: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    out = cli("backup", "-o", folder).out
    assert "Patients    1" in out
    assert [path.suffix for path in folder.iterdir()] == [".clinicbackup"]
    assert "1 patients" in cli("backup", "list", folder).out
    assert "no backups" in cli("backup", "list", store).out
    assert "can be restored" in cli("backup", "drill", backup).out
    assert "(passed)" in cli("backup", "status").out
    assert "Harbour Clinic is back" in cli("restore", backup, "--to", tmp_path / "new").out


def test_a_restore_goes_into_the_usual_folder_unless_told_otherwise(
    backup: Path, cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINIC_APP_STORE", str(tmp_path / "usual"))
    assert cli("restore", backup, "--json").json["restored_to"] == str(tmp_path / "usual")
    assert len(cli("patients", "list", "--json").json) == 1
    assert "already" in cli("restore", backup).trouble


def test_a_restore_never_goes_over_a_clinic(backup: Path, store: Path, cli: Run) -> None:
    before = (store / "clinic.db").read_bytes()
    assert "already" in cli("restore", backup, "--to", store).trouble
    assert (store / "clinic.db").read_bytes() == before


def test_a_restore_opens_with_the_recovery_key_of_the_day(
    store: Path, cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = cli("recovery-key", "renew", "--json").json["recovery_key"]
    target = tmp_path / "b"
    assert cli("backup", "-o", target).code == 0
    monkeypatch.delenv("CLINIC_APP_PASSWORD")
    monkeypatch.setenv("CLINIC_APP_RECOVERY_KEY", key)
    assert cli("restore", target, "--to", tmp_path / "new").code == 0
    monkeypatch.setenv("CLINIC_APP_RECOVERY_KEY", key[:-1])
    assert "recovery key" in cli("restore", target, "--to", tmp_path / "other").trouble
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("damage", [b"", b"not a backup at all" * 9])
def test_what_is_no_backup_is_refused_in_one_sentence(
    store: Path, cli: Run, tmp_path: Path, damage: bytes
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(damage)
    for command in (("backup", "drill", wrong), ("restore", wrong, "--to", tmp_path / "new")):
        assert "not a complete backup" in cli(*command).trouble
    assert not (tmp_path / "new").exists()
    assert "cannot be read" in cli("backup", "drill", tmp_path / "missing").trouble


def test_a_backup_needs_a_place(store: Path, cli: Run, tmp_path: Path) -> None:
    assert cli("backup").code == 2
    assert "own folder" in cli("backup", "-o", store / "b").trouble


def test_accounts_are_edited_switched_off_and_on(
    colleague: str, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = cli("users", "edit", colleague, "--title", "Dr", "--role", "counselor", "--json").json
    assert (edited["title"], edited["role"], edited["display_name"]) == (
        "Dr",
        "counselor",
        "Tomas Vaz",
    )
    assert cli("users", "disable", colleague.upper(), "--json").json["active"] is False
    become(monkeypatch, colleague, COLLEAGUE_PASSWORD)
    assert "wrong" in cli("patients", "list").trouble
    become(monkeypatch, USER, PASSWORD)
    assert "switched off" in cli("users", "list").out
    monkeypatch.setenv("CLINIC_APP_NEW_PASSWORD", NEW)
    assert cli("users", "enable", colleague).code == 0
    become(monkeypatch, colleague, NEW)
    assert cli("patients", "list").code == 0
    assert cli("users", "list").trouble
    monkeypatch.setenv("CLINIC_APP_NEW_PASSWORD", "velvet-canyon-drum")
    assert cli("users", "change-password").code == 0
    assert cli("patients", "list").trouble
    become(monkeypatch, colleague, "velvet-canyon-drum")
    assert cli("patients", "list").code == 0


def test_whoever_switches_an_account_off_is_told_of_the_notes_that_nobody_can_read_now(
    patient: str, colleague: str, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    become(monkeypatch, colleague, COLLEAGUE_PASSWORD)
    for text in ("Fewer panics.", "Sleeps better."):
        assert cli("notes", "add", "--patient", patient, "--text", text).code == 0
    become(monkeypatch, USER, PASSWORD)
    off = cli("users", "disable", colleague, "--json").json
    assert off["unsigned_notes"] == {"count": 2, "people": 1, "sealed": 2}
    handing = (
        "users",
        "hand-over-notes",
        colleague,
        "--to",
        USER,
        "--reason",
        "She sees them now.",
    )
    handed = cli(*handing, "--json").json
    assert handed["notes"] == 2
    assert (handed["from"]["user_name"], handed["to"]["user_name"]) == (colleague, USER)
    assert "can read now: 2." in cli(*handing).out
    again = cli("users", "disable", colleague, "--json").json
    assert again["unsigned_notes"]["sealed"] == 0


def test_passwords_are_set_for_a_colleague_and_never_printed(
    colleague: str, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINIC_APP_NEW_PASSWORD", NEW)
    said = cli("users", "reset-password", colleague)
    assert said.code == 0
    assert NEW not in said.out + said.err
    assert "no member of staff" in cli("users", "reset-password", "nobody").trouble
    monkeypatch.setenv("CLINIC_APP_NEW_PASSWORD", "Password1234")
    assert "first that somebody" in cli("users", "reset-password", colleague).trouble
    monkeypatch.delenv("CLINIC_APP_NEW_PASSWORD")
    assert "CLINIC_APP_NEW_PASSWORD" in cli("users", "reset-password", colleague).trouble


def test_the_last_administrator_cannot_be_switched_off(store: Path, cli: Run) -> None:
    assert "own account" in cli("users", "disable", USER).trouble
    assert "only administrator" in cli("users", "edit", USER, "--role", "doctor").trouble


def test_the_audit_trail_is_listed_by_filter_and_page(patient: str, cli: Run) -> None:
    found = cli("audit", "list", "--patient", patient, "--action", "created", "--json").json
    assert [one["subject_id"] for one in found["entries"]] == [patient]
    assert found["entries"][0]["actor"] == "Amina Diallo"
    first = cli("audit", "list", "--limit", "2", "--json").json
    second = cli("audit", "list", "--limit", "2", "--before", first["next_before"], "--json").json
    numbers = [one["number"] for one in (*first["entries"], *second["entries"])]
    assert numbers == list(range(numbers[0], numbers[0] - 4, -1))
    assert cli("audit", "list", "--since", "2999-01-01", "--json").json["entries"] == []
    assert "Amina Diallo" in cli("audit", "list", "--user", USER).out
    assert "The first day “yesterday”" in cli("audit", "list", "--since", "yesterday").trouble


def test_an_audit_page_may_end_on_the_last_day_there_is(store: Path, cli: Run) -> None:
    assert cli("audit", "list", "--until", "9999-12-31", "--json").json["entries"]
    span = ("--since", "2026-03-02", "--until", "2026-03-01")
    assert "before the first" in cli("audit", "list", *span).trouble


def test_a_number_that_no_entry_can_have_accuses_nobody(store: Path, cli: Run) -> None:
    refused = cli("audit", "list", "--before", str(2**63))
    assert (refused.code, "altered" in refused.err) == (2, False)
    assert cli("audit", "list", "--before", str(2**63 - 1), "--json").json["entries"]


def test_retention_is_set_and_run(store: Path, cli: Run) -> None:
    days = ("--kept-images", "30", "--draft-images", "2", "--drafts", "0")
    settings = cli("retention", "set", *days, "--json").json
    assert settings == {"kept_image_days": 30, "draft_image_days": 2, "draft_days": None}
    planned = cli("retention", "dry-run", "--json").json
    kinds = ("kept_images", "draft_images", "drafts", "forms", "transfers")
    counts = dict.fromkeys(kinds, 0)
    assert planned["counts"] == counts
    assert "0 went" in cli("retention", "run").out


def test_an_erasure_is_asked_for_and_refused_or_carried_out(patient: str, cli: Run) -> None:
    asked = cli("erasure", "ask", "--patient", patient, "--json").json
    refused = cli("erasure", "refuse", asked["id"], "--reason", "A court case.", "--json").json
    assert (refused["state"], refused["decision"]) == ("refused", "A court case.")
    again = cli("erasure", "ask", "--patient", patient, "--json").json
    assert "Kept by law" in cli("erasure", "plan", "--patient", patient).out
    assert cli("erasure", "complete", again["id"], "--json").json["state"] == "completed"
    assert [one["state"] for one in cli("erasure", "list", "--json").json] == [
        "completed",
        "refused",
    ]


def test_an_export_warns_and_is_whole(patient: str, cli: Run, tmp_path: Path) -> None:
    out = ("export", "--patient", patient, "-o", tmp_path / "o.zip")
    refused = cli(*out).trouble
    assert ("not encrypted" in refused, "--unprotected" in refused) == (True, True)
    done = cli(*out, "--unprotected", "--json").json
    with zipfile.ZipFile(tmp_path / "o.zip") as archive:
        assert sorted(archive.namelist()) == done["files"]
        bundle = json.loads(archive.read("fhir/bundle.json"))
    assert bundle["entry"][0]["resource"]["name"] == "Harbour Clinic"
    said = cli("export", "--patient", patient, "-o", tmp_path / "folder", "--unprotected")
    assert (said.code, "not encrypted" in said.err) == (0, True)
    assert (tmp_path / "folder" / "fhir" / "bundle.json").is_file()


def test_an_official_translation_is_loaded_listed_and_removed(
    store: Path, cli: Run, tmp_path: Path
) -> None:
    file = tmp_path / "gad7.json"
    wording = {
        "instrument": "gad7",
        "language": "xx",
        "version": "xx-1",
        "source": "A made-up publisher",
        "licence": "For this test",
        "stem": "stem",
        "items": [f"item {number}" for number in range(1, 8)],
        "answers": [f"answer {value}" for value in range(4)],
        "difficulty_item": "difficulty",
        "difficulty_answers": [f"difficulty {value}" for value in range(4)],
    }
    file.write_text(json.dumps(wording), encoding="utf-8")
    loaded = cli("instruments", "load", file, "--json").json
    assert {name: loaded[name] for name in wording} == wording
    assert "xx-1  A made-up publisher; For this test" in cli("instruments", "list").out
    file.write_text(json.dumps({**wording, "items": ["one"]}), encoding="utf-8")
    refused = cli("instruments", "load", file)
    assert refused.code == 1
    assert "“items” needs exactly 7 texts." in refused.err
    assert cli("instruments", "remove", "gad7", "xx", "--json").json["version"] == "xx-1"
    assert len(cli("instruments", "list", "--json").json) == 2
