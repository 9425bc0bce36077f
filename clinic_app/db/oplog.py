"""This workstation's end of the operation log: it numbers, stamps, chains and appends."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert

from clinic_app.db.fold import FOLD, append, apply
from clinic_app.db.histories import folded, may_be_blanked
from clinic_app.db.log_rows import log, operation_of
from clinic_app.db.tables import SCREEN_TABLES, blanked, log_head, meta, oplog, peer
from clinic_app.db.tables.walls import lifted
from clinic_app.db.transaction import Transaction
from clinic_app.domain.clock import HybridClock, stamp_ms
from clinic_app.domain.operations import (
    ERASED,
    ERASED_BYTES,
    UNJOINED_ORIGIN,
    EntityKind,
    Operation,
    chained,
    encode_fields,
    pack,
)
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.versions import REPLACES, TEXTS, Reference, named_in_body
from clinic_app.services.backup_data import Progress, unheard
from clinic_app.services.storage import LogSequence


@dataclass(frozen=True, slots=True)
class Workstation:
    """Whose sequence this store writes: ``epoch`` is new for each creation or restore."""

    origin: int
    epoch: int


_HEAD = select(log_head.c.seq, log_head.c.hash).where(
    log_head.c.origin == bindparam("origin"), log_head.c.epoch == bindparam("epoch")
)


class OperationLog:
    """Writes operations in one transaction. A number is only used up by a commit."""

    def __init__(self, db: Transaction, workstation: Workstation, clock: HybridClock) -> None:
        self._db = db
        self._workstation = workstation
        self._clock = clock

    def write(
        self,
        kind: EntityKind,
        entity_id: UUID,
        fields: dict[str, Any],
        replaces: Iterable[Reference] | None = None,
        hlc: int | None = None,
    ) -> Operation:
        """Log a change of these fields (plain values, without ``id``) and apply it.

        ``replaces``: the versions of the record's words that these words stand for; without it the
        one that is shown. ``hlc``: the stamp, where it is not that of this moment.
        """
        own = self._workstation
        named = self._replaced(kind, entity_id, fields) if replaces is None else replaces
        if named is not None:
            fields = {**fields, REPLACES: named_in_body(named, own.origin)}
        head = self._db.row(_HEAD, {"origin": own.origin, "epoch": own.epoch})
        seq, previous = (0, b"") if head is None else (head.seq, head.hash)
        operation = chained(
            origin=own.origin,
            epoch=own.epoch,
            seq=seq + 1,
            hlc=self._clock.tick() if hlc is None else hlc,
            entity=kind,
            entity_id=entity_id,
            body=pack(encode_fields(fields)),
            previous=previous,
        )
        append(self._db, operation)
        return operation

    @property
    def origin(self) -> int:
        """The number of this workstation."""
        return self._workstation.origin

    @property
    def epoch(self) -> int:
        """Of its sequence; a restored or copied store has another one."""
        return self._workstation.epoch

    def record(self, kind: EntityKind, record: Any, hlc: int | None = None) -> Operation:
        """Log a new record of this kind as a whole."""
        fields = to_plain(record)
        return self.write(kind, UUID(fields.pop("id")), fields, hlc=hlc)

    def blank_at_once(self) -> int:
        """Overwrite blanked bodies of a store that has sent nothing; how many.

        What a centre knows already is overwritten by the next round, which works out the hash that
        others know it by.
        """
        if self._workstation.origin != UNJOINED_ORIGIN:
            return 0
        return blank_bodies(self._db, lambda one: ERASED + secrets.token_bytes(ERASED_BYTES - 1))

    def _replaced(
        self, kind: EntityKind, entity_id: UUID, fields: dict[str, Any]
    ) -> frozenset[Reference] | None:
        """What new words replace, or None where the numbers of this sequence say it already."""
        texts = TEXTS.get(kind, frozenset())
        if not texts & fields.keys():
            return None
        found = folded(self._db, kind, entity_id)
        if found.shown is None:
            return None
        own = (self._workstation.origin, self._workstation.epoch)
        if len(found.leaves) == 1 and found.shown.name[:2] == own:
            return None
        return found.saying(found.shown, texts)


def blank_bodies(db: Transaction, mark: Callable[[Operation], bytes]) -> int:
    """Put the mark of an erasure in the place of every draft that was blanked; how many."""
    named = and_(
        blanked.c.origin == oplog.c.origin,
        blanked.c.epoch == oplog.c.epoch,
        blanked.c.seq == oplog.c.seq,
    )
    whole = func.substr(oplog.c.body, 1, 1) != ERASED
    rows = db.rows(select(oplog).join(blanked, named).where(whole))
    gone = [one for one in map(operation_of, rows) if may_be_blanked(one)]
    for one in gone:
        here = (oplog.c.origin == one.origin) & (oplog.c.epoch == one.epoch)
        db.run(update(oplog).where(here & (oplog.c.seq == one.seq)).values(body=mark(one)))
    return len(gone)


def begin_log(db: Transaction, store_id: str, epoch: int) -> Workstation:
    """Give a new store its identity."""
    values = {"store_id": store_id, "origin": str(UNJOINED_ORIGIN), "epoch": str(epoch)}
    db.run(meta.insert(), [{"name": name, "value": value} for name, value in values.items()])
    note_rules(db)
    return Workstation(UNJOINED_ORIGIN, epoch)


def identity(db: Transaction) -> tuple[str, Workstation]:
    """The store's identifier and whose sequence it writes."""
    values = {row.name: row.value for row in db.rows(select(meta.c.name, meta.c.value))}
    return values["store_id"], Workstation(int(values["origin"]), int(values["epoch"]))


def newest_stamp(db: Transaction) -> int:
    """The greatest hybrid stamp in the log; 0 when it is empty."""
    return int(db.scalar(select(func.max(log_head.c.hlc))) or 0)


def pending(db: Transaction, workstation: Workstation) -> int:
    """Operations of this workstation that no centre has acknowledged."""
    own = log_head.c.origin == workstation.origin
    return int(db.scalar(select(func.sum(log_head.c.seq - log_head.c.acked)).where(own)) or 0)


def sequences(db: Transaction, own: Workstation) -> tuple[LogSequence, ...]:
    """Every sequence in the log, by workstation and epoch."""
    rows = db.rows(select(log_head).order_by(log_head.c.origin, log_head.c.epoch))
    return tuple(
        LogSequence(
            row.origin,
            row.epoch,
            row.seq,
            row.acked,
            datetime.fromtimestamp(stamp_ms(row.hlc) / 1000, UTC),
            (row.origin, row.epoch) == (own.origin, own.epoch),
        )
        for row in rows
    )


def rebuild(source: Transaction, target: Transaction) -> int:
    """Write every operation of ``source`` into the empty ``target``; returns how many."""
    revoked = [row._asdict() for row in source.rows(select(peer))]
    if revoked:
        target.run(peer.insert(), revoked)
    for operation in _every(source):
        log(target, [operation])
    return replay(target)


def replay(db: Transaction, progress: Progress = unheard) -> int:
    """Apply the whole log again to the screens' rows, which change only where they lack something.

    For a schema whose screen tables are new. Returns how many operations there are.
    """
    return apply(db, _counted(db, progress))


def fold_anew(db: Transaction, progress: Progress = unheard) -> None:
    """Make all screens' rows anew from the log: its numbers, or what counts in it, have changed."""
    with lifted(db, *SCREEN_TABLES):
        for table in SCREEN_TABLES:
            db.run(table.delete())
    replay(db, progress)


_TOLD_EVERY = 500
_ROWS = 0.9
"""Share of a replay in which records are worked out; the worklist follows."""


def _counted(db: Transaction, progress: Progress) -> Iterator[Operation]:
    total = int(db.scalar(select(func.sum(log_head.c.seq))) or 0)
    for done, one in enumerate(_every(db)):
        if done % _TOLD_EVERY == 0:
            progress(_ROWS * done / total)
        yield one
    progress(_ROWS)


def rules(db: Transaction) -> int:
    """The ``FOLD`` by which this store's rows were made; 0 where no program has noted it."""
    return int(db.scalar(select(meta.c.value).where(meta.c.name == _RULES)) or 0)


def note_rules(db: Transaction) -> None:
    """The rows of this store follow the rules of this program."""
    new = insert(meta).values(name=_RULES, value=str(FOLD))
    db.run(new.on_conflict_do_update(index_elements=["name"], set_={"value": str(FOLD)}))


_RULES = "fold"


def _every(db: Transaction) -> Iterator[Operation]:
    ordered = select(oplog).order_by(oplog.c.origin, oplog.c.epoch, oplog.c.seq)
    return map(operation_of, db.stream(ordered))
