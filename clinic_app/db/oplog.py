"""This workstation's end of the operation log: it numbers, stamps, chains and appends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from clinic_app.db.fold import append, apply_all, log
from clinic_app.db.tables import log_head, meta, oplog
from clinic_app.db.transaction import Transaction
from clinic_app.domain.clock import HybridClock, stamp_ms
from clinic_app.domain.operations import (
    UNJOINED_ORIGIN,
    EntityKind,
    Operation,
    chained,
    encode_fields,
    pack,
)
from clinic_app.services.storage import LogSequence


@dataclass(frozen=True, slots=True)
class Workstation:
    """Whose sequence this store writes: ``epoch`` is new for each creation or restore."""

    origin: int
    epoch: int


class OperationLog:
    """Writes operations in one transaction. A number is only used up by a commit."""

    def __init__(self, db: Transaction, workstation: Workstation, clock: HybridClock) -> None:
        self._db = db
        self._workstation = workstation
        self._clock = clock

    def write(self, kind: EntityKind, entity_id: UUID, fields: dict[str, Any]) -> Operation:
        """Log a change of these fields (plain values, without ``id``) and apply it."""
        own = self._workstation
        head = self._db.row(
            select(log_head.c.seq, log_head.c.hash).where(
                log_head.c.origin == own.origin, log_head.c.epoch == own.epoch
            )
        )
        seq, previous = (0, b"") if head is None else (head.seq, head.hash)
        operation = chained(
            origin=own.origin,
            epoch=own.epoch,
            seq=seq + 1,
            hlc=self._clock.tick(),
            entity=kind,
            entity_id=entity_id,
            body=pack(encode_fields(fields)),
            previous=previous,
        )
        append(self._db, operation)
        return operation


def begin_log(db: Transaction, store_id: str, epoch: int) -> Workstation:
    """Give a new store its identity."""
    values = {"store_id": store_id, "origin": str(UNJOINED_ORIGIN), "epoch": str(epoch)}
    db.run(meta.insert(), [{"name": name, "value": value} for name, value in values.items()])
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


def operation_of(row: Any) -> Operation:
    """The operation in a row of ``oplog``."""
    return Operation(
        row.origin,
        row.epoch,
        row.seq,
        row.hlc,
        row.schema_v,
        row.entity,
        row.entity_id,
        row.body,
        row.hash,
    )


def rebuild(source: Transaction, target: Transaction) -> int:
    """Write every operation of ``source`` into the empty ``target``; returns how many."""

    def logged() -> Iterator[Operation]:
        for operation in _every(source):
            log(target, operation)
            yield operation

    return apply_all(target, logged())


def replay(db: Transaction) -> int:
    """Apply the whole log again to the screens' rows, which change only where they lack something.

    For a schema whose screen tables are new. Returns how many operations there are.
    """
    return apply_all(db, _every(db))


def _every(db: Transaction) -> Iterator[Operation]:
    ordered = select(oplog).order_by(oplog.c.origin, oplog.c.epoch, oplog.c.seq)
    return map(operation_of, db.stream(ordered))
