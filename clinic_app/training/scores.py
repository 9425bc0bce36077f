"""The figures every net of the comparison is judged by, from the same faces in the same way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.training.evaluate import Truth

ROUNDS = 400
Rows = NDArray[np.integer]


def reading_figures(
    sadness: NDArray[np.float64],
    band: NDArray[np.integer],
    emotion: NDArray[np.integer] | None,
    truth: Truth,
    threshold: float,
) -> dict[str, metrics.Interval | None]:
    """Agreement with raters of n readings, each with its bootstrap 95 % interval.

    `threshold` on sadness and the cuts behind `band` are chosen on other faces. `emotion` [n] is
    None for a net that names no emotions; its figure is None then.
    """

    def balanced(rows: Rows) -> float:
        decided = sadness[rows] >= threshold
        return metrics.binary_scores(truth.positive[rows], decided).balanced_accuracy

    statistics: dict[str, Callable[[Rows], float]] = {
        "pearson": lambda r: metrics.pearson(sadness[r], truth.share[r]),
        "auc": lambda r: metrics.roc_auc(truth.positive[r], sadness[r]),
        "balanced_accuracy": balanced,
        "band_kappa": lambda r: metrics.quadratic_weighted_kappa(truth.band[r], band[r]),
    }
    n = len(sadness)
    figures: dict[str, metrics.Interval | None] = {
        name: metrics.bootstrap(statistic, n, rounds=ROUNDS)
        for name, statistic in statistics.items()
    }
    figures["emotion_accuracy"] = (
        None
        if emotion is None
        else metrics.bootstrap(
            lambda r: float((emotion[r] == truth.emotion[r]).mean()), n, rounds=ROUNDS
        )
    )
    return figures
