"""A set-up clinic on a real encrypted store, and the command line run on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from clinic_app.cli.program import main
from clinic_app.db.vault import FolderVault
from clinic_app.paths import ROOT
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.storage import OpenStore
from tests.fakes.clinic import PASSWORD, USER, set_up_answers
from tests.fakes.reading import FakeFaceReader, FakeModelShelf
from tests.fakes.reports import FakeRenderer

QUICK_ROUNDS = 1_000
"""Of PBKDF2: enough to test the way in, few enough to test it often."""
NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).strftime("%Y-%m-%d %H:%M")


def make_store(folder: Path) -> None:
    """A clinic of which `USER` is the administrator."""
    vault = FolderVault(folder, rounds=QUICK_ROUNDS)
    door = FrontDoor(vault, FakeFaceReader(), FakeModelShelf(), FakeRenderer())
    door.sign_out(door.set_up(set_up_answers()).services)


def open_store(folder: Path) -> OpenStore:
    """The records themselves, to be closed again before a command is run."""
    return FolderVault(folder, rounds=QUICK_ROUNDS).unlock(USER, PASSWORD)


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout; nothing may stand before or after it."""
        return json.loads(self.out)

    @property
    def trouble(self) -> str:
        """The one sentence on stderr of a command that was refused."""
        assert self.code == 1, (self.code, self.out, self.err)
        (line,) = self.err.splitlines()
        assert line.endswith("."), line
        assert "Traceback" not in self.err
        return line


Run = Callable[..., Answer]


def run_process(
    *arguments: str | bytes | Path,
    environment: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
) -> Answer:
    """The command line as a program of its own, with the present environment and more.

    ``before`` runs in the new process first.
    """
    done = subprocess.run(
        [sys.executable, "-m", "clinic_app.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        preexec_fn=before,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def run_here(capsys: Any, *arguments: str | Path) -> Answer:
    """The command line inside the test's own process."""
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return Answer(code, out, err)


def record(cli: Run, patient: str, answers: str, instrument: str = "phq9") -> object:
    """Hand in a questionnaire; what was printed of it."""
    answer = cli(
        *("questionnaire", "record", "--patient", patient, "--instrument", instrument),
        *("--answers", answers, "--json"),
    )
    assert answer.code == 0, answer
    return answer.json


def consent(cli: Run, patient: str, *purposes: str) -> None:
    """Record what this patient agreed to, in English words."""
    for purpose in purposes:
        what = ("--purpose", purpose, "--language", "en")
        assert cli("consent", "record", "--patient", patient, *what).code == 0
