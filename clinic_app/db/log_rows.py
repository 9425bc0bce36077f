"""The rows of the operation log: operations go in at its end and come out again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Executable, func
from sqlalchemy.dialects.sqlite import insert

from clinic_app.db.tables import log_head, oplog
from clinic_app.db.transaction import Transaction
from clinic_app.domain.operations import Operation


def log(db: Transaction, operations: Sequence[Operation]) -> None:
    """Put operations of one sequence at its end; the screens' rows stay as they are."""
    db.run(_LOG, [log_row(one) for one in operations])
    last = operations[-1]
    newest = max(one.stamp.hlc for one in operations)
    head = {"origin": last.origin, "epoch": last.epoch, "seq": last.seq, "hash": last.hash}
    db.run(_MOVE_HEAD, {**head, "hlc": newest, "acked": 0, "timed": 0, "wire_hash": b""})


def log_row(operation: Operation) -> dict[str, Any]:
    """An operation as a row of ``oplog``."""
    return {
        "origin": operation.origin,
        "epoch": operation.epoch,
        "seq": operation.seq,
        "hlc": operation.hlc,
        "schema_v": operation.schema_version,
        "entity": operation.entity,
        "entity_id": operation.entity_id,
        "body": operation.body,
        "hash": operation.hash,
        "recv_at": operation.received_at,
    }


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
        row.recv_at,
    )


def _moving_head() -> Executable:
    new = insert(log_head)
    moved = {
        "seq": new.excluded.seq,
        "hlc": func.max(log_head.c.hlc, new.excluded.hlc),
        "hash": new.excluded.hash,
    }
    return new.on_conflict_do_update(index_elements=["origin", "epoch"], set_=moved)


_LOG = oplog.insert()
_MOVE_HEAD = _moving_head()
