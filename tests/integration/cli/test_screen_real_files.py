"""`screen` with the shipped models on real files, good and bad."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from clinic_app.cli import doors
from clinic_app.paths import MODELS, RESOURCES
from clinic_app.services.reading import FaceReader
from tests.fakes.reading import png
from tests.integration.cli.clinic import Run

SAMPLE = RESOURCES / "samples" / "astronaut.png"


@pytest.fixture(scope="module")
def loaded() -> FaceReader:
    from clinic_app.inference.pipeline import open_face_reader

    return open_face_reader(MODELS)


@pytest.fixture(autouse=True)
def _loaded_once(loaded: FaceReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "face_reader", lambda: loaded)


@pytest.fixture
def portrait() -> np.ndarray:
    return np.asarray(cv2.imread(str(SAMPLE)))


def saved(folder: Path, name: str, picture: np.ndarray) -> Path:
    path = folder / name
    assert cv2.imwrite(str(path), picture)
    return path


def test_the_sample_portrait_is_read_with_every_name(cli: Run) -> None:
    answer = cli("screen", SAMPLE, "--json")
    assert (answer.code, answer.err) == (0, "")
    (result,) = answer.json
    assert result["quality"]["accepted"] is True
    assert result["severity"]["class"] in ("none", "mild", "moderate", "severe")
    assert sum(result["severity"]["probabilities"].values()) == pytest.approx(1, abs=0.001)
    assert sum(result["emotions"].values()) == pytest.approx(1, abs=0.01)
    assert {"severity", "style", "landmarks"} <= set(result["models"])
    assert all(value >= 0 for value in result["timings_ms"].values())


def test_formats_of_one_portrait_are_all_read(
    cli: Run, tmp_path: Path, portrait: np.ndarray
) -> None:
    grey = cv2.cvtColor(portrait, cv2.COLOR_BGR2GRAY)
    alpha = cv2.cvtColor(portrait, cv2.COLOR_BGR2BGRA)
    files = [
        saved(tmp_path, "a.jpg", portrait),
        saved(tmp_path, "b.webp", portrait),
        saved(tmp_path, "c.bmp", portrait),
        saved(tmp_path, "d.tiff", portrait),
        saved(tmp_path, "e.png", grey),
        saved(tmp_path, "f.png", alpha),
        saved(tmp_path, "g.png", portrait.astype(np.uint16) * 257),
    ]
    answer = cli("screen", *files, "--json")
    assert answer.code == 0, answer.err
    assert [Path(one["path"]).name for one in answer.json] == [file.name for file in files]
    assert all(one["severity"]["reason"] != "no_face" for one in answer.json)


def test_no_face_two_faces_and_a_small_face_are_cannot_tell(
    cli: Run, tmp_path: Path, portrait: np.ndarray
) -> None:
    face = portrait[0:256, 96:352]
    small = np.full((480, 640, 3), 120, np.uint8)
    small[200:240, 300:340] = cv2.resize(face, (40, 40), interpolation=cv2.INTER_AREA)
    cases = {
        "no_face": np.full((480, 640, 3), 120, np.uint8),
        "several_faces": np.hstack([portrait, portrait]),
        "too_small": small,
    }
    files = [saved(tmp_path, f"{name}.png", picture) for name, picture in cases.items()]
    answer = cli("screen", *files, "--json")
    assert (answer.code, answer.err) == (0, "")
    for (name, _), result in zip(cases.items(), answer.json, strict=True):
        severity = result["severity"]
        assert (severity["abstained"], severity["class"]) == (True, None)
        # a face of 40 pixels may be too small to be found at all
        assert severity["reason"] in {name, *({"no_face"} if name == "too_small" else ())}


def header_of_60_megapixels() -> bytes:
    """A PNG that says it has 10,000 x 6,000 pixels and brings none of them."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    size = struct.pack(">IIBBBBB", 10_000, 6_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


BAD = {
    "empty.png": b"",
    "text.jpg": b"This is a letter, not a picture.",
    "truncated.png": SAMPLE.read_bytes()[:20_000],
    "truncated.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "one_pixel.png": png(1, 1),
    "sixty_megapixels.png": header_of_60_megapixels(),
    "document.pdf.png": b"%PDF-1.7\n%%EOF",
    "not_a_video.mp4": b"\x00\x00\x00\x18ftypmp42" + bytes(200),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_sentence_and_one_error_object(
    cli: Run, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(BAD[name])
    answer = cli("screen", path, "--json")
    assert answer.trouble
    (result,) = answer.json
    assert set(result) == {"path", "error"}
    assert path.read_bytes() == BAD[name]


def test_a_bad_file_does_not_keep_the_others_from_being_read(cli: Run, tmp_path: Path) -> None:
    for name, content in BAD.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "portrait.png").write_bytes(SAMPLE.read_bytes())
    answer = cli("screen", tmp_path, "--json")
    assert answer.code == 1
    assert len(answer.json) == len(BAD) + 1
    (good,) = [one for one in answer.json if "error" not in one]
    assert good["path"] == str(tmp_path / "portrait.png")


def test_a_path_that_is_no_file_is_an_error(cli: Run, tmp_path: Path) -> None:
    answer = cli("screen", tmp_path / "missing.png", tmp_path / ("x" * 300), "--json")
    assert answer.code == 1
    assert [set(one) for one in answer.json] == [{"path", "error"}] * 2
