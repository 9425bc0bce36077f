"""Where a face sits in its crop: the template FER2013 implies, and crops cut to it.

A template is five points as fractions of a square crop, in image order (image-left eye first):
in an unmirrored picture the image-left eye is the patient's right eye. Training fits and cuts with
the program's own functions, so that a network meets the same pixels in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference.alignment import landmark_five, similarity, warp

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
    return FaceTemplate(size, _symmetric(np.median(seen, axis=0)))


def landmark_shift(points: NDArray[np.floating], template: FaceTemplate) -> NDArray[np.float64]:
    """How far the five landmarks of points [n, 68, 2] lie from the template's places, [5, 2].

    Fractions of crops that were aligned by the detector's own points; median, mirror-symmetric.
    `inference.alignment` frames a face by its landmarks with these figures.
    """
    five = np.stack([landmark_five(np.asarray(face, dtype=np.float64)) for face in points])
    return _symmetric(np.median(five, axis=0)) - template.points


def _symmetric(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of five places [5, 2] and their mirror image."""
    mirrored = points[[1, 0, 2, 4, 3]].copy()
    mirrored[:, 0] = 1.0 - mirrored[:, 0]
    mean: NDArray[np.float64] = (points + mirrored) / 2.0
    return mean
