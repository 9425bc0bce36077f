"""From cases to a calibrated head: the guard, the penalty by cross-validation, the final fit.

Nothing here is drawn by chance: the same cases in the same order give the same head on a machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from clinic_app.domain.local_head import CASES_PER_PARAMETER, effective_size
from clinic_app.inference.learning.ordinal import (
    BANDS,
    CUTS,
    Minimum,
    base_rates,
    median_band,
    newton,
    probabilities,
    sums,
)
from clinic_app.inference.metrics import FloatArray, IntArray, quadratic_weighted_kappa

FOLDS = 5
PENALTIES = 5
PENALTY_STEP = 4.0
"""Each penalty tried is this many times the one before."""
LEAST_PENALTY = 1e-3
"""Per case: below it the ridge only steadies the arithmetic."""
ROUGH = 1e-6
"""Tolerance of the fits that only choose the penalty."""
SMALLEST_SPREAD = 1e-9
"""A dimension of the embedding that hardly varies here gets no weight."""

Step = Callable[[float], None]
"""Told the share that is done, in [0, 1]; may raise to stop."""


@dataclass(frozen=True)
class Cases:
    """``x`` float64 [n, d], ``bands`` 0-3 [n], ``people`` [n]: equal numbers are one person."""

    x: FloatArray
    bands: IntArray
    people: IntArray

    def __len__(self) -> int:
        return len(self.bands)

    def part(self, wanted: FloatArray | IntArray) -> Cases:
        return Cases(self.x[wanted], self.bands[wanted], self.people[wanted])


@dataclass(frozen=True)
class Standard:
    """Mean and spread of each dimension, [d] each."""

    mean: FloatArray
    scale: FloatArray

    def of(self, x: FloatArray) -> FloatArray:
        return (x - self.mean) / self.scale


@dataclass(frozen=True)
class Fitted:
    """``cuts`` [3] and ``weights`` [d] act on the embedding itself, calibrated.

    ``freedom`` is the effective number of weights under the penalty (Gray 1992), at base rates;
    ``out_of_fold_kappa`` and ``out_of_fold_loss`` (per case) are those of the calibrated score on
    the training cases' own left-out folds: optimistic by the choice among ``PENALTIES``.
    """

    cuts: FloatArray
    weights: FloatArray
    penalty: float
    freedom: float
    effective: float
    slope: float
    out_of_fold_kappa: float
    out_of_fold_loss: float


def standard_of(count: int, total: FloatArray, squares: FloatArray) -> Standard:
    """From sums over cases, which sites can share."""
    mean = total / count
    spread = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
    return Standard(mean, np.where(spread > SMALLEST_SPREAD, spread, np.inf))


def fit(cases: Cases, step: Step = lambda share: None) -> Fitted:
    """Raises ``ValueError`` when a band is missing, or a fold cannot have one of each."""
    standard = standard_of(len(cases), cases.x.sum(axis=0), (cases.x**2).sum(axis=0))
    rotated, axes = _rotated(standard.of(cases.x))
    ready = Cases(rotated, cases.bands, cases.people)
    counts = np.bincount(cases.bands, minlength=BANDS)
    effective = effective_size([int(one) for one in people_by_band(cases)])
    spectrum = spectrum_of(_at_base_rates(ready, counts))
    least = least_penalty(spectrum, effective / CASES_PER_PARAMETER, len(cases))
    penalties = [least * PENALTY_STEP**power for power in range(PENALTIES)]
    scores = _out_of_fold(ready, penalties[::-1], step)[::-1]
    calibrations = [_calibrate(score, cases.bands) for score in scores]
    losses = [
        _loss(one, score, cases.bands) for one, score in zip(calibrations, scores, strict=True)
    ]
    best = int(np.argmin(losses))
    cuts, slope = calibrations[best]
    weights = axes @ _minimum(ready, penalties[best]).parameters[CUTS:] * slope / standard.scale
    said = probabilities(scores[best] * slope, cuts)
    step(1.0)
    return Fitted(
        cuts=cuts + weights @ standard.mean,
        weights=weights,
        penalty=penalties[best],
        freedom=float((spectrum / (spectrum + penalties[best])).sum()),
        effective=effective,
        slope=slope,
        out_of_fold_kappa=quadratic_weighted_kappa(cases.bands, median_band(said)),
        out_of_fold_loss=losses[best] / len(cases),
    )


def _rotated(z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coordinates [n, r] in the space that the cases span, and its axes [d, r].

    A ridge does not notice a rotation, so the fit is the same, with fewer weights where there are
    fewer cases than dimensions.
    """
    if z.shape[0] >= z.shape[1]:
        return z, np.eye(z.shape[1])
    left, sizes, axes = np.linalg.svd(z, full_matrices=False)
    return left * sizes, axes.T


def people_by_band(cases: Cases) -> IntArray:
    """How many people have a case of each band, [4]; one with cases of two bands counts twice."""
    pairs = np.unique(np.column_stack((cases.bands, cases.people)), axis=0)
    return np.bincount(pairs[:, 0], minlength=BANDS)


def folds_of(cases: Cases) -> IntArray:
    """The fold of each case, [n]: people stay whole, those of one band are dealt out in turn."""
    people, place = np.unique(cases.people, return_inverse=True)
    worst = np.zeros(len(people), dtype=np.int64)
    np.maximum.at(worst, place, cases.bands)
    fold = np.empty(len(people), dtype=np.int64)
    fold[np.lexsort((people, worst))] = np.arange(len(people)) % FOLDS
    return fold[place]


def _at_base_rates(ready: Cases, counts: IntArray) -> FloatArray:
    hessian = sums(ready.x, ready.bands, base_rates(counts, ready.x.shape[1])).hessian
    assert hessian is not None  # it was asked for
    return hessian


def spectrum_of(hessian: FloatArray) -> FloatArray:
    """Eigenvalues of the weights' information, thresholds taken out."""
    cuts, mixed = hessian[:CUTS, :CUTS], hessian[:CUTS, CUTS:]
    inner = hessian[CUTS:, CUTS:] - mixed.T @ np.linalg.solve(cuts, mixed)
    values: FloatArray = np.maximum(np.linalg.eigvalsh(inner), 0.0)
    return values


def least_penalty(spectrum: FloatArray, freedom: float, cases: int) -> float:
    """The smallest penalty that leaves at most ``freedom`` effective weights."""
    low, high = LEAST_PENALTY * cases, max(1.0, float(spectrum.sum()) / max(freedom, 1e-9))
    if (spectrum / (spectrum + low)).sum() <= freedom:
        return low
    for _ in range(60):
        middle = float(np.sqrt(low * high))
        inside = (spectrum / (spectrum + middle)).sum() <= freedom
        low, high = (low, middle) if inside else (middle, high)
    return high


def _out_of_fold(ready: Cases, penalties: list[float], step: Step) -> list[FloatArray]:
    """For each penalty, strongest first, the score [n] that the other folds give each case.

    A fold's fit has fewer cases, so its penalty is smaller by as much: it then shrinks as the fit
    of all cases does, and the slope found on these scores fits that one.
    """
    fold = folds_of(ready)
    scores = [np.zeros(len(ready)) for _ in penalties]
    for number in range(FOLDS):
        others, own = ready.part(fold != number), fold == number
        last: Minimum | None = None
        for place, penalty in enumerate(penalties):
            step((number + place / len(penalties)) / (FOLDS + 1))
            share = len(others) / len(ready)
            last = _minimum(others, penalty * share, last, tolerance=ROUGH)
            scores[place][own] = ready.x[own] @ last.parameters[CUTS:]
    return scores


def _minimum(
    cases: Cases, penalty: float, near: Minimum | None = None, *, tolerance: float = 1e-12
) -> Minimum:
    counts = np.bincount(cases.bands, minlength=BANDS)
    return newton(
        lambda parameters, *, curvature: sums(
            cases.x, cases.bands, parameters, curvature=curvature
        ),
        base_rates(counts, cases.x.shape[1]) if near is None else near.parameters,
        penalty,
        hessian=None if near is None else near.hessian,
        tolerance=tolerance,
    )


def _calibrate(score: FloatArray, bands: IntArray) -> tuple[FloatArray, float]:
    """Thresholds and slope of the left-out scores (Cox 1958); a slope below 0 says that the score
    knows nothing, and base rates are all that is left."""
    counts = np.bincount(bands, minlength=BANDS)
    spread = float(score.std())
    if spread > SMALLEST_SPREAD:
        scaled = Cases(score[:, None] / spread, bands, np.arange(len(bands)))
        found = _minimum(scaled, SMALLEST_SPREAD).parameters
        if found[CUTS] > 0:
            return found[:CUTS], float(found[CUTS]) / spread
    return base_rates(counts, 0), 0.0


def _loss(calibration: tuple[FloatArray, float], score: FloatArray, bands: IntArray) -> float:
    cuts, slope = calibration
    said = probabilities(score * slope, cuts)
    return float(-np.log(np.maximum(said[np.arange(len(bands)), bands], 1e-300)).sum())
