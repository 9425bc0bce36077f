"""The studio's engine over the services' pictures, and what it says on files that leave."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from clinic_app.domain.errors import UnreadableImage, WrongState
from clinic_app.domain.picture import Picture
from clinic_app.inference.studio import LIVE, MOST_SIDE, OnnxStudio, image_of
from clinic_app.paths import MODELS
from clinic_app.services.studio_data import Mode, TransferWish
from tests.unit.inference.conftest import PORTRAIT, Saved


@pytest.fixture(scope="module")
def studio() -> OnnxStudio:
    return OnnxStudio(lambda: MODELS)


def noise(height: int, width: int) -> Picture:
    pixels = np.random.default_rng(1).integers(0, 255, (height, width, 3)).astype(np.uint8)
    return Picture(width, height, pixels.tobytes())


@pytest.mark.parametrize(("height", "width"), [(64, 48), (512, 512), (711, 400), (30, 900)])
def test_a_marked_file_shows_the_picture_whole_above_a_strip(
    studio: OnnxStudio, height: int, width: int
) -> None:
    picture = noise(height, width)
    opened = Image.open(io.BytesIO(studio.marked(picture)))
    assert "altered" in opened.text["Comment"]  # type: ignore[attr-defined]
    pixels = np.asarray(opened)
    assert np.array_equal(pixels[:height], image_of(picture))
    strip = pixels[height:]
    assert strip.shape[0] >= 14
    assert strip.max() > 100  # there are words on it


def test_a_picture_of_the_studio_is_no_content_either(studio: OnnxStudio, tmp_path: Path) -> None:
    path = tmp_path / "made-here.png"
    path.write_bytes(studio.marked(noise(40, 40)))
    with pytest.raises(UnreadableImage):
        studio.open_picture(path)


def test_what_is_stored_comes_back_as_it_was_and_without_words(studio: OnnxStudio) -> None:
    picture = noise(30, 40)
    png = studio.encoded(picture)
    assert studio.decoded(png) == picture
    assert not Image.open(io.BytesIO(png)).info


def test_a_large_photo_is_reduced_and_a_live_frame_is_its_middle(
    studio: OnnxStudio, saved: Saved
) -> None:
    wide = saved(np.full((40, MOST_SIDE * 2, 3), 90, np.uint8), "PNG")
    opened = studio.open_picture(wide)
    assert (opened.width, opened.height) == (MOST_SIDE, 20)
    small = studio.small(noise(48, 64))
    assert (small.width, small.height) == (LIVE, LIVE)


def test_a_transfer_goes_on_where_it_was_stopped_and_ends_as_if_it_had_not_been(
    studio: OnnxStudio,
) -> None:
    wish = TransferWish(steps=6, longest_side=64, outputs=2)
    style = studio.style_pictures()["waves"]
    content = studio.open_picture(PORTRAIT)
    through = list(studio.transfer(content, style, wish).run(lambda: False))
    assert [one.step for one in through if one.output] == [3, 6]
    stopped = studio.transfer(content, style, wish)
    asked = iter([False, False, True])
    first = list(stopped.run(lambda: next(asked)))
    rest = list(stopped.run(lambda: False))
    assert [one.step for one in (*first, *rest)] == [1, 2, 3, 4, 5, 6]
    assert rest[-1].picture == through[-1].picture


def test_a_transfer_put_away_goes_on_in_another_program_to_the_very_same_picture(
    studio: OnnxStudio,
) -> None:
    wish = TransferWish(steps=6, longest_side=64, outputs=2, start="noise", matching="before")
    style, content = studio.style_pictures()["waves"], studio.open_picture(PORTRAIT)
    through = list(studio.transfer(content, style, wish).run(lambda: False))
    stopped = studio.transfer(content, style, wish)
    asked = iter([False, False, False, False, True])
    list(stopped.run(lambda: next(asked)))
    other = OnnxStudio(lambda: MODELS)
    stored = [other.decoded(studio.encoded(one)) for one in (content, style)]
    rest = list(other.resumed(stored[0], stored[1], wish, stopped.state()).run(lambda: False))
    assert [one.step for one in rest] == [5, 6]
    assert rest[-1].picture == through[-1].picture


@pytest.mark.parametrize("state", [b"", b"\x00" * 40, b"PK\x03\x04 cut"])
def test_a_state_that_cannot_be_read_or_is_of_another_transfer_is_refused(
    studio: OnnxStudio, state: bytes
) -> None:
    style, content = studio.style_pictures()["waves"], studio.open_picture(PORTRAIT)
    wish = TransferWish(steps=4, longest_side=64)
    with pytest.raises(WrongState):
        studio.resumed(content, style, wish, state)
    other = studio.transfer(content, studio.style_pictures()["ink"], wish)
    with pytest.raises(WrongState):
        studio.resumed(content, style, wish, other.state())


def test_every_emotion_of_a_face_has_a_style_that_is_drawn_live(studio: OnnxStudio) -> None:
    small = studio.small(studio.open_picture(PORTRAIT))
    emotions = studio.emotions(studio.open_picture(PORTRAIT))
    blend = studio.style_for(emotions, Mode.BLEND)
    assert len(studio.styles()) >= 8
    assert set(blend) <= set(studio.styles())
    drawn = studio.redrawn(small, blend, 1.0)
    assert (drawn.width, drawn.height) == (LIVE, LIVE)
    assert drawn != small
    assert studio.redrawn(small, blend, 0.0) == small


def test_a_small_picture_is_the_whole_picture(studio: OnnxStudio) -> None:
    small = studio.thumbnail(studio.encoded(noise(300, LIVE * 3)))
    assert (small.width, small.height) == (LIVE, 100)


def test_models_open_once_for_all_threads_and_anew_once_others_are_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def slowly(folder: Path, threads: int) -> SimpleNamespace:
        opened.append(folder)
        time.sleep(0.05)
        return SimpleNamespace(names=(folder.name,))

    monkeypatch.setattr("clinic_app.inference.studio.open_style_book", slowly)
    chosen = [tmp_path / "one"]
    studio = OnnxStudio(lambda: chosen[-1])
    with ThreadPoolExecutor(4) as pool:
        found = {one.result() for one in [pool.submit(studio.styles) for _ in range(4)]}
    assert (found, opened) == ({("one",)}, [tmp_path / "one"])
    chosen.append(tmp_path / "two")
    assert studio.styles() == studio.styles() == ("two",)
    assert opened == chosen


def test_the_emotion_head_chooses_styles_and_sees_none_without_a_face(studio: OnnxStudio) -> None:
    emotions = studio.emotions(studio.open_picture(PORTRAIT))
    assert max(emotions, key=lambda one: emotions[one]) == "happiness"
    assert studio.style_for(emotions, Mode.PICK) == {"dots": 1.0}
    assert studio.emotions(noise(64, 64)) == {}


def test_of_two_faces_the_larger_one_chooses(studio: OnnxStudio) -> None:
    portrait = image_of(studio.open_picture(PORTRAIT))
    height, width = portrait.shape[:2]
    small = np.ascontiguousarray(portrait[::2, ::2])
    both = np.full((height, width + small.shape[1], 3), 127, np.uint8)
    both[:, :width] = portrait
    both[: small.shape[0], width:] = small
    picture = Picture(both.shape[1], height, both.tobytes())
    assert studio.style_for(studio.emotions(picture), Mode.PICK) == {"dots": 1.0}


def test_a_face_that_tells_nothing_is_drawn_in_all_styles_alike(studio: OnnxStudio) -> None:
    emotions = dict.fromkeys(studio.emotions(studio.open_picture(PORTRAIT)), 0.125)
    assert len(studio.style_for(emotions, Mode.PICK)) == 1
    blend = studio.style_for(emotions, Mode.BLEND)
    assert sum(blend.values()) == pytest.approx(1.0)
    assert blend["ink"] == pytest.approx(0.25)  # disgust, and contempt that counts as it


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_at_no_strength_the_picture_stays_and_at_full_it_is_the_style_alone(
    studio: OnnxStudio, strength: float
) -> None:
    small = studio.small(studio.open_picture(PORTRAIT))
    drawn = studio.redrawn(small, {"dots": 1.0}, strength)
    if strength == 0.0:
        assert drawn == small
    else:
        half = image_of(studio.redrawn(small, {"dots": 1.0}, 0.5)).astype(int)
        ends = image_of(small).astype(int), image_of(drawn).astype(int)
        inside_range = half[(ends[1] > 0) & (ends[1] < 255)]
        mean = ((ends[0] + ends[1]) / 2)[(ends[1] > 0) & (ends[1] < 255)]
        assert np.abs(inside_range - mean).max() <= 1
