"""`models`, `evaluate`, `doctor`: the shipped models and the state of the installation."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from clinic_app.cli import checks, doors
from clinic_app.cli.checks import Verdict
from clinic_app.cli.evaluate import evaluate
from clinic_app.domain.errors import CameraTrouble, CameraUnavailable, ModelRejected
from clinic_app.services.reading import CameraDevice
from tests.fakes.reading import FakeFaceReader, FakeModelShelf
from tests.integration.cli.clinic import Run


def test_the_shipped_models_are_listed_verified_and_have_cards(cli: Run) -> None:
    listed = cli("models", "list", "--json").json
    names = {model["name"] for model in listed}
    assert {"severity", "style", "landmarks"} <= names
    assert all(len(model["sha256"]) == 64 for model in listed)
    verified = cli("models", "verify", "--json").json
    assert verified["ok"] is True
    assert len(verified["checks"]) == len(listed)
    for name in ("severity", "style", "landmarks"):
        assert name in cli("models", "list").out
        assert len(cli("models", "card", name).out) > 500
        assert cli("models", "card", name, "--json").json["name"] == name


@pytest.mark.parametrize("name", ["nothing", "", "../../etc/passwd", "x" * 300])
def test_a_card_that_is_not_there_is_one_sentence(cli: Run, name: str) -> None:
    assert cli("models", "card", name).trouble


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 not really", b"text", b"\x93NUMPY\x01\x00 not really either"]
)
def test_data_that_cannot_be_evaluated_is_one_sentence(
    cli: Run, tmp_path: Path, content: bytes
) -> None:
    data = tmp_path / "data.npz"
    data.write_bytes(content)
    assert cli("evaluate", data, "--json").trouble
    assert cli("evaluate", tmp_path / "missing.npz").trouble
    assert cli("evaluate", tmp_path).trouble


def test_the_models_are_measured_on_labelled_faces(cli: Run, tmp_path: Path) -> None:
    chance = np.random.default_rng(5)
    data = tmp_path / "faces.npz"
    pictures = chance.integers(0, 255, (40, 48, 48), dtype=np.uint8)
    encoded = [cv2.imencode(".png", picture)[1].ravel() for picture in pictures]
    votes = chance.integers(0, 10, (40, 10))
    votes[::2] = [0, 0, 0, 10, 0, 0, 0, 0, 0, 0]  # every second face is sad to all raters
    np.savez(
        data,
        blob=np.concatenate(encoded),
        offset=np.cumsum([0, *map(len, encoded)]),
        ferplus_votes=votes,
        split=np.repeat([0, 1], 20),
    )
    measured = cli("evaluate", data, "--split", "1", "--json")
    assert measured.code == 0, measured
    assert measured.json["split"] == 1
    assert "severity" in measured.json["models"]
    assert "data: faces.npz" in cli("evaluate", data, "--split", "1").out
    assert cli("evaluate", data, "--split", "9").trouble


def test_how_far_a_measurement_has_come_is_shown_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def measured(*asked: object) -> dict[str, int]:
        tell = asked[-1]
        assert callable(tell)
        tell(0.5)
        return {"n": 1}

    monkeypatch.setattr("clinic_app.inference.evaluate.evaluate", measured)
    for stream, drawn in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        evaluate(tmp_path / "faces.npz", None, as_json=True)
        assert ("Measuring  50%" in stream.getvalue()) is drawn


def test_one_array_is_no_data_file(cli: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", np.zeros(3))
    assert "not a readable .npz" in cli("evaluate", tmp_path / "one.npy").trouble


# --- doctor -------------------------------------------------------------------------------------


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch, reader: FakeFaceReader) -> FakeModelShelf:
    """A sound installation with a camera; the slow start of Qt is left to its own test."""
    shelf = FakeModelShelf()
    monkeypatch.setattr(doors, "model_shelf", lambda: shelf)
    monkeypatch.setattr(checks, "qt_starts", lambda: checks.Check("Qt", Verdict.OK, "starts"))
    monkeypatch.setattr(
        checks, "qt_libraries", lambda: checks.Check("Qt libraries", Verdict.OK, "found")
    )
    return shelf


def found(answer: dict[str, object], name: str) -> dict[str, str]:
    listed = answer["checks"]
    assert isinstance(listed, list)
    (check,) = [one for one in listed if one["name"] == name]
    return dict(check)


def test_a_sound_installation_is_in_order(store: Path, cli: Run, sound: FakeModelShelf) -> None:
    answer = cli("doctor", "--json")
    assert (answer.code, answer.json["ok"]) == (0, True)
    assert found(answer.json, "Camera")["found"] == "Built-in camera"
    assert found(answer.json, "Store")["verdict"] == "ok"
    assert "Everything is in order." in cli("doctor").out


def test_a_rejected_model_is_named_with_the_fix_and_code_1(
    store: Path, cli: Run, sound: FakeModelShelf
) -> None:
    sound.trouble = ModelRejected("The model severity.onnx was altered.")
    answer = cli("doctor", "--json")
    assert (answer.code, answer.json["ok"]) == (1, False)
    check = found(answer.json, "Models")
    assert check["verdict"] == "wrong"
    assert "altered" in check["found"]
    assert check["fix"]
    assert "WRONG  Models" in cli("doctor").out


def test_a_missing_camera_is_only_a_note(
    store: Path, cli: Run, sound: FakeModelShelf, reader: FakeFaceReader
) -> None:
    for devices in ([], [CameraDevice(0, "Beauty cam", virtual=True)]):
        reader.devices = devices
        answer = cli("doctor", "--json")
        assert answer.code == 0
        assert found(answer.json, "Camera")["verdict"] == "note"


def test_cameras_that_cannot_be_listed_are_only_a_note(
    store: Path, cli: Run, sound: FakeModelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(FakeFaceReader):
        def cameras(self) -> list[CameraDevice]:
            raise CameraUnavailable(CameraTrouble.BUSY, "The cameras cannot be listed.")

    monkeypatch.setattr(doors, "face_reader", Broken)
    assert found(cli("doctor", "--json").json, "Camera")["found"] == "The cameras cannot be listed."


def test_a_store_folder_that_others_can_open_is_wrong(
    store: Path, cli: Run, sound: FakeModelShelf
) -> None:
    store.chmod(0o755)
    answer = cli("doctor", "--json")
    assert answer.code == 1
    check = found(answer.json, "Store folder")
    assert (check["verdict"], check["fix"]) == ("wrong", "chmod 700 store")


def test_a_folder_without_a_clinic_is_a_note_and_stays_as_it_is(
    cli: Run, sound: FakeModelShelf, tmp_path: Path
) -> None:
    nowhere = tmp_path / "deep" / "nowhere"
    answer = cli("doctor", "--store", nowhere, "--json")
    assert answer.code == 0
    assert found(answer.json, "Store")["verdict"] == "note"
    assert not (tmp_path / "deep").exists()


def test_a_folder_that_cannot_be_is_wrong(cli: Run, sound: FakeModelShelf) -> None:
    answer = cli("doctor", "--store", "x" * 5000, "--json")
    assert answer.code == 1
    assert found(answer.json, "Store")["verdict"] == "wrong"


def test_a_nearly_full_disk_is_wrong(
    store: Path, cli: Run, sound: FakeModelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "FREE_SPACE_WANTED", 10**18)
    check = found(cli("doctor", "--json").json, "Disk")
    assert (check["verdict"], bool(check["fix"])) == ("wrong", True)


def test_missing_fonts_are_named(
    store: Path, cli: Run, sound: FakeModelShelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checks, "RESOURCES", tmp_path)
    assert "NotoSans-Regular.ttf" in found(cli("doctor", "--json").json, "Fonts")["found"]


def test_an_old_python_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.python_version().verdict is Verdict.OK
    monkeypatch.setattr(checks, "OLDEST_PYTHON", (4, 0))
    assert checks.python_version().verdict is Verdict.WRONG


def test_missing_libraries_are_named_with_the_line_that_installs_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(checks, "_loads", lambda library: not library.startswith("libxcb-cursor"))
    check = checks.qt_libraries()
    assert (check.verdict, check.fix) == (
        Verdict.WRONG,
        "sudo apt-get install -y libxcb-cursor0",
    )
    monkeypatch.setattr(checks, "_loads", lambda library: True)
    assert checks.qt_libraries().verdict is Verdict.OK
    monkeypatch.setattr("sys.platform", "win32")
    assert checks.qt_libraries().found == "come with Qt"


def test_a_library_that_is_not_there_does_not_load() -> None:
    assert not checks._loads("libnothing-of-this-name.so.99")


def test_qt_starts_in_a_process_of_its_own() -> None:
    assert checks.qt_starts() == checks.Check("Qt", Verdict.OK, "starts")


def no_process(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
    raise OSError


def too_slow(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
    raise subprocess.TimeoutExpired("python", 60)


def fails(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], 1, "", "trace\nImportError: libEGL.so.1 is missing\n")


@pytest.mark.parametrize("run", [no_process, too_slow, fails])
def test_a_qt_that_does_not_start_is_wrong(
    run: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", run)
    check = checks.qt_starts()
    assert check.verdict is Verdict.WRONG
    assert check.fix
