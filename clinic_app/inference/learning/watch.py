"""The drift page's months: which figures can be told, and from how many pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from clinic_app.domain.drift import DriftMonth, DriftVersion, Figure, Shift
from clinic_app.domain.face_case import FaceCase, Shares, percent_of
from clinic_app.inference.learning.drift import (
    energy_distance,
    kolmogorov_smirnov,
    rank_agreement,
    share,
    stability_index,
)
from clinic_app.inference.metrics import FloatArray
from clinic_app.services.backup_data import Stop, never
from clinic_app.services.learning_cases import LEAST_PEOPLE, first_of_each, first_readings
from clinic_app.services.learning_data import LearningStopped
from clinic_app.services.small_numbers import SMALLEST, told

FEWEST = 30
"""People read in a month below which it is not compared: nothing but chance would be seen."""
LEAST_REFERENCE = 100
"""Readings without which there is no reference yet, nor without `LEAST_PEOPLE` among them."""


def drift(cases: Sequence[tuple[FaceCase, str]], stop: Stop = never) -> tuple[DriftVersion, ...]:
    """By version, newest first. Cases come oldest first; months with 1 to 4 people are withheld. In
    a month, and in the reference, a person counts once: limits and intervals are of people."""
    versions: dict[str, list[tuple[FaceCase, str]]] = {}
    for case, month in cases:
        versions.setdefault(case.base, []).append((case, month))
    newest = sorted(versions, key=lambda base: versions[base][-1][0].finished_at, reverse=True)
    return tuple(_version(base, versions[base], stop) for base in newest)


def _version(base: str, cases: list[tuple[FaceCase, str]], stop: Stop) -> DriftVersion:
    first = first_readings(case for case, _ in cases)
    reference = first_of_each(first)
    if len(first) < LEAST_REFERENCE or len(reference) < LEAST_PEOPLE:
        reference = []
    last = first[-1].finished_at if reference else None
    months: dict[str, list[FaceCase]] = {}
    for case, month in cases:
        months.setdefault(month, []).append(case)
    made = []
    for month in sorted(months):
        if stop():
            raise LearningStopped("Looking for drift was stopped.")
        own = months[month]
        early = last is not None and own[0].finished_at <= last
        made.append(_month(month, own, reference, early=early))
    return DriftVersion(base, told(len(cases)), len(reference), tuple(made))


def _month(
    month: str, cases: list[FaceCase], reference: list[FaceCase], *, early: bool
) -> DriftMonth:
    once = first_of_each(cases)
    if len(once) < SMALLEST:
        return DriftMonth(month, None, early)
    readings = first_of_each(one for one in cases if one.usable)
    compared = bool(reference) and not early and len(readings) >= FEWEST
    index = gap = embedding = None
    if compared:
        index = stability_index(_percents(reference), _percents(readings))
        gap = kolmogorov_smirnov(_percents(reference), _percents(readings))
        embedding = _embedding_shift(reference, readings)
    return DriftMonth(
        month=month,
        pictures=len(cases),
        in_reference=early,
        passed=share(sum(one.accepted for one in once), len(once)),
        abstained=share(sum(one.shares is None for one in once), len(once)),
        score_index=index,
        score_gap=gap,
        embedding=embedding,
        phq9=_agreement(cases, lambda one: one.shares),
        local_phq9=_agreement(cases, lambda one: one.local_shares),
    )


def _percents(cases: list[FaceCase]) -> FloatArray:
    return np.array([percent_of(one.shares) for one in cases if one.shares is not None])


def _embedding_shift(reference: list[FaceCase], present: list[FaceCase]) -> Shift | None:
    sides = [_embeddings(reference), _embeddings(present)]
    return energy_distance(*sides) if all(len(one) >= FEWEST for one in sides) else None


def _embeddings(cases: list[FaceCase]) -> FloatArray:
    rows = b"".join(one.embedding for one in cases)
    number = sum(bool(one.embedding) for one in cases)
    return np.frombuffer(rows, dtype="<f4").reshape(number, -1).astype(np.float64)


def _agreement(cases: list[FaceCase], said: Callable[[FaceCase], Shares | None]) -> Figure | None:
    """Of what was ``said`` with the PHQ-9 total of the same screening."""
    both = [one for one in cases if said(one) is not None and one.phq9_total is not None]
    pairs = [(said(one), one.phq9_total) for one in first_of_each(both)]
    told = [(percent_of(s), float(t)) for s, t in pairs if s is not None and t is not None]
    if len(told) < FEWEST:
        return None
    scores, totals = np.array(told).T
    return rank_agreement(scores, totals)
