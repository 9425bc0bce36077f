"""The log as sync sees it: how far each sequence is, what is new, and what came from elsewhere.

Every function works inside the caller's transaction, so that a page and its cursor, or a batch and
its acknowledgement, become durable together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from clinic_app.db.fold import apply, refold
from clinic_app.db.histories import Name, in_time
from clinic_app.db.log_rows import log, operation_of
from clinic_app.db.oplog import Workstation, fold_anew
from clinic_app.db.screens import SCREENS
from clinic_app.db.tables import log_head, meta, oplog, peer, sync_state
from clinic_app.db.transaction import Transaction
from clinic_app.domain.operations import (
    UNJOINED_ORIGIN,
    EntityKind,
    Operation,
    effective,
    link_hash,
)
from clinic_app.domain.versions import TEXTS


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a sequence is: ``seq`` here, ``acked`` at the centre as far as is known (under
    ``wire_hash``), ``timed`` with receive times that hold."""

    origin: int
    epoch: int
    seq: int = 0
    acked: int = 0
    timed: int = 0
    wire_hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Peer:
    """A workstation as the centre described it last."""

    origin: int
    name: str
    public_key: bytes
    revoked_epoch: int | None = None
    revoked_seq: int | None = None


def reaches(db: Transaction) -> list[Reach]:
    """Every sequence, by workstation and epoch."""
    rows = db.rows(select(log_head).order_by(log_head.c.origin, log_head.c.epoch))
    return [Reach(r.origin, r.epoch, r.seq, r.acked, r.timed, bytes(r.wire_hash)) for r in rows]


def reach(db: Transaction, origin: int, epoch: int) -> Reach:
    """One sequence; one that is not here yet is at its beginning."""
    row = db.row(select(log_head).where(_of(origin, epoch)))
    if row is None:
        return Reach(origin, epoch)
    return Reach(origin, epoch, row.seq, row.acked, row.timed, bytes(row.wire_hash))


def operations(
    db: Transaction, origin: int, epoch: int, after: int, until: int | None = None, limit: int = -1
) -> list[Operation]:
    """Operations ``after < seq <= until`` of a sequence, in order."""
    wanted = select(oplog).where(
        oplog.c.origin == origin, oplog.c.epoch == epoch, oplog.c.seq > after
    )
    if until is not None:
        wanted = wanted.where(oplog.c.seq <= until)
    return [operation_of(row) for row in db.rows(wanted.order_by(oplog.c.seq).limit(limit))]


def fitting(
    db: Transaction, origin: int, epoch: int, after: int, count: int, size: int
) -> list[Operation]:
    """The next operations of a sequence: at most ``count``, and no more than ``size`` bytes of
    bodies but for a first one that is longer alone."""
    wanted = (
        select(oplog.c.seq, func.length(oplog.c.body).label("size"))
        .where(oplog.c.origin == origin, oplog.c.epoch == epoch, oplog.c.seq > after)
        .order_by(oplog.c.seq)
        .limit(count)
    )
    until, total = after, 0
    for row in db.rows(wanted):
        total += row.size
        if until > after and total > size:
            break
        until = row.seq
    return operations(db, origin, epoch, after, until)


def acknowledge(db: Transaction, origin: int, epoch: int, acked: int, wire_hash: bytes) -> None:
    """The centre holds the sequence up to ``acked``; what lies beyond has no receive time yet."""
    db.run(
        update(log_head)
        .where(_of(origin, epoch))
        .values(acked=acked, wire_hash=wire_hash, timed=func.min(log_head.c.timed, acked))
    )


def take_in(db: Transaction, pulled: Sequence[Operation], wire_hash: bytes) -> int:
    """Log and apply operations of another sequence that follow what is here; the newest stamp.

    They are chained here as they are written there: the local hash covers the content.
    """
    first, last = pulled[0], pulled[-1]
    row = db.row(select(log_head.c.hash).where(_of(first.origin, first.epoch)))
    taken = rechained(pulled, b"" if row is None else bytes(row.hash))
    log(db, taken)
    db.run(
        update(log_head)
        .where(_of(last.origin, last.epoch))
        .values(acked=last.seq, timed=last.seq, wire_hash=wire_hash)
    )
    apply(db, taken)
    return max(one.stamp.hlc for one in taken)


def rechained(pulled: Iterable[Operation], previous: bytes) -> list[Operation]:
    """The same operations with the hashes that chain them in a log."""
    made = []
    for one in pulled:
        previous = link_hash(previous, one)
        # Spelled out: `dataclasses.replace` takes longer than the hash, and a first load is long.
        made.append(
            Operation(
                one.origin,
                one.epoch,
                one.seq,
                one.hlc,
                one.schema_version,
                one.entity,
                one.entity_id,
                one.body,
                previous,
                one.received_at,
            )
        )
    return made


def learn_times(
    db: Transaction, origin: int, epoch: int, times: Sequence[tuple[int, datetime]]
) -> int:
    """When the centre received operations, oldest first; how many stamps changed by it.

    Records whose stamps were too far ahead are folded again.
    """
    if not times:
        return 0
    until = times[-1][0]
    o = oplog.c
    place = (o.origin == origin, o.epoch == epoch, o.seq >= times[0][0], o.seq <= until)
    bare = select(o.seq, o.hlc, o.recv_at, o.entity, o.entity_id).where(*place)
    known = {row.seq: row for row in db.rows(bare)}
    moved: dict[Name, None] = {}
    again: dict[UUID, Name] = {}
    for seq, received_at in times:
        one = known[seq]
        if one.entity not in SCREENS:
            continue
        name = EntityKind(one.entity), one.entity_id
        if effective(one.hlc, one.recv_at) != effective(one.hlc, received_at):
            moved[name] = None
        elif one.recv_at != received_at and (name[0] in TEXTS or not SCREENS[name[0]].merges):
            again[one.entity_id] = name
    db.run(
        update(oplog)
        .where(
            oplog.c.origin == bindparam("o"),
            oplog.c.epoch == bindparam("e"),
            oplog.c.seq == bindparam("s"),
        )
        .values(recv_at=bindparam("at")),
        [{"o": origin, "e": epoch, "s": seq, "at": at} for seq, at in times],
    )
    db.run(update(log_head).where(_of(origin, epoch)).values(timed=until))
    if moved:
        db.run(
            update(log_head)
            .where(_of(origin, epoch))
            .values(hlc=newest_stamp_of(db, origin, epoch))
        )
    twice = {again[entity_id]: None for entity_id in _written_twice(db, list(again))}
    refold(db, moved | twice)
    return len(moved)


def _written_twice(db: Transaction, ids: list[UUID]) -> Iterator[UUID]:
    """Which of these events have more than one operation, and which of the others more than one
    writer: of one event, and of two signatures, the one that the centre received first counts."""
    c = oplog.c
    apart = or_(func.min(c.origin) < func.max(c.origin), func.min(c.epoch) < func.max(c.epoch))
    twice = or_(apart, and_(func.count() > 1, c.entity.not_in(TEXTS)))
    for start in range(0, len(ids), _AT_ONCE):
        some = c.entity_id.in_(ids[start : start + _AT_ONCE])
        for row in db.rows(select(c.entity_id).where(some).group_by(c.entity_id).having(twice)):
            yield row.entity_id


_AT_ONCE = 500
"""Identifiers in one question to the database."""


def newest_stamp_of(db: Transaction, origin: int, epoch: int) -> int:
    """The greatest stamp that counts in a sequence; 0 when it is empty."""
    rows = db.stream(
        select(oplog.c.hlc, oplog.c.recv_at).where(oplog.c.origin == origin, oplog.c.epoch == epoch)
    )
    return max((effective(row.hlc, row.recv_at) for row in rows), default=0)


# --- who else writes ------------------------------------------------------------------------------


def know_peers(db: Transaction, found: Iterable[Peer]) -> None:
    """Keep what the centre says of the workstations; what a revoked one wrote too late is folded
    out of every record."""
    known = {one.origin: one for one in peers(db)}
    fold_again = False
    for one in found:
        if known.get(one.origin) == one:
            continue
        values = {
            "name": one.name,
            "public_key": one.public_key,
            "revoked_epoch": one.revoked_epoch,
            "revoked_seq": one.revoked_seq,
        }
        before = _beyond(db, one.origin)
        db.run(
            insert(peer)
            .values(origin=one.origin, **values)
            .on_conflict_do_update(index_elements=["origin"], set_=values)
        )
        fold_again = fold_again or _beyond(db, one.origin) != before
    if fold_again:
        fold_anew(db)


def peers(db: Transaction) -> list[Peer]:
    rows = db.rows(select(peer).order_by(peer.c.origin))
    return [
        Peer(r.origin, r.name, bytes(r.public_key), r.revoked_epoch, r.revoked_seq) for r in rows
    ]


def _beyond(db: Transaction, origin: int) -> int:
    """How many operations of a workstation do not count."""
    wanted = select(func.count()).select_from(oplog).where(oplog.c.origin == origin, ~in_time())
    return int(db.scalar(wanted))


def unsent(db: Transaction, origin: int, record_ids: Collection[UUID]) -> set[UUID]:
    """Which of these records have operations that the centre has not acknowledged."""
    behind = and_(
        log_head.c.origin == oplog.c.origin,
        log_head.c.epoch == oplog.c.epoch,
        log_head.c.acked < oplog.c.seq,
    )
    records = {record_id: record_id for record_id in record_ids}
    for screen in SCREENS.values():
        c = screen.table.c
        if "subject_id" in c:  # what people know is the record, what travels are its events
            told = select(c.id, c.subject_id).where(c.subject_id.in_(tuple(record_ids)))
            records |= {row.id: row.subject_id for row in db.rows(told)}
    waiting = (
        select(oplog.c.entity_id)
        .join(log_head, behind)
        .where(oplog.c.origin == origin, oplog.c.entity_id.in_(tuple(records)))
    )
    return {records[row.entity_id] for row in db.rows(waiting)}


CENTRE_RESTORED = "centre_restored"
"""Name of the fact that the centre was restored and may lack images that it was sent."""


def remember(db: Transaction, **values: str) -> None:
    """Keep facts of sync by name."""
    for name, value in values.items():
        db.run(
            insert(sync_state)
            .values(name=name, value=value)
            .on_conflict_do_update(index_elements=["name"], set_={"value": value})
        )


def remembered(db: Transaction) -> dict[str, str]:
    return {row.name: row.value for row in db.rows(select(sync_state))}


def keep_clock_ahead(db: Transaction, ahead_ms: int, wall: int) -> bool:
    """Keep by how many milliseconds the centre's clock is ahead, and the laptop's Unix time in
    milliseconds; whether anything had to be written."""
    if ahead_ms == 0 and remembered(db).get("clock_ahead_ms", "0") == "0":
        return False
    remember(db, clock_ahead_ms=str(ahead_ms), clock_ahead_at=str(wall))
    return True


def clock_ahead(db: Transaction, wall: int) -> int:
    """What was kept; 0 where the laptop's clock has been set meanwhile, as far as can be told.

    A slow clock that is past the centre's time of then, or a fast one that is before its own, was
    most likely set; if it was not, the stamps are as with no round ever, and the next one mends it.
    """
    kept = remembered(db)
    ahead, at = int(kept.get("clock_ahead_ms", 0)), int(kept.get("clock_ahead_at", 0))
    was_set = wall >= at + ahead if ahead > 0 else wall < at
    return 0 if was_set else ahead


# --- this workstation -----------------------------------------------------------------------------


def adopt_number(db: Transaction, origin: int) -> None:
    """Give the history of a store that lived alone the number that the centre gave it."""
    for table in (oplog, log_head):
        db.run(update(table).where(table.c.origin == UNJOINED_ORIGIN).values(origin=origin))
    db.run(update(meta).where(meta.c.name == "origin").values(value=str(origin)))
    fold_anew(db)


def begin_epoch(db: Transaction, origin: int, wall: int) -> Workstation:
    """Let the next operation of this workstation open a sequence of its own."""
    newest = db.scalar(select(func.max(log_head.c.epoch)).where(log_head.c.origin == origin)) or 0
    current = int(db.scalar(select(meta.c.value).where(meta.c.name == "epoch")))
    epoch = max(wall, current + 1, int(newest) + 1)
    db.run(update(meta).where(meta.c.name == "epoch").values(value=str(epoch)))
    return Workstation(origin, epoch)


def _of(origin: int, epoch: int) -> ColumnElement[bool]:
    return (log_head.c.origin == origin) & (log_head.c.epoch == epoch)
