"""Signed differences between the two sides of the face, on unmirrored pixels.

The patient's right side is on the image's left: 300-W points 17-21, 36-41 and 48 are the patient's
right brow, right eye and right lip corner.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clinic_app.domain.finding import Asymmetry
from clinic_app.inference.arrays import Points
from clinic_app.inference.manifest import RetestError

_RIGHT_BROW, _LEFT_BROW = slice(17, 22), slice(22, 27)
_RIGHT_EYE, _LEFT_EYE = slice(36, 42), slice(42, 48)
_RIGHT_LIDS = ((37, 41), (38, 40))
_LEFT_LIDS = ((43, 47), (44, 46))
_RIGHT_CORNER, _LEFT_CORNER = 48, 54


@dataclass(frozen=True, slots=True)
class Sides:
    """Left minus right, percent of the interocular distance; see `Asymmetry` for the signs."""

    eye_opening: float
    brow_height: float
    lip_corner: float


def measure(points: Points) -> Sides:
    """Differences of landmarks [68, 2] in any unmirrored pixel frame, measured across the eye line.

    The eye line is levelled first, so a tilted head shows no difference.
    """
    right_eye = points[_RIGHT_EYE].mean(axis=0)
    left_eye = points[_LEFT_EYE].mean(axis=0)
    along = left_eye - right_eye
    distance = float(np.hypot(*along))
    up = np.array([along[1], -along[0]]) / distance  # towards the forehead: y points down
    height = (points - (right_eye + left_eye) / 2.0) @ up * (100.0 / distance)
    return Sides(
        _opening(height, _LEFT_LIDS) - _opening(height, _RIGHT_LIDS),
        float(height[_LEFT_BROW].mean() - height[_RIGHT_BROW].mean()),
        float(height[_LEFT_CORNER] - height[_RIGHT_CORNER]),
    )


def eye_aspect_ratio(points: Points) -> float:
    """Lid distance over width, of the more closed eye (Soukupova and Cech 2016)."""
    ratios = []
    for lids, corners in ((_RIGHT_LIDS, (36, 39)), (_LEFT_LIDS, (42, 45))):
        lid = sum(float(np.hypot(*(points[a] - points[b]))) for a, b in lids) / len(lids)
        ratios.append(lid / max(float(np.hypot(*(points[corners[0]] - points[corners[1]]))), 1e-9))
    return min(ratios)


def asymmetry(points: Points, error: RetestError) -> Asymmetry:
    """The domain's record, with the model's test-retest error beside each value."""
    sides = measure(points)
    return Asymmetry(
        sides.eye_opening,
        sides.brow_height,
        sides.lip_corner,
        error.eye_opening_percent,
        error.brow_height_percent,
        error.lip_corner_percent,
    )


def _opening(height: Points, lids: tuple[tuple[int, int], ...]) -> float:
    return float(sum(height[upper] - height[lower] for upper, lower in lids) / len(lids))
