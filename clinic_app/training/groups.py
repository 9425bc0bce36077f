"""How the mean reading shifts between groups of people (UTKFace; there is no truth to compare)."""

from __future__ import annotations

from itertools import combinations
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.training.data import UtkData
from clinic_app.training.evaluate import ROUNDS, mean_with_interval

AGES = ((16, 30), (31, 45), (46, 60), (61, 120))
SEXES = ("male", "female")
RACES = ("White", "Black", "Asian", "Indian", "Other")
_LEAST = 2
Scores = NDArray[np.float64]
Masks = dict[str, NDArray[np.bool_]]


def group_masks(utk: UtkData, rows: NDArray[np.int64]) -> dict[str, Masks]:
    """Which of `rows` belong to each group, by attribute; groups of one person are left out."""
    masks: dict[str, Masks] = {
        "sex": {name: utk.gender[rows] == k for k, name in enumerate(SEXES)},
        "group": {name: utk.race[rows] == k for k, name in enumerate(RACES)},
        "age": {
            f"{low}-{high}": (utk.age[rows] >= low) & (utk.age[rows] <= high) for low, high in AGES
        },
    }
    return {
        attribute: {name: mask for name, mask in some.items() if mask.sum() >= _LEAST}
        for attribute, some in masks.items()
    }


def group_figures(masks: dict[str, Masks], raw: Scores, even: Scores) -> dict[str, Any]:
    """Mean `sadness` with interval and number of faces of each group, by "attribute name"."""
    return {
        f"{attribute} {name}": {
            "n": int(mask.sum()),
            "raw": mean_with_interval(raw[mask]),
            "normalised": mean_with_interval(even[mask]),
        }
        for attribute, some in masks.items()
        for name, mask in some.items()
    }


def compared(masks: dict[str, Masks], raw: Scores, even: Scores) -> dict[str, Any]:
    """Means by group, and the largest shifts of each reading."""
    found = {name: shifts(masks, s) for name, s in (("raw", raw), ("normalised", even))}
    return {
        "groups_n": len(raw),
        "groups": group_figures(masks, raw, even),
        "group_shifts": found,
        "largest_group_shift": {name: largest(some) for name, some in found.items()},
    }


def acceptance(masks: dict[str, Masks], accepted: NDArray[np.bool_]) -> dict[str, Any]:
    """Share of accepted pictures with its interval by "attribute name"."""
    return {
        f"{attribute} {name}": {
            "n": int(mask.sum()),
            "accepted": wilson(int(accepted[mask].sum()), int(mask.sum())),
        }
        for attribute, some in masks.items()
        for name, mask in some.items()
    }


def wilson(hits: int, n: int) -> metrics.Interval:
    """A share with its 95 % interval (Wilson, 1927), which holds near 0 and 1 too, where
    resampling gives an interval of no width."""
    share, z = hits / n, 1.959964
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return metrics.Interval(share, middle - half, middle + half)


def shifts(masks: dict[str, Masks], scores: Scores) -> dict[str, Any]:
    """The largest difference of two groups' means for each attribute, with its interval.

    Both groups of a pair are resampled. Choosing the largest of several pairs favours chance, so an
    interval that holds zero says nothing and one that does not says a little less than usual.
    """
    found: dict[str, Any] = {}
    for attribute, some in masks.items():
        pairs = list(combinations(some.items(), 2))
        if not pairs:
            continue
        one, other = max(pairs, key=lambda pair: abs(_gap(pair[0][1], pair[1][1], scores)))
        if scores[one[1]].mean() < scores[other[1]].mean():
            one, other = other, one
        found[attribute] = {
            "higher": one[0],
            "lower": other[0],
            "difference": _resampled(scores[one[1]], scores[other[1]]),
        }
    return found


def _gap(a: NDArray[np.bool_], b: NDArray[np.bool_], scores: Scores) -> float:
    return float(scores[a].mean() - scores[b].mean())


def _resampled(a: Scores, b: Scores) -> list[float]:
    rng = np.random.default_rng(0)
    drawn = [
        float(a[rng.integers(0, len(a), len(a))].mean() - b[rng.integers(0, len(b), len(b))].mean())
        for _ in range(ROUNDS)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return [float(a.mean() - b.mean()), float(low), float(high)]


def largest(found: dict[str, Any]) -> str:
    """The attribute with the largest shift."""
    return max(found, key=lambda attribute: float(found[attribute]["difference"][0]))
