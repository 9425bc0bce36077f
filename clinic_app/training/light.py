"""How a reading moves when only the light moves, and the classical corrections to beat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.training.evaluate import ROUNDS, Bytes

Correction = Callable[[Bytes], Bytes]
"""Maps faces [n, 96, 96, 3] to corrected ones."""
NEAR = 60.0
"""Degrees between light and camera up to which a room may light a face."""
ANGLES = (0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0, 130.0)
"""Edges of the bins of the curve over the angle."""


@dataclass(frozen=True)
class Lit:
    """Images of the same still faces under different light; all arrays have one entry an image.

    `frontal` holds the position of the same subject's frontal-light image, `angle` the degrees
    between light and camera axis.
    """

    subject: NDArray[np.int64]
    frontal: NDArray[np.int64]
    angle: NDArray[np.float64]

    @property
    def other(self) -> NDArray[np.bool_]:
        """Images that are not the frontal one."""
        moved: NDArray[np.bool_] = self.frontal != np.arange(len(self.frontal))
        return moved

    def only(self, kept: NDArray[np.bool_]) -> tuple[Lit, NDArray[np.int64]]:
        """The kept images of subjects whose frontal one is kept, and their positions."""
        rows = np.flatnonzero(kept & kept[self.frontal])
        return Lit(
            self.subject[rows], np.searchsorted(rows, self.frontal[rows]), self.angle[rows]
        ), rows


@dataclass(frozen=True)
class LightFigures:
    """Steadiness of one reading; intervals resample subjects, who are what is independent."""

    spread: metrics.Interval  # mean over subjects of the standard deviation of sadness
    spread_near: metrics.Interval  # the same for lights within 60 degrees
    flips: metrics.Interval  # share of readings in another band than under frontal light
    flips_near: metrics.Interval  # the same for lights within 60 degrees
    subjects: int
    images: int
    images_near: int
    by_subject: list[tuple[int, float, float]]  # subject, spread, flips within 60 degrees
    by_angle: list[tuple[float, float, int]]  # middle of the bin in degrees, flips, images


def light_figures(sadness: NDArray[np.float64], band: NDArray[np.int64], lit: Lit) -> LightFigures:
    """`sadness` and `band` are what was read of each image."""
    other = lit.other
    near = other & (lit.angle <= NEAR)
    flipped = band != band[lit.frontal]
    who = np.unique(lit.subject)
    mine = [lit.subject == s for s in who]
    spread = np.array([sadness[m].std() for m in mine])
    spread_near = np.array([sadness[m & (near | ~other)].std() for m in mine])
    return LightFigures(
        spread=_mean(spread),
        spread_near=_mean(spread_near),
        flips=pooled(flipped, mine, other),
        flips_near=pooled(flipped, mine, near),
        subjects=len(who),
        images=len(sadness),
        images_near=int(near.sum()),
        by_subject=[
            (
                int(s),
                float(v),
                float(flipped[m & near].mean()) if (m & near).any() else float("nan"),
            )
            for s, v, m in zip(who, spread, mine, strict=True)
        ],
        by_angle=_by_angle(flipped, lit.angle, other),
    )


def _mean(values: NDArray[np.float64]) -> metrics.Interval:
    return metrics.bootstrap(lambda r: float(values[r].mean()), len(values), rounds=ROUNDS)


def pooled(
    flipped: NDArray[np.bool_], mine: list[NDArray[np.bool_]], counted: NDArray[np.bool_]
) -> metrics.Interval:
    """Share of flipped among the counted images; the interval resamples subjects, of whom `mine`
    holds the images of each."""
    hits = np.array([(flipped & counted & m).sum() for m in mine], dtype=np.float64)
    sizes = np.array([(counted & m).sum() for m in mine], dtype=np.float64)
    return metrics.bootstrap(
        lambda r: float(hits[r].sum() / max(sizes[r].sum(), 1.0)), len(mine), rounds=ROUNDS
    )


def _by_angle(
    flipped: NDArray[np.bool_], angle: NDArray[np.float64], other: NDArray[np.bool_]
) -> list[tuple[float, float, int]]:
    curve = []
    for low, high in pairwise(ANGLES):
        inside = other & (angle >= low) & (angle < high)
        if inside.any():
            curve.append(
                (float(angle[inside].mean()), float(flipped[inside].mean()), int(inside.sum()))
            )
    return curve


def fewer_flips(raw: NDArray[np.int64], even: NDArray[np.int64], lit: Lit) -> metrics.Interval:
    """How many times fewer bands flip within 60 degrees with `even` than with `raw`.

    Both are readings of the same images; subjects are resampled. One flip is added on both sides,
    so that a reading without any does not divide by zero.
    """
    near = lit.other & (lit.angle <= NEAR)
    counts = np.array(
        [
            [
                (near & (lit.subject == s) & (band != band[lit.frontal])).sum()
                for band in (raw, even)
            ]
            for s in np.unique(lit.subject)
        ],
        dtype=np.float64,
    )
    return metrics.bootstrap(
        lambda r: float((counts[r, 0].sum() + 1) / (counts[r, 1].sum() + 1)),
        len(counts),
        rounds=ROUNDS,
    )


def light_angle(
    azimuth: NDArray[np.float64], elevation: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Degrees between the light and the camera axis."""
    cosine = np.cos(np.deg2rad(azimuth)) * np.cos(np.deg2rad(elevation))
    return np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0)))


def grey_world(faces: Bytes) -> Bytes:
    """Classical baseline: every channel of each face scaled to the same mean of 128."""
    means = faces.mean(axis=(1, 2), keepdims=True)
    return np.clip(faces * (128.0 / np.maximum(means, 1.0)), 0, 255).astype(np.uint8)


def clahe(faces: Bytes) -> Bytes:
    """Classical baseline: contrast-limited histogram equalisation of the lightness."""
    return np.stack([_clahe(face) for face in faces])


def _clahe(face: Bytes) -> Bytes:
    lab = cv2.cvtColor(face, cv2.COLOR_RGB2LAB)
    lab[:, :, 0] = cv2.createCLAHE(2.0, (4, 4)).apply(np.ascontiguousarray(lab[:, :, 0]))
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB).astype(np.uint8, copy=False)
