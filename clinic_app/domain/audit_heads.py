"""What each workstation tells the others of its own audit trail, and where a trail lacks it.

A trail never travels; its length and its newest mac do, in the workstation's signed sequence. Each
telling also says what the trail holds *now* at the place it told before. So whoever follows the
log sees a trail that was cut, written anew or replaced by an older copy, and grown again since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

TELL_EVERY = timedelta(hours=1)
"""How often a trail that grows is told of; one that does not fit any more is told of at once."""

_INTEGER = 1 << 63


@dataclass(frozen=True, slots=True)
class AuditHead:
    """``number`` entries, the newest with ``mac``. ``before`` is the number told the last time and
    ``before_mac`` the mac of that entry as the trail holds it now, empty where it is missing."""

    id: UUID
    workstation: int
    number: int
    mac: str
    at: datetime
    before: int = 0
    before_mac: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.number < _INTEGER or not 0 <= self.before < _INTEGER:
            raise ValueError("No audit trail has so many entries.")


@dataclass(frozen=True, slots=True)
class ToldHead:
    """A head and the epoch of the operation that told it."""

    head: AuditHead
    epoch: int


@dataclass(frozen=True, slots=True)
class AuditGap:
    """A trail that lacks what was told of it: ``told`` entries on ``told_at``, ``found`` later.

    ``renewed``: the workstation had begun a new sequence, as it does when a backup is brought back,
    a copy of the store is used, or another store takes its number. Without that there is no honest
    way to it.
    """

    workstation: str
    own: bool
    told: int
    told_at: datetime
    found: int
    renewed: bool

    @property
    def shorter(self) -> bool:
        return self.found < self.told


def audit_gaps(told: Sequence[ToldHead], workstation: str, *, own: bool) -> tuple[AuditGap, ...]:
    """Where one workstation's tellings, in stamp order, do not follow from each other.

    Each epoch has a trail of its own: a copy of a store that is used beside it tells in another
    one. The first telling of an epoch has to go on from what was told before it.
    """
    gaps = []
    newest: ToldHead | None = None
    newest_of: dict[int, ToldHead] = {}
    for one in told:
        last = newest_of.get(one.epoch, newest)
        if last is not None and not _follows(last.head, one.head):
            length, at = last.head.number, last.head.at
            renewed = last.epoch != one.epoch
            gaps.append(AuditGap(workstation, own, length, at, one.head.number, renewed))
        newest = newest_of[one.epoch] = one
    return tuple(gaps)


def _follows(before: AuditHead, after: AuditHead) -> bool:
    if after.number == before.number:
        return after.mac == before.mac
    kept = (after.before, after.before_mac) == (before.number, before.mac)
    return after.number > before.number and kept


def is_due(last: AuditHead | None, number: int, kept_mac: str, now: datetime) -> bool:
    """Whether a trail of ``number`` entries is to be told of. ``last`` is what this epoch told
    last, ``kept_mac`` what the trail holds at that place."""
    if number == 0:
        return False
    if last is None or kept_mac != last.mac:
        return True
    return number > last.number and not timedelta(0) <= now - last.at < TELL_EVERY
