"""Reliable change of a total: more than the questionnaire varies by itself.

The rule is the site's (``ClinicProfile.reliable_change``; PHQ-9 usually 5 points or, in NHS Talking
Therapies, 6; GAD-7 4). A change is counted from a reference: the first total, and after each
reliable change the total at which it was reached, so that slow changes are found as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Direction(StrEnum):
    """Lower totals are fewer symptoms."""

    IMPROVED = "improved"
    WORSENED = "worsened"


@dataclass(frozen=True, slots=True)
class Total:
    """One total of one scale, 0 to its maximum."""

    at: datetime
    total: int


@dataclass(frozen=True, slots=True)
class Change:
    """A reliable change at ``at``: ``points`` (negative: fewer symptoms) since ``since``."""

    at: datetime
    points: int
    since: datetime

    @property
    def direction(self) -> Direction:
        return Direction.IMPROVED if self.points < 0 else Direction.WORSENED


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the newest total is from its reference, and whether that is a reliable change."""

    points: int
    since: datetime
    reliable: bool


def newest_standing(totals: Sequence[Total], threshold: int) -> Standing | None:
    """Where the newest of at least two totals stands by the same rule; ``None`` with fewer."""
    if len(totals) < 2:
        return None
    *earlier, last = reliable_changes(totals, threshold)
    if last is not None:
        return Standing(last.points, last.since, reliable=True)
    reference = totals[0]
    for total, change in zip(totals, earlier, strict=False):
        if change is not None:
            reference = total
    return Standing(totals[-1].total - reference.total, reference.at, reliable=False)


def reliable_changes(totals: Sequence[Total], threshold: int) -> tuple[Change | None, ...]:
    """For each total (oldest first, one scale, version and language) the reliable change that is
    reached with it, or ``None``. ``threshold`` is in points, at least 1."""
    if threshold < 1:
        raise ValueError("a reliable change has at least one point")
    found: list[Change | None] = []
    reference: Total | None = None
    for one in totals:
        change = None
        if reference is None:
            reference = one
        elif abs(one.total - reference.total) >= threshold:
            change = Change(one.at, one.total - reference.total, reference.at)
            reference = one
        found.append(change)
    return tuple(found)
