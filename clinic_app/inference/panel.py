"""What a panel of human raters scores on the same faces: the reference for every accuracy figure.

Each face of FER+ was judged by ten people. A panel of k of them, drawn without replacement, is
compared with the raters who are left: its share of sadness votes with theirs, its majority with
theirs. That is a multivariate hypergeometric draw from the counted votes of a face.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.inference.metrics import FloatArray, IntArray, Interval

SIZES = (1, 3, 5)
"""Raters in a panel."""
_ROUNDS = 200


@dataclass(frozen=True)
class Sides:
    """Votes [n, columns] of the drawn panel and of the raters who are left, same faces."""

    panel: IntArray
    others: IntArray


def draw(votes: NDArray[np.generic], k: int, rng: np.random.Generator) -> Sides:
    """Draw `k` raters of every face [n, columns] without replacement.

    Raises ValueError when a face has fewer than k + 1 raters.
    """
    counts = np.asarray(votes, dtype=np.int64)
    if counts.ndim != 2 or not 0 < k < int(counts.sum(axis=1).min(initial=k + 1)):
        raise ValueError(f"a panel of {k} needs faces with more raters than that")
    raters = int(counts.sum(axis=1).max(initial=0))
    # One row of single votes a face, shuffled; places without a rater come last.
    ends = np.cumsum(counts, axis=1)
    vote_of = (np.arange(raters)[None, :, None] >= ends[:, None, :]).sum(axis=2)
    order = np.where(vote_of < counts.shape[1], rng.random(vote_of.shape), 2.0).argsort(axis=1)
    drawn = np.take_along_axis(vote_of, order[:, :k], axis=1)
    panel = (drawn[:, :, None] == np.arange(counts.shape[1])[None, None, :]).sum(axis=1)
    return Sides(panel, counts - panel)


@dataclass(frozen=True)
class PanelFigures:
    """How well k raters agree with the rest, over many draws and resampled faces."""

    pearson: Interval
    balanced_accuracy: Interval
    band_kappa: Interval
    band_accuracy: Interval
    emotion_accuracy: Interval


@dataclass(frozen=True)
class Said:
    """A model's answers on the same faces, to be held against the same remaining raters."""

    sadness: FloatArray
    positive: NDArray[np.bool_]
    band: IntArray
    emotion: IntArray


def panel_figures(
    votes: NDArray[np.generic], k: int, *, rounds: int = _ROUNDS, seed: int = 0
) -> PanelFigures:
    """A panel of `k` against the raters who are left; intervals over draws and faces."""
    return _over_draws(votes, k, rounds, seed, lambda sides, rng: _panel_said(sides, rng))


def model_figures(
    said: Said, votes: NDArray[np.generic], k: int, *, rounds: int = _ROUNDS, seed: int = 0
) -> PanelFigures:
    """The model against exactly the raters that a panel of `k` is held against."""
    return _over_draws(votes, k, rounds, seed, lambda sides, rng: said)


def reliability(votes: NDArray[np.generic], *, rounds: int = 20, seed: int = 0) -> dict[str, float]:
    """How far any reader can get: the share of ten raters is itself a sample.

    `half` is the correlation of five raters with the five others; Spearman-Brown makes of it the
    reliability of all ten; its square root is the correlation that the true share would have with
    the share of ten raters.
    """
    counts = np.asarray(votes, dtype=np.int64)
    rng = np.random.default_rng(seed)
    halves = []
    for _ in range(rounds):
        sides = draw(counts, int(counts.sum(axis=1).max()) // 2, rng)
        kept = _judged(sides)
        halves.append(
            metrics.pearson(
                metrics.sadness_share(sides.panel[kept]), metrics.sadness_share(sides.others[kept])
            )
        )
    half = float(np.mean(halves))
    whole = max(2.0 * half / (1.0 + half), 0.0)
    return {"half": half, "ten": whole, "ceiling": float(np.sqrt(whole))}


def _over_draws(
    votes: NDArray[np.generic],
    k: int,
    rounds: int,
    seed: int,
    answer: Callable[[Sides, np.random.Generator], Said],
) -> PanelFigures:
    # Ties have a generator of their own: a panel and a model then meet the same panels and faces.
    rng, ties = np.random.default_rng([seed, k]), np.random.default_rng([seed, k, 1])
    whole, resampled = [], []
    for _ in range(rounds):
        sides = draw(votes, k, rng)
        said, kept = answer(sides, ties), np.flatnonzero(_judged(sides))
        whole.append(_scores(said, sides.others, kept))
        resampled.append(_scores(said, sides.others, rng.choice(kept, len(kept))))
    value = np.mean(whole, axis=0)
    low, high = np.nanquantile(np.array(resampled), [0.025, 0.975], axis=0)
    return PanelFigures(
        *(Interval(float(v), float(a), float(b)) for v, a, b in zip(value, low, high, strict=True))
    )


def _panel_said(sides: Sides, rng: np.random.Generator) -> Said:
    share = metrics.sadness_share(sides.panel)
    band = metrics.severity_band(share)
    # A panel that is split has no majority: one of its leading answers is drawn.
    ties = rng.random((len(share), 8)) * 0.5
    return Said(share, band >= 2, band, (sides.panel[:, :8] + ties).argmax(axis=1))


def _scores(said: Said, others: IntArray, rows: IntArray) -> list[float]:
    share = metrics.sadness_share(others[rows])
    band = metrics.severity_band(share)
    emotion = metrics.emotion_shares(others[rows]).argmax(axis=1)
    return [
        metrics.pearson(said.sadness[rows], share),
        metrics.binary_scores(band >= 2, said.positive[rows]).balanced_accuracy,
        metrics.quadratic_weighted_kappa(band, said.band[rows]),
        float((said.band[rows] == band).mean()),
        float((said.emotion[rows] == emotion).mean()),
    ]


def _judged(sides: Sides) -> NDArray[np.bool_]:
    """Faces on which both sides cast at least one vote for an emotion."""
    both: NDArray[np.bool_] = (metrics.valid_votes(sides.panel) > 0) & (
        metrics.valid_votes(sides.others) > 0
    )
    return both
