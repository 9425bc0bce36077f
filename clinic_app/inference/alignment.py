"""The aligned crop: a similarity in closed form takes five points to the template's places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference.arrays import Points, RgbImage
from clinic_app.inference.manifest import FaceTemplate
from clinic_app.inference.native import cv2

Matrix = NDArray[np.float64]
"""[2, 3]: picture pixels to crop pixels."""

DISPLAY_SIDE = 256
"""Side in pixels of the crop that people see (slider, report)."""
_SMOOTH_BELOW = 0.7
"""Scale under which the picture is smoothed first, so that fine detail cannot alias."""


@dataclass(frozen=True)
class AlignedFace:
    """A square crop, RGB uint8 [side, side, 3], and the similarity that made it."""

    image: RgbImage
    matrix: Matrix

    @property
    def side(self) -> int:
        return int(self.image.shape[0])

    def to_picture(self, points: Points) -> Points:
        """Crop pixels [k, 2] back to picture pixels."""
        linear, shift = self.matrix[:, :2], self.matrix[:, 2]
        return (points - shift) @ np.linalg.inv(linear).T


def template_points(template: FaceTemplate, side: float = 1.0) -> Points:
    """The template's five points in pixels of a crop of `side`."""
    return np.array(template.points, dtype=np.float64) * side


def aligned(
    image: RgbImage, points: Points, template: FaceTemplate, side: int | None = None
) -> AlignedFace:
    """Cut the face with landmarks `points` [5, 2] out; `side` defaults to the template's."""
    side = template.size if side is None else side
    matrix = similarity(points, template_points(template, side))
    return AlignedFace(warp(image, matrix, side), matrix)


def similarity(source: Points, target: Points) -> Matrix:
    """Least-squares rotation, uniform scale and shift from source to target points [k, 2].

    Umeyama's closed form (IEEE TPAMI 13(4), 1991) for the plane, without reflection. Raises
    `ValueError` when all source points are one.
    """
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    s, t = source - source_mean, target - target_mean
    power = float((s * s).sum())
    if power <= 0.0:
        raise ValueError("The points to align coincide.")
    a = float((s * t).sum()) / power
    b = float((s[:, 0] * t[:, 1] - s[:, 1] * t[:, 0]).sum()) / power
    linear = np.array([[a, -b], [b, a]])
    return np.hstack([linear, (target_mean - linear @ source_mean)[:, None]])


def warp(
    image: RgbImage, matrix: Matrix, side: int, border: int = cv2.BORDER_REPLICATE
) -> RgbImage:
    """Apply a [2, 3] transform; only the part of the picture that is needed is touched."""
    part, x, y = _needed_part(image, matrix, side)
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    # Whole-number averaging is many times faster than a blur of the same width.
    times = max(1, min(int(_SMOOTH_BELOW / scale), *part.shape[:2]))
    part = _averaged(part, times)
    if scale * times < _SMOOTH_BELOW:
        part = cv2.GaussianBlur(part, (0, 0), 0.4 / (scale * times))
    moved = matrix.copy()
    moved[:, :2] *= times
    # Pixel centres sit at half coordinates: shift so that fractions of the crop stay exact.
    moved[:, 2] += matrix[:, :2] @ np.array([x, y]) + moved[:, :2] @ np.array([0.5, 0.5]) - 0.5
    crop: RgbImage = cv2.warpAffine(
        part, moved, (side, side), flags=cv2.INTER_LINEAR, borderMode=border
    )
    return crop


def _averaged(image: RgbImage, times: int) -> RgbImage:
    """Shrunk by a whole number; a rest at the far edges is dropped."""
    if times == 1:
        return image
    height, width = image.shape[0] // times, image.shape[1] // times
    whole = image[: height * times, : width * times]
    small: RgbImage = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    return small


def _needed_part(image: RgbImage, matrix: Matrix, side: int) -> tuple[RgbImage, int, int]:
    corners = np.array([[0, 0], [side, 0], [0, side], [side, side]], dtype=np.float64)
    back = (corners - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    margin = 3 + 1.5 / float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    low = np.floor(back.min(axis=0) - margin)
    high = np.ceil(back.max(axis=0) + margin)
    height, width = image.shape[:2]
    left, top = int(np.clip(low[0], 0, width - 1)), int(np.clip(low[1], 0, height - 1))
    right = int(np.clip(high[0], left + 1, width))
    bottom = int(np.clip(high[1], top + 1, height))
    return np.ascontiguousarray(image[top:bottom, left:right]), left, top
