"""A copy of a studio picture is found out by the words below it, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from clinic_app.domain.errors import UnreadableImage
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.intake import strip
from clinic_app.inference.intake.photo import read_photo
from clinic_app.inference.intake.strip import has_strip, with_strip
from tests.unit.inference.conftest import Saved

WIDTHS = (224, 256, 400, 512, 711, 1024, 1600)


def at_width(image: RgbImage, width: int, high: int = 0) -> RgbImage:
    size = (width, high or round(image.shape[0] * width / image.shape[1]))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("share", [1.0, 0.5, 1.4])
@pytest.mark.parametrize("quality", [70, 40])
def test_a_copy_without_the_text_is_refused_as_jpeg_and_at_another_size(
    portrait: RgbImage, saved: Saved, width: int, share: float, quality: int
) -> None:
    made = with_strip(at_width(portrait, width))
    copy = saved(at_width(made, round(made.shape[1] * share)), "JPEG", quality=quality)
    with pytest.raises(UnreadableImage, match="made in the style studio"):
        read_photo(copy)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "WEBP", "TIFF"])
def test_a_copy_in_another_format_is_refused(portrait: RgbImage, saved: Saved, kind: str) -> None:
    with pytest.raises(UnreadableImage, match="made in the style studio"):
        read_photo(saved(with_strip(portrait), kind))


@pytest.mark.parametrize("around", [0, 32, 128, 255])
@pytest.mark.parametrize("width", [224, 400, 711])
def test_a_screenshot_of_a_viewer_is_refused(portrait: RgbImage, around: int, width: int) -> None:
    shot = np.full((900, 1280, 3), around, np.uint8)
    made = with_strip(at_width(portrait, width))
    shot[61 : 61 + made.shape[0], 203 : 203 + made.shape[1]] = made
    assert has_strip(shot)


@pytest.mark.parametrize("around", [0, 32, 255])
@pytest.mark.parametrize("quality", [90, 70])
def test_a_screenshot_whose_width_the_picture_fills_is_refused(
    portrait: RgbImage, saved: Saved, around: int, quality: int
) -> None:
    shot = np.full((2340, 1080, 3), around, np.uint8)
    made = with_strip(at_width(portrait, 1080))
    shot[500 : 500 + made.shape[0]] = made
    assert has_strip(shot)
    with pytest.raises(UnreadableImage, match="made in the style studio"):
        read_photo(saved(shot, "JPEG", quality=quality))


@pytest.mark.parametrize("around", [20, 24, 28])
@pytest.mark.parametrize("width", [300, 711, 1080])
@pytest.mark.parametrize("quality", [90, 70])
def test_a_screenshot_as_dark_as_the_strip_is_refused(
    portrait: RgbImage, saved: Saved, around: int, width: int, quality: int
) -> None:
    shot = np.full((1600, 1080, 3), around, np.uint8)
    shot[20:40, 30:1050:4] = shot[1500:1540, 200:880:3] = 200  # a clock, and names of buttons
    made = with_strip(at_width(portrait, width))
    aside = (1080 - width) // 2
    shot[200 : 200 + made.shape[0], aside : aside + width] = made
    assert has_strip(shot)
    with pytest.raises(UnreadableImage, match="made in the style studio"):
        read_photo(saved(shot, "JPEG", quality=quality))


TURNS = {
    "turned left": lambda one: np.rot90(one),
    "turned right": lambda one: np.rot90(one, 3),
    "upside down": lambda one: np.rot90(one, 2),
    "mirrored": lambda one: one[:, ::-1],
    "upside down and mirrored": lambda one: one[::-1],
    "turned and mirrored": lambda one: np.rot90(one)[::-1],
}


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("width", [224, 711, 1600])
def test_a_copy_that_was_turned_by_quarters_or_mirrored_is_refused(
    portrait: RgbImage, saved: Saved, turn: str, width: int
) -> None:
    made = TURNS[turn](with_strip(at_width(portrait, width)))
    with pytest.raises(UnreadableImage, match="made in the style studio"):
        read_photo(saved(made, "JPEG", quality=50))


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("around", [0, 24, 255])
def test_a_turned_screenshot_is_refused(portrait: RgbImage, turn: str, around: int) -> None:
    shot = np.full((900, 1280, 3), around, np.uint8)
    made = with_strip(at_width(portrait, 500))
    shot[61 : 61 + made.shape[0], 203 : 203 + made.shape[1]] = made
    assert has_strip(np.ascontiguousarray(TURNS[turn](shot)))


COVERS: dict[str, tuple[slice, slice]] = {  # rows and columns of the strip, in hundredths
    "its left two thirds": (slice(0, 100), slice(0, 66)),
    "its right two thirds": (slice(0, 100), slice(34, 100)),
    "its middle": (slice(0, 100), slice(34, 66)),
    "its upper half": (slice(0, 50), slice(0, 100)),
    "a line through it": (slice(44, 56), slice(0, 100)),
}


@pytest.mark.parametrize("cover", COVERS)
@pytest.mark.parametrize("how", ["grey", "noise"])
@pytest.mark.parametrize("width", [400, 1024])
@pytest.mark.parametrize("turn", ["", "turned left", "mirrored"])
def test_a_strip_that_is_covered_in_part_is_found(
    portrait: RgbImage, saved: Saved, cover: str, how: str, width: int, turn: str
) -> None:
    made = with_strip(at_width(portrait, width))
    bar, (rows, columns) = made[width:], COVERS[cover]
    high = len(bar)
    over = bar[
        high * rows.start // 100 : high * rows.stop // 100,
        width * columns.start // 100 : width * columns.stop // 100,
    ]
    over[:] = 128 if how == "grey" else np.random.default_rng(7).integers(0, 256, over.shape)
    copy = TURNS[turn](made) if turn else made
    with pytest.raises(UnreadableImage, match="made in the style studio"):
        read_photo(saved(copy, "JPEG", quality=60))


@pytest.mark.parametrize("width", [400, 1024])
def test_a_strip_that_is_cut_through_its_letters_is_found(
    portrait: RgbImage, saved: Saved, width: int
) -> None:
    made = with_strip(at_width(portrait, width))
    cut = made[: width + (len(made) - width) // 2]
    with pytest.raises(UnreadableImage, match="made in the style studio"):
        read_photo(saved(cut, "JPEG", quality=60))


@pytest.mark.parametrize("darker", [1, 4, 10])
def test_a_strip_below_a_dark_picture_is_found(portrait: RgbImage, darker: int) -> None:
    assert has_strip(with_strip(portrait // np.uint8(darker)))


def test_the_sample_portrait_is_read_whatever_bar_is_below_it(portrait: RgbImage) -> None:
    assert not has_strip(portrait)
    for grey in (0, 16, 24, 30):
        for tall in (14, 26, 100):
            bar = np.full((tall, 512, 3), grey, np.uint8)
            assert not has_strip(np.vstack([portrait, bar]))
            assert not has_strip(np.vstack([bar, portrait, bar]))


def test_other_words_on_a_dark_bar_are_no_strip(portrait: RgbImage) -> None:
    for words in ("CAMERA 2 - 29 NOV 2026 - RECORDING", "ALTERED PICTURE", "IIIIIIIIIIIIIIIIIIII"):
        bar = Image.new("RGB", (512, 26), (24, 24, 24))
        ImageDraw.Draw(bar).text((50, 4), words, fill=(235, 235, 235), font_size=18)
        assert not has_strip(np.vstack([portrait, np.asarray(bar)])), words


@pytest.mark.parametrize("wide", [0.72, 0.8, 0.9])
def test_other_words_in_the_very_letters_of_the_strip_are_none(
    portrait: RgbImage, wide: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in (
        "PATIENT PICTURE VIDEO STATED",
        "ALERT STILL TREE STREET STORE",
        "CAMERA VIDEO STORE CONFERENCE",
        "STORE MEETING STUDENT RED VIDEO",
    ):
        with monkeypatch.context() as other:
            other.setattr(strip, "_WORDS", words)
            other.setattr(strip, "_WIDE", wide)
            strip._drawn_large.cache_clear()
            made = with_strip(portrait)
        strip._drawn_large.cache_clear()
        assert not has_strip(made), words


@pytest.mark.parametrize("size", [(24, 4000), (4000, 24), (24, 24), (90, 1), (1, 90), (91, 15)])
def test_a_picture_of_any_shape_is_looked_at(size: tuple[int, int]) -> None:
    assert not has_strip(np.full((*size, 3), 24, np.uint8))


@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(24, 300),
    width=st.integers(24, 300),
    low=st.integers(0, 30),
    spread=st.integers(1, 225),
    coarse=st.integers(1, 12),
)
@settings(max_examples=150, deadline=None)
def test_noise_dark_or_light_fine_or_coarse_is_never_taken_for_the_words(
    seed: int, height: int, width: int, low: int, spread: int, coarse: int
) -> None:
    small = np.random.default_rng(seed).integers(
        low, low + spread, (height // coarse + 1, width // coarse + 1, 3)
    )
    noise = small.repeat(coarse, axis=0).repeat(coarse, axis=1)[:height, :width]
    assert not has_strip(noise.astype(np.uint8))


def test_a_photo_beside_the_studio_is_read_as_before(portrait: RgbImage, saved: Saved) -> None:
    path: Path = saved(portrait, "JPEG", quality=70)
    assert read_photo(path).image.shape == portrait.shape
