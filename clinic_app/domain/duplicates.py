"""Records that may be of one person: the same birth date and a similar name, or the same phone.

A suggestion only: people of one family share a phone, and twins a birth date. A person compares
the two and decides.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple
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


class IdentityKey(NamedTuple):
    """What a record is compared by: the folded name, the phone as digits, the birth date (ISO).

    Kept light (the identifier as its 16 bytes), for those of a whole clinic are read at once.
    """

    patient_id: bytes
    name: str
    phone: str
    birth_date: str


@dataclass(frozen=True, slots=True)
class LikelyPair:
    """``first`` was registered before ``second`` (its ID is smaller); all ``reasons`` that hold."""

    first: UUID
    second: UUID
    reasons: tuple[Reason, ...]


def similar_names(one: str, other: str) -> bool:
    """Whether two folded names may be one: the same words in any order, one within the other
    (a second given name left out), or nearly the same letters."""
    if not _letters_fit(one, other):
        return False
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


def _letters_fit(one: str, other: str) -> bool:
    """A quick look that most pairs do not pass: every letter that only one of them has is lost to
    any matching. Never False for similar names (one letter more allows for blanks at an end)."""
    mine, theirs = set(one), set(other)
    lost, added = len(mine - theirs), len(theirs - mine)
    if not lost or not added:
        return True
    most = 1 + min(len(one) - lost, len(other) - added)
    return most >= ALIKE * (len(one) + len(other)) / 2


def _letters_in_common(one: str, other: str) -> int:
    """Whatever their order: never fewer than what any matching finds."""
    return sum(min(one.count(letter), other.count(letter)) for letter in set(one))


def likely_pairs(keys: Iterable[IdentityKey], limit: int = 100) -> tuple[LikelyPair, ...]:
    """The likeliest first: those with both reasons, then by birth date and name, then by phone.

    Only names of one birth date that begin a word alike are compared letter by letter: similar
    names always do, so nothing is missed (blocking, as record linkage calls it).
    """
    reasons: dict[tuple[bytes, bytes], set[Reason]] = {}
    alike, phones = _shared(keys)
    for group in alike:
        for one, other in _neighbours(group):
            if similar_names(one.name, other.name):
                _note(reasons, one, other, Reason.SAME_BIRTH_DATE_AND_SIMILAR_NAME)
    for group in phones:
        for one, other in _neighbours(group):
            _note(reasons, one, other, Reason.SAME_PHONE)
    pairs = (
        LikelyPair(
            UUID(bytes=first),
            UUID(bytes=second),
            tuple(reason for reason in Reason if reason in found),
        )
        for (first, second), found in reasons.items()
    )
    return tuple(heapq.nsmallest(limit, pairs, key=_order))


_Groups = Collection[list[IdentityKey]]


def _shared(keys: Iterable[IdentityKey]) -> tuple[_Groups, _Groups]:
    """Those who share a birth date and how a word of the name begins, and those who share a phone.

    One plain loop, for it runs over everybody of a clinic; a list is made only where a second one
    comes.
    """
    first: dict[str, IdentityKey] = {}
    with_phone: dict[str, IdentityKey] = {}
    alike: dict[str, list[IdentityKey]] = {}
    phones: dict[str, list[IdentityKey]] = {}
    for key in keys:
        _, name, phone, born = key
        for word in name.split():
            block = born + word[:2]
            other = first.setdefault(block, key)
            if other is not key:
                group = alike.setdefault(block, [other])
                if group[-1] is not key:  # two words of one name may begin alike
                    group.append(key)
        if len(phone) >= LEAST_PHONE_DIGITS:
            other = with_phone.setdefault(phone, key)
            if other is not key:
                phones.setdefault(phone, [other]).append(key)
    return alike.values(), phones.values()


def _order(pair: LikelyPair) -> tuple[int, int, UUID, UUID]:
    named = Reason.SAME_BIRTH_DATE_AND_SIMILAR_NAME in pair.reasons
    return -len(pair.reasons), -int(named), pair.first, pair.second


def _note(
    reasons: dict[tuple[bytes, bytes], set[Reason]],
    one: IdentityKey,
    other: IdentityKey,
    reason: Reason,
) -> None:
    first, second = sorted((one.patient_id, other.patient_id))
    reasons.setdefault((first, second), set()).add(reason)


def _neighbours(group: Sequence[IdentityKey]) -> Iterator[tuple[IdentityKey, IdentityKey]]:
    """All pairs of a small group; in a large one those that stand near each other by name."""
    if len(group) <= 4 * _NEIGHBOURS:
        yield from combinations(group, 2)
        return
    ordered = sorted(group, key=lambda key: (key.name, key.patient_id))
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 : place + 1 + _NEIGHBOURS]:
            yield one, other
