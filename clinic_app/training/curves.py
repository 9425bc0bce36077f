"""Points of the curves on the cards: reliability of a probability, risk by coverage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference.metrics import FloatArray

BINS = 10
Point = tuple[float, float, int]
"""Mean stated probability, share that was right, number of faces."""


def reliability(
    stated: FloatArray, right: NDArray[np.bool_], bins: int = BINS, least: int = 10
) -> list[Point]:
    """Stated probabilities [n] in equal-width bins against how often they came true.

    Bins with fewer than `least` faces are left out: their share means nothing.
    """
    slot = np.minimum((stated * bins).astype(np.int64), bins - 1)
    points = []
    for b in range(bins):
        inside = slot == b
        if inside.sum() >= least:
            points.append(
                (float(stated[inside].mean()), float(right[inside].mean()), int(inside.sum()))
            )
    return points


def binary_ece(stated: FloatArray, right: NDArray[np.bool_], bins: int = 15) -> float:
    """Mean gap between stated and true share of a yes/no probability over equal-width bins."""
    points = reliability(stated, right, bins, least=1)
    return sum(n * abs(said - true) for said, true, n in points) / len(stated)
