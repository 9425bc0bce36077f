"""Colours, our own pictures, and what emotions choose."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.domain.errors import InvalidInput, NotFound
from clinic_app.inference.metrics import EMOTIONS
from clinic_app.inference.style.colour import keep_colour, match_histogram
from clinic_app.inference.style.emotion import STYLE_OF_EMOTION, style_for
from clinic_app.inference.style.pictures import picture_names, style_picture


def test_matching_a_picture_to_itself_changes_nothing() -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    assert np.abs(match_histogram(image, image).astype(int) - image).max() <= 1


def test_matched_colours_are_spread_as_those_of_the_reference() -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 100, (60, 50, 3), dtype=np.uint8)
    reference = rng.normal(170, 20, (40, 70, 3)).clip(0, 255).astype(np.uint8)
    matched = match_histogram(image, reference)
    for share in (5, 50, 95):
        assert np.percentile(matched, share) == pytest.approx(
            np.percentile(reference, share), abs=3
        )


def test_a_picture_of_one_colour_can_be_matched() -> None:
    flat = np.full((8, 8, 3), 10, np.uint8)
    other = np.full((4, 4, 3), 200, np.uint8)
    assert (match_histogram(flat, other) == 200).all()


def test_the_brightness_is_that_of_the_drawing_and_the_colour_that_of_the_content() -> None:
    content = np.zeros((4, 4, 3), np.uint8) + np.array([150, 90, 60], np.uint8)
    drawing = np.full((4, 4, 3), 110, np.uint8)
    kept = keep_colour(content, drawing)[0, 0].astype(int)
    assert kept @ np.array([0.299, 0.587, 0.114]) == pytest.approx(110, abs=2)
    assert kept[0] - kept[2] == pytest.approx(90, abs=4)


def test_there_are_at_least_eight_style_pictures_and_all_are_ours() -> None:
    names = picture_names()
    assert len(names) >= 8
    assert all(style_picture(name).shape == (256, 256, 3) for name in names)
    with pytest.raises(NotFound, match="no style picture named"):
        style_picture("../samples/astronaut")


def test_every_emotion_has_a_style_of_its_own() -> None:
    assert set(STYLE_OF_EMOTION.values()) <= set(picture_names())
    assert len(set(STYLE_OF_EMOTION.values())) == 7
    for name in EMOTIONS:
        assert sum(style_for({name: 1.0}).values()) == 1.0


@given(st.lists(st.floats(0, 1), min_size=8, max_size=8).filter(lambda p: sum(p) > 1e-6))
def test_blended_weights_sum_to_one_and_the_picked_style_weighs_most(shares: list[float]) -> None:
    emotions = dict(zip(EMOTIONS, shares, strict=True))
    blended = style_for(emotions, mode="blend")
    assert sum(blended.values()) == pytest.approx(1.0)
    (picked,) = style_for(emotions, mode="pick")
    assert blended[picked] == max(blended.values())


@pytest.mark.parametrize(
    "emotions", [{}, {"neutral": 0.0}, {"neutral": -1.0}, {"neutral": float("nan")}, {"joy": 1.0}]
)
def test_what_is_no_reading_of_emotions_is_refused(emotions: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        style_for(emotions)
