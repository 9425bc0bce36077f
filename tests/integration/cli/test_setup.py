"""`setup`: an unattended first run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clinic_app.cli.setup import answers_from
from clinic_app.domain.errors import InvalidInput
from tests.integration.cli.clinic import Run

ANSWERS: dict[str, Any] = {
    "clinic": "Harbour Clinic",
    "crisis_contacts": [{"name": "Night line", "phone": "0800 111", "hours": "always"}],
    "deployment_context": "clinic",
    "administrator": {"user": "amina", "password": "quiet-harbour-lamp"},
}


def written(folder: Path, answers: object) -> Path:
    path = folder / "answers.json"
    path.write_text(answers if isinstance(answers, str) else json.dumps(answers), "utf-8")
    return path


def changed(**changes: object) -> dict[str, Any]:
    return {name: value for name, value in {**ANSWERS, **changes}.items() if value is not ...}


def test_a_clinic_is_set_up_and_its_administrator_signs_in(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "store"
    done = cli("setup", "--answers", written(tmp_path, ANSWERS), "--store", folder, "--json")
    assert done.code == 0
    assert done.json["clinic"]["name"] == "Harbour Clinic"
    key = done.json["recovery_key"]
    assert len(key) >= 20
    assert not any(key.encode() in file.read_bytes() for file in folder.iterdir())
    monkeypatch.setenv("CLINIC_APP_USER", "amina")
    monkeypatch.setenv("CLINIC_APP_PASSWORD", "quiet-harbour-lamp")
    assert cli("patients", "list", "--store", folder, "--json").json == []


def test_the_recovery_key_is_printed_once_for_people_too(cli: Run, tmp_path: Path) -> None:
    done = cli("setup", "--answers", written(tmp_path, ANSWERS), "--store", tmp_path / "store")
    assert done.out.count("Recovery key: ") == 1
    assert "not shown again" in done.out
    assert done.err == ""


def test_a_clinic_is_never_set_up_over_another(cli: Run, tmp_path: Path) -> None:
    path, folder = written(tmp_path, ANSWERS), tmp_path / "store"
    assert cli("setup", "--answers", path, "--store", folder).code == 0
    before = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix == ".json"}
    assert "already" in cli("setup", "--answers", path, "--store", folder).trouble
    after = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix == ".json"}
    assert after == before


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "one JSON object"),
        ("7", "one JSON object"),
        (changed(clinic=...), "clinic"),
        (changed(clinic=""), "clinic"),
        (changed(clinic=7), "clinic"),
        (changed(clinic={"address": "x"}), "clinic"),
        (changed(clinic="x" * 81), "longer than 80"),
        (changed(crisis_contacts=...), "crisis_contacts"),
        (changed(crisis_contacts=[]), "crisis_contacts"),
        (changed(crisis_contacts={}), "crisis_contacts"),
        (changed(crisis_contacts=7), "crisis_contacts"),
        (changed(crisis_contacts=[7]), "crisis contact"),
        (changed(crisis_contacts=[{"name": "Night line"}]), "phone"),
        (changed(crisis_contacts=["Night line"]), "crisis contact"),
        (changed(crisis_contacts=[{"name": "A", "phone": "1", "hour": "always"}]), "“hour”"),
        (changed(clinic={"name": "Harbour", "adress": "1 Quay"}), "“adress”"),
        (changed(languages=["hi"]), "“languages”"),
        (changed(deployment_context=...), "deployment_context"),
        (changed(deployment_context="ship"), "deployment_context"),
        (changed(deployment_context=[]), "deployment_context"),
        (changed(administrator=...), "administrator"),
        (changed(administrator="amina"), "administrator"),
        (changed(administrator={"password": "quiet-harbour-lamp"}), "user"),
        (changed(administrator={"user": "amina"}), "password"),
        (changed(administrator={**ANSWERS["administrator"], "name": "Amina"}), "no “name”"),
        (changed(administrator={"user": "amina", "password": "short"}), "at least 12"),
        (changed(administrator={"user": "amina", "password": 123456789012}), "password"),
        (changed(administrator={"user": "a b", "password": "quiet-harbour-lamp"}), "user name"),
        (changed(administrator={"user": "amina", "password": "amina-and-more"}), "user name"),
    ],
)
def test_a_wrong_part_is_named_and_nothing_is_made(
    cli: Run, tmp_path: Path, answers: object, word: str
) -> None:
    folder = tmp_path / "store"
    refused = cli("setup", "--answers", written(tmp_path, answers), "--store", folder, "--json")
    assert word in refused.trouble
    assert refused.out == ""
    assert not folder.exists()


def test_answers_that_are_not_there_or_no_text_are_refused(cli: Run, tmp_path: Path) -> None:
    assert "cannot be read" in cli("setup", "--answers", tmp_path / "none.json").trouble
    assert "cannot be read" in cli("setup", "--answers", tmp_path).trouble
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00\x01")
    assert "not JSON" in cli("setup", "--answers", binary).trouble
    huge = tmp_path / "huge.json"
    huge.write_bytes(b" " * 1_000_001)
    assert "too large" in cli("setup", "--answers", huge).trouble


@pytest.mark.parametrize(
    "contacts",
    [
        [{"name": "Night line", "phone": "0800 111"}],
        {"name": "Night line", "phone": "0800 111"},
        ["Night line: 0800 111"],
        "Night line: 0800 111",
        {"Night line": "0800 111"},
    ],
)
def test_crisis_contacts_may_be_written_in_several_ways(contacts: object) -> None:
    (contact,) = answers_from(changed(crisis_contacts=contacts)).crisis_contacts
    assert (contact.name.strip(), contact.phone.strip()) == ("Night line", "0800 111")


def test_a_clinic_may_have_an_address_and_a_phone() -> None:
    clinic = {"name": "Harbour", "address": "1 Quay", "phone": "0123"}
    answers = answers_from(changed(clinic=clinic))
    assert (answers.clinic_name, answers.address, answers.phone) == ("Harbour", "1 Quay", "0123")
    with pytest.raises(InvalidInput):
        answers_from(changed(clinic={**clinic, "phone": 7}))


@pytest.mark.parametrize(("context", "on"), [("clinic", True), ("school", False)])
def test_the_deployment_context_decides_about_pictures(
    cli: Run, tmp_path: Path, context: str, on: bool
) -> None:
    path = written(tmp_path, changed(deployment_context=context))
    done = cli("setup", "--answers", path, "--store", tmp_path / "store", "--json").json
    assert done["face_module_enabled"] is on
