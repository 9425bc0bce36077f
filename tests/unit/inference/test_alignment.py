"""The aligned crop puts the five points where the template has them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.inference.alignment import (
    AlignedFace,
    aligned,
    at_size,
    eye_distance,
    landmark_template,
    realigned,
    similarity,
    template_points,
    warp,
)
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.manifest import FaceTemplate
from tests.unit.inference.tiny_models import TEMPLATE

FACE_TEMPLATE = FaceTemplate.model_validate(TEMPLATE)
FIVE = template_points(FACE_TEMPLATE, 96)


@given(
    angle=st.floats(-3.1, 3.1),
    scale=st.floats(0.05, 40),
    x=st.floats(-2000, 2000),
    y=st.floats(-2000, 2000),
)
def test_a_random_similarity_is_recovered(angle: float, scale: float, x: float, y: float) -> None:
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = FIVE @ linear.T + (x, y)
    found = similarity(FIVE, moved)
    assert found[:, :2] == pytest.approx(linear, rel=1e-6, abs=1e-6 * scale)
    assert found[:, 2] == pytest.approx((x, y), rel=1e-6, abs=1e-3)


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=5, max_size=5))
def test_noise_never_mirrors_or_bends(noise: list[tuple[float, float]]) -> None:
    matrix = similarity(FIVE + np.array(noise), FIVE)
    a, b = matrix[0, 0], matrix[1, 0]
    assert matrix[1, 1] == pytest.approx(a)
    assert matrix[0, 1] == pytest.approx(-b)
    assert np.linalg.det(matrix[:, :2]) > 0


def test_coinciding_points_are_refused() -> None:
    with pytest.raises(ValueError, match="coincide"):
        similarity(np.ones((5, 2)), FIVE)


def test_the_crop_holds_the_eyes_where_the_template_wants_them(
    chain: FaceChain, portrait: RgbImage
) -> None:
    face = chain.stages.finder.in_still(portrait).face
    assert face is not None
    face = chain.stages.finder.measured(portrait, face)
    crop = aligned(portrait, face.points, FACE_TEMPLATE)
    assert crop.image.shape == (96, 96, 3)
    # The eyes are the darkest things near their places; the skin between them is bright.
    gray = crop.image.mean(axis=2)
    for x, y in (TEMPLATE["left_eye"], TEMPLATE["right_eye"]):
        eye = gray[int(y * 96) - 5 : int(y * 96) + 5, int(x * 96) - 8 : int(x * 96) + 8]
        assert eye.min() < gray[34:42, 44:52].mean() - 40


def test_crop_pixels_map_back_to_the_picture() -> None:
    points = FIVE * 3 + (40, 25)
    crop = aligned(np.zeros((400, 400, 3), np.uint8), points, FACE_TEMPLATE)
    assert crop.to_picture(FIVE) == pytest.approx(points, abs=1e-9)


def test_the_identity_changes_nothing(portrait: RgbImage) -> None:
    same = warp(portrait, np.array([[1.0, 0, 0], [0, 1.0, 0]]), 512)
    assert np.array_equal(same, portrait)


def test_halving_keeps_pixel_edges_in_place() -> None:
    picture = np.zeros((40, 40, 3), np.uint8)
    picture[:, 20:] = 200
    half = warp(picture, np.array([[0.5, 0, 0], [0, 0.5, 0]]), 20)
    row = half[10, :, 0].astype(float)
    assert row[:8].max() < 10
    assert row[12:].min() > 190
    assert row[9] + row[10] == pytest.approx(200, abs=4)  # symmetric about the edge


def test_only_the_needed_part_is_touched_and_the_result_is_the_same(portrait: RgbImage) -> None:
    matrix = np.array([[0.4, 0.05, -60.0], [-0.05, 0.4, -20.0]])
    wide = np.zeros((1500, 2500, 3), np.uint8)
    wide[:512, :512] = portrait
    small = warp(portrait, matrix, 96)
    assert np.array_equal(small[5:60, 5:60], warp(wide, matrix, 96)[5:60, 5:60])


@pytest.fixture
def coarse() -> tuple[RgbImage, AlignedFace]:
    image = np.random.default_rng(1).integers(0, 255, (400, 400, 3), dtype=np.uint8)
    return image, aligned(image, FIVE * 2 + (80, 60), FACE_TEMPLATE)


def test_landmarks_refine_the_measuring_crop_and_half_of_the_reading_crop(
    coarse: tuple[RgbImage, AlignedFace],
) -> None:
    image, first = coarse
    moved = first.to_picture(landmark_template(FACE_TEMPLATE, 96)) + np.array([6.0, -4.0])
    crops = realigned(image, first, moved, FACE_TEMPLATE)
    there = crops.measuring.matrix @ np.array([*moved[0], 1])
    assert there == pytest.approx(landmark_template(FACE_TEMPLATE, 96)[0], abs=1e-6)
    middle = (first.matrix + crops.measuring.matrix) / 2
    assert crops.reading.matrix == pytest.approx(middle)


@pytest.mark.parametrize("change", [(0.4, 0.0), (2.0, 0.0), (1.0, 60.0)])
def test_landmarks_that_failed_are_not_followed(
    coarse: tuple[RgbImage, AlignedFace], change: tuple[float, float]
) -> None:
    image, first = coarse
    places = first.to_picture(landmark_template(FACE_TEMPLATE, 96))
    centre = places.mean(axis=0)
    wild = (places - centre) * change[0] + centre + change[1]
    crops = realigned(image, first, wild, FACE_TEMPLATE)
    assert crops.reading is first
    assert crops.measuring is first


def test_the_eye_distance_is_in_pixels_of_the_picture(
    coarse: tuple[RgbImage, AlignedFace],
) -> None:
    eyes = landmark_template(FACE_TEMPLATE, 96)[:2]
    assert eye_distance(coarse[1], FACE_TEMPLATE) == pytest.approx(2 * (eyes[1] - eyes[0])[0])


def test_the_display_crop_shows_the_same_face_larger(
    coarse: tuple[RgbImage, AlignedFace],
) -> None:
    image, first = coarse
    assert np.array_equal(at_size(image, first, 96), first.image)
    large = at_size(image, first, 192)
    assert large.shape == (192, 192, 3)
