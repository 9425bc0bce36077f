"""How well doctors' own severities and the estimates of one model version agree.

Weighted kappa with quadratic weights (Cohen 1968): 1 is full agreement, 0 is what chance alone
gives, and being two bands apart counts four times as much as one. The interval is the jackknife's
(Efron & Stein 1981), each review left out in turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from clinic_app.domain.finding import Band
from clinic_app.domain.reviews import AgreementCount, Verdict
from clinic_app.domain.screening import ClinicianSeverity

BANDS = {
    ClinicianSeverity.NONE: Band.NONE,
    ClinicianSeverity.MILD: Band.MILD,
    ClinicianSeverity.MODERATE: Band.MODERATE,
    ClinicianSeverity.SEVERE: Band.SEVERE,
}
"""The doctor's judgement on the scale of the estimate; "cannot tell" has no place on it."""
_QUANTILE = 1.959963984540054
"""Of the standard normal distribution at 97.5 %."""

Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Concluded reviews of one model version.

    ``matrix[own][estimate]`` counts the ``paired`` reviews in which both said a band; ``kappa`` is
    ``None`` where it is not defined (fewer than two pairs, or everything in one band) and
    ``interval`` (95 %) with fewer than three pairs.
    """

    model_version: str
    reviews: int
    agreed: int
    overruled: int
    no_estimate: int
    paired: int
    matrix: Matrix
    kappa: float | None
    interval: tuple[float, float] | None


def agreements(counts: Iterable[AgreementCount]) -> tuple[Agreement, ...]:
    """One row per model version, in order of version; reviews without an estimate have none."""
    versions: dict[str, list[AgreementCount]] = {}
    for count in counts:
        versions.setdefault(count.model_version, []).append(count)
    return tuple(_agreement(version, versions[version]) for version in sorted(versions))


def weighted_kappa(matrix: Sequence[Sequence[float]]) -> float | None:
    """Quadratic weights over a square table of counts; ``None`` where it is not defined."""
    size = range(len(matrix))
    total = sum(map(sum, matrix))
    if total <= 0:
        return None
    rows = [sum(line) for line in matrix]
    columns = [sum(line[column] for line in matrix) for column in size]
    apart = {(i, j): float((i - j) ** 2) for i in size for j in size}
    observed = sum(weight * matrix[i][j] for (i, j), weight in apart.items()) / total
    expected = sum(weight * rows[i] * columns[j] for (i, j), weight in apart.items()) / total**2
    return None if expected == 0 else 1 - observed / expected


def kappa_between(matrix: Matrix) -> float | None:
    """Weighted kappa of a table of pairs; ``None`` also for a single one, which says nothing."""
    return weighted_kappa(matrix) if sum(map(sum, matrix)) > 1 else None


def jackknife_interval(matrix: Matrix) -> tuple[float, float] | None:
    """95 % interval of the weighted kappa, within -1 to 1; ``None`` with too few pairs."""
    count, kappa = sum(map(sum, matrix)), weighted_kappa(matrix)
    if kappa is None or count < 3:
        return None
    pseudo: list[tuple[float, int]] = []
    for i, line in enumerate(matrix):
        for j, times in enumerate(line):
            if times:
                left = weighted_kappa(_without(matrix, i, j))
                if left is None:
                    return None
                pseudo.append((count * kappa - (count - 1) * left, times))
    mean = sum(value * times for value, times in pseudo) / count
    spread = sum(times * (value - mean) ** 2 for value, times in pseudo) / (count * (count - 1))
    half = _QUANTILE * sqrt(spread)
    return max(kappa - half, -1.0), min(kappa + half, 1.0)


def _agreement(version: str, counts: Sequence[AgreementCount]) -> Agreement:
    by_verdict: Mapping[Verdict, int] = {
        verdict: sum(one.count for one in counts if one.verdict is verdict) for verdict in Verdict
    }
    table = [[0] * len(Band) for _ in Band]
    for one in counts:
        own = BANDS.get(one.own_severity)
        if own is not None and one.estimate_band is not None:
            table[own][one.estimate_band] += one.count
    matrix = tuple(tuple(line) for line in table)
    paired = sum(map(sum, matrix))
    return Agreement(
        model_version=version,
        reviews=sum(by_verdict.values()),
        agreed=by_verdict[Verdict.AGREE],
        overruled=by_verdict[Verdict.OVERRULE],
        no_estimate=by_verdict[Verdict.NO_ESTIMATE],
        paired=paired,
        matrix=matrix,
        kappa=kappa_between(matrix),
        interval=jackknife_interval(matrix),
    )


def _without(matrix: Matrix, row: int, column: int) -> Matrix:
    return tuple(
        tuple(value - int((i, j) == (row, column)) for j, value in enumerate(line))
        for i, line in enumerate(matrix)
    )
