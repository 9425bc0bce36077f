"""`clinic-app server` on a real MariaDB: made once, repeatable, secrets in private files only."""

from __future__ import annotations

import secrets
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from clinic_app.cli import server_options
from clinic_app.sync.enrolment import read_enrolment
from clinic_app.sync.keys import RootKey
from clinic_app.sync.mysql.connection import Host
from clinic_app.sync.mysql.dial import MysqlDial
from tests.integration.cli.clinic import Answer, run_here, run_process
from tests.support.central import ADMIN, PASSWORD, Server
from tests.support.centre import operations
from tests.support.certificates import Authority

Serve = Callable[..., Answer]


@pytest.fixture
def database() -> str:
    return f"cli_{secrets.token_hex(6)}"


@pytest.fixture
def way(central: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("CLINIC_APP_DB_PASSWORD", PASSWORD)
    return [
        *("--host", "localhost", "--port", str(central.port)),
        *("--ca", str(central.authority_file)),
        *("--admin-user", ADMIN, "--database", database),
    ]


@pytest.fixture
def server(capsys: pytest.CaptureFixture[str], way: list[str]) -> Serve:
    """``server("init")`` with the options of the connection."""
    run = partial(run_here, capsys)
    return lambda *words: run("server", *words, *way)


def test_init_can_be_run_again_and_shows_the_root_key_once(server: Serve, database: str) -> None:
    first = server("init", "--clinic-name", "Harbour Clinic", "--json").json
    again = server("init", "--json").json
    assert first["made"] is True
    assert again["made"] is False
    assert "root_key" not in again
    same = {"clinic_id", "clinic", "database", "server", "schema", "min_schema"}
    assert {name: first[name] for name in same} == {name: again[name] for name in same}
    assert (first["clinic"], first["database"]) == ("Harbour Clinic", database)
    kept = Path(first["root_key_file"])
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.read_text() == first["root_key"] + "\n"
    assert RootKey.typed(first["root_key"].lower().replace("-", " ")).printed() == first["root_key"]


def test_init_in_words_tells_where_the_root_key_lies(server: Serve) -> None:
    answer = server("init")
    (printed,) = [line for line in answer.out.splitlines() if line.startswith("Root key: ")]
    assert RootKey.typed(printed.removeprefix("Root key: "))
    assert str(server_options.key_folder()) in answer.out
    assert "delete that file" in answer.out
    assert "Root key: " not in server("init").out


def test_enrol_with_the_connection_options_alone(
    server: Serve, tmp_path: Path, central: Server
) -> None:
    server("init", "--clinic-name", "Harbour Clinic")
    file = tmp_path / "north.enrolment"
    assert server("enroll", "North", "-o", str(file)).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    enrolment = read_enrolment(file.read_bytes())
    assert (enrolment.workstation_id, enrolment.workstation_name) == (1, "North")
    assert enrolment.clinic_name == "Harbour Clinic"
    assert enrolment.hosts == (Host("localhost", central.port),)
    line = MysqlDial(enrolment)()
    line.push(operations(1, 2))
    assert line.facts().clinic_id == enrolment.clinic_id
    line.close()
    status = server("status", "--json").json
    assert status["operations"] == 2
    assert status["workstations"][0]["name"] == "North"
    assert status["workstations"][0]["received_at"]
    assert "North: 2 operations" in server("status").out


def test_two_workstations_share_the_clinics_key_and_nothing_else(
    server: Serve, tmp_path: Path
) -> None:
    server("init")
    files = [tmp_path / name for name in ("a", "b")]
    for file in files:
        server("enroll", file.name, "-o", str(file))
    one, other = (read_enrolment(file.read_bytes()) for file in files)
    assert one.clinic_key == other.clinic_key
    assert one.workstation_key != other.workstation_key
    assert one.login.account != other.login.account
    assert one.login.password != other.login.password


def test_an_existing_file_is_not_replaced_and_nobody_is_enrolled(
    server: Serve, tmp_path: Path
) -> None:
    server("init")
    file = tmp_path / "north"
    file.write_text("mine")
    assert "not replaced" in server("enroll", "North", "-o", str(file)).trouble
    assert file.read_text() == "mine"
    assert server("status", "--json").json["workstations"] == []


def test_a_refused_enrolment_leaves_no_file(server: Serve, tmp_path: Path) -> None:
    server("init")
    file = tmp_path / "north"
    server("enroll", "North", "-o", str(file))
    second = tmp_path / "second"
    assert "enrolled already" in server("enroll", " North ", "-o", str(second)).trouble
    assert not second.exists()
    assert len(server("status", "--json").json["workstations"]) == 1


def test_enrolling_needs_the_clinics_own_root_key(
    server: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = server("init", "--no-keep-root-key", "--json").json
    assert made["root_key_file"] is None
    enroll = partial(server, "enroll", "North", "-o", str(tmp_path / "north"))
    assert "root key is not on this computer" in enroll().trouble
    monkeypatch.setenv("CLINIC_APP_ROOT_KEY", RootKey.new().printed())
    assert "belongs to another clinic" in enroll().trouble
    mistyped = made["root_key"][:-1] + ("A" if made["root_key"][-1] != "A" else "C")
    monkeypatch.setenv("CLINIC_APP_ROOT_KEY", mistyped)
    assert "compare it again" in enroll().trouble
    monkeypatch.delenv("CLINIC_APP_ROOT_KEY")
    file = tmp_path / "root"
    file.write_text(made["root_key"])
    assert enroll("--root-key-file", str(file)).code == 0


def test_a_withdrawn_workstation_is_told_so(server: Serve, tmp_path: Path) -> None:
    server("init")
    file = tmp_path / "north"
    server("enroll", "North", "-o", str(file))
    assert server("revoke", "North").code == 0
    assert server("revoke", "North", "--json").json["revoked_at"]
    assert "withdrawn" in server("status").out
    assert "No workstation is named" in server("revoke", "South").trouble


@pytest.mark.parametrize("command", ["status", "revoke North", "enroll North -o {}"])
def test_commands_before_init_say_what_to_do(server: Serve, tmp_path: Path, command: str) -> None:
    words = command.format(tmp_path / "x").split()
    assert "server init" in server(*words).trouble


def test_trouble_is_one_sentence_and_never_a_secret(
    server: Serve,
    way: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = tmp_path / "other.pem"
    other.write_text(Authority().pem)
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    replaced = {
        "--ca": [(str(other), "authority"), (str(empty), "no certificate"), ("/none", "read")],
        "--port": [("1", "reached")],
        "--host": [("local:host:x", "reached"), ("localhost:99999", "name of a server")],
        "--database": [("no; drop", "letters, digits"), ("1x", "letters")],
        "--admin-user": [("nobody", "refuses this account")],
    }
    for option, attempts in replaced.items():
        for value, expected in attempts:
            words = list(way)
            words[words.index(option) + 1] = value
            trouble = run_here(capsys, "server", "status", *words).trouble
            assert expected in trouble
            assert PASSWORD not in trouble
    monkeypatch.setenv("CLINIC_APP_DB_PASSWORD", "Пароль")
    assert "refuses this account" in server("status").trouble
    monkeypatch.delenv("CLINIC_APP_DB_PASSWORD")
    assert "CLINIC_APP_DB_PASSWORD" in server("status").trouble


def test_every_workstation_that_cannot_be_followed_is_told_of_beside_the_result(
    server: Serve, tmp_path: Path
) -> None:
    server("init")
    for number, name in enumerate(("North", "South"), 1):
        server("enroll", name, "-o", str(tmp_path / name))
        line = MysqlDial(read_enrolment((tmp_path / name).read_bytes()))()
        line.push(operations(number, 2))
        line.close()
    for command in ("sweep", "project"):
        answer = server(command)
        assert (answer.code, len(answer.err.splitlines())) == (1, 2)
        assert "North" in answer.err
        assert "South" in answer.err
        assert answer.out.startswith("0 ")
        assert len(server(command, "--json").json["troubles"]) == 2


def test_wrong_usage_is_wrong_usage(server: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    assert server("enroll").code == 2
    assert run_here(capsys, "server", "status").code == 2
    assert run_here(capsys, "server").code == 2


def test_the_second_host_is_used_when_the_first_is_gone(
    server: Serve, way: list[str], central: Server
) -> None:
    words = ["--host", "localhost:1", *way]
    assert run_process("server", "init", *words).code == 0
    assert f"localhost:{central.port}" in run_process("server", "status", *words).out


def test_an_unwritable_place_for_the_file_is_said_first(server: Serve, tmp_path: Path) -> None:
    server("init")
    missing = tmp_path / "no" / "such" / "folder"
    assert "cannot be written" in server("enroll", "North", "-o", str(missing)).trouble
    assert server("status", "--json").json["workstations"] == []
