"""A copy of a set-up clinic for each test, with user and password in the environment."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from clinic_app.cli import doors
from clinic_app.db.vault import FolderVault
from clinic_app.domain.errors import UnreadableImage
from clinic_app.domain.finding import AbstainReason
from tests.fakes.reading import FakeFaceReader, png, reading
from tests.integration.cli.clinic import PASSWORD, QUICK_ROUNDS, USER, Run, make_store, run_here


@pytest.fixture(autouse=True)
def _quick_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run here derive keys with few rounds; programs of their own with all of them."""
    quick = partial(FolderVault, rounds=QUICK_ROUNDS)
    monkeypatch.setattr("clinic_app.db.vault.open_vault", quick)


@pytest.fixture(autouse=True)
def _same_answer_to_interrupts() -> Iterator[None]:
    """Commands that open the window change how Ctrl-C ends the program; tests stay as they are."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def made_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "store"
    make_store(folder)
    return folder


@pytest.fixture
def store(made_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "store"
    shutil.copytree(made_store, folder)
    monkeypatch.setenv("CLINIC_APP_STORE", str(folder))
    monkeypatch.setenv("CLINIC_APP_USER", USER)
    monkeypatch.setenv("CLINIC_APP_PASSWORD", PASSWORD)
    return folder


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command here: ``cli("patients", "list").json``."""
    return partial(run_here, capsys)


@pytest.fixture
def patient(store: Path, cli: Run) -> str:
    """The ID of a registered patient."""
    added = cli(
        *("patients", "add", "--family-name", "Okafor", "--given-name", "Chidi"),
        *("--birth-date", "1990-05-17", "--json"),
    )
    identity: str = added.json["id"]
    return identity


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> FakeFaceReader:
    """A face reader without models in the place of the real one."""
    fake = FakeFaceReader()
    monkeypatch.setattr(doors, "face_reader", lambda: fake)
    monkeypatch.setattr("clinic_app.app.LateReader", lambda _: fake)
    return fake


@pytest.fixture
def pictures(tmp_path: Path, reader: FakeFaceReader) -> Path:
    """A folder of files, of which the reader calls some unreadable or without a face."""
    folder = tmp_path / "pictures"
    (folder / "inner").mkdir(parents=True)
    for name in ("b.png", "a.jpg", "inner/c.PNG", "none.png", "broken.jpg", ".hidden.png"):
        (folder / name).write_bytes(png())
    (folder / "no_extension").write_bytes(png())
    (folder / "notes.txt").write_text("not a picture")
    (folder / ".secret").mkdir()
    (folder / ".secret" / "d.png").write_bytes(png())
    reader.readings["none.png"] = reading(abstained=AbstainReason.NO_FACE)
    reader.readings["broken.jpg"] = UnreadableImage("The picture ends too early.")
    return folder
