"""YuNet in ONNX Runtime: one pass over one frame, decoded in NumPy.

The network answers for every cell of three grids (8, 16 and 32 pixels) with a score, a box and five
landmarks; the formulas are those of the published model's own post-processing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference.arrays import FloatArray, Points, RgbImage
from clinic_app.inference.native import cv2
from clinic_app.inference.sessions import Session

STRIDES = (8, 16, 32)
_MULTIPLE = 32
MIN_SCORE = 0.6
"""YuNet's published default for its runner is 0.9, for photographs 0.6 (OpenCV Zoo)."""
OVERLAP = 0.3
"""Boxes that share more than this (intersection over union) are one face (OpenCV Zoo)."""
_OUTPUTS = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in STRIDES]


@dataclass(frozen=True, slots=True)
class Face:
    """A detected face in pixels of the picture.

    `points` [5, 2]: the eye on the image's left (the patient's right), the other eye, nose tip, the
    mouth corner on the image's left, the other one. `score` in [0, 1].
    """

    left: float
    top: float
    width: float
    height: float
    points: Points
    score: float

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def between_eyes(self) -> float:
        """Distance of the eye centres in pixels."""
        return float(np.hypot(*(self.points[1] - self.points[0])))

    @property
    def centre(self) -> Points:
        return np.array([self.left + self.width / 2, self.top + self.height / 2])

    def moved(self, scale: float, shift_x: float, shift_y: float) -> Face:
        """The same face after `pixel -> pixel * scale + shift`."""
        return Face(
            float(self.left * scale + shift_x),
            float(self.top * scale + shift_y),
            float(self.width * scale),
            float(self.height * scale),
            self.points * scale + (shift_x, shift_y),
            self.score,
        )


class YuNet:
    """The detector over an injected session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def detect(self, image: RgbImage, min_score: float = MIN_SCORE) -> list[Face]:
        """Faces in an image that is looked at as it is, best first; empty when there is none."""
        blob, rows, columns = _to_blob(image)
        answers = self._session.run(_OUTPUTS, {"input": blob})
        found = dict(zip(_OUTPUTS, answers, strict=True))
        candidates: list[Face] = []
        for stride in STRIDES:
            candidates += _decode(found, stride, rows, columns, min_score)
        return suppress_overlaps(candidates)


def _to_blob(image: RgbImage) -> tuple[FloatArray, int, int]:
    """BGR planes 0-255 [1, 3, rows, columns], padded with black to a multiple of 32."""
    height, width = image.shape[:2]
    rows = -(-height // _MULTIPLE) * _MULTIPLE
    columns = -(-width // _MULTIPLE) * _MULTIPLE
    blob = np.zeros((1, 3, rows, columns), np.float32)
    blob[0, :, :height, :width] = image[:, :, ::-1].transpose(2, 0, 1)
    return blob, rows, columns


def _decode(
    found: dict[str, FloatArray], stride: int, rows: int, columns: int, min_score: float
) -> list[Face]:
    certainty = found[f"cls_{stride}"][0, :, 0].clip(0, 1) * found[f"obj_{stride}"][0, :, 0].clip(
        0, 1
    )
    chosen = np.flatnonzero(certainty >= min_score * min_score)
    if not chosen.size:
        return []
    cells = _cells(rows // stride, columns // stride)[chosen]
    box = found[f"bbox_{stride}"][0, chosen].astype(np.float64)
    centre = (cells + box[:, :2]) * stride
    size = np.exp(np.minimum(box[:, 2:], 10.0)) * stride
    corner = centre - size / 2
    points = (found[f"kps_{stride}"][0, chosen].reshape(-1, 5, 2) + cells[:, None]) * stride
    scores = np.sqrt(certainty[chosen])
    return [
        Face(
            float(corner[k, 0]),
            float(corner[k, 1]),
            float(size[k, 0]),
            float(size[k, 1]),
            points[k].astype(np.float64),
            float(scores[k]),
        )
        for k in range(len(chosen))
    ]


@lru_cache(maxsize=64)
def _cells(rows: int, columns: int) -> NDArray[np.float64]:
    y, x = np.mgrid[:rows, :columns]
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)


def suppress_overlaps(faces: list[Face]) -> list[Face]:
    """One face where several boxes overlap: the one with the best score; best first."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda one: -one.score):
        if all(intersection_over_union(face, other) <= OVERLAP for other in kept):
            kept.append(face)
    return kept


def intersection_over_union(a: Face, b: Face) -> float:
    """Shared part of two boxes, 0 to 1."""
    width = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
    height = min(a.top + a.height, b.top + b.height) - max(a.top, b.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return float(shared / (a.area + b.area - shared))


def resized(image: RgbImage, scale: float) -> RgbImage:
    """The image scaled by `scale`; shrinking averages, so that small faces do not alias."""
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if size == (width, height):
        return image
    # Averaging everything costs most of a frame's time; for a mild reduction linear is as good.
    how = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
    small: RgbImage = cv2.resize(image, size, interpolation=how)
    return small
