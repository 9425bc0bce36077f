"""Two laptops and their centre, with nothing but commands, as an operator sets them up."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path

import pytest

from clinic_app.db.vault import FolderVault
from tests.integration.cli.clinic import PASSWORD, QUICK_ROUNDS, USER, Answer, make_store, run_here
from tests.support.central import ADMIN, Server
from tests.support.central import PASSWORD as SERVER_PASSWORD


class Operator:
    """Types commands on the server and on both laptops."""

    def __init__(self, capsys: pytest.CaptureFixture[str], way: list[str], folder: Path) -> None:
        self._capsys = capsys
        self._way = way
        self.folder = folder

    def server(self, *words: str) -> Answer:
        return run_here(self._capsys, "server", *words, *self._way)

    def at(self, laptop: str, *words: str | Path) -> Answer:
        store = self.folder / laptop
        if not store.exists():
            make_store(store)
        return run_here(self._capsys, *words, "--store", store)

    def enrol(self, laptop: str) -> Path:
        file = self.folder / f"{laptop}.enrolment"
        assert self.server("enroll", laptop, "-o", str(file)).code == 0
        return file


@pytest.fixture
def operator(
    central: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Operator:
    monkeypatch.setattr("clinic_app.db.vault.open_vault", partial(FolderVault, rounds=QUICK_ROUNDS))
    monkeypatch.setenv("CLINIC_APP_DB_PASSWORD", SERVER_PASSWORD)
    monkeypatch.setenv("CLINIC_APP_USER", USER)
    monkeypatch.setenv("CLINIC_APP_PASSWORD", PASSWORD)
    way = [
        *("--host", "localhost", "--port", str(central.port)),
        *("--ca", str(central.authority_file)),
        *("--admin-user", ADMIN, "--database", f"two_{secrets.token_hex(6)}"),
    ]
    made = Operator(capsys, way, tmp_path)
    assert made.server("init", "--clinic-name", "Harbour Clinic").code == 0
    return made


def test_what_is_registered_on_one_laptop_is_found_on_the_other(operator: Operator) -> None:
    for laptop in ("north", "south"):
        joined = operator.at(laptop, "sync", "join", operator.enrol(laptop))
        assert joined.code == 0, joined.err
        assert joined.out.startswith(f"This laptop is workstation {laptop} of localhost:")
    added = operator.at(
        "north",
        *("patients", "add", "--family-name", "Okafor", "--given-name", "Chidi"),
        *("--birth-date", "1990-05-17"),
    )
    assert added.code == 0, added.err
    waiting = operator.at("north", "sync", "status", "--json").json
    assert (waiting["joined"], waiting["trouble"]) == (True, None)
    assert waiting["pending"] > 0
    sent = operator.at("north", "sync", "--json").json
    assert sent["pushed"] >= waiting["pending"]
    assert operator.at("south", "sync").code == 0
    found = operator.at("south", "patients", "list", "--json").json
    assert [one["family_name"] for one in found] == ["Okafor"]
    assert "never" not in operator.at("north", "sync", "status").out
    now = operator.at("north", "sync", "status", "--json").json
    assert now["pending"] == 0
    assert {head["workstation"] for head in now["heads"]} == {"north", "south"}
    assert now["last_success"]
    quiet = operator.at("north", "sync", "--json").json
    assert (quiet["pulled"], quiet["pushed"]) == (0, 0)


def test_a_withdrawn_laptop_is_told_so_in_one_sentence_and_loses_nothing(
    operator: Operator,
) -> None:
    assert operator.at("north", "sync", "join", operator.enrol("north")).code == 0
    assert operator.at("north", "tasks", "add", "Call back").code == 0
    operator.server("revoke", "north")
    assert "withdrawn" in operator.at("north", "sync").trouble
    status = operator.at("north", "sync", "status", "--json").json
    assert "withdrawn" in status["trouble"]
    assert status["pending"] > 0
    assert len(operator.at("north", "tasks", "list", "--json").json) == 1


def test_joining_twice_and_with_another_file_changes_nothing(operator: Operator) -> None:
    file = operator.enrol("north")
    letter = operator.folder / "letter"
    letter.write_text("dear")
    assert "not an enrolment file" in operator.at("north", "sync", "join", letter).trouble
    altered = operator.folder / "altered"
    altered.write_text(file.read_text().replace("north", "south"))
    assert "altered" in operator.at("north", "sync", "join", altered).trouble
    assert not operator.at("north", "sync", "status", "--json").json["joined"]
    assert operator.at("north", "sync", "join", file).code == 0
    assert "joined already" in operator.at("north", "sync", "join", file).trouble
