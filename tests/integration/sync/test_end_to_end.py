"""From an empty server to plain SQL, all of it through the command line on a real MariaDB."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pymysql
import pytest

from clinic_app.db import image
from clinic_app.db.store import EncryptedStore
from clinic_app.db.vault import FolderVault
from clinic_app.sync.snapshot import load
from tests.integration.cli.clinic import PASSWORD as STAFF_PASSWORD
from tests.integration.cli.clinic import QUICK_ROUNDS, USER, Answer, make_store, run_here
from tests.integration.rounds.clinics import cut_trail
from tests.support.central import ADMIN, PASSWORD, Server
from tests.support.sql import fresh_database

Run = Callable[..., Answer]


@pytest.fixture
def way(central: Server, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("CLINIC_APP_DB_PASSWORD", PASSWORD)
    monkeypatch.setenv("CLINIC_APP_USER", USER)
    monkeypatch.setenv("CLINIC_APP_PASSWORD", STAFF_PASSWORD)
    monkeypatch.setattr("clinic_app.db.vault.open_vault", partial(FolderVault, rounds=QUICK_ROUNDS))
    return [
        *("--host", "localhost", "--port", str(central.port)),
        *("--ca", str(central.authority_file)),
        *("--admin-user", ADMIN, "--database", fresh_database()),
    ]


@pytest.fixture
def done(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command that has to succeed."""

    def run(*words: str | Path) -> Answer:
        answer = run_here(capsys, *words)
        assert answer.code == 0, (words, answer)
        return answer

    return run


@pytest.fixture
def server(done: Run, way: list[str]) -> Run:
    return lambda *words: done("server", *words, *way)


@pytest.fixture
def laptops(done: Run, server: Run, tmp_path: Path) -> tuple[Run, Run]:
    """Two laptops with stores of their own that have joined a new centre."""
    server("init", "--clinic-name", "Harbour Clinic")
    return _joined("North", done, server, tmp_path), _joined("South", done, server, tmp_path)


def _joined(name: str, done: Run, server: Run, folder: Path) -> Run:
    make_store(folder / name)
    file = folder / f"{name}.enrolment"
    server("enroll", name, "-o", str(file))
    laptop: Run = lambda *words: done(*words, "--store", folder / name)  # noqa: E731
    laptop("sync", "join", file)
    file.unlink()
    return laptop


def register(laptop: Run, family_name: str) -> str:
    added = laptop(
        *("patients", "add", "--family-name", family_name, "--given-name", "Ana"),
        *("--birth-date", "1990-02-03", "--json"),
    )
    return str(added.json["id"])


def reported(way: list[str], central: Server, account: dict[str, str], query: str) -> Any:
    """Plain SQL as the reporting account, the way any program would ask."""
    with (
        pymysql.connect(
            host="localhost",
            port=central.port,
            user=account["account"],
            password=account["password"],
            database=way[-1],
            ssl={"ca": str(central.authority_file), "check_hostname": True},
        ) as line,
        line.cursor() as cursor,
    ):
        cursor.execute(query)
        return cursor.fetchall()


def families(laptop: Run) -> set[str]:
    return {one["family_name"] for one in laptop("patients", "list", "--json").json}


def test_from_init_to_plain_sql(
    laptops: tuple[Run, Run], server: Run, way: list[str], central: Server
) -> None:
    north, south = laptops
    one, other = register(north, "García"), register(south, "Ødegård")
    north("notes", "add", "--patient", one, "--text", "Sleeping better")
    note = north("notes", "list", "--patient", one, "--json").json[0]["id"]
    north("notes", "sign", note)
    south("appointments", "request", "--patient", other, "--reason", "First visit")
    south("feedback", "add", "--rating", "4", "--text", "Kind people")
    for laptop in (north, south, north):
        laptop("sync")
    assert families(north) == families(south) == {"García", "Ødegård"}
    south("sync", "status", "--json")

    server("project")
    account = server("account", f"report_{way[-1][-12:]}", "--json").json
    ask = partial(reported, way, central, account)
    assert set(ask("SELECT family_name, id FROM patient")) == {("García", one), ("Ødegård", other)}
    assert ask("SELECT patient_id, state, words FROM note") == ((one, "signed", "Sleeping better"),)
    assert ask("SELECT patient_id, state, reason FROM appointment") == (
        (other, "requested", "First visit"),
    )
    assert ask("SELECT kind, rating, words FROM feedback") == (("rating", 4, "Kind people"),)
    assert ask("SELECT COUNT(*) FROM screening") == ((0,),)
    for forbidden in ("SELECT * FROM ops", "SELECT * FROM clinic_key", "DELETE FROM patient"):
        with pytest.raises(pymysql.OperationalError):
            ask(forbidden)


def test_projecting_costs_what_is_new(
    laptops: tuple[Run, Run], server: Run, tmp_path: Path
) -> None:
    north, _ = laptops
    for number in range(5):
        register(north, f"Patient {number}")
    north("sync")
    assert server("project", "--json").json["written"] == 5
    assert server("project", "--json").json == {
        "pulled": 0,
        "written": 0,
        "removed": 0,
        "blanked": 0,
        "swept": 0,
        "held": {},
        "unfit": 0,
        "left_out": 0,
        "troubles": [],
        "audit_gaps": [],
    }
    register(north, "Late")
    north("sync")
    again = server("project", "--json").json
    assert (again["written"], again["removed"]) == (1, 0)


def test_the_private_copy_can_be_thrown_away(
    laptops: tuple[Run, Run], server: Run, way: list[str], central: Server
) -> None:
    from clinic_app.cli.server_options import key_folder

    north, _ = laptops
    register(north, "García")
    north("sync")
    clinic = server("status", "--json").json["clinic_id"]
    server("project")
    copy = key_folder() / f"{clinic}.copy"
    assert b"Garc" not in b"".join(path.read_bytes() for path in copy.iterdir() if path.is_file())
    shutil.rmtree(copy)
    again = server("project", "--json").json
    assert again["pulled"] > 0
    assert again["written"] == 0, "the tables were up to date"


def test_what_a_withdrawn_workstation_wrote_too_late_is_reported_nowhere(
    laptops: tuple[Run, Run], server: Run, way: list[str], central: Server
) -> None:
    north, south = laptops
    register(south, "Before")
    south("sync")
    server("project")
    with central.root(way[-1]) as root, root.cursor() as cursor:
        cursor.execute("SELECT MAX(epoch), MAX(seq) FROM ops WHERE origin = 2")
        epoch, seq = cursor.fetchone() or (0, 0)
    register(south, "Late")
    south("sync")
    assert server("project", "--json").json["written"] == 1
    with central.root(way[-1]) as root, root.cursor() as cursor:
        cursor.execute(
            "UPDATE workstation SET revoked_at = UTC_TIMESTAMP(6), revoked_epoch = %s,"
            " revoked_seq = %s WHERE id = 2",
            (epoch, seq),
        )
    server("project")
    north("sync")
    account = server("account", f"report_{way[-1][-12:]}", "--json").json
    names = {name for (name,) in reported(way, central, account, "SELECT family_name FROM patient")}
    assert names == families(north) == {"Before"}


def test_erased_words_leave_the_centre_too(
    laptops: tuple[Run, Run], server: Run, way: list[str], central: Server
) -> None:
    """What an unsigned draft said goes from the log; its chain stays whole for every reader."""
    north, south = laptops
    patient = register(north, "García")
    north("notes", "add", "--patient", patient, "--text", "Words to be forgotten")
    north("sync")
    server("project")
    before = server("snapshot", "--json").json
    assert kept_snapshots(central, way) == [before["operations"]]
    request = north("erasure", "ask", "--patient", patient, "--json").json["id"]
    north("erasure", "complete", request)
    north("sync")
    assert server("project", "--json").json["blanked"] > 0
    assert server("project", "--json").json["blanked"] == 0
    account = server("account", f"report_{way[-1][-12:]}", "--json").json
    words = reported(way, central, account, "SELECT words FROM note")
    assert "forgotten" not in str(words)
    (after,) = kept_snapshots(central, way)
    assert after > before["operations"], "the old one still held the words"
    south("sync")
    assert south("notes", "list", "--patient", patient, "--json").code == 0
    register(north, "Later")
    north("sync")
    south("sync")
    assert families(south) >= {"Later"}


def test_the_status_says_of_a_snapshot_that_somebody_altered_that_nobody_signed_it(
    laptops: tuple[Run, Run], server: Run, way: list[str], central: Server
) -> None:
    north, _ = laptops
    north("sync")
    server("snapshot")
    with central.root(way[-1]) as root, root.cursor() as cursor:
        cursor.execute("UPDATE snapshot SET signature = %s", (bytes(64),))
        root.commit()
    told = server("status", "--json").json["snapshot"]
    assert told["signed_by"] is None
    assert "not made with the clinic's root key" in told["trouble"]
    assert "not made with the clinic's root key" in server("status").out


def kept_snapshots(central: Server, way: list[str]) -> list[int]:
    """How many operations each snapshot at the centre holds."""
    with central.root(way[-1]) as root, root.cursor() as cursor:
        cursor.execute("SELECT heads FROM snapshot")
        every = [json.loads(row[0]) for row in cursor.fetchall()]
    return [sum(head[2] for head in one["vector"]) for one in every]


def test_a_new_laptop_begins_from_the_snapshot(
    laptops: tuple[Run, Run],
    done: Run,
    server: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    north, south = laptops
    for name in ("García", "Okafor", "Sato"):
        north("notes", "add", "--patient", register(north, name), "--text", "Sleeping better")
    north("sync")
    assert server("status", "--json").json["snapshot"] is None
    assert "none; new workstations read the whole log" in server("status").out
    made = server("snapshot", "--json").json
    assert made["operations"] == server("status", "--json").json["operations"]
    assert made["troubles"] == []
    register(north, "Later")
    north("sync")
    status = server("status", "--json").json
    told = status["snapshot"]
    assert {name: told[name] for name in ("operations", "bytes", "parts", "made_at")} == {
        name: made[name] for name in ("operations", "bytes", "parts", "made_at")
    }
    assert (told["signed_by"], told["trouble"]) == ("root key", None)
    assert told["operations_since"] == status["operations"] - made["operations"] > 0
    assert sum(one["seq"] for one in told["reaches"]) == made["operations"]
    assert "signed with the clinic's root key; " in server("status").out
    loaded: list[int] = []

    def take_image(store: Any, path: Path, key: bytes, heads: Any, tell: Any) -> None:
        image.take_image(store, path, key, heads, tell)
        loaded.append(sum(head.seq for head in heads))

    monkeypatch.setattr(load, "WORTH_FROM", 1)
    monkeypatch.setattr(load, "take_image", take_image)
    west = _joined("West", done, server, tmp_path)
    assert loaded == [made["operations"]]
    south("sync")
    assert families(west) == families(south) == {"García", "Okafor", "Sato", "Later"}
    register(west, "From the west")
    west("sync")
    north("sync")
    assert "From the west" in families(north)
    assert "snapshot of" in server("snapshot").out


def test_a_cut_audit_trail_is_found_at_the_centre(
    laptops: tuple[Run, Run], server: Run, tmp_path: Path
) -> None:
    north, _ = laptops
    north("sync")
    assert server("project", "--json").json["audit_gaps"] == []
    store = FolderVault(tmp_path / "North", rounds=QUICK_ROUNDS).unlock(USER, STAFF_PASSWORD)
    assert isinstance(store, EncryptedStore)
    cut_trail(store, after=1)
    store.close()
    north("sync")
    (gap,) = server("project", "--json").json["audit_gaps"]
    assert "The audit trail of workstation “North” is shorter than what it told on" in gap
