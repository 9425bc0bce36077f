"""Measuring a look on photos, with models of the real contract."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinic_app.domain.errors import UnreadableImage
from clinic_app.domain.reference_look import checked_recipe
from clinic_app.inference.alignment import DISPLAY_SIDE
from clinic_app.inference.arrays import RgbImage, to_picture
from clinic_app.inference.findings import encoded_png
from clinic_app.inference.looks.bench import OnnxLookBench
from clinic_app.services.look_data import LookStopped
from tests.unit.inference.conftest import PORTRAIT, Saved

SOFT = checked_recipe({"soft window": 1.0}, 0.5)


@pytest.fixture(scope="module")
def bench(models: Path) -> OnnxLookBench:
    return OnnxLookBench(lambda: models)


def test_the_sample_face_and_every_photo_count_once(
    bench: OnnxLookBench, saved: Saved, portrait: RgbImage
) -> None:
    darker = saved((portrait * 0.8).astype(np.uint8), "PNG")
    shares: list[float] = []
    found = bench.measure(SOFT, None, (darker, PORTRAIT, darker), shares.append)
    assert (found.faces, found.lights, found.lights_within) == (2, 20, 12)
    assert shares == [0.5, 1.0]
    assert found.models == bench.models()
    assert found.shift > 0
    # The tiny severity net follows brightness, so light alone moves it.
    assert found.raw.spread > 0.01


def test_a_look_measured_against_itself_is_as_steady_as_itself(bench: OnnxLookBench) -> None:
    found = bench.measure(SOFT, SOFT, ())
    assert found.candidate == found.present


def test_a_photo_without_a_face_is_named(bench: OnnxLookBench, saved: Saved) -> None:
    empty = saved(np.full((200, 200, 3), 90, np.uint8), "PNG")
    with pytest.raises(UnreadableImage, match=empty.name):
        bench.measure(SOFT, None, (empty,))


def test_a_picture_of_the_camera_counts_as_a_photo_of_it_does(
    bench: OnnxLookBench, portrait: RgbImage
) -> None:
    darker = to_picture((portrait * 0.8).astype(np.uint8))
    assert bench.measure(SOFT, None, (darker, darker)).faces == 2
    empty = to_picture(np.full((200, 200, 3), 90, np.uint8))
    with pytest.raises(UnreadableImage, match="in a picture of the camera"):
        bench.measure(SOFT, None, (darker, empty))


def test_a_photo_larger_than_any_kept_picture_is_not_made_into_one(
    bench: OnnxLookBench, saved: Saved
) -> None:
    crop = np.full((DISPLAY_SIDE, DISPLAY_SIDE, 3), 90, np.uint8)
    opened = bench.opened(saved(crop, "BMP"))
    assert opened == bench.decoded(encoded_png(crop))
    assert bench.opened(saved(np.vstack([crop, crop[:1]]), "BMP")) is None


def test_it_can_be_stopped(bench: OnnxLookBench) -> None:
    with pytest.raises(LookStopped):
        bench.measure(SOFT, None, (), stop=lambda: True)


def test_the_preview_shows_the_face_as_taken_with_the_shipped_look_and_with_this_one(
    bench: OnnxLookBench,
) -> None:
    shown = bench.preview(SOFT)
    pictures = [
        np.asarray(Image.open(io.BytesIO(data)))
        for data in (shown.taken, shown.shipped, shown.looked, shown.side_taken, shown.side_looked)
    ]
    assert {one.shape for one in pictures} == {(96, 96, 3)}
    assert not np.array_equal(pictures[1], pictures[2])
    assert np.abs(pictures[0].astype(int) - pictures[3].astype(int)).mean() > 5
