"""The models that ship, on the sample portrait and on what becomes of it in a clinic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinic_app.domain.errors import ModelRejected
from clinic_app.domain.finding import AbstainReason, Band, Finding, QualityReason
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.camera.live import FaceCamera
from clinic_app.inference.cards import open_model_shelf
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.models import load_stages
from clinic_app.inference.pipeline import open_face_reader
from clinic_app.paths import MODELS, RESOURCES
from clinic_app.services.reading import FaceReader

PORTRAIT = RESOURCES / "samples" / "astronaut.png"


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return open_face_reader(MODELS)


@pytest.fixture(scope="module")
def portrait() -> RgbImage:
    return np.asarray(Image.open(PORTRAIT).convert("RGB"))


@pytest.fixture(scope="module")
def webcam(portrait: RgbImage) -> RgbImage:
    """The portrait at the size of a webcam frame, 110 px between the eyes."""
    picture = Image.fromarray(portrait[20:290]).resize((1229, 648), Image.Resampling.BICUBIC)
    frame = np.full((720, 1280, 3), 90, np.uint8)
    frame[36:684, 26:1255] = np.asarray(picture)
    return frame


def read(reader: FaceReader, folder: Path, image: RgbImage) -> Finding:
    path = folder / "picture.png"
    Image.fromarray(image).save(path)
    return reader.read_file(path).finding


def test_every_shipped_file_is_the_released_one() -> None:
    lines: list[str] = []
    shelf = open_model_shelf(MODELS)
    shelf.verify(lines.append)
    names = {"face", "severity", "style", "landmarks", "geometry", "perceptual", "styles"}
    assert {model.name for model in shelf.models()} == names
    assert len(lines) == len(names)
    for model in shelf.models():
        assert model.licence
        assert model.meaning
        assert shelf.card(model.name).startswith("# ")


def test_the_models_stay_small() -> None:
    assert (
        sum(path.stat().st_size for kind in ("*.onnx", "*.npz") for path in MODELS.rglob(kind))
        < 25_000_000
    )
    assert (MODELS / "perceptual.onnx").stat().st_size <= 6_000_000


def test_a_flipped_byte_in_a_shipped_model_is_refused(tmp_path: Path) -> None:
    for path in MODELS.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(MODELS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    data = bytearray((tmp_path / "severity.onnx").read_bytes())
    data[len(data) // 3] ^= 4
    (tmp_path / "severity.onnx").write_bytes(data)
    with pytest.raises(ModelRejected, match=r"'severity' model is not the one that was released"):
        open_face_reader(tmp_path).read_file(PORTRAIT)


def test_the_smiling_portrait_shows_no_depressive_affect(reader: FaceReader) -> None:
    finding = reader.read_file(PORTRAIT).finding
    assert finding.abstained is None
    assert finding.severity is not None
    assert finding.severity.band is Band.NONE
    low, high = finding.severity.interval
    assert low <= finding.severity.percent <= high
    assert sum(finding.severity.probabilities) == pytest.approx(1.0)
    assert max(finding.emotions, key=lambda name: finding.emotions[name]) == "happiness"
    assert finding.asymmetry is None  # 46 px between the eyes
    assert set(finding.models) == {"face", "landmarks", "style", "severity"}


def test_a_webcam_frame_has_asymmetry_and_its_mirror_image_the_opposite(
    reader: FaceReader, webcam: RgbImage, tmp_path: Path
) -> None:
    straight = read(reader, tmp_path, webcam).asymmetry
    turned = read(reader, tmp_path, np.ascontiguousarray(webcam[:, ::-1])).asymmetry
    assert straight is not None
    assert turned is not None
    for name in ("eye_opening", "brow_height", "lip_corner"):
        value = getattr(straight, f"{name}_percent")
        error = getattr(straight, f"{name}_error")
        assert error > 0
        assert getattr(turned, f"{name}_percent") == pytest.approx(-value, abs=error / 2)


@pytest.mark.parametrize("light", ["dim", "warm", "from the side"])
def test_the_light_does_not_change_the_band(
    reader: FaceReader, webcam: RgbImage, tmp_path: Path, light: str
) -> None:
    shade = {
        "dim": np.array(0.45),
        "warm": np.array([1.0, 0.8, 0.55]),
        "from the side": np.linspace(0.35, 1.2, 1280)[None, :, None],
    }[light]
    lit = np.clip(webcam * shade, 0, 255).astype(np.uint8)
    finding = read(reader, tmp_path, lit)
    assert finding.severity is not None
    assert finding.severity.band is Band.NONE


def test_a_picture_that_is_already_a_face_crop(
    reader: FaceReader, portrait: RgbImage, tmp_path: Path
) -> None:
    crop = np.asarray(
        Image.fromarray(portrait[55:185, 160:290]).resize((200, 200), Image.Resampling.BICUBIC)
    )
    finding = read(reader, tmp_path, crop)
    assert finding.severity is not None
    assert finding.severity.band is Band.NONE


def test_a_face_at_forty_pixels_is_too_small(
    reader: FaceReader, portrait: RgbImage, tmp_path: Path
) -> None:
    small = np.asarray(Image.fromarray(portrait).resize((228, 228)))
    finding = read(reader, tmp_path, small)
    assert finding.abstained is AbstainReason.TOO_SMALL
    assert finding.quality.reasons == (QualityReason.TOO_SMALL,)


def test_two_people_are_nobodys_reading(
    reader: FaceReader, portrait: RgbImage, tmp_path: Path
) -> None:
    pair = np.hstack([portrait[:320], portrait[:320, ::-1]])
    assert read(reader, tmp_path, pair).abstained is AbstainReason.SEVERAL_FACES


class _Still:
    """A camera that shows one frame with a little noise."""

    def __init__(self, frame: RgbImage) -> None:
        self._frame = frame
        self._random = np.random.default_rng(0)

    def read(self) -> RgbImage:
        noise = self._random.normal(0, 3, self._frame.shape)
        return np.clip(self._frame + noise, 0, 255).astype(np.uint8)

    def release(self) -> None: ...


def test_a_burst_is_steady(webcam: RgbImage) -> None:
    camera = FaceCamera(FaceChain(load_stages(MODELS)), _Still(webcam))
    finding = camera.burst(6).finding
    assert finding.frames is not None
    assert finding.frames.accepted_frames == 6
    assert finding.frames.spread_percent is not None
    assert finding.frames.spread_percent < 2
    assert finding.frames.movement is not None
    assert finding.frames.movement < 2
