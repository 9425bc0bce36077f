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
_LANDMARK_SHIFT = np.array(
    [[0.0124, 0.0113], [-0.0124, 0.0113], [0.0, 0.0395], [-0.0062, 0.0335], [0.0062, 0.0335]]
)
"""Landmark places minus template places, fractions of the crop: the `landmark_shift` that the card
of the landmarks reports (median over held-out video faces, made symmetric)."""
_MOST_APART, _MOST_RESIZED = 0.15, 1.3
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


@dataclass(frozen=True)
class Aligned:
    """Two crops of one face: framed for reading it, and framed for measuring it."""

    reading: AlignedFace
    measuring: AlignedFace


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


def landmark_five(points: Points) -> Points:
    """Eye centres, nose tip and lip corners [5, 2] of 300-W points [68, 2], in template order."""
    eyes = [points[36:42].mean(axis=0), points[42:48].mean(axis=0)]
    return np.stack([*eyes, points[30], points[48], points[54]])


def landmark_template(template: FaceTemplate, side: float = 1.0) -> Points:
    """Where `landmark_five` lies, in the mean, on crops that were aligned by the detector."""
    places: Points = (template_points(template) + _LANDMARK_SHIFT) * side
    return places


def realigned(
    image: RgbImage, coarse: AlignedFace, five: Points, template: FaceTemplate
) -> Aligned:
    """Align again by `five` landmarks in picture pixels, found on the detector's crop.

    The detector's points tremble by a tenth of the interocular distance, the landmarks far less:
    on the landmarks' own crop asymmetry repeats two to eight times better. The reading is truest
    on the mean of both framings. Where the two disagree wildly the landmarks have failed, and the
    detector's crop is kept for both.
    """
    matrix = similarity(five, landmark_template(template, coarse.side))
    if not _agree(matrix, coarse):
        return Aligned(coarse, coarse)
    middle = (matrix + coarse.matrix) / 2.0
    return Aligned(
        AlignedFace(warp(image, middle, coarse.side), middle),
        AlignedFace(warp(image, matrix, coarse.side), matrix),
    )


def at_size(image: RgbImage, crop: AlignedFace, side: int) -> RgbImage:
    """The same crop cut at another size."""
    return warp(image, crop.matrix * (side / crop.side), side)


def eye_distance(crop: AlignedFace, template: FaceTemplate) -> float:
    """Pixels of the picture between the eye centres, from the size that all points agree on."""
    eyes = landmark_template(template, crop.side)[:2]
    return float(np.hypot(*(eyes[1] - eyes[0]))) / _scale(crop.matrix)


def _agree(matrix: Matrix, coarse: AlignedFace) -> bool:
    middle = np.array([[0.5, 0.5]]) * coarse.side
    there = coarse.to_picture(middle) @ matrix[:, :2].T + matrix[:, 2]
    apart = float(np.hypot(*(there - middle)[0])) / coarse.side
    ratio = _scale(matrix) / _scale(coarse.matrix)
    return apart < _MOST_APART and 1 / _MOST_RESIZED < ratio < _MOST_RESIZED


def _scale(matrix: Matrix) -> float:
    return float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))


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
    scale = _scale(matrix)
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
    margin = 3 + 1.5 / _scale(matrix)
    low = np.floor(back.min(axis=0) - margin)
    high = np.ceil(back.max(axis=0) + margin)
    height, width = image.shape[:2]
    left, top = int(np.clip(low[0], 0, width - 1)), int(np.clip(low[1], 0, height - 1))
    right = int(np.clip(high[0], left + 1, width))
    bottom = int(np.clip(high[1], top + 1, height))
    return np.ascontiguousarray(image[top:bottom, left:right]), left, top
