"""Local and shipped head on the same cases of the locked part, with paired intervals.

People are resampled, not cases: two screenings of one person are not two witnesses. Both heads are
judged on every draw, so what the draw does to both cancels out of the difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clinic_app.domain.local_head import Between, Comparison
from clinic_app.inference.learning.ordinal import BANDS
from clinic_app.inference.metrics import FloatArray, IntArray

ROUNDS = 4000
SEED = 20260101
"""The draws are the same at every look, so that a figure can be worked out again."""


@dataclass(frozen=True)
class Judged:
    """``truth`` [n] is what the doctors settled on; bands [n] and shares [n, 4] of both heads."""

    truth: IntArray
    people: IntArray
    shipped: IntArray
    shipped_shares: FloatArray
    local: IntArray
    local_shares: FloatArray


def compare(judged: Judged, look: int, coverage: float, left_out: int = 0) -> Comparison:
    """Raises ``ValueError`` without cases. Intervals are percentiles of ``ROUNDS`` draws."""
    if not len(judged.truth):
        raise ValueError("There is nothing to compare on.")
    people, place = np.unique(judged.people, return_inverse=True)
    tables = {
        "local": _tables(judged.truth, judged.local, place, len(people)),
        "shipped": _tables(judged.truth, judged.shipped, place, len(people)),
    }
    losses = {
        "local": ranked_score(judged.truth, judged.local_shares),
        "shipped": ranked_score(judged.truth, judged.shipped_shares),
    }
    drawn = np.random.default_rng(SEED).multinomial(
        len(people), np.full(len(people), 1.0 / len(people)), size=ROUNDS
    )
    draws = np.vstack((np.ones(len(people)), drawn)).astype(np.float64)  # the first: as it is
    kappa = {name: _kappas(draws @ table) for name, table in tables.items()}
    cases = draws @ np.bincount(place)
    loss = {name: draws @ np.bincount(place, weights=one) / cases for name, one in losses.items()}
    return Comparison(
        look=look,
        coverage=coverage,
        cases=len(judged.truth),
        people=len(people),
        people_by_band=_people_by_band(judged.truth, place),
        left_out=left_out,
        kappa_local=_between(kappa["local"], coverage),
        kappa_shipped=_between(kappa["shipped"], coverage),
        kappa_gain=_between(kappa["local"] - kappa["shipped"], coverage),
        score_loss_local=float(loss["local"][0]),
        score_loss_shipped=float(loss["shipped"][0]),
        score_loss_gain=_between(loss["shipped"] - loss["local"], coverage),
        calibration_error_local=calibration_error(judged.truth, judged.local_shares),
        calibration_error_shipped=calibration_error(judged.truth, judged.shipped_shares),
    )


def ranked_score(truth: IntArray, shares: FloatArray) -> FloatArray:
    """Ranked probability score of each case (Epstein 1969), 0 best, 1 worst, [n]."""
    said = np.cumsum(shares, axis=1)[:, :-1]
    seen = truth[:, None] <= np.arange(BANDS - 1)
    score: FloatArray = ((said - seen) ** 2).mean(axis=1)
    return score


def calibration_error(truth: IntArray, shares: FloatArray, bins: int = 10) -> float:
    """Mean gap between said and seen P(band > k) over bins of equal width, all three k together."""
    said = 1.0 - np.cumsum(shares, axis=1)[:, :-1]
    seen = (truth[:, None] > np.arange(BANDS - 1)).astype(np.float64)
    slot = np.clip((said * bins).astype(np.int64), 0, bins - 1).ravel()
    gaps = np.bincount(slot, weights=(said - seen).ravel(), minlength=bins)
    return float(np.abs(gaps).sum() / said.size)


def _tables(truth: IntArray, decided: IntArray, place: IntArray, people: int) -> FloatArray:
    """Each person's confusion counts, [people, 16]."""
    cell = truth * BANDS + decided
    size = people * BANDS * BANDS
    counted = np.bincount(place * BANDS * BANDS + cell, minlength=size)
    return counted.reshape(people, BANDS * BANDS).astype(np.float64)


def _kappas(tables: FloatArray) -> FloatArray:
    """Quadratic weighted kappa of each table [m, 16]; 0 where chance explains everything."""
    observed = tables.reshape(-1, BANDS, BANDS)
    steps = np.arange(BANDS, dtype=np.float64)
    apart = (steps[:, None] - steps[None, :]) ** 2
    expected = observed.sum(axis=2)[:, :, None] * observed.sum(axis=1)[:, None, :]
    by_chance = (expected * apart).sum(axis=(1, 2)) / observed.sum(axis=(1, 2))
    seen = (observed * apart).sum(axis=(1, 2))
    ratio = np.divide(seen, by_chance, out=np.ones_like(seen), where=by_chance > 0)
    kappas: FloatArray = 1.0 - ratio
    return kappas


def _between(draws: FloatArray, coverage: float) -> Between:
    tail = (1.0 - coverage) / 2.0
    low, high = np.quantile(draws[1:], [tail, 1.0 - tail])
    return Between(float(draws[0]), float(low), float(high))


def _people_by_band(truth: IntArray, place: IntArray) -> tuple[int, ...]:
    pairs = np.unique(np.column_stack((truth, place)), axis=0)
    return tuple(int(one) for one in np.bincount(pairs[:, 0], minlength=BANDS))
