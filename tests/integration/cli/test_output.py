"""Output that cannot be written: a full disk, a closed stream, a reader that has gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from clinic_app.cli import output
from clinic_app.paths import ROOT
from tests.integration.cli.clinic import Run
from tests.integration.cli.test_setup import ANSWERS, written


def run(
    *arguments: str | Path, stdout: IO[str] | int, closed: int | None = None
) -> subprocess.CompletedProcess[str]:
    """A command as a program of its own, with one of its streams ``closed``."""

    def close() -> None:
        if closed is not None:
            os.close(closed)

    return subprocess.run(
        [sys.executable, "-m", "clinic_app.cli", *arguments],
        cwd=ROOT,
        stdout=stdout,
        stderr=subprocess.PIPE,
        preexec_fn=close,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def full(tmp_path: Path) -> Iterator[IO[str]]:
    """A file that takes no byte, as on a full disk."""
    path = tmp_path / "output.txt"
    path.touch()
    with path.open("r") as file:
        yield file


@pytest.fixture
def left() -> Iterator[IO[str]]:
    """A pipe whose reader has gone."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as pipe:
        yield pipe


@pytest.mark.parametrize("command", [("patients", "list"), ("patients", "list", "--json")])
def test_a_full_disk_is_one_sentence(store: Path, full: IO[str], command: tuple[str, ...]) -> None:
    done = run(*command, stdout=full)
    (line,) = done.stderr.splitlines()
    assert (done.returncode, line.split(";")[0]) == (1, "The output could not be written")


@pytest.mark.parametrize("command", [("--help",), ("--version",), ("models", "list", "--help")])
def test_help_on_a_full_disk_is_the_same_sentence(full: IO[str], command: tuple[str, ...]) -> None:
    done = run(*command, stdout=full)
    (line,) = done.stderr.splitlines()
    assert (done.returncode, line.split(";")[0]) == (1, "The output could not be written")


def test_a_closed_output_is_the_same_sentence_and_leaves_the_store_sound(
    store: Path, cli: Run
) -> None:
    done = run("patients", "list", stdout=subprocess.PIPE, closed=1)
    assert (done.returncode, done.stdout) == (1, "")
    assert "could not be written" in done.stderr
    assert cli("audit", "verify", "--json").json["intact"] is True


def test_a_sentence_of_trouble_never_reaches_the_output(tmp_path: Path) -> None:
    missing = tmp_path / "missing.png"
    done = run("screen", missing, "--json", stdout=subprocess.PIPE, closed=2)
    assert done.returncode == 1
    assert set(json.loads(done.stdout)[0]) == {"path", "error"}
    wrong = run("patients", "nonsense", stdout=subprocess.PIPE, closed=2)
    assert (wrong.returncode, wrong.stdout) == (2, "")


def test_a_warning_that_nobody_can_read_is_no_trouble(
    left: IO[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", left)
    output.warn("Possible duplicate.")
    output.warn("Another one.")


# --- the recovery key -----------------------------------------------------------------------------


def sign_in_to(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINIC_APP_STORE", str(folder))
    monkeypatch.setenv("CLINIC_APP_USER", ANSWERS["administrator"]["user"])
    monkeypatch.setenv("CLINIC_APP_PASSWORD", ANSWERS["administrator"]["password"])


@pytest.mark.parametrize("where", ["full", "left", "closed"])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_recovery_key_that_was_not_shown_is_said_and_can_be_renewed(
    cli: Run,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    form: tuple[str, ...],
) -> None:
    folder = tmp_path / "store"
    setup = ("setup", "--answers", written(tmp_path, ANSWERS), "--store", folder, *form)
    if where == "closed":
        done = run(*setup, stdout=subprocess.PIPE, closed=1)
    else:
        done = run(*setup, stdout=request.getfixturevalue(where))
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.startswith("The clinic was made, but the recovery key could not be shown")
    assert "clinic-app recovery-key renew" in line
    sign_in_to(folder, monkeypatch)
    assert len(cli("recovery-key", "renew", "--json").json["recovery_key"]) >= 20


def test_a_renewed_recovery_key_opens_and_the_old_one_does_not(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clinic_app.cli.doors import front_door
    from clinic_app.domain.errors import WrongPassword

    folder = tmp_path / "store"
    setup = ("setup", "--answers", written(tmp_path, ANSWERS), "--store", folder, "--json")
    old = cli(*setup).json["recovery_key"]
    sign_in_to(folder, monkeypatch)
    told = cli("recovery-key", "renew")
    assert "not shown again" in told.out
    new = told.out.splitlines()[0].removeprefix("Recovery key: ")
    door = front_door(folder)
    with pytest.raises(WrongPassword):
        door.recover("amina", old, "another-harbour-lamp")
    door.sign_out(door.recover("amina", new, "another-harbour-lamp"))
    monkeypatch.setenv("CLINIC_APP_PASSWORD", "another-harbour-lamp")
    assert cli("audit", "verify", "--json").json["intact"] is True


def test_a_renewed_key_that_was_not_shown_is_said_too(store: Path, full: IO[str]) -> None:
    done = run("recovery-key", "renew", stdout=full)
    assert done.returncode == 1
    assert done.stderr.startswith("The recovery key was renewed, but")
