"""What the drift page shows, month by month and for each version of the shipped models."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Shift:
    """A distance from the reference, and what chance alone stays below in 95 of 100 months."""

    value: float
    limit: float
    beyond: bool


@dataclass(frozen=True, slots=True)
class DriftMonth:
    """One month (``YYYY-MM``) under one version. ``None``: withheld, or too few to say.

    ``pictures`` is the number of pictures, withheld below `small_numbers.SMALLEST`; ``passed`` the
    share that the quality gate let through; ``abstained`` that without a reading; ``score_index``
    (population stability), ``score_gap`` (Kolmogorov-Smirnov) and ``embedding`` (energy distance)
    compare with the reference; ``phq9`` is the rank correlation of the percent with PHQ-9 totals,
    ``local_phq9`` that of the local reading.
    """

    month: str
    pictures: int | None
    in_reference: bool
    passed: Figure | None = None
    abstained: Figure | None = None
    score_index: Shift | None = None
    score_gap: Shift | None = None
    embedding: Shift | None = None
    phq9: Figure | None = None
    local_phq9: Figure | None = None


@dataclass(frozen=True, slots=True)
class DriftVersion:
    """One version of the shipped models. ``reference`` is the number of first readings that later
    months are compared with; 0 until there are enough."""

    base: str
    pictures: int | None
    reference: int
    months: tuple[DriftMonth, ...]
