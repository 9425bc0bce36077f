"""The detector that ships finds what the published file finds, at any size."""

from __future__ import annotations

import numpy as np
import pytest

from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.faces.finder import FaceFinder
from clinic_app.inference.faces.yunet import Face, YuNet, intersection_over_union, suppress_overlaps
from clinic_app.inference.sessions import start
from clinic_app.paths import MODELS

# (score, left, top, width, height, nose x, nose y) as the published, fixed 640 x 640 file gives
# them on a black canvas of that size.
PUBLISHED = {
    "as it is": [(0.932, 178.17, 62.91, 89.90, 113.33, 220.37, 124.54)],
    "mirrored": [(0.934, 242.93, 61.13, 91.58, 115.80, 287.40, 124.46)],
    "half size": [(0.942, 91.18, 35.05, 44.31, 53.04, 110.82, 62.76)],
    "dark": [(0.931, 176.24, 63.33, 92.99, 113.05, 222.50, 124.63)],
    "twice": [
        (0.938, 429.91, 348.37, 87.99, 108.35, 471.72, 407.89),
        (0.931, 97.99, 44.40, 89.66, 110.97, 144.07, 108.65),
    ],
}


@pytest.fixture(scope="module")
def detector() -> YuNet:
    data = (MODELS / "third_party" / "face_detection_yunet.onnx").read_bytes()
    return YuNet(start(data, "face", 1))


def on_canvas(picture: RgbImage, x: int = 0, y: int = 0) -> RgbImage:
    canvas = np.zeros((640, 640, 3), np.uint8)
    canvas[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
    return canvas


def pictures(portrait: RgbImage) -> dict[str, RgbImage]:
    head = portrait[20:300, 80:340]
    return {
        "as it is": on_canvas(portrait),
        "mirrored": on_canvas(portrait[:, ::-1]),
        "half size": on_canvas(portrait[::2, ::2]),
        "dark": on_canvas(portrait // 3),
        "twice": on_canvas(head) + on_canvas(head, 330, 300),
    }


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_boxes_are_those_of_the_published_file(
    detector: YuNet, portrait: RgbImage, name: str
) -> None:
    found = detector.detect(pictures(portrait)[name])
    numbers = [(f.score, f.left, f.top, f.width, f.height, *f.points[2]) for f in found]
    assert len(numbers) == len(PUBLISHED[name])
    for seen, published in zip(numbers, PUBLISHED[name], strict=True):
        assert seen == pytest.approx(published, abs=0.05)


def test_the_free_size_sees_the_same_without_the_black_rest(
    detector: YuNet, portrait: RgbImage
) -> None:
    (small,) = detector.detect(portrait)
    (padded,) = detector.detect(on_canvas(portrait))
    assert small.points == pytest.approx(padded.points, abs=0.05)


def test_any_picture_size_is_padded(detector: YuNet, portrait: RgbImage) -> None:
    (face,) = detector.detect(portrait[:301, 50:333])
    assert face.points[2] == pytest.approx((170.4, 124.5), abs=4)


def test_nothing_is_found_where_nobody_is(detector: YuNet) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    assert detector.detect(noise) == []


def box(left: float, score: float) -> Face:
    return Face(left, 0.0, 100.0, 100.0, np.zeros((5, 2)), score)


def test_of_overlapping_boxes_the_best_stays() -> None:
    kept = suppress_overlaps([box(0, 0.7), box(10, 0.9), box(300, 0.8)])
    assert [face.left for face in kept] == [10, 300]


def test_overlap_is_a_share() -> None:
    assert intersection_over_union(box(0, 1), box(0, 1)) == 1
    assert intersection_over_union(box(0, 1), box(50, 1)) == pytest.approx(1 / 3)
    assert intersection_over_union(box(0, 1), box(200, 1)) == 0


@pytest.fixture(scope="module")
def finder(chain: FaceChain) -> FaceFinder:
    return chain.stages.finder


def test_a_distant_face_in_a_large_picture_is_found(finder: FaceFinder, portrait: RgbImage) -> None:
    large = np.full((2000, 3000, 3), 120, np.uint8)
    large[700:1212, 1500:2012] = portrait
    face = finder.in_still(large).face
    assert face is not None
    assert face.points[2] == pytest.approx((1720, 824), abs=8)


def test_a_face_that_fills_the_picture_is_found(finder: FaceFinder, portrait: RgbImage) -> None:
    tight = np.ascontiguousarray(portrait[72:168, 182:262])
    large = np.repeat(np.repeat(tight, 6, axis=0), 6, axis=1)
    assert finder.in_still(large).face is not None


def test_the_close_look_answers_a_mirrored_picture_with_the_mirrored_face(
    finder: FaceFinder, portrait: RgbImage
) -> None:
    face = finder.in_still(portrait).face
    assert face is not None
    straight = finder.measured(portrait, face)
    points = face.points[[1, 0, 2, 4, 3]] * (-1, 1) + (512, 0)
    turned = Face(512 - face.left - face.width, face.top, face.width, face.height, points, 0.9)
    answer = finder.measured(np.ascontiguousarray(portrait[:, ::-1]), turned)
    back = answer.points[[1, 0, 2, 4, 3]] * (-1, 1) + (512, 0)
    assert back == pytest.approx(straight.points, abs=0.5)


def test_a_second_face_is_measured_against_the_first(
    finder: FaceFinder, portrait: RgbImage
) -> None:
    alone = finder.in_still(portrait)
    pair = finder.in_still(np.hstack([portrait[:300], portrait[:300]]))
    assert alone.second_share == 0
    assert pair.second_share > 0.8


def test_a_lost_face_is_noticed(finder: FaceFinder, portrait: RgbImage) -> None:
    face = finder.in_still(portrait).face
    assert face is not None
    assert finder.followed(portrait, face) is not None
    assert finder.followed(np.zeros_like(portrait), face) is None
