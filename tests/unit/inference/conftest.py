"""Models of the real contract, the sample portrait, and pictures in every awkward format."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.intake.photo import read_photo
from clinic_app.inference.models import load_stages
from clinic_app.inference.pipeline import OnnxFaceReader
from clinic_app.paths import RESOURCES
from tests.unit.inference.tiny_models import write_models

PORTRAIT = RESOURCES / "samples" / "astronaut.png"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the real detector and tiny nets of the real contract."""
    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def reader(models: Path) -> OnnxFaceReader:
    return OnnxFaceReader(models)


@pytest.fixture(scope="session")
def chain(models: Path) -> FaceChain:
    return FaceChain(load_stages(models))


@pytest.fixture(scope="session")
def portrait() -> RgbImage:
    """The sample portrait, 512 x 512, one face with 46 px between the eyes."""
    return read_photo(PORTRAIT).image


@pytest.fixture(scope="session")
def large_portrait(portrait: RgbImage) -> RgbImage:
    """Its upper half enlarged: a face with 110 px between the eyes in 1280 x 720."""
    picture = Image.fromarray(portrait[20:290]).resize((1229, 648), Image.Resampling.BICUBIC)
    canvas = np.full((720, 1280, 3), 90, np.uint8)
    canvas[36:684, 26:1255] = np.asarray(picture)
    return canvas


Saved = Callable[..., Path]


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    """Writes pixels in a format: `saved(pixels, "JPEG", mode="CMYK", quality=95)`."""

    def save(
        pixels: RgbImage, kind: str, mode: str = "", name: str = "", **options: object
    ) -> Path:
        picture = Image.fromarray(pixels)
        if mode:
            picture = picture.convert(mode)
        path = tmp_path / (name or f"picture.{kind.lower()}")
        picture.save(path, format=kind, **options)
        return path

    return save


def encoded(pixels: RgbImage, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format=kind, **options)
    return buffer.getvalue()
