"""Where a face sits in its crop: the template FER2013 implies, and crops cut to it.

A template is five points as fractions of a square crop, in image order (image-left eye first):
in an unmirrored picture the image-left eye is the patient's right eye.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

POINT_NAMES = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


@dataclass(frozen=True)
class FaceTemplate:
    """Crop side in pixels and the five points as fractions of it."""

    size: int
    points: NDArray[np.float64]  # [5, 2] in [0, 1]

    def transform_from(
        self, found: NDArray[np.float64], size: int | None = None
    ) -> NDArray[np.float64]:
        """Similarity [2, 3] from image pixels to crop pixels, least squares on five points."""
        side = self.size if size is None else size
        return similarity(found, self.points * side)

    def crop(
        self, image: NDArray[np.uint8], found: NDArray[np.float64], size: int | None = None
    ) -> NDArray[np.uint8]:
        """The aligned square crop, `size` pixels a side (the template's own by default)."""
        side = self.size if size is None else size
        return warp(image, self.transform_from(found, side), side)


def template_from_points(found: NDArray[np.float64], side: float, size: int) -> FaceTemplate:
    """Median of detected points [n, 5, 2] on crops of `side` pixels, made mirror-symmetric.

    Symmetry matters: training mirrors images, so a lopsided template would be two templates.
    """
    seen = found[~np.isnan(found).any(axis=(1, 2))] / side
    median = np.median(seen, axis=0)
    mirrored = median[[1, 0, 2, 4, 3]].copy()
    mirrored[:, 0] = 1.0 - mirrored[:, 0]
    return FaceTemplate(size, (median + mirrored) / 2.0)


def similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least-squares rotation, uniform scale and shift [2, 3] between point sets [k, 2]."""
    s0, t0 = source.mean(axis=0), target.mean(axis=0)
    s, t = source - s0, target - t0
    power = float((s * s).sum())
    a = float((s * t).sum()) / power
    b = float((s[:, 0] * t[:, 1] - s[:, 1] * t[:, 0]).sum()) / power
    linear = np.array([[a, -b], [b, a]])
    return np.hstack([linear, (t0 - linear @ s0)[:, None]])


def warp(image: NDArray[np.uint8], matrix: NDArray[np.float64], side: int) -> NDArray[np.uint8]:
    """Apply a [2, 3] transform; where it shrinks, smooth first, so that detail cannot alias."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < 0.6:
        image = cv2.GaussianBlur(image, (0, 0), 0.4 / scale).astype(np.uint8)
    # Pixel centres sit at half coordinates: shift so that fractions of the crop stay exact.
    shifted = matrix.copy()
    shifted[:, 2] += matrix[:, :2] @ np.array([0.5, 0.5]) - 0.5
    crop = cv2.warpAffine(
        image, shifted, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return crop.astype(np.uint8, copy=False)


def five_from_68(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Eye centres, nose tip and mouth corners of 300-W points [68, 2], in template order."""
    p = np.asarray(points, dtype=np.float64)
    return np.stack([p[36:42].mean(axis=0), p[42:48].mean(axis=0), p[30], p[48], p[54]])
