"""Turns scores into honest numbers on held-out data: temperature, cuts, interval, abstention."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from clinic_app.inference import metrics

FloatArray = NDArray[np.float64]
INTERVAL_EDGES = (0.0, 5.0, 10.0, 20.0, 35.0, 50.0, 65.0, 80.0, 100.0)
"""Bins of predicted percent; each gets its own residual quantiles."""
LEAST_IN_BIN = 40
REFUSING_GAINS = 0.01
LEAST_COVERAGE = 0.9
"""Refusing has to lower the error by so much, and may not cost more faces than this leaves."""


def softmax(logits: FloatArray) -> FloatArray:
    """Row-wise probabilities of [n, k] logits."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: FloatArray = shifted / shifted.sum(axis=1, keepdims=True)
    return result


def temperature(logits: FloatArray, target: FloatArray) -> float:
    """The single divisor of logits with the least cross entropy against targets [n, k].

    Logits are [v, n, k]: the answer to a face is its mean probability over `v` views. One positive
    number for all classes: the order of the classes of a view never changes.
    """

    def entropy(log_t: float) -> float:
        p = np.mean([softmax(view / np.exp(log_t)) for view in logits], axis=0)
        return float(-(target * np.log(p + np.finfo(float).tiny)).sum(axis=1).mean())

    found = minimize_scalar(entropy, bounds=(np.log(0.2), np.log(5.0)), method="bounded")
    return float(np.exp(found.x))


def ordinal_cuts(score: FloatArray, bands: NDArray[np.integer], steps: int = 80) -> list[float]:
    """Three rising cuts with the highest quadratic weighted kappa, found by coordinate search."""
    candidates = np.unique(np.quantile(score, np.linspace(0.02, 0.995, steps)))
    rates = [float((bands >= k).mean()) for k in (1, 2, 3)]
    cuts = [float(np.quantile(score, 1 - rate)) for rate in rates]
    best = metrics.quadratic_weighted_kappa(bands, decide(score, cuts))
    for _ in range(6):
        before = best
        for k in range(3):
            for value in candidates:
                trial = sorted([*cuts[:k], float(value), *cuts[k + 1 :]])
                kappa = metrics.quadratic_weighted_kappa(bands, decide(score, trial))
                if kappa > best:
                    best, cuts = kappa, trial
        if best == before:
            break
    return cuts


def decide(score: FloatArray, cuts: list[float]) -> NDArray[np.int64]:
    """Band 0-3 of each score: how many cuts it reaches."""
    return (np.asarray(score)[:, None] >= np.asarray(cuts)[None, :]).sum(axis=1).astype(np.int64)


def percent(probabilities: FloatArray) -> FloatArray:
    """Severity percent 100 * sum(k * p_k) / 3 of band probabilities [n, 4]."""
    result: FloatArray = 100.0 * probabilities @ (np.arange(4) / 3.0)
    return result


@dataclass(frozen=True)
class IntervalRow:
    """For predictions in [percent_from, percent_to): the truth lies in [p + low, p + high]."""

    percent_from: float
    percent_to: float
    low: float
    high: float
    n: int


def interval_table(
    predicted: FloatArray, bands: NDArray[np.integer], coverage: float = 0.9
) -> list[IntervalRow]:
    """Residual quantiles of (100 * band / 3 - predicted percent) by predicted percent.

    Finite-sample (conformal) quantiles; bins with fewer than 40 faces borrow all of their
    neighbours' upward until they have enough.
    """
    residual = 100.0 * np.asarray(bands) / 3.0 - predicted
    rows = []
    edges = np.asarray(INTERVAL_EDGES)
    for low_edge, high_edge in pairwise(edges):
        inside = (predicted >= low_edge) & (predicted < high_edge)
        reach = 0.0
        while inside.sum() < LEAST_IN_BIN and reach < 100:
            reach += 2.5
            inside = (predicted >= low_edge - reach) & (predicted < high_edge + reach)
        sample = np.sort(residual[inside])
        tail = (1.0 - coverage) / 2.0
        n = len(sample)
        low = sample[max(int(np.floor((n + 1) * tail)) - 1, 0)]
        high = sample[min(int(np.ceil((n + 1) * (1 - tail))) - 1, n - 1)]
        rows.append(
            IntervalRow(
                float(low_edge),
                float(high_edge),
                min(float(low), 0.0),
                max(float(high), 0.0),
                int(n),
            )
        )
    return rows


def covered(
    predicted: FloatArray, bands: NDArray[np.integer], table: list[IntervalRow]
) -> NDArray[np.bool_]:
    """Whether the interval of each prediction holds its true 100 * band / 3."""
    edges = np.array([row.percent_from for row in table])
    slot = np.clip(np.searchsorted(edges, predicted, side="right") - 1, 0, len(table) - 1)
    low = np.array([row.low for row in table])[slot]
    high = np.array([row.high for row in table])[slot]
    residual = 100.0 * np.asarray(bands) / 3.0 - predicted
    return (residual >= low - 1e-9) & (residual <= high + 1e-9)


def abstention_threshold(
    probabilities: FloatArray,
    right: NDArray[np.bool_],
    gain: float = REFUSING_GAINS,
    coverage: float = LEAST_COVERAGE,
) -> float:
    """The largest probability under which a face is refused, from the risk-coverage curve.

    The largest coverage, of at least `coverage`, at which those that are read are wrong less often
    than all by `gain`; 0, which refuses nobody, where the curve reaches that nowhere.
    """
    certain = probabilities.max(axis=1)
    order = np.argsort(-certain, kind="stable")
    sure = certain[order]
    wrong = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    good = wrong <= wrong[-1] - gain
    good &= np.append(np.diff(sure) != 0, True)  # equally certain faces go together
    good[: int(np.ceil(coverage * len(order))) - 1] = False
    places = np.flatnonzero(good)
    return float(sure[places[-1]]) if len(places) else 0.0


def risk_coverage(
    probabilities: FloatArray, right: NDArray[np.bool_], points: int = 20
) -> list[tuple[float, float]]:
    """(coverage, error rate of the kept) as the least certain faces are refused first."""
    order = np.argsort(-probabilities.max(axis=1), kind="stable")
    wrong = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    kept = np.unique(np.linspace(1, len(order), points).astype(np.int64))
    return [(float(k / len(order)), float(wrong[k - 1])) for k in kept]
