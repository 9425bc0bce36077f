from __future__ import annotations

import cv2
import numpy as np
import pytest

from clinic_app.training.framing import FaceTemplate
from clinic_app.training.retest import TREMBLE, retaken, retest_deviation
from tests.unit.inference.tiny_models import standard_shape

pytestmark = pytest.mark.training

TEMPLATE = FaceTemplate(
    96, np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.58], [0.34, 0.74], [0.66, 0.74]])
)
FIVE = TEMPLATE.points * 150 + 25


class Shaky:
    """Answers one shape, its left lip corner raised by chance."""

    def __init__(self, deviation: float) -> None:
        self._rng = np.random.default_rng(0)
        self._deviation = deviation

    def paired_points(self, faces: np.ndarray) -> np.ndarray:
        assert faces.shape[1:] == (96, 96, 3)
        said = np.tile(np.asarray(standard_shape(), dtype=np.float64), (len(faces), 1, 1))
        said[:, 54, 1] += self._rng.normal(0, self._deviation, len(faces))
        return said


def test_an_answer_that_never_changes_has_no_error() -> None:
    picture = np.full((200, 200, 3), 90, np.uint8)
    told = retest_deviation(Shaky(0.0), [picture] * 2, [FIVE] * 2, TEMPLATE, repeats=3)
    assert set(told) == {"eye_opening_percent", "brow_height_percent", "lip_corner_percent"}
    assert max(found.high for found in told.values()) == pytest.approx(0, abs=1e-9)


def test_the_error_is_the_scatter_in_percent_of_the_eye_distance() -> None:
    face = np.asarray(standard_shape(), dtype=np.float64)
    eyes = float(np.hypot(*(face[42:48].mean(axis=0) - face[36:42].mean(axis=0))))
    picture = np.full((200, 200, 3), 90, np.uint8)
    told = retest_deviation(Shaky(0.01), [picture] * 30, [FIVE] * 30, TEMPLATE, repeats=6)
    lips = told["lip_corner_percent"]
    assert lips.value == pytest.approx(1 / eyes, rel=0.2)
    assert lips.low < 1 / eyes < lips.high
    assert told["brow_height_percent"].value == pytest.approx(0, abs=1e-9)


def test_the_points_go_where_the_face_goes() -> None:
    rng = np.random.default_rng(3)
    away = []
    for _ in range(30):
        picture = np.full((200, 200, 3), 40, np.uint8)
        x, y = FIVE[2].round().astype(int)
        cv2.circle(picture, (int(x), int(y)), 5, (230, 230, 230), -1)
        taken, points = retaken(picture, FIVE, rng)
        mass = np.clip(taken[:, :, 0].astype(float) - 100, 0, None)
        ys, xs = np.mgrid[:200, :200]
        seen = np.array([(xs * mass).sum(), (ys * mass).sum()]) / mass.sum()
        away.append(points[2] - seen)
        assert taken.shape == picture.shape
    assert np.abs(np.mean(away, axis=0)).max() < 1.5
    apart = FIVE[1, 0] - FIVE[0, 0]
    assert np.std(away) == pytest.approx(TREMBLE * apart, rel=0.35)
