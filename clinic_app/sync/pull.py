"""Pulling: every sequence is followed to its head at the centre, page by page.

One's own sequences are followed like all others: what the centre holds beyond the last known
acknowledgement is compared with what is here. Equal is an acknowledgement that was lost; different
means that one of the two is a copy or was restored, and what is here goes on under other numbers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import takewhile

from clinic_app.db import replica
from clinic_app.db.moved_tail import move_tail
from clinic_app.db.replica import Reach
from clinic_app.db.store import EncryptedStore
from clinic_app.db.transaction import Transaction
from clinic_app.domain.operations import SCHEMA_VERSION
from clinic_app.sync.centre import (
    PAGE_BYTES,
    PAGE_OPERATIONS,
    Enrolled,
    Head,
    OperationsForged,
    SyncTrouble,
    VersionTooOld,
    WireOperation,
)
from clinic_app.sync.counted import CountedCentre
from clinic_app.sync.member import Membership
from clinic_app.sync.wire import GREATEST, checked, forged, sealed

TAKEN_AT_ONCE = 250
"""Operations of a page that are taken in before whoever waits for the store has a turn."""

HANDED_OVER = 0.001
"""Seconds for that; a lock that is taken again at once is given to nobody else."""

_NEWER = (
    "“{name}” writes with a newer version of the program. Please update this one to see its"
    " changes."
)


class Pull:
    """Trouble with one workstation's operations stops that workstation alone.

    Attributes:
        names: the workstations that the centre knows.
        pulled: how many operations were taken in.
        troubles: what was wrong, by workstation.
    """

    def __init__(
        self,
        store: EncryptedStore,
        centre: CountedCentre,
        member: Membership,
        tell: Callable[[float, int], None],
    ) -> None:
        self._store = store
        self._centre = centre
        self._member = member
        self._tell = tell
        self.names: dict[int, Enrolled] = {}
        self.pulled = 0
        self.troubles: dict[int, SyncTrouble] = {}

    def up_to(self, heads: Iterable[Head]) -> None:
        """Take in everything that the centre holds up to these heads."""
        found = {(head.origin, head.epoch): head for head in heads}
        with self._store.transaction() as db:
            for one in replica.reaches(db):
                found.setdefault((one.origin, one.epoch), Head(one.origin, one.epoch, 0, b""))
        for done, head in enumerate(sorted(found.values()), 1):
            if head.origin not in self.troubles:
                try:
                    self._follow(head)
                except (OperationsForged, VersionTooOld) as trouble:
                    self.troubles[head.origin] = trouble
            self._tell(done / len(found), self.pulled)

    def _follow(self, head: Head) -> None:
        if head.epoch > GREATEST:
            raise forged(self.name_of(head.origin))
        here = self._reach(head)
        if head.seq < here.acked or (head.seq == here.acked and head.hash != here.wire_hash):
            self._go_back(here, head)
            here = self._reach(head)
        compared_all = here.acked == 0
        while here.acked < head.seq:
            try:
                self._take_page(here, head)
            except OperationsForged:
                # The centre may have been restored and written on: compare from the beginning.
                if compared_all:
                    raise
                compared_all = True
                self._acknowledge(here, 0, b"")
            here = self._reach(head)

    def name_of(self, origin: int) -> str:
        """What the centre calls a workstation; its number where it knows none."""
        writer = self.names.get(origin)
        return str(origin) if writer is None else writer.name

    def _reach(self, head: Head) -> Reach:
        with self._store.transaction() as db:
            return replica.reach(db, head.origin, head.epoch)

    def _go_back(self, here: Reach, head: Head) -> None:
        """The centre holds less than it did, or something else: it was restored.

        Where its head is part of what is here, we go on from there; else all is compared again.
        """
        wire_hash = self._hash_at(here, head.seq)
        same = wire_hash == head.hash
        self._acknowledge(here, head.seq if same else 0, wire_hash if same else b"")
        with self._store.transaction() as db:
            replica.remember(db, **{replica.CENTRE_RESTORED: "1"})
            db.commit()

    def _hash_at(self, here: Reach, seq: int) -> bytes:
        """The wire hash of an operation that is here, worked out from the beginning."""
        wire_hash, after = b"", 0
        while after < seq:
            count = min(PAGE_OPERATIONS, seq - after)
            with self._store.transaction() as db:
                page = replica.fitting(db, here.origin, here.epoch, after, count, PAGE_BYTES)
            wire_hash = sealed(page, wire_hash, self._member.cipher)[-1].hash
            after = page[-1].seq
        return wire_hash

    def _acknowledge(self, here: Reach, acked: int, wire_hash: bytes) -> None:
        with self._store.transaction() as db:
            replica.acknowledge(db, here.origin, here.epoch, acked, wire_hash)
            db.commit()

    def _take_page(self, here: Reach, head: Head) -> None:
        page = self._centre.fetch(here.origin, here.epoch, here.acked)
        writer = self.names.get(here.origin)
        if writer is None:
            raise forged(str(here.origin))
        vouched = checked(page, here.acked, here.wire_hash, writer.public_key, writer.name)
        if not vouched:
            raise forged(writer.name)  # a hole, or nobody vouches for the end
        readable = list(takewhile(lambda one: one.schema_version <= SCHEMA_VERSION, vouched))
        for start in range(0, len(readable), TAKEN_AT_ONCE):
            self._take(readable[start : start + TAKEN_AT_ONCE])
            time.sleep(HANDED_OVER)
        if len(readable) < len(vouched):
            raise VersionTooOld(_NEWER.format(name=writer.name))

    def _take(self, page: Sequence[WireOperation]) -> None:
        """Compare what is here already, and take in what is new, in one transaction."""
        first = page[0]
        own = self._store.workstation
        with self._store.transaction() as db:
            here = replica.reach(db, first.origin, first.epoch)
            same = self._agreeing(db, here, page)
            known = min(here.seq - here.acked, len(page))
            if same < known:
                wall = self._store.wall()
                own = move_tail(db, own, here.origin, here.epoch, here.acked + same, wall)
            if same:
                last = page[same - 1]
                replica.acknowledge(db, here.origin, here.epoch, last.seq, last.hash)
                replica.learn_times(db, here.origin, here.epoch, _times(page[:same]))
            fresh = page[same:]
            if fresh:
                opened = [self._member.cipher.open(one) for one in fresh]
                self._store.clock.see(replica.take_in(db, opened, fresh[-1].hash))
            db.commit()
            self._store.workstation = own  # before anybody else has a turn
        self.pulled += len(fresh)

    def _agreeing(self, db: Transaction, here: Reach, page: Sequence[WireOperation]) -> int:
        """How many operations at the beginning of a page are here already, the same."""
        until = min(here.seq, page[-1].seq)
        mine = replica.operations(db, here.origin, here.epoch, here.acked, until)
        same = 0
        for one, theirs in zip(
            sealed(mine, here.wire_hash, self._member.cipher), page, strict=False
        ):
            if one.hash != theirs.hash:
                break
            same += 1
        return same


def _times(page: Sequence[WireOperation]) -> list[tuple[int, datetime]]:
    return [(one.seq, one.received_at) for one in page if one.received_at is not None]
