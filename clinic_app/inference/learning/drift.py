"""Has what the camera and the models see changed? Distances with what chance alone would give.

Every figure stands beside a limit or an interval: small samples differ by chance, and without that
every quiet month would look like drift.
"""

from __future__ import annotations

import numpy as np

from clinic_app.domain.drift import Figure, Shift
from clinic_app.inference.metrics import FloatArray, spearman

BINS = 10
CHI_SQUARE_95 = 16.918977604620448
"""95 % point of the chi-square distribution with BINS - 1 degrees of freedom."""
QUANTILE = 1.959963984540054
KOLMOGOROV_95 = 1.3580986393225505
"""95 % point of the Kolmogorov distribution."""
PERMUTATIONS = 199
MOST_COMPARED = 300
"""Embeddings of each side that the energy distance is taken over: it grows with their square."""
SEED = 20260102


def stability_index(reference: FloatArray, present: FloatArray) -> Shift:
    """Population stability index over tenths of the reference.

    Without a shift it is about (1/n + 1/m) times chi-square with BINS - 1 degrees of freedom
    (Yurdakul & Naranjo 2020); ``limit`` is where that exceeds 95 %. Half a case is added to each
    bin, so that an empty one stays finite.
    """
    edges = np.quantile(reference, np.linspace(0, 1, BINS + 1)[1:-1])
    seen = [_shares(edges, one) for one in (reference, present)]
    value = float(((seen[1] - seen[0]) * np.log(seen[1] / seen[0])).sum())
    limit = CHI_SQUARE_95 * (1.0 / len(reference) + 1.0 / len(present))
    return Shift(value, limit, value > limit)


def kolmogorov_smirnov(reference: FloatArray, present: FloatArray) -> Shift:
    """Largest gap between the two distribution functions; ``limit`` at 95 %, asymptotic."""
    both = np.concatenate((reference, present))
    below = [
        np.searchsorted(np.sort(one), both, side="right") / len(one) for one in (reference, present)
    ]
    value = float(np.abs(below[0] - below[1]).max())
    limit = KOLMOGOROV_95 * float(np.sqrt(1.0 / len(reference) + 1.0 / len(present)))
    return Shift(value, limit, value > limit)


def energy_distance(reference: FloatArray, present: FloatArray) -> Shift:
    """Between embeddings [n, d] and [m, d], each dimension in spreads of the reference (Székely &
    Rizzo 2013); ``limit`` is the 95 % point over permutations of the two."""
    rng = np.random.default_rng(SEED)
    chosen = [_some(rng, one) for one in (reference, present)]
    mean, spread = chosen[0].mean(axis=0), chosen[0].std(axis=0)
    both = (np.vstack(chosen) - mean) / np.where(spread > 1e-9, spread, 1.0)
    squares = (both**2).sum(axis=1)
    apart = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2.0 * both @ both.T, 0.0))
    np.fill_diagonal(apart, 0.0)
    first = np.zeros(len(both))
    first[: len(chosen[0])] = 1.0
    sides = np.array([first, *(rng.permutation(first) for _ in range(PERMUTATIONS))])
    n, m = len(chosen[0]), len(chosen[1])
    crossed = sides @ apart
    within_first = (crossed * sides).sum(axis=1) / (n * n)
    within_other = (((1.0 - sides) @ apart) * (1.0 - sides)).sum(axis=1) / (m * m)
    across = (crossed * (1.0 - sides)).sum(axis=1) / (n * m)
    found = 2.0 * across - within_first - within_other
    limit = float(np.quantile(found[1:], 0.95))
    value = float(found[0])
    return Shift(value, limit, value > limit)


def share(count: int, total: int) -> Figure:
    """A proportion with Wilson's 95 % interval; ``total`` above 0."""
    p, z2 = count / total, QUANTILE**2
    centre = (p + z2 / (2 * total)) / (1 + z2 / total)
    half = QUANTILE * float(np.sqrt(p * (1 - p) / total + z2 / (4 * total**2))) / (1 + z2 / total)
    return Figure(p, max(centre - half, 0.0), min(centre + half, 1.0))


def rank_agreement(scores: FloatArray, totals: FloatArray) -> Figure | None:
    """Spearman's correlation with its 95 % interval (Bonett & Wright 2000); ``None`` where it is
    not defined."""
    if len(scores) < 4 or np.ptp(scores) == 0 or np.ptp(totals) == 0:
        return None
    rho = spearman(scores, totals)
    if abs(rho) >= 1.0:
        return Figure(rho, rho, rho)
    half = QUANTILE * float(np.sqrt((1.0 + rho**2 / 2.0) / (len(scores) - 3)))
    middle = float(np.arctanh(rho))
    return Figure(rho, float(np.tanh(middle - half)), float(np.tanh(middle + half)))


def _shares(edges: FloatArray, values: FloatArray) -> FloatArray:
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=BINS) + 0.5
    shares: FloatArray = counts / counts.sum()
    return shares


def _some(rng: np.random.Generator, values: FloatArray) -> FloatArray:
    if len(values) <= MOST_COMPARED:
        return values
    return values[np.sort(rng.choice(len(values), MOST_COMPARED, replace=False))]
