"""Records that may be of one person: the same birth date and a similar name, or the same phone.

A suggestion only: people of one family share a phone, and twins a birth date. A person compares
the two and decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from uuid import UUID

ALIKE = 0.82
"""Share of letters in common from which two names count as similar: one slip in a short name."""
LEAST_PHONE_DIGITS = 6
"""Shorter numbers are extensions and remarks, not somebody's phone."""
_NEIGHBOURS = 8
"""In a large group each name is compared with this many next to it in order: a placeholder such as
1 January 1900 can stand in thousands of records."""


class Reason(StrEnum):
    SAME_BIRTH_DATE_AND_SIMILAR_NAME = "same_birth_date_and_similar_name"
    SAME_PHONE = "same_phone"


@dataclass(frozen=True, slots=True)
class IdentityKey:
    """What a record is compared by: the folded name, the phone as digits, the birth date."""

    patient_id: UUID
    name: str
    phone: str
    birth_date: date


@dataclass(frozen=True, slots=True)
class LikelyPair:
    """``first`` was registered before ``second`` (its ID is smaller); all ``reasons`` that hold."""

    first: UUID
    second: UUID
    reasons: tuple[Reason, ...]


def similar_names(one: str, other: str) -> bool:
    """Whether two folded names may be one: the same words in any order, one within the other
    (a second given name left out), or nearly the same letters."""
    words, others = sorted(one.split()), sorted(other.split())
    if not words or not others:
        return False
    if words == others:
        return True
    shorter, longer = sorted((set(words), set(others)), key=len)
    if len(shorter) > 1 and shorter <= longer:
        return True
    if {word[:2] for word in words}.isdisjoint(word[:2] for word in others):
        return False  # a slip is seldom in the first letters of every word
    left, right = " ".join(words), " ".join(others)
    needed = ALIKE * (len(left) + len(right)) / 2
    if min(len(left), len(right)) < needed or _letters_in_common(left, right) < needed:
        return False  # the ratio cannot reach it; this keeps a search of a whole clinic quick
    return SequenceMatcher(None, left, right, autojunk=False).ratio() >= ALIKE


def _letters_in_common(one: str, other: str) -> int:
    """Whatever their order: never fewer than what any matching finds."""
    return sum(min(one.count(letter), other.count(letter)) for letter in set(one))


def likely_pairs(keys: Iterable[IdentityKey], limit: int = 100) -> tuple[LikelyPair, ...]:
    """The likeliest first: those with both reasons, then by birth date and name, then by phone."""
    reasons: dict[tuple[UUID, UUID], set[Reason]] = {}
    by_birth: dict[date, list[IdentityKey]] = {}
    by_phone: dict[str, list[IdentityKey]] = {}
    for key in keys:
        by_birth.setdefault(key.birth_date, []).append(key)
        if len(key.phone) >= LEAST_PHONE_DIGITS:
            by_phone.setdefault(key.phone, []).append(key)
    for group in by_birth.values():
        for one, other in _neighbours(group):
            if similar_names(one.name, other.name):
                _note(reasons, one, other, Reason.SAME_BIRTH_DATE_AND_SIMILAR_NAME)
    for group in by_phone.values():
        for one, other in _neighbours(group):
            _note(reasons, one, other, Reason.SAME_PHONE)
    pairs = (
        LikelyPair(first, second, tuple(reason for reason in Reason if reason in found))
        for (first, second), found in reasons.items()
    )
    return tuple(sorted(pairs, key=_order)[:limit])


def _order(pair: LikelyPair) -> tuple[int, int, UUID, UUID]:
    named = Reason.SAME_BIRTH_DATE_AND_SIMILAR_NAME in pair.reasons
    return -len(pair.reasons), -int(named), pair.first, pair.second


def _note(
    reasons: dict[tuple[UUID, UUID], set[Reason]],
    one: IdentityKey,
    other: IdentityKey,
    reason: Reason,
) -> None:
    first, second = sorted((one.patient_id, other.patient_id))
    reasons.setdefault((first, second), set()).add(reason)


def _neighbours(group: Sequence[IdentityKey]) -> Iterator[tuple[IdentityKey, IdentityKey]]:
    """All pairs of a small group; in a large one those that stand near each other by name."""
    if len(group) < 2:
        return
    ordered = sorted(group, key=lambda key: (key.name, key.patient_id))
    reach = len(ordered) if len(ordered) <= 4 * _NEIGHBOURS else _NEIGHBOURS
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 : place + 1 + reach]:
            yield one, other
