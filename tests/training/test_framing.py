from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from clinic_app.inference import alignment
from clinic_app.inference.manifest import FaceTemplate as ShippedTemplate
from clinic_app.training import augment, manifest
from clinic_app.training.framing import FaceTemplate, landmark_shift, template_from_points
from clinic_app.training.relight import Relighter

pytestmark = pytest.mark.training


TEMPLATE = FaceTemplate(
    96, np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.58], [0.34, 0.74], [0.66, 0.74]])
)


@pytest.mark.parametrize("between_eyes", [15.0, 30, 55, 62, 80, 300])
def test_training_cuts_the_very_pixels_that_the_program_cuts(between_eyes: float) -> None:
    rng = np.random.default_rng(2)
    image = cv2.resize(rng.integers(0, 255, (60, 60, 3), dtype=np.uint8), (900, 900))
    angle, grown = 0.2, between_eyes / 0.4
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = (TEMPLATE.points * grown) @ turn.T + [400, 150]
    found += rng.normal(0, 0.02 * between_eyes, (5, 2))
    shipped = ShippedTemplate.model_validate(manifest.template_entry(TEMPLATE))
    expected = alignment.aligned(image, found, shipped)
    assert np.array_equal(TEMPLATE.crop(image, found), expected.image)
    np.testing.assert_allclose(TEMPLATE.transform_from(found), expected.matrix)


def test_template_is_mirror_symmetric_and_ignores_missed_faces() -> None:
    one = np.array([[14.0, 18], [33, 18.4], [24, 28], [17, 36], [32, 35.6]])
    found = np.stack([one, one, np.full((5, 2), np.nan)])
    points = template_from_points(found, 48, 96).points
    np.testing.assert_allclose(points[0] + points[1], [1, 2 * points[0, 1]])
    assert points[2, 0] == pytest.approx(0.5)


def test_crop_puts_the_points_where_the_template_says() -> None:
    angle = np.deg2rad(15)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = (TEMPLATE.points * 150) @ turn.T + [60, 20]
    image = np.zeros((260, 260), np.uint8)
    cv2.circle(image, tuple(int(v) for v in (found[0] - 0.5).round()), 4, 255, -1)
    crop = TEMPLATE.crop(image, found).astype(float)
    ys, xs = np.mgrid[0:96, 0:96] + 0.5
    centre = np.array([(xs * crop).sum(), (ys * crop).sum()]) / crop.sum()
    np.testing.assert_allclose(centre, TEMPLATE.points[0] * 96, atol=0.8)


def test_the_shift_of_landmarks_is_found_and_symmetric() -> None:
    points = np.full((9, 68, 2), 0.5)
    for group, place in ((range(36, 42), 0), (range(42, 48), 1), ([30], 2), ([48], 3), ([54], 4)):
        points[:, list(group)] = TEMPLATE.points[place] + [0.0, 0.02]
    points[:, 54, 0] += 0.01
    points[0] = 0.9  # a failure
    shift = landmark_shift(points, TEMPLATE)
    np.testing.assert_allclose(shift[:, 1], 0.02, atol=1e-9)
    np.testing.assert_allclose(shift[:, 0], [0, 0, 0, -0.005, 0.005], atol=1e-9)


def test_augmentation_repeats_with_its_seed_and_stays_in_range() -> None:
    faces = torch.rand(16, 1, 48, 48, generator=torch.Generator().manual_seed(0))
    ratios = np.random.default_rng(0).normal(0, 1, (5, 48, 48)).astype(np.float16)
    once, again = (
        augment.webcam(faces, torch.Generator().manual_seed(4), Relighter(ratios)) for _ in range(2)
    )
    assert torch.equal(once, again)
    assert once.min() >= 0
    assert once.max() <= 1
    assert not torch.equal(once, faces)


def test_a_nudge_mirrors_and_shifts_by_whole_pixels_and_changes_none() -> None:
    face = torch.arange(36.0).view(1, 1, 6, 6) / 36
    seen = augment.nudge(face.repeat(200, 1, 1, 1), torch.Generator().manual_seed(0), pixels=1)
    wide = np.pad(face[0, 0].numpy(), 1, mode="edge")
    allowed = {
        np.ascontiguousarray(moved).tobytes()
        for y in range(3)
        for x in range(3)
        for moved in (wide[y : y + 6, x : x + 6], wide[y : y + 6, x : x + 6][:, ::-1])
    }
    assert {one[0].numpy().tobytes() for one in seen} == allowed


def test_relighting_darkens_one_side_and_leaves_the_other() -> None:
    side = torch.linspace(-3, 0, 48).repeat(48, 1)[None].numpy().astype(np.float16)
    lit = Relighter(side)(torch.full((64, 1, 48, 48), 0.5), torch.Generator().manual_seed(1))
    left, right = lit[..., :12].mean(dim=(1, 2, 3)), lit[..., -12:].mean(dim=(1, 2, 3))
    assert ((left - right).abs() > 0.05).float().mean() > 0.9
