"""Reads a face from the places of its 68 points alone: the baseline shipped beside the network.

No pixel takes part. Points are brought into one frame (eye centres level and one unit apart),
turned into coordinates, openings, heights, slopes and side differences, and read by a ridge
regression on radial functions. It shows what plain geometry can tell, and so what the network adds;
no reading of a patient rests on it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.errors import ModelRejected
from clinic_app.inference.archives import read_arrays
from clinic_app.inference.landmarks import MIRRORED
from clinic_app.inference.manifest import Manifest, model_bytes

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NAME = "geometry"
EMOTIONS = 8
FURTHEST = 3.0
"""Standard deviations at which a feature stops counting: points that were found wrongly would
otherwise outweigh everything."""
_RIGHT_EYE, _LEFT_EYE = slice(36, 42), slice(42, 48)
_POINT_PAIRS: tuple[tuple[int, int], ...] = (
    (37, 41), (38, 40), (43, 47), (44, 46),  # lids
    (36, 39), (42, 45),  # eye widths
    (21, 22), (17, 21), (22, 26),  # gap between the brows, brow lengths
    (17, 36), (19, 37), (21, 39), (22, 42), (24, 44), (26, 45),  # brow to eye
    (27, 33), (31, 35),  # nose length and width
    (48, 54), (60, 64),  # mouth widths
    (51, 57), (62, 66), (61, 67), (63, 65),  # mouth openings
    (33, 51), (57, 8),  # nose to lip, lip to chin
    (36, 48), (45, 54), (31, 48), (35, 54),  # eye and nostril to lip corner
    (0, 16), (3, 13), (5, 11), (27, 8),  # face widths and height
)  # fmt: skip
_ANGLES: tuple[tuple[int, int, int], ...] = (
    (48, 51, 54), (48, 57, 54), (60, 62, 64), (60, 66, 64),  # how the lips curve
    (51, 48, 57), (51, 54, 57),  # how far the corners open
    (17, 19, 21), (22, 24, 26),  # how the brows arch
    (21, 27, 22),  # how the inner brows point
    (37, 36, 41), (44, 45, 46),  # outer eye corners
)  # fmt: skip
_SLOPES: tuple[tuple[int, int], ...] = (
    (17, 21), (19, 21), (22, 26), (22, 24),  # brows
    (36, 39), (42, 45),  # eyes
    (48, 51), (51, 54), (48, 57), (57, 54),  # lips
)  # fmt: skip
_ARRAYS = {
    "mean": 1,
    "scale": 1,
    "centres": 2,
    "width": 0,
    "weights": 2,
    "cuts": 1,
    "threshold": 0,
}
"""What the file holds, with the number of axes of each array."""


def features(points: NDArray[np.floating]) -> FloatArray:
    """Shape of faces [n, 68, 2] (any unit, y down, unmirrored) as numbers [n, k].

    Moving, turning or enlarging a face changes nothing. Raises ValueError for another shape or
    where both eyes are at one place.
    """
    shape = levelled(points)
    mirror = shape[:, MIRRORED] * np.array([-1.0, 1.0])
    sides = (shape - mirror)[:, _ONE_OF_EACH_PAIR]
    parts = [
        shape.reshape(len(shape), -1),
        sides.reshape(len(shape), -1),
        np.stack([_distance(shape, a, b) for a, b in _POINT_PAIRS], axis=1),
        np.stack([_angle(shape, *three) for three in _ANGLES], axis=1),
        np.stack([_slope(shape, a, b) for a, b in _SLOPES], axis=1),
        _ratios(shape),
    ]
    return np.concatenate(parts, axis=1)


_ONE_OF_EACH_PAIR = np.flatnonzero(np.arange(68) < MIRRORED)


def levelled(points: NDArray[np.floating]) -> FloatArray:
    """Points [n, 68, 2] with the eye centres at (-0.5, 0) and (0.5, 0)."""
    shape = np.asarray(points, dtype=np.float64)
    if shape.ndim != 3 or shape.shape[1:] != (68, 2):
        raise ValueError(f"expected points [n, 68, 2], got {shape.shape}")
    right = shape[:, _RIGHT_EYE].mean(axis=1)
    left = shape[:, _LEFT_EYE].mean(axis=1)
    along = left - right
    squared = (along * along).sum(axis=1)
    if not (squared > 0).all():
        raise ValueError("both eyes of a face are at one place")
    moved = shape - ((right + left) / 2.0)[:, None]
    cos, sin = along[:, 0] / squared, along[:, 1] / squared
    x = moved[..., 0] * cos[:, None] + moved[..., 1] * sin[:, None]
    y = moved[..., 1] * cos[:, None] - moved[..., 0] * sin[:, None]
    return np.stack([x, y], axis=2)


def _distance(shape: FloatArray, a: int, b: int) -> FloatArray:
    return np.asarray(np.linalg.norm(shape[:, a] - shape[:, b], axis=1), dtype=np.float64)


def _angle(shape: FloatArray, a: int, corner: int, b: int) -> FloatArray:
    """Signed angle at `corner` in radians."""
    u, v = shape[:, a] - shape[:, corner], shape[:, b] - shape[:, corner]
    cross = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    turned = np.arctan2(cross, (u * v).sum(axis=1))
    # A straight lip is at half a turn: count from there, so that curving either way is continuous.
    return np.asarray((turned - np.pi) % (2.0 * np.pi) - np.pi, dtype=np.float64)


def _slope(shape: FloatArray, a: int, b: int) -> FloatArray:
    """Angle of the line from a to b against the eye line, in radians."""
    line = shape[:, b] - shape[:, a]
    return np.asarray(np.arctan2(line[:, 1], line[:, 0]), dtype=np.float64)


def _ratios(shape: FloatArray) -> FloatArray:
    """Openings relative to widths, and how high the lip corners sit against the lip centre."""
    tiny = 1e-6
    eyes = [
        (_distance(shape, a, b) + _distance(shape, c, d)) / (2.0 * _distance(shape, e, f) + tiny)
        for a, b, c, d, e, f in ((37, 41, 38, 40, 36, 39), (43, 47, 44, 46, 42, 45))
    ]
    mouth = _distance(shape, 48, 54) + tiny
    corners = (shape[:, 48, 1] + shape[:, 54, 1]) / 2.0
    return np.stack(
        [
            *eyes,
            _distance(shape, 62, 66) / mouth,
            _distance(shape, 51, 57) / mouth,
            (corners - shape[:, 51, 1]) / mouth,
            (corners - shape[:, 57, 1]) / mouth,
            (corners - shape[:, 62, 1]) / mouth,
            (shape[:, 21, 1] + shape[:, 22, 1] - shape[:, 17, 1] - shape[:, 26, 1]) / 2.0,
        ],
        axis=1,
    )


@dataclass(frozen=True)
class GeometryAnswers:
    """What the shapes of n faces say."""

    sadness: FloatArray  # [n] in [0, 1]
    band: IntArray  # [n] 0 none ... 3 severe
    emotions: FloatArray  # [n, 8] shares in FER+ order, rows sum to 1


@dataclass(frozen=True)
class GeometryModel:
    """Ridge on radial functions of standardised features; made by training, kept as arrays."""

    mean: FloatArray  # [k]
    scale: FloatArray  # [k]
    centres: FloatArray  # [m, k] standardised shapes that others are compared with
    width: float  # of the radial functions
    weights: FloatArray  # [m + k + 1, 9]: radial, linear, constant -> sadness, eight emotions
    cuts: FloatArray  # [3] rising, on sadness
    threshold: float  # on sadness, for a share of raters of at least 0.35

    def __post_init__(self) -> None:
        k, m = self.mean.size, len(self.centres)
        arrays = (self.mean, self.scale, self.centres, self.weights, self.cuts)
        fits = (
            self.scale.shape == (k,)
            and self.centres.shape == (m, k)
            and self.weights.shape == (m + k + 1, 1 + EMOTIONS)
            and self.cuts.shape == (3,)
            and all(bool(np.isfinite(a).all()) for a in arrays)
            and bool((self.scale > 0).all())
            and bool((np.diff(self.cuts) >= 0).all())
            and np.isfinite(self.width)
            and self.width > 0
            and np.isfinite(self.threshold)
        )
        if not fits:
            raise ValueError("the arrays of the geometry model do not fit together")

    def read(self, points: NDArray[np.floating]) -> GeometryAnswers:
        """Answers for points [n, 68, 2] of unmirrored faces, in any unit."""
        said = expand(self.standardised(points), self.centres, self.width) @ self.weights
        sadness = np.clip(said[:, 0], 0.0, 1.0)
        shares = np.clip(said[:, 1:], 1e-6, None)
        band = (sadness[:, None] >= self.cuts).sum(axis=1).astype(np.int64)
        return GeometryAnswers(sadness, band, shares / shares.sum(axis=1, keepdims=True))

    def standardised(self, points: NDArray[np.floating]) -> FloatArray:
        """Features [n, k] in standard deviations of the training faces, within `FURTHEST`."""
        return standardise(features(points), self.mean, self.scale)

    def to_bytes(self) -> bytes:
        """The file's content: a compressed archive of plain arrays, the large ones in float32."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            mean=self.mean.astype(np.float32),
            scale=self.scale.astype(np.float32),
            centres=self.centres.astype(np.float32),
            weights=self.weights.astype(np.float32),
            width=np.float64(self.width),
            cuts=self.cuts,
            threshold=np.float64(self.threshold),
        )
        return buffer.getvalue()

    @classmethod
    def of_bytes(cls, data: bytes) -> GeometryModel:
        """The model in a file's content; raises `ModelRejected`."""
        try:
            arrays = read_arrays(io.BytesIO(data))
            found = {name: np.asarray(arrays[name], np.float64) for name in _ARRAYS}
            if any(found[name].ndim != axes for name, axes in _ARRAYS.items()):
                raise ValueError("an array has too many or too few axes")
            return cls(
                found["mean"],
                found["scale"],
                found["centres"],
                float(found["width"]),
                found["weights"],
                found["cuts"],
                float(found["threshold"]),
            )
        except (ValueError, KeyError, TypeError):
            raise ModelRejected("The file of the 'geometry' model is damaged.") from None


def standardise(shapes: FloatArray, mean: FloatArray, scale: FloatArray) -> FloatArray:
    """Features [n, k] without their mean and spread, within `FURTHEST`."""
    return np.clip((shapes - mean) / scale, -FURTHEST, FURTHEST)


def expand(standardised: FloatArray, centres: FloatArray, width: float) -> FloatArray:
    """Radial functions of [n, k] around [m, k], then the features themselves and a one."""
    k = standardised.shape[1]
    squared = (
        (standardised * standardised).sum(axis=1)[:, None]
        + (centres * centres).sum(axis=1)[None]
        - 2.0 * standardised @ centres.T
    )
    near = np.exp(-np.clip(squared, 0.0, None) / (2.0 * k * width * width))
    return np.concatenate([near, standardised, np.ones((len(standardised), 1))], axis=1)


def load_geometry(folder: Path, manifest: Manifest) -> GeometryModel:
    """The shipped model, its checksum checked; raises `ModelRejected`."""
    return GeometryModel.of_bytes(model_bytes(folder, NAME, manifest.entry(NAME)))
