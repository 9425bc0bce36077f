"""Of several frames the best counts, and the spread is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clinic_app.domain.finding import AbstainReason
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.chain import FaceChain, FrameReading
from clinic_app.inference.faces.yunet import Face
from clinic_app.inference.native import cv2
from clinic_app.inference.sequence import (
    movement,
    rank,
    shows_several_people,
    statistics_of,
)
from clinic_app.inference.timing import Stopwatch


@pytest.fixture(scope="module")
def good(chain: FaceChain, portrait: RgbImage) -> FrameReading:
    return chain.read(portrait, Stopwatch())


@pytest.fixture(scope="module")
def empty(chain: FaceChain) -> FrameReading:
    return chain.read(np.zeros((200, 200, 3), np.uint8), Stopwatch())


def test_sharp_beats_soft_beats_refused_beats_nobody(
    chain: FaceChain, portrait: RgbImage, good: FrameReading, empty: FrameReading
) -> None:
    soft = chain.read(cv2.GaussianBlur(portrait, (0, 0), 1.5), Stopwatch())
    dark = chain.read(portrait // 12, Stopwatch())
    assert sorted([good, empty, dark, soft], key=rank) == [empty, dark, soft, good]


@pytest.mark.parametrize("doubt", [AbstainReason.DISAGREEMENT, AbstainReason.LOW_CONFIDENCE])
def test_a_softer_frame_is_not_chosen_because_the_sharp_one_abstains(
    chain: FaceChain, portrait: RgbImage, good: FrameReading, doubt: AbstainReason
) -> None:
    soft = chain.read(cv2.GaussianBlur(portrait, (0, 0), 1.5), Stopwatch())
    assert soft.abstained is None
    unsure = replace(good, abstained=doubt)
    assert max([unsure, soft, unsure], key=rank).abstained is doubt


def test_median_and_spread_are_over_the_frames_with_a_result(
    chain: FaceChain, portrait: RgbImage, good: FrameReading, empty: FrameReading
) -> None:
    brighter = chain.read((portrait * 0.8).astype(np.uint8), Stopwatch())
    assert good.normalised is not None
    assert brighter.normalised is not None
    low, high = sorted([good.normalised.reading.percent, brighter.normalised.reading.percent])
    seen = statistics_of(chain, [good, empty, brighter])
    assert (seen.frames, seen.accepted_frames) == (3, 2)
    assert seen.median_percent == pytest.approx((low + high) / 2)
    assert seen.spread_percent == pytest.approx((high - low) / 2)
    assert seen.facing_away_share == pytest.approx(1 / 3)


def test_without_any_result_there_is_no_median(chain: FaceChain, empty: FrameReading) -> None:
    seen = statistics_of(chain, [empty, empty])
    assert (seen.median_percent, seen.spread_percent, seen.movement) == (None, None, None)
    assert seen.facing_away_share == 1.0


def face_at(x: float) -> Face:
    points = np.array([[x, 0], [x + 50, 0], [x + 25, 25], [x + 5, 50], [x + 45, 50]])
    return Face(x, 0, 50, 60, points, 0.9)


def test_movement_is_in_percent_of_the_distance_between_the_eyes() -> None:
    assert movement([face_at(0), face_at(5), face_at(10)]) == pytest.approx(10.0)
    assert movement([face_at(0), None, face_at(10)]) is None


def test_a_second_person_in_some_frames_is_passing_by(good: FrameReading) -> None:
    pair = replace(good, abstained=AbstainReason.SEVERAL_FACES)
    assert not shows_several_people([good] * 8 + [pair])
    assert shows_several_people([good] * 7 + [pair] * 3)
