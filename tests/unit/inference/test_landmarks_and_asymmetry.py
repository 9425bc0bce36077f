"""Sides are named right and a mirror turns every sign."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_app.inference.alignment import AlignedFace
from clinic_app.inference.arrays import Points
from clinic_app.inference.asymmetry import asymmetry, eye_aspect_ratio, measure
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.landmarks import MIRRORED, mirrored
from clinic_app.inference.manifest import RetestError
from tests.unit.inference.tiny_models import standard_shape

FACE = standard_shape().astype(np.float64) * 200
EYES = 0.389 * 200
IDENTITY = np.array([[1.0, 0, 0], [0, 1.0, 0]])


def changed(*moves: tuple[int, float, float]) -> Points:
    points = FACE.copy()
    for index, x, y in moves:
        points[index] += (x, y)
    return points


def test_the_mirror_table_is_its_own_inverse() -> None:
    assert sorted(MIRRORED) == list(range(68))
    assert np.array_equal(MIRRORED[MIRRORED], np.arange(68))


def test_the_mirrored_schematic_face_is_itself() -> None:
    assert mirrored(FACE, 200.0) == pytest.approx(FACE, abs=0.3)


def test_a_symmetric_face_has_no_asymmetry() -> None:
    sides = measure(FACE)
    assert (sides.eye_opening, sides.brow_height, sides.lip_corner) == pytest.approx(
        (0, 0, 0), abs=0.05
    )


def test_a_wider_left_eye_is_positive() -> None:
    """Points 42-47 are the eye on the picture's right, which is the patient's left."""
    wider = changed((43, 0, -4), (44, 0, -4), (46, 0, 4), (47, 0, 4))
    assert measure(wider).eye_opening == pytest.approx(8 / EYES * 100, rel=0.03)


def test_a_higher_left_brow_is_positive() -> None:
    higher = changed(*((k, 0.0, -5.0) for k in range(22, 27)))
    assert measure(higher).brow_height == pytest.approx(5 / EYES * 100, rel=0.03)


def test_a_higher_left_lip_corner_is_positive() -> None:
    assert measure(changed((54, 0, -6))).lip_corner == pytest.approx(6 / EYES * 100, rel=0.03)


@given(st.floats(-0.6, 0.6), st.floats(0.3, 5))
def test_roll_and_size_do_not_matter(angle: float, scale: float) -> None:
    face = changed((54, 0, -6), (44, 0, -3), (24, 0, 4))
    turn = scale * np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    straight, turned = measure(face), measure(face @ turn.T)
    assert turned.eye_opening == pytest.approx(straight.eye_opening, abs=1e-6)
    assert turned.brow_height == pytest.approx(straight.brow_height, abs=1e-6)
    assert turned.lip_corner == pytest.approx(straight.lip_corner, abs=1e-6)


@given(st.lists(st.floats(-5, 5), min_size=136, max_size=136))
def test_a_mirrored_face_has_the_opposite_signs(noise: list[float]) -> None:
    face = FACE + np.array(noise).reshape(68, 2)
    straight, turned = measure(face), measure(mirrored(face, 200.0))
    assert turned.eye_opening == pytest.approx(-straight.eye_opening, abs=1e-6)
    assert turned.brow_height == pytest.approx(-straight.brow_height, abs=1e-6)
    assert turned.lip_corner == pytest.approx(-straight.lip_corner, abs=1e-6)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_a_mirrored_crop_through_the_network_has_the_opposite_signs(
    chain: FaceChain, seed: int
) -> None:
    image = np.random.default_rng(seed).integers(0, 255, (96, 96, 3), dtype=np.uint8)
    image[:, :48] //= 3
    net = chain.stages.landmarks
    straight = measure(net.points(AlignedFace(image, IDENTITY)))
    flipped = np.ascontiguousarray(image[:, ::-1])
    turned = measure(net.points(AlignedFace(flipped, IDENTITY)))
    assert abs(straight.lip_corner) > 0.1
    assert turned.lip_corner == pytest.approx(-straight.lip_corner, abs=1e-3)
    assert turned.eye_opening == pytest.approx(-straight.eye_opening, abs=1e-3)
    assert turned.brow_height == pytest.approx(-straight.brow_height, abs=1e-3)


def test_values_carry_their_test_retest_error() -> None:
    error = RetestError(eye_opening_percent=1.0, brow_height_percent=2.0, lip_corner_percent=3.0)
    record = asymmetry(FACE, error)
    assert (record.eye_opening_error, record.brow_height_error, record.lip_corner_error) == (
        1,
        2,
        3,
    )


def test_the_more_closed_eye_decides() -> None:
    closed = changed((43, 0, 3.5), (44, 0, 3.5), (46, 0, -3.5), (47, 0, -3.5))
    assert eye_aspect_ratio(FACE) > 0.3
    assert eye_aspect_ratio(closed) < 0.06
