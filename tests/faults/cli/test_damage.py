"""A damaged store, a full disk, an altered model: one sentence, and nothing is changed."""

from __future__ import annotations

import resource  # limits of a process, as POSIX systems have them
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from clinic_app.paths import MODELS, RESOURCES
from tests.integration.cli.clinic import Run, run_process

SAMPLE = RESOURCES / "samples" / "astronaut.png"
STORE_FILE, KEY_FILE = "clinic.db", "keyslots.json"


def plaintext(folder: Path) -> None:
    (folder / STORE_FILE).unlink()
    connection = sqlite3.connect(folder / STORE_FILE)
    connection.execute("CREATE TABLE patient (name TEXT)")
    connection.close()


def truncated(folder: Path) -> None:
    path = folder / STORE_FILE
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def emptied(folder: Path) -> None:
    (folder / STORE_FILE).write_bytes(b"")


def first_page_altered(folder: Path) -> None:
    data = bytearray((folder / STORE_FILE).read_bytes())
    data[100] ^= 1
    (folder / STORE_FILE).write_bytes(data)


def records_gone(folder: Path) -> None:
    (folder / STORE_FILE).unlink()


def keys_gone(folder: Path) -> None:
    (folder / KEY_FILE).unlink()


def keys_garbled(folder: Path) -> None:
    (folder / KEY_FILE).write_bytes(b'{"users": [[[\xff')


def keys_of_another_kind(folder: Path) -> None:
    (folder / KEY_FILE).write_text("[]", "utf-8")


@pytest.mark.parametrize(
    "damage",
    [
        plaintext,
        truncated,
        emptied,
        first_page_altered,
        records_gone,
        keys_gone,
        keys_garbled,
        keys_of_another_kind,
    ],
    ids=lambda damage: damage.__name__,
)
def test_a_damaged_store_is_refused_in_one_sentence_and_left_as_it_is(
    store: Path, cli: Run, damage: Callable[[Path], None]
) -> None:
    damage(store)
    names = (STORE_FILE, KEY_FILE)
    before = {name: (store / name).read_bytes() for name in names if (store / name).exists()}
    for command in (("patients", "list"), ("audit", "verify")):
        refused = cli(*command, "--json")
        assert refused.trouble
        assert refused.out == ""
    after = {name: (store / name).read_bytes() for name in names if (store / name).exists()}
    assert after == before


def test_when_nothing_more_can_be_written_the_change_is_refused_whole(
    store: Path, patient: str, cli: Run
) -> None:
    limit = 64 * 1024

    def no_file_grows_beyond_the_limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    refused = run_process(
        *("notes", "add", "--patient", patient, "--text", "x" * 99_000, "--json"),
        before=no_file_grows_beyond_the_limit,
    )
    assert refused.trouble
    assert refused.out == ""
    assert cli("audit", "verify", "--json").json["intact"] is True
    assert cli("notes", "list", "--patient", patient, "--json").json == []


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    shutil.copytree(MODELS, folder)
    return folder


@pytest.mark.parametrize("name", ["severity.onnx", "style.onnx", "landmarks.onnx"])
def test_a_model_with_one_flipped_byte_is_never_used(
    models: Path, name: str, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytearray((models / name).read_bytes())
    data[len(data) // 2] ^= 1
    (models / name).write_bytes(data)
    monkeypatch.setattr("clinic_app.paths.MODELS", models)
    for command in (("models", "verify"), ("screen", str(SAMPLE), "--json")):
        refused = cli(*command)
        assert name.removesuffix(".onnx") in refused.trouble
    assert refused.out == ""


@pytest.mark.parametrize("damage", ["missing", "not json", "empty folder"])
def test_models_without_a_sound_manifest_are_refused(models: Path, damage: str) -> None:
    if damage == "missing":
        (models / "manifest.json").unlink()
    elif damage == "not json":
        (models / "manifest.json").write_bytes(b"\xff{")
    else:
        shutil.rmtree(models)
        models.mkdir()
    environment = {"CLINIC_APP_MODELS": str(models)}
    assert run_process("screen", SAMPLE, environment=environment).trouble
