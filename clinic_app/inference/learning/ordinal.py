"""The proportional-odds model with ridge: P(band <= k | z) = sigma(theta_k - beta . z).

McCullagh 1980. The negative log-likelihood is convex in (theta, beta) jointly (Pratt 1981), so
Newton's method with step halving finds the one minimum. Everything that a step needs are sums over
cases (`Sums`): the same code fits one clinic's cases and several sites' sums.

``z`` is a float array [n, d], bands are integers 0-3 [n], parameters are [3 + d]: the three
thresholds in rising order, then the weights. Thresholds carry no penalty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from clinic_app.domain.finding import Band
from clinic_app.inference.metrics import FloatArray, IntArray

BANDS = len(Band)
CUTS = BANDS - 1
MOST_STEPS = 50
MOST_HALVINGS = 30
TOLERANCE = 1e-12
"""Newton's decrement, as a share of the loss, at which the fit is the minimum to rounding."""
_SHRINKS = 0.3
"""A step that leaves more than this share of the decrement asks for new second derivatives."""
_ENDLESS = "The fit did not come to an end."


@dataclass(frozen=True)
class Sums:
    """Over cases: their number, the loss and its derivatives, without penalty.

    ``hessian`` is ``None`` where it was not asked for.
    """

    cases: int
    loss: float
    gradient: FloatArray
    hessian: FloatArray | None

    def __add__(self, other: Sums) -> Sums:
        bent = self.hessian is not None and other.hessian is not None
        return Sums(
            self.cases + other.cases,
            self.loss + other.loss,
            self.gradient + other.gradient,
            self.hessian + other.hessian if bent else None,  # type: ignore[operator]
        )


class SumsAt(Protocol):
    """The sums over all cases at some parameters; the second derivatives only when asked for."""

    def __call__(self, parameters: FloatArray, *, curvature: bool) -> Sums: ...


def sums(z: FloatArray, bands: IntArray, parameters: FloatArray, *, curvature: bool = True) -> Sums:
    """Loss, gradient [3 + d] and Hessian [3 + d, 3 + d] at these parameters.

    With u and l the thresholds above and below a case's band minus its score,
    log P = log sigma(u) + log sigma(-l) + log(1 - exp(theta_below - theta_above)).
    """
    cuts, size = parameters[:CUTS], parameters.size
    if not (np.diff(cuts) > 0).all():  # no such distribution: Newton halves its step
        return Sums(len(bands), float("inf"), np.zeros(size), None)
    score = z @ parameters[CUTS:]
    edges = np.concatenate(([-np.inf], cuts, [np.inf]))
    above, below = edges[bands + 1] - score, edges[bands] - score
    high, low = _sigmoid(-above), _sigmoid(below)
    gap = np.zeros(BANDS)
    gap[1:-1] = np.exp(-np.diff(cuts))
    counts = np.bincount(bands, minlength=BANDS)
    loss = _softplus(-above).sum() + _softplus(below).sum() - counts @ np.log1p(-gap)
    odds = counts * gap / (1.0 - gap)
    gradient = np.empty(size)
    gradient[CUTS:] = z.T @ (high - low)
    gradient[:CUTS] = (_by_band(bands, low) + odds)[1:] - (_by_band(bands, high) + odds)[:-1]
    if not curvature:
        return Sums(len(bands), float(loss), gradient, None)
    hessian = _hessian(z, bands, high * (1.0 - high), low * (1.0 - low), odds / (1.0 - gap))
    return Sums(len(bands), float(loss), gradient, hessian)


def residuals(z: FloatArray, bands: IntArray, parameters: FloatArray) -> FloatArray:
    """What each case weighs in the gradient of the weights at these parameters, [n] in (-1, 1)."""
    score = z @ parameters[CUTS:]
    edges = np.concatenate(([-np.inf], parameters[:CUTS], [np.inf]))
    return _sigmoid(score - edges[bands + 1]) - _sigmoid(edges[bands] - score)


def _hessian(
    z: FloatArray, bands: IntArray, high: FloatArray, low: FloatArray, gap: FloatArray
) -> FloatArray:
    """From the bends of each case's upper and lower edge and of the gaps between thresholds."""
    size = CUTS + z.shape[1]
    hessian = np.zeros((size, size))
    weighted = z * np.sqrt(high + low)[:, None]
    hessian[CUTS:, CUTS:] = weighted.T @ weighted
    upper, lower = _by_band(bands, high) + gap, _by_band(bands, low) + gap
    hessian[range(CUTS), range(CUTS)] = upper[:-1] + lower[1:]
    for k in range(CUTS):
        mixed = np.where(bands == k, high, 0.0) + np.where(bands == k + 1, low, 0.0)
        hessian[k, CUTS:] = hessian[CUTS:, k] = -(z.T @ mixed)
        if k:
            hessian[k - 1, k] = hessian[k, k - 1] = -gap[k]
    return hessian


def _by_band(bands: IntArray, values: FloatArray) -> FloatArray:
    return np.bincount(bands, weights=values, minlength=BANDS).astype(np.float64)


def base_rates(counts: IntArray, weights: int) -> FloatArray:
    """Where a fit starts: thresholds that give the bands their shares, and no weight.

    Raises ``ValueError`` when a band is missing: its threshold would lie at infinity.
    """
    if len(counts) != BANDS or (np.asarray(counts) <= 0).any():
        raise ValueError("Every band needs a case before the model can be fitted.")
    share = np.cumsum(counts)[:-1] / np.sum(counts)
    return np.concatenate((np.log(share / (1.0 - share)), np.zeros(weights)))


@dataclass(frozen=True)
class Minimum:
    """Where a fit came to its end; ``hessian`` (no penalty) was measured on the way there."""

    parameters: FloatArray
    hessian: FloatArray


def newton(
    sums_at: SumsAt,
    start: FloatArray,
    penalty: float,
    *,
    hessian: FloatArray | None = None,
    tolerance: float = TOLERANCE,
    between: Callable[[], None] = lambda: None,
) -> Minimum:
    """The minimum of loss + penalty / 2 * |weights|^2.

    ``sums_at`` may add the sums of several sites. Second derivatives take most of the time and
    change little near the minimum, so they are kept as long as the gradient still shrinks fast;
    ``hessian`` may bring those of a neighbouring fit. ``between`` is called before each step and
    may raise to stop. Raises ``ValueError`` when no minimum is reached, as with sums that are not
    this model's.
    """
    ridge = np.full(start.size, penalty)
    ridge[:CUTS] = 0.0
    here, at = start, sums_at(start, curvature=hessian is None)
    hessian = _measured(at) if hessian is None else hessian
    inverse, before = np.linalg.inv(hessian + np.diag(ridge)), float("inf")
    for _ in range(MOST_STEPS):
        between()
        gradient = at.gradient + ridge * here
        step = inverse @ gradient
        decrement, value = float(gradient @ step), at.loss + 0.5 * float(ridge @ here**2)
        if decrement <= tolerance * max(1.0, value):
            return Minimum(here - step, hessian)
        if decrement > _SHRINKS * before and at.hessian is None:
            at = sums_at(here, curvature=True)
            hessian = _measured(at)
            inverse, before = np.linalg.inv(hessian + np.diag(ridge)), float("inf")
            continue
        before = decrement
        here, at = _downhill(sums_at, here, step, value - 1e-4 * decrement, ridge)
    raise ValueError(_ENDLESS)


def _downhill(
    sums_at: SumsAt, here: FloatArray, step: FloatArray, goal: float, ridge: FloatArray
) -> tuple[FloatArray, Sums]:
    """The first of the halved steps that lowers the loss."""
    for _ in range(MOST_HALVINGS):
        there = here - step
        at = sums_at(there, curvature=False)
        if at.loss + 0.5 * float(ridge @ there**2) <= goal:
            return there, at
        step = step / 2.0
    raise ValueError(_ENDLESS)


def _measured(at: Sums) -> FloatArray:
    if at.hessian is None:
        raise ValueError(_ENDLESS)
    return at.hessian


def probabilities(score: FloatArray, cuts: FloatArray) -> FloatArray:
    """Of the four bands, [n, 4], rows summing to 1."""
    below = _sigmoid(np.asarray(cuts)[None, :] - np.asarray(score)[:, None])
    edges = np.hstack((np.zeros((len(score), 1)), below, np.ones((len(score), 1))))
    return np.diff(edges, axis=1)


def median_band(shares: FloatArray) -> IntArray:
    """The band in which the distribution [n, 4] passes one half: least expected distance."""
    passed = (np.cumsum(shares, axis=1) < 0.5).sum(axis=1)
    decided: IntArray = np.minimum(passed, BANDS - 1)
    return decided


def _sigmoid(x: FloatArray) -> FloatArray:
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def _softplus(x: FloatArray) -> FloatArray:
    return np.logaddexp(0.0, x)
