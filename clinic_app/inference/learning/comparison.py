"""Challenger, shipped head and local head in use on the same cases of the locked part, with paired
intervals.

People are resampled, not cases: two screenings of one person are not two witnesses. All heads are
judged on every draw, so what the draw does to both of a pair cancels out of the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from clinic_app.domain.local_head import Between, Champion, Comparison, LocalHead
from clinic_app.inference.learning.ordinal import BANDS, median_band
from clinic_app.inference.metrics import FloatArray, IntArray

ROUNDS = 4000
ENOUGH = 10
"""Draws in a tail by which its end is told."""
SEED = 20260101
"""The draws are the same at every look, so that a figure can be worked out again."""


@dataclass(frozen=True)
class Judged:
    """``truth`` [n] is what the doctors settled on; bands [n] and shares [n, 4] of both heads, and
    shares of the local head in use where that is another one."""

    truth: IntArray
    people: IntArray
    shipped: IntArray
    shipped_shares: FloatArray
    local: IntArray
    local_shares: FloatArray
    in_use: LocalHead | None = None
    in_use_shares: FloatArray | None = None


def compare(judged: Judged, look: int, coverage: float, left_out: int = 0) -> Comparison:
    """Raises ``ValueError`` without cases. Intervals are those of ``ROUNDS`` draws (`_between`)."""
    if not len(judged.truth):
        raise ValueError("There is nothing to compare on.")
    people, place = np.unique(judged.people, return_inverse=True)
    drawn = np.random.default_rng(SEED).multinomial(
        len(people), np.full(len(people), 1.0 / len(people)), size=ROUNDS
    )
    draws = np.vstack((np.ones(len(people)), drawn)).astype(np.float64)  # the first: as it is
    local = _drawn(judged, judged.local, judged.local_shares, place, draws)
    shipped = _drawn(judged, judged.shipped, judged.shipped_shares, place, draws)
    champion = None
    if judged.in_use is not None and judged.in_use_shares is not None:
        said = judged.in_use_shares
        met = _drawn(judged, median_band(said), said, place, draws)
        champion = Champion(
            head_id=judged.in_use.id,
            version=judged.in_use.version,
            kappa=_between(met.kappa, coverage),
            kappa_gain=_between(local.kappa - met.kappa, coverage, most=2.0),
            score_loss=float(met.loss[0]),
            score_loss_gain=_between(met.loss - local.loss, coverage),
            calibration_error=calibration_error(judged.truth, said),
        )
    return Comparison(
        look=look,
        coverage=coverage,
        cases=len(judged.truth),
        people=len(people),
        people_by_band=_people_by_band(judged.truth, place),
        left_out=left_out,
        kappa_local=_between(local.kappa, coverage),
        kappa_shipped=_between(shipped.kappa, coverage),
        kappa_gain=_between(local.kappa - shipped.kappa, coverage, most=2.0),
        score_loss_local=float(local.loss[0]),
        score_loss_shipped=float(shipped.loss[0]),
        score_loss_gain=_between(shipped.loss - local.loss, coverage),
        calibration_error_local=calibration_error(judged.truth, judged.local_shares),
        calibration_error_shipped=calibration_error(judged.truth, judged.shipped_shares),
        champion=champion,
    )


@dataclass(frozen=True)
class _Drawn:
    """Kappa and ranked probability score of one head on every draw, [1 + ROUNDS] each."""

    kappa: FloatArray
    loss: FloatArray


def _drawn(
    judged: Judged, bands: IntArray, shares: FloatArray, place: IntArray, draws: FloatArray
) -> _Drawn:
    tables = _tables(judged.truth, bands, place, draws.shape[1])
    losses = np.bincount(place, weights=ranked_score(judged.truth, shares))
    return _Drawn(_kappas(draws @ tables), draws @ losses / (draws @ np.bincount(place)))


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


def _between(draws: FloatArray, coverage: float, most: float = 1.0) -> Between:
    """Percentiles of the draws. Where so few of them lie in a tail that it would end at the
    outermost one, however much is asked for, it reaches as far as a normal one if that is more, but
    not beyond ``most`` either way, the farthest that there is: of kappas and of losses' gains 1."""
    value, tail = float(draws[0]), (1.0 - coverage) / 2.0
    low, high = np.quantile(draws[1:], [tail, 1.0 - tail])
    if tail * ROUNDS < ENOUGH:
        far = float(draws[1:].std()) * NormalDist().inv_cdf(1.0 - tail)
        low = max(min(low, value - far), -most)
        high = min(max(high, value + far), most)
    return Between(value, float(low), float(high))


def _people_by_band(truth: IntArray, place: IntArray) -> tuple[int, ...]:
    pairs = np.unique(np.column_stack((truth, place)), axis=0)
    return tuple(int(one) for one in np.bincount(pairs[:, 0], minlength=BANDS))
