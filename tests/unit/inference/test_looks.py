"""Bringing a face to a look: tones and light, never places, hues or the middle tone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_app.domain.reference_look import REFERENCES, Recipe, checked_recipe
from clinic_app.inference.looks.lights import LIGHTS, WITHIN, Light, lit
from clinic_app.inference.looks.tone import picture_with_look, with_look

SIDE = 96
LUMA = np.array([0.299, 0.587, 0.114])


def a_face(seed: int = 0, middle: float = 0.55, slope: float = 0.0) -> np.ndarray:
    """A head-like blob of one hue with features and a slope of light, [1, 3, S, S]."""
    axis = (np.arange(SIDE) + 0.5) / SIDE
    x, y = axis[None, :], axis[:, None]
    round_ = np.exp(-(((x - 0.5) / 0.5) ** 2 + ((y - 0.5) / 0.6) ** 2))
    grain = np.random.default_rng(seed).normal(0, 0.02, (SIDE, SIDE))
    eyes = sum(np.exp(-((x - at) ** 2 + (y - 0.38) ** 2) / 0.002) for at in (0.31, 0.69))
    light = middle * (0.55 + 0.6 * round_ - 0.35 * eyes + grain) * np.exp(slope * (x - 0.5))
    face = np.stack([light * 1.1, light, light * 0.8])
    return np.clip(face, 0.02, 1.0).astype(np.float32)[None]


def brightness(face: np.ndarray) -> np.ndarray:
    return np.tensordot(LUMA, face, axes=1)


def within(face: np.ndarray) -> np.ndarray:
    axis = (np.arange(SIDE) + 0.5) / SIDE
    inside = ((axis[None, :] - 0.5) / 0.33) ** 2 + ((axis[:, None] - 0.52) / 0.42) ** 2 <= 1
    return brightness(face)[inside]


RECIPES = st.builds(
    lambda weights, strength: checked_recipe(dict(zip(REFERENCES, weights, strict=True)), strength),
    st.lists(st.floats(0.01, 1), min_size=len(REFERENCES), max_size=len(REFERENCES)),
    st.floats(0.05, 1),
)


@settings(max_examples=30, deadline=None)
@given(recipe=RECIPES, middle=st.floats(0.15, 0.7), slope=st.floats(-1, 1))
def test_dark_skin_stays_dark_and_light_skin_light(
    recipe: Recipe, middle: float, slope: float
) -> None:
    face = a_face(middle=middle, slope=slope)
    (looked,) = with_look(face, recipe)
    assert np.median(within(looked)) == pytest.approx(np.median(within(face[0])), rel=0.03)


@settings(max_examples=30, deadline=None)
@given(recipe=RECIPES, slope=st.floats(-1, 1))
def test_one_gain_a_pixel_so_that_hues_stay_and_nothing_leaves_the_range(
    recipe: Recipe, slope: float
) -> None:
    face = a_face(slope=slope)
    (looked,) = with_look(face, recipe)
    assert looked.dtype == np.float32
    assert 0 <= looked.min() <= looked.max() <= 1
    free = looked.max(axis=0) < 0.999
    gain = looked / face[0]
    assert np.allclose(gain[0][free], gain[1][free], atol=1e-4)
    assert np.allclose(gain[0][free], gain[2][free], atol=1e-4)
    assert gain[:, free].min() > 0.45
    assert gain[:, free].max() < 2.1


def test_tones_keep_their_order() -> None:
    """With no slope of light to take out, a brighter pixel stays the brighter one."""
    face = a_face(3)
    flat = checked_recipe({"clear studio": 1.0}, 1.0)
    aim = type(flat.aim)(flat.aim.tones, 0.0)
    (looked,) = with_look(face, Recipe(flat.weights, 1.0, aim))
    order = np.argsort(brightness(face[0]).ravel())
    assert np.diff(brightness(looked).ravel()[order]).min() > -1e-4


def test_light_from_one_side_is_taken_out_as_far_as_the_look_says() -> None:
    face = a_face(slope=0.8)

    def lean(one: np.ndarray) -> float:
        half = brightness(one)[30:70]
        return float(np.log(half[:, 55:75].mean() / half[:, 21:41].mean()))

    leans = [
        lean(with_look(face, checked_recipe({name: 1.0}, 1.0))[0])
        for name in ("daylight", "ring light")
    ]
    assert abs(leans[1]) < abs(leans[0]) < abs(lean(face[0]))
    assert abs(leans[1]) < abs(lean(face[0])) / 2


def test_nothing_moves() -> None:
    face = a_face()
    recipe = checked_recipe({"soft window": 1.0}, 1.0)
    darkest = np.unravel_index(brightness(face[0])[20:60].argmin(), (40, SIDE))
    (looked,) = with_look(face, recipe)
    assert np.unravel_index(brightness(looked)[20:60].argmin(), (40, SIDE)) == darkest


def test_people_see_the_same_change_as_the_net_reads() -> None:
    recipe = checked_recipe({"soft window": 1.0}, 0.7)
    picture = np.ascontiguousarray((a_face()[0].transpose(1, 2, 0) * 255).astype(np.uint8))
    read = with_look(
        (picture.transpose(2, 0, 1) / np.float32(255))[None].astype(np.float32), recipe
    )
    seen = picture_with_look(picture, recipe).transpose(2, 0, 1) / 255
    assert np.abs(seen - read[0]).max() < 0.01


def test_synthetic_light_comes_from_where_it_says() -> None:
    face = np.full((3, SIDE, SIDE), 0.5, np.float32)
    left, right, above = lit(face, (Light(-50, 0), Light(50, 0), Light(0, 40)))
    assert left[:, :, :30].mean() > left[:, :, -30:].mean() * 1.5
    assert np.allclose(left, right[:, :, ::-1], atol=1e-5)
    assert above[:, :30].mean() > above[:, -30:].mean() * 1.2


def test_frontal_light_leaves_the_picture_and_the_lights_are_balanced() -> None:
    face = a_face()[0]
    (same,) = lit(face, (Light(0, 0),))
    assert np.allclose(same, face, atol=1e-4)
    assert len(set(LIGHTS)) == 20
    assert {Light(-one.azimuth, one.elevation) for one in LIGHTS} == set(LIGHTS)
    assert 10 < sum(one.angle <= WITHIN for one in LIGHTS) < 20
