"""One round: pull, push, pull, until this workstation and the centre hold the same.

A new workstation begins from the clinic's snapshot, where there is one.

Every step is one statement at the centre and one transaction here, and takes its start from what is
stored, so a round that is cut anywhere is simply run again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from clinic_app.db import replica
from clinic_app.db.moved_tail import move_tail
from clinic_app.db.oplog import blank_bodies, newest_stamp
from clinic_app.db.replica import Peer, Reach
from clinic_app.db.store import EncryptedStore
from clinic_app.domain.errors import NotFound
from clinic_app.domain.operations import SCHEMA_VERSION, EntityKind
from clinic_app.services.sync_data import RoundProgress, RoundResult, Stage, Watch
from clinic_app.services.time_left import TimeLeft
from clinic_app.sync.centre import (
    BATCH_BYTES,
    BATCH_OPERATIONS,
    CLOCK_STAMP_SECONDS,
    CLOCK_WARN_SECONDS,
    AlreadyThere,
    Centre,
    CentreFacts,
    CentreUntrusted,
    Enrolled,
    StoreDiverged,
    VersionTooOld,
    WorkstationRevoked,
)
from clinic_app.sync.counted import CountedCentre
from clinic_app.sync.images import ImageExchange
from clinic_app.sync.member import Membership
from clinic_app.sync.pull import Pull
from clinic_app.sync.snapshot.load import FirstLoad
from clinic_app.sync.wire import sealed, signed_batch

TRIES = 5
"""How often a push may meet what another writer of the same name sent in between."""

TIMES_AT_ONCE = 10_000
"""Receive times that one statement asks for."""

RESCUED_AFTER = timedelta(days=7)
"""How long a workstation may be away before others send what it had sent and the centre lost."""

_EARLIEST = 1
"""Stamp of the clinic's profile that a joining workstation offers: everybody's change beats it."""

_TOO_OLD = (
    "This program is too old for the central server. Please update it; nothing is lost meanwhile."
)
_REVOKED = "The central server takes nothing from this workstation any more."
_OTHER_CLINIC = "This central server belongs to another clinic."
_TWO_COPIES = "Another copy of this workstation is writing now. Please use only one of them."


class Round:
    """Run once. Trouble with one workstation's changes leaves the others alone, and is raised at
    the end."""

    def __init__(
        self,
        store: EncryptedStore,
        centre: Centre,
        member: Membership,
        watch: Watch,
        stop: Callable[[], bool],
    ) -> None:
        self._store = store
        self._centre = CountedCentre(centre, stop)
        self._member = member
        self._watch = watch
        self._pushed = 0
        self._clock_off: float | None = None
        self._loading: TimeLeft | None = None
        self._pull = Pull(store, self._centre, member, self._tell_pull)

    def run(self) -> RoundResult:
        """Raises one ``SyncTrouble``; what was done before it stays."""
        began = time.monotonic()
        facts = self._centre.facts()
        self._check(facts)
        heads = self._centre.heads()
        first = FirstLoad(
            self._store, self._centre, self._member, self._pull.names, self._tell_load
        )
        first.run(heads)
        self._pull.up_to(heads)
        self._blank()
        if facts.min_schema > SCHEMA_VERSION:
            raise VersionTooOld(_TOO_OLD)
        self._offer_clinic()
        self._rescue(facts.server_time)
        self._tell_audit_head(facts.server_time)
        self._push()
        if self._pushed:
            self._pull.up_to(self._centre.heads())
        images = ImageExchange(self._store, self._centre, self._member, self._tell_images)
        if images.run(facts.server_time):
            self._push()
            self._pull.up_to(self._centre.heads())  # what came in meanwhile: the round is whole
        self._learn_times()
        self._tell(Stage.DONE, 1.0)
        for trouble in self._pull.troubles.values():
            raise trouble
        for other in (first.trouble, images.trouble):
            if other is not None:
                raise other
        return RoundResult(
            first.loaded + self._pull.pulled,
            self._pushed,
            0,
            self._centre.statements,
            time.monotonic() - began,
            self._clock_off,
            first.remark,
        )

    # --- who and when ---------------------------------------------------------------------------

    def _check(self, facts: CentreFacts) -> None:
        check_membership(facts, self._member)
        self._compare_clocks(facts.server_time)
        with self._store.transaction() as db:
            replica.know_peers(db, map(_peer, facts.workstations))
            db.commit()
        self._pull.names = {one.id: one for one in facts.workstations}

    def _compare_clocks(self, server: datetime) -> None:
        """Warn of a clock that is off; stamp by the server's while it is far off."""
        off = (self._store.now() - server).total_seconds()
        self._clock_off = off if abs(off) > CLOCK_WARN_SECONDS else None
        with self._store.transaction() as db:
            told = "" if self._clock_off is None else str(round(off))
            if replica.remembered(db).get("clock_off", "") != told:
                replica.remember(db, clock_off=told)
                db.commit()
        wrong = abs(off) > CLOCK_STAMP_SECONDS
        self._store.keep_ahead(-int(off * 1000) if wrong else 0)

    def _offer_clinic(self) -> None:
        """Where the centre has no profile of the clinic yet, give it ours under its identifier."""
        with self._store.unit_of_work() as work:
            try:
                own = work.clinic.get()
            except NotFound:
                return
            if own.id != self._member.clinic_id:
                profile = replace(own, id=self._member.clinic_id)
                work.log.record(EntityKind.CLINIC, profile, _EARLIEST)
                work.commit()

    def _tell_audit_head(self, now: datetime) -> None:
        """Sign for how far this workstation's audit trail goes, where that is due."""
        with self._store.unit_of_work() as work:
            head = work.audit.head_to_tell(self._member.origin, now)
            if head is not None:
                work.log.record(EntityKind.AUDIT_HEAD, head)
                work.commit()

    def _rescue(self, now: datetime) -> None:
        """Send in our own name what the centre has lost in a restore and its writer, who would
        send it again, has not sent for ``RESCUED_AFTER``: that laptop is gone as well.

        Should it come back after all, the same operations are there twice and say the same.
        """
        own = self._store.workstation
        with self._store.transaction() as db:
            kept = replica.remembered(db)
            for one in replica.reaches(db):
                writer = self._pull.names.get(one.origin)
                if one.origin == own.origin or writer is None or writer.revoked_seq is not None:
                    continue
                mark = f"lost.{one.origin}.{one.epoch}"
                since = kept.get(mark, "")
                if one.acked == one.seq:
                    if since:
                        replica.remember(db, **{mark: ""})
                elif not since:
                    replica.remember(db, **{mark: now.isoformat()})
                elif now - datetime.fromisoformat(since) > RESCUED_AFTER:
                    wall = self._store.wall()
                    own = move_tail(db, own, one.origin, one.epoch, one.acked, wall)
            db.commit()
        self._store.workstation = own

    # --- pushing --------------------------------------------------------------------------------

    def _push(self) -> None:
        for _ in range(TRIES):
            try:
                while self._push_batch():
                    pass
            except AlreadyThere:
                self._pull.up_to(self._centre.heads())
            else:
                return
        raise StoreDiverged(_TWO_COPIES)

    def _push_batch(self) -> bool:
        """Send the next batch, older sequences first; False when nothing is left."""
        with self._store.transaction() as db:
            left = [one for one in self._own(replica.reaches(db)) if one.acked < one.seq]
            if not left:
                return False
            here, waiting = left[0], sum(one.seq - one.acked for one in left)
            place = here.origin, here.epoch, here.acked
            found = replica.fitting(db, *place, BATCH_OPERATIONS, BATCH_BYTES)
        wire = sealed(found, here.wire_hash, self._member.cipher)
        batch = signed_batch(wire, self._member.key)
        self._centre.push(batch)
        with self._store.transaction() as db:
            replica.acknowledge(db, here.origin, here.epoch, batch[-1].seq, batch[-1].hash)
            db.commit()
        self._pushed += len(batch)
        self._tell(Stage.PUSHING, self._pushed / (self._pushed + waiting - len(batch)))
        return True

    def _own(self, reaches: list[Reach]) -> list[Reach]:
        return [one for one in reaches if one.origin == self._member.origin]

    def _learn_times(self) -> None:
        """Ask when the centre took our operations, and let stamps that were ahead count as what
        they are."""
        with self._store.transaction() as db:
            reaches = replica.reaches(db)
        moved = 0
        for one in reaches:
            known = one.timed
            while known < one.acked:
                until = min(one.acked, known + TIMES_AT_ONCE)
                told = self._centre.received(one.origin, one.epoch, known, until)
                times = [(seq, at) for seq, at in told if known < seq <= until]
                with self._store.transaction() as db:
                    moved += replica.learn_times(db, one.origin, one.epoch, times)
                    db.commit()
                known = until
        if moved:
            with self._store.transaction() as db:
                self._store.clock.settle(newest_stamp(db))

    def _blank(self) -> None:
        """Remove the content of what was erased, here as everywhere."""
        with self._store.transaction() as db:
            blanked = blank_bodies(db, self._member.cipher.mark)
            db.commit()
        if blanked:
            self._store.log_holds_removed = True

    # --- telling --------------------------------------------------------------------------------

    def _tell_load(self, share: float) -> None:
        self._loading = self._loading or TimeLeft()
        left = self._loading.seconds(share)
        self._watch(RoundProgress(Stage.LOADING, share, seconds_left=left))

    def _tell_pull(self, share: float, pulled: int) -> None:
        self._watch(RoundProgress(Stage.PULLING, share, pulled, self._pushed))

    def _tell_images(self, share: float) -> None:
        self._tell(Stage.IMAGES, share)

    def _tell(self, stage: Stage, share: float) -> None:
        self._watch(RoundProgress(stage, share, self._pull.pulled, self._pushed))


def check_membership(facts: CentreFacts, member: Membership) -> None:
    """Raises ``CentreUntrusted`` for another clinic's centre, ``WorkstationRevoked`` where this
    workstation is not known or was withdrawn."""
    if facts.clinic_id != member.clinic_id:
        raise CentreUntrusted(_OTHER_CLINIC)
    me = next((one for one in facts.workstations if one.id == member.origin), None)
    if me is None or me.revoked_seq is not None:
        raise WorkstationRevoked(_REVOKED)


def _peer(one: Enrolled) -> Peer:
    return Peer(one.id, one.name, one.public_key, one.revoked_epoch, one.revoked_seq)
