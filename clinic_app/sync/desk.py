"""Sync of an open store, as the window and the command line use it."""

from __future__ import annotations

import base64
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import cast
from uuid import UUID

from clinic_app.db import replica
from clinic_app.db.moved_tail import renumber
from clinic_app.db.store import EncryptedStore
from clinic_app.db.transaction import Transaction
from clinic_app.domain.errors import WrongState
from clinic_app.domain.operations import UNJOINED_ORIGIN
from clinic_app.domain.people import StaffUser
from clinic_app.services.chosen_file import chosen_bytes
from clinic_app.services.storage import OpenStore
from clinic_app.services.sync_data import (
    Alongside,
    CentreBusy,
    CentreRefused,
    Conflict,
    HostStatus,
    Resolution,
    RoundProgress,
    RoundResult,
    SequenceHead,
    Stage,
    SyncStatus,
    SyncStopped,
    SyncTrouble,
    Watch,
    WorkstationRevoked,
    unnoted,
)
from clinic_app.sync.conflicts import conflict_count, conflicts, settle
from clinic_app.sync.images import Agreements, unsent
from clinic_app.sync.member import Membership, ReadMembership, read_membership
from clinic_app.sync.round import Round, check_membership

ENROLMENT_LIMIT = 1_000_000
"""Bytes; a longer file is something else."""

_NOT_JOINED = "This clinic lives on this laptop alone; no central server is joined."
_JOINED = "A central server is joined already."
_RUNNING = "Syncing is under way already."


def open_sync(store: OpenStore, user: StaffUser) -> CentreDesk:
    """Implements ``OpenSync``."""
    return CentreDesk(cast(EncryptedStore, store), user)


class CentreDesk:
    """Implements ``SyncDesk``. ``read`` is given by tests only."""

    def __init__(
        self, store: EncryptedStore, user: StaffUser, read: ReadMembership = read_membership
    ) -> None:
        self._store = store
        self._user = user
        self._read = read
        self._running = threading.Lock()

    def status(self) -> SyncStatus:
        with self._store.transaction() as db:
            kept = replica.remembered(db)
            heads = self._heads(db)
            waiting = conflict_count(db, self._store.now())
        with self._store.unit_of_work() as work:
            images = len(unsent(work, Agreements(work))) if "enrolment" in kept else 0
        joined = "enrolment" in kept
        hosts = tuple(self._member.hosts) if joined else ()
        off = kept.get("clock_off", "")
        success, trouble = _moment(kept.get("last_success")), kept.get("trouble") or None
        return SyncStatus(
            joined=joined,
            centre=hosts[0] if hosts else "",
            workstation=self._member.workstation if joined else "",
            pending=self._store.pending_operations(),
            pending_images=images,
            last_success=success,
            last_try=_moment(kept.get("last_try")),
            trouble=trouble,
            heads=heads,
            conflicts=waiting,
            hosts=self._servers() if joined else (),
            clock_off_seconds=float(off) if off else None,
        )

    def _servers(self) -> tuple[HostStatus, ...]:
        if self._member.standing is not None:
            return self._member.standing()
        return tuple(map(HostStatus, self._member.hosts))

    def join(
        self, enrolment: Path, watch: Watch, stop: Callable[[], bool], note: Alongside = unnoted
    ) -> RoundResult:
        content = chosen_bytes(enrolment, ENROLMENT_LIMIT + 1)
        member = self._read(content)
        watch(RoundProgress(Stage.CONNECTING, 0.0))
        self._check_free(member)
        with contextlib.closing(member.dial()) as centre:
            check_membership(centre.facts(), member)  # before anything is changed here
        with self._turn():
            self._adopt(member, content, note)
        return self.round(watch, stop)

    def _check_free(self, member: Membership) -> None:
        """Raises ``WrongState`` unless this store has no number, or the centre refuses the one it
        has and ``member`` is another of the same clinic."""
        if self._store.workstation.origin == UNJOINED_ORIGIN:
            return
        mine = self._member
        other = member.clinic_id == mine.clinic_id and member.origin != mine.origin
        if not other or not self._refused(mine):
            raise WrongState(_JOINED)

    def _refused(self, mine: Membership) -> bool:
        """Whether the centre has withdrawn this workstation, or does not know its account."""
        try:
            with contextlib.closing(mine.dial()) as centre:
                check_membership(centre.facts(), mine)
        except (CentreRefused, WorkstationRevoked):
            return True
        return False

    def _adopt(self, member: Membership, content: bytes, note: Alongside = unnoted) -> None:
        """Become a workstation of the centre: number, keys and clinic, in one transaction. With a
        number that the centre refuses now, go on under the new one."""
        with self._store.unit_of_work() as work:
            db = work.db
            old = self._store.workstation
            if old.origin == UNJOINED_ORIGIN:
                replica.adopt_number(db, member.origin)
                own = replace(old, origin=member.origin)
            else:
                own = renumber(db, old.origin, member.origin, self._store.wall())
            replica.remember(
                db,
                enrolment=base64.b64encode(content).decode("ascii"),
                clinic_id=str(member.clinic_id),
            )
            note(work)
            work.commit()
            self._store.workstation = own
        self.__dict__.pop("_member", None)

    def round(self, watch: Watch, stop: Callable[[], bool]) -> RoundResult:
        with self._turn():
            member = self._member
            began = self._store.now()
            try:
                result = self._run(member, watch, stop)
            except SyncStopped:
                self._remember(last_try=began.isoformat())
                raise
            except SyncTrouble as trouble:
                self._remember(last_try=began.isoformat(), trouble=str(trouble))
                raise
            now = self._store.now().isoformat()
            self._remember(last_try=began.isoformat(), last_success=now, trouble="")
            with self._store.transaction() as db:
                return replace(result, conflicts=conflict_count(db, self._store.now()))

    def _run(self, member: Membership, watch: Watch, stop: Callable[[], bool]) -> RoundResult:
        watch(RoundProgress(Stage.CONNECTING, 0.0))
        centre = member.dial()
        try:
            return Round(self._store, centre, member, watch, stop).run()
        finally:
            centre.close()

    def marks(self, record_ids: tuple[UUID, ...]) -> dict[UUID, bool]:
        with self._store.transaction() as db:
            if self._store.workstation.origin == UNJOINED_ORIGIN:
                return {}
            waiting = replica.unsent(db, self._store.workstation.origin, record_ids)
        return {record_id: record_id not in waiting for record_id in record_ids}

    def conflicts(self) -> tuple[Conflict, ...]:
        return conflicts(self._store, self._user)

    def resolve(
        self,
        conflict_id: str,
        how: Resolution,
        chosen: str = "",
        fields: dict[str, str] | None = None,
    ) -> None:
        settle(self._store, self._user, conflict_id, how, chosen, fields or {})

    @cached_property
    def _member(self) -> Membership:
        with self._store.transaction() as db:
            kept = replica.remembered(db).get("enrolment")
        if kept is None:
            raise WrongState(_NOT_JOINED)
        return self._read(base64.b64decode(kept))

    def _heads(self, db: Transaction) -> tuple[SequenceHead, ...]:
        names = {one.origin: one.name for one in replica.peers(db)}
        own = self._store.workstation.origin
        return tuple(
            SequenceHead(
                one.origin, one.epoch, one.seq, one.origin == own, names.get(one.origin, "")
            )
            for one in replica.reaches(db)
        )

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """One round at a time; whoever comes second is told so at once."""
        if not self._running.acquire(blocking=False):
            raise CentreBusy(_RUNNING)
        try:
            yield
        finally:
            self._running.release()

    def _remember(self, **values: str) -> None:
        with self._store.transaction() as db:
            replica.remember(db, **values)
            db.commit()


def _moment(text: str | None) -> datetime | None:
    return None if not text else datetime.fromisoformat(text)
