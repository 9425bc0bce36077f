"""A second wall behind the repositories: the database refuses to change what never changes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Table, bindparam, event, text

from clinic_app.db.tables.people import note
from clinic_app.db.tables.workstation import audit, oplog
from clinic_app.db.transaction import Transaction


def build_walls(append_only: Iterable[Table]) -> None:
    """Give these tables, the audit trail, the log and signed notes their triggers."""
    for table in (*append_only, audit):
        _refuse(table, "UPDATE", f"{table.name} rows never change")
        _refuse(table, "DELETE", f"{table.name} rows are never deleted")
    _refuse(oplog, "DELETE", "operations are never deleted")
    # A number from the centre and a receive time may be filled in; an erasure may leave the mark
    # of a body in its place.
    _refuse(
        oplog,
        "UPDATE",
        "operations never change",
        "NEW.epoch IS NOT OLD.epoch OR NEW.seq IS NOT OLD.seq OR NEW.hlc IS NOT OLD.hlc"
        " OR NEW.schema_v IS NOT OLD.schema_v OR NEW.entity IS NOT OLD.entity"
        " OR NEW.entity_id IS NOT OLD.entity_id"
        " OR (NEW.body IS NOT OLD.body"
        " AND NOT (length(NEW.body) = 33 AND substr(NEW.body, 1, 1) = x'ff'))"
        " OR NEW.hash IS NOT OLD.hash"
        " OR (OLD.origin <> 0 AND NEW.origin IS NOT OLD.origin)"
        " OR (OLD.sig IS NOT NULL AND NEW.sig IS NOT OLD.sig)",
    )
    _refuse(note, "UPDATE", "signed notes never change", "OLD.signed_at IS NOT NULL")
    _refuse(note, "DELETE", "signed notes are never deleted", "OLD.signed_at IS NOT NULL")


def _refuse(table: Table, action: str, sentence: str, when: str = "") -> None:
    condition = f" WHEN {when}" if when else ""
    sql = (
        f"CREATE TRIGGER {table.name}_no_{action.lower()} BEFORE {action} ON {table.name}"
        f"{condition} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
    )

    def create(_target: Table, connection: Connection, **_options: Any) -> None:
        connection.exec_driver_sql(sql)

    event.listen(table, "after_create", create)


_WALLS = text(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN :tables"
).bindparams(bindparam("tables", expanding=True))


@contextlib.contextmanager
def lifted(db: Transaction, *tables: Table) -> Iterator[None]:
    """Take the walls of these tables down for the block, inside the caller's transaction.

    For the rare case in which what arrives changes rows that people never change: an earlier
    signature, a stamp that was too far ahead, a history that gets its number.
    """
    walls = db.rows(_WALLS, {"tables": [table.name for table in tables]})
    for wall in walls:
        db.run(text(f"DROP TRIGGER {wall.name}"))
    yield
    for wall in walls:
        db.run(text(wall.sql))
