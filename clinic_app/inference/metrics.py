"""Label definitions and accuracy arithmetic shared by training and `clinic-app evaluate`.

NumPy only. Scores are float arrays of shape [n]; probabilities are [n, k] with rows summing to 1;
labels are integer arrays of shape [n]. Every function raises ValueError on empty or mismatched
input.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer]

EMOTIONS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
)
"""FER+ order, in which votes are counted and the severity net answers."""
SADNESS = EMOTIONS.index("sadness")
BANDS = ("none", "mild", "moderate", "severe")
BAND_EDGES = (0.15, 0.35, 0.65)
"""Lower edges of mild, moderate and severe on the share of raters who saw sadness."""
POSITIVE_SHARE = 0.35
"""Share of raters from which a face counts as showing apparent depressive affect."""
MIN_VALID_VOTES = 5
"""Images with fewer votes in the eight emotion columns carry no usable share."""


def valid_votes(votes: NDArray[np.generic]) -> FloatArray:
    """Number of votes in the eight emotion columns of FER+ votes [n, 8 or 10]."""
    total: FloatArray = np.asarray(votes, dtype=np.float64)[:, :8].sum(axis=1)
    return total


def emotion_shares(votes: NDArray[np.generic]) -> FloatArray:
    """Votes as a distribution over the eight emotions, [n, 8]; a row without votes is all zero."""
    counts = np.asarray(votes, dtype=np.float64)[:, :8]
    total = counts.sum(axis=1, keepdims=True)
    shares: FloatArray = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
    return shares


def sadness_share(votes: NDArray[np.generic]) -> FloatArray:
    """The target `s`: sadness votes over the votes in the eight emotion columns, [n] in [0, 1]."""
    share: FloatArray = emotion_shares(votes)[:, SADNESS]
    return share


def severity_band(share: FloatArray) -> IntArray:
    """Band 0-3 (none, mild, moderate, severe) of a share of raters in [0, 1]."""
    # A share is a ratio of small integers; the tolerance keeps 7/20 in the band that it opens.
    return np.digitize(np.asarray(share, dtype=np.float64) + 1e-9, BAND_EDGES).astype(np.int64)


def pearson(a: FloatArray, b: FloatArray) -> float:
    """Linear correlation; 0.0 when either side is constant."""
    x, y = _paired(a, b)
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum() / scale) if scale > 0 else 0.0


def spearman(a: FloatArray, b: FloatArray) -> float:
    """Rank correlation with average ranks for ties."""
    x, y = _paired(a, b)
    return pearson(average_ranks(x), average_ranks(y))


def average_ranks(values: FloatArray) -> FloatArray:
    """Ranks from 1; equal values share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts).astype(np.float64)
    ranks: FloatArray = (ends - (counts - 1) / 2.0)[inverse]
    return ranks


def roc_auc(positive: NDArray[np.generic], scores: FloatArray) -> float:
    """Area under the ROC curve (ties count half); nan when a class is missing."""
    labels = np.asarray(positive, dtype=bool)
    _paired(labels.astype(np.float64), scores)
    n_pos = int(labels.sum())
    n_neg = labels.size - n_pos
    if n_pos == 0 or n_neg == 0:
        return float("nan")
    ranks = average_ranks(np.asarray(scores, dtype=np.float64))
    return float((ranks[labels].sum() - n_pos * (n_pos + 1) / 2.0) / (n_pos * n_neg))


@dataclass(frozen=True)
class BinaryScores:
    """Rates of a yes/no decision, each in [0, 1]; a rate without cases is nan."""

    balanced_accuracy: float
    accuracy: float
    precision: float
    recall: float
    specificity: float
    f1: float


def binary_scores(positive: NDArray[np.generic], decided: NDArray[np.generic]) -> BinaryScores:
    """Compare decisions with labels, both boolean [n]."""
    truth, said = np.asarray(positive, dtype=bool), np.asarray(decided, dtype=bool)
    _paired(truth.astype(np.float64), said.astype(np.float64))
    tp, fp = int((truth & said).sum()), int((~truth & said).sum())
    fn, tn = int((truth & ~said).sum()), int((~truth & ~said).sum())
    recall, specificity = _ratio(tp, tp + fn), _ratio(tn, tn + fp)
    return BinaryScores(
        balanced_accuracy=(recall + specificity) / 2.0,
        accuracy=_ratio(tp + tn, truth.size),
        precision=_ratio(tp, tp + fp),
        recall=recall,
        specificity=specificity,
        f1=_ratio(2 * tp, 2 * tp + fp + fn),
    )


def best_balanced_threshold(positive: NDArray[np.generic], scores: FloatArray) -> float:
    """Cut on `scores` (score >= cut says yes) with the highest balanced accuracy."""
    truth = np.asarray(positive, dtype=bool)
    values = np.asarray(scores, dtype=np.float64)
    _paired(truth.astype(np.float64), values)
    order = np.argsort(-values, kind="stable")
    hits = np.cumsum(truth[order]) / max(int(truth.sum()), 1)
    alarms = np.cumsum(~truth[order]) / max(int((~truth).sum()), 1)
    last_of_value = np.append(np.diff(values[order]) != 0, True)
    gain = np.where(last_of_value, hits - alarms, -np.inf)
    best = int(np.argmax(gain))
    ordered = values[order]
    below = ordered[best + 1] if best + 1 < values.size else ordered[best]
    return float((ordered[best] + below) / 2.0)


def confusion_matrix(truth: IntArray, decided: IntArray, classes: int) -> IntArray:
    """Counts [classes, classes], row = truth, column = decision."""
    _paired(np.asarray(truth, dtype=np.float64), np.asarray(decided, dtype=np.float64))
    index = np.asarray(truth, dtype=np.int64) * classes + np.asarray(decided, dtype=np.int64)
    return np.bincount(index, minlength=classes * classes).reshape(classes, classes)


def quadratic_weighted_kappa(truth: IntArray, decided: IntArray, classes: int = 4) -> float:
    """Chance-corrected ordinal agreement; 1 is perfect, 0 is chance."""
    observed = confusion_matrix(truth, decided, classes).astype(np.float64)
    steps = np.arange(classes, dtype=np.float64)
    weight = (steps[:, None] - steps[None, :]) ** 2
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / observed.sum()
    by_chance = float((weight * expected).sum())
    return 1.0 - float((weight * observed).sum()) / by_chance if by_chance > 0 else 0.0


def expected_calibration_error(
    probabilities: FloatArray, labels: IntArray, bins: int = 15
) -> float:
    """Mean gap between confidence and accuracy of the arg-max class over equal-width bins."""
    p = _probabilities(probabilities, labels)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == labels
    slot = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gap = 0.0
    for b in range(bins):
        inside = slot == b
        if inside.any():
            gap += float(inside.mean()) * abs(
                float(confidence[inside].mean() - right[inside].mean())
            )
    return gap


def brier_score(probabilities: FloatArray, labels: IntArray) -> float:
    """Mean squared distance of [n, k] probabilities from the one-hot labels, in [0, 2]."""
    p = _probabilities(probabilities, labels)
    hot = np.zeros_like(p)
    hot[np.arange(p.shape[0]), labels] = 1.0
    return float(((p - hot) ** 2).sum(axis=1).mean())


def per_subject_spread(scores: FloatArray, subjects: IntArray) -> float:
    """Mean over subjects of the standard deviation of that subject's scores."""
    values, who = np.asarray(scores, dtype=np.float64), np.asarray(subjects)
    _paired(values, who.astype(np.float64))
    return float(np.mean([values[who == one].std() for one in np.unique(who)]))


@dataclass(frozen=True)
class Interval:
    """A measured value with its bootstrap percentile interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap(
    statistic: Callable[[IntArray], float],
    n: int,
    *,
    rounds: int = 1000,
    coverage: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Percentile interval of `statistic(rows)` over resampled row numbers of n cases.

    Draws in which the statistic is not defined (NaN) do not count; where none is left, neither
    bound is defined.
    """
    if n < 1:
        raise ValueError("there is nothing to resample")
    rng = np.random.default_rng(seed)
    drawn = np.array([statistic(rng.integers(0, n, n)) for _ in range(rounds)])
    defined = drawn[~np.isnan(drawn)]
    tail = (1.0 - coverage) / 2.0
    low, high = (
        np.quantile(defined, [tail, 1.0 - tail]) if len(defined) else (float("nan"), float("nan"))
    )
    return Interval(float(statistic(np.arange(n))), float(low), float(high))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _paired(a: NDArray[np.generic], b: NDArray[np.generic]) -> tuple[FloatArray, FloatArray]:
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or x.size == 0:
        raise ValueError(f"expected two equal, non-empty vectors, got {x.shape} and {y.shape}")
    return x, y


def _probabilities(probabilities: FloatArray, labels: IntArray) -> FloatArray:
    p = np.asarray(probabilities, dtype=np.float64)
    if p.ndim != 2 or p.shape[0] != np.asarray(labels).size or p.size == 0:
        raise ValueError(f"expected [n, k] probabilities for n labels, got {p.shape}")
    return p
