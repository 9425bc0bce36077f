"""Bringing the reporting tables up to date with the log, by what is new in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import func, select

from clinic_app.db import audit_heads, replica
from clinic_app.db.store import EncryptedStore
from clinic_app.db.tables import blanked, oplog
from clinic_app.db.unreadable import UNREADABLE
from clinic_app.domain.audit_heads import AuditGap
from clinic_app.domain.errors import ClinicError, StoreDamaged
from clinic_app.domain.operations import ERASED
from clinic_app.sync.centre import (
    AlreadyThere,
    Centre,
    CentreBusy,
    CentreFull,
    CentreUnreachable,
    CentreUntrusted,
    SyncTrouble,
)
from clinic_app.sync.mysql.connection import Connection
from clinic_app.sync.projection.changed import TABLES, Cursor, Name, changed_since, heads, read
from clinic_app.sync.projection.replica import follow
from clinic_app.sync.projection.rows import TEXT, Row, fitted
from clinic_app.sync.projection.sweep import Removal, sweep
from clinic_app.sync.projection.unheard import Unheard, unheard
from clinic_app.sync.wire import ClinicCipher

FORM = 2
"""Of the rows; another number makes all of them anew."""

TOGETHER = 200
"""Rows of one statement and records of one turn."""


@dataclass(frozen=True, slots=True)
class Projected:
    """What a run did.

    ``pulled`` operations were new to the private copy; ``written`` rows changed, ``removed`` went;
    ``unfit`` of the written ones hold less than their record, as their column ``unfit`` says;
    ``left_out`` records could not be written at all. At the centre, ``blanked`` bodies of erased
    operations were emptied and ``swept`` images removed. ``troubles`` tells of workstations whose
    changes were not taken over, and of a snapshot that could not be replaced; ``held`` how many
    images stay on account of which of these workstations; ``gaps`` of audit trails that lack what
    was told of them.
    """

    pulled: int
    written: int
    removed: int
    blanked: int
    swept: int
    unfit: int
    left_out: int
    troubles: tuple[ClinicError, ...]
    gaps: tuple[AuditGap, ...] = ()
    held: Mapping[str, int] = field(default_factory=dict)


def project(
    connection: Connection,
    centre: Centre,
    store: EncryptedStore,
    clinic_key: bytes,
    tell: Callable[[float, int], None] = lambda share, pulled: None,
) -> Projected:
    """Follow the log with the private copy ``store``, then write the rows that changed.

    Cut anywhere, the next run goes on: a row is written as it is now, and how far the tables are
    is noted in the transaction of the last rows. When a workstation was revoked, or the rows have
    another form, everything is written anew.
    """
    pull = follow(store, centre, clinic_key, tell)
    state = _state(store)
    cursor = _cursor(connection)
    whole = _noted_state(connection) != state
    if whole:
        cursor = {}
        for table in TABLES:
            connection.run(f"DELETE FROM {table}")
    with store.transaction() as db:
        changed, reached = changed_since(db, cursor), heads(db)
    total = Written()
    for names in _chunks(iter(changed)):
        total += _write(connection, store, names)
    _note(connection, reached, state)
    doubts = unheard(store, centre, ClinicCipher(clinic_key), pull)
    emptied, swept = tidy(connection, store, centre.facts().server_time, doubts)
    with store.transaction() as db:
        found = audit_heads.gaps(db, 0, lambda number: None)
    return Projected(
        pull.pulled,
        total.rows,
        total.removed,
        emptied,
        swept.removed,
        total.unfit,
        total.left_out,
        tuple(pull.troubles.values()),
        found,
        swept.held,
    )


@dataclass(frozen=True, slots=True)
class Written:
    """What became of some records."""

    rows: int = 0
    removed: int = 0
    unfit: int = 0
    left_out: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(
            self.rows + other.rows,
            self.removed + other.removed,
            self.unfit + other.unfit,
            self.left_out + other.left_out,
        )


def _write(connection: Connection, store: EncryptedStore, names: list[Name]) -> Written:
    """Replace these rows, and remove those whose record is gone or cannot be written."""
    found: dict[str, list[Row]] = {}
    gone: dict[str, list[str]] = {}
    left_out = 0
    with store.unit_of_work() as work, store.transaction() as db:
        for table, record_id in names:
            try:
                row = read(work, db, (table, record_id))
            except (*UNREADABLE, StoreDamaged):  # one record; all others are reported
                row, left_out = None, left_out + 1
            if row is None:
                gone.setdefault(table, []).append(str(record_id))
            else:
                found.setdefault(row.table, []).append(fitted(row))
    removed = 0
    with connection.transaction():
        for table, rows in found.items():
            refused = _replaced(connection, table, rows)
            left_out += len(refused)
            gone.setdefault(table, []).extend(refused)
        for table, ids in gone.items():
            if ids:
                places = ", ".join(["%s"] * len(ids))
                removed += connection.run(f"DELETE FROM {table} WHERE id IN ({places})", ids)
    every = [
        row
        for table, rows in found.items()
        for row in rows
        if row.values["id"] not in gone.get(table, ())
    ]
    unfit = sum(row.values["unfit"] is not None for row in every)
    return Written(len(every), removed, unfit, left_out)


_OF_THE_SERVER = (CentreUnreachable, CentreBusy, CentreFull, CentreUntrusted)
"""Troubles that say nothing of a row."""


def _replaced(connection: Connection, table: str, rows: list[Row]) -> list[str]:
    """Write the rows together, or each by itself where the server refuses one of them; the
    identifiers of those that it does not take."""
    try:
        _replace(connection, table, rows)
    except _OF_THE_SERVER:
        raise
    except (SyncTrouble, AlreadyThere):
        if len(rows) == 1:
            return [rows[0].values["id"]]
        return [name for row in rows for name in _replaced(connection, table, [row])]
    return []


def _replace(connection: Connection, table: str, rows: list[Row]) -> None:
    if len(rows) > 1 and sum(len(row.values.get("words", "")) for row in rows) > TEXT:
        half = len(rows) // 2
        _replace(connection, table, rows[:half])
        _replace(connection, table, rows[half:])
        return
    columns = tuple(rows[0].values)
    places = f"({', '.join(['%s'] * len(columns))})"
    connection.run(
        f"REPLACE INTO {table} ({', '.join(columns)}) VALUES {', '.join([places] * len(rows))}",
        [row.values[column] for row in rows for column in columns],
    )


def tidy(
    connection: Connection, store: EncryptedStore, now: datetime, doubts: Sequence[Unheard]
) -> tuple[int, Removal]:
    """Remove from the centre what was erased or withdrawn, as the private copy knows it: how many
    bodies were emptied, which images removed. ``now`` is the server's. No image goes that
    ``doubts`` concern: what the copy lacks may be the consent that keeps it."""
    return _blank_at_centre(connection, store), sweep(connection, store, now, doubts)


def _blank_at_centre(connection: Connection, store: EncryptedStore) -> int:
    """Empty the bodies of erased operations. A body goes only when its hash is the one that its
    mark keeps, so a chain can never be broken by it."""
    marked = (
        select(oplog.c.origin, oplog.c.epoch, oplog.c.seq, oplog.c.body)
        .join(
            blanked,
            (blanked.c.origin == oplog.c.origin)
            & (blanked.c.epoch == oplog.c.epoch)
            & (blanked.c.seq == oplog.c.seq),
        )
        .where(func.substr(oplog.c.body, 1, 1) == ERASED)
    )
    with store.transaction() as db:
        rows = db.rows(marked)
    return sum(
        connection.run(
            "UPDATE ops SET body = %s WHERE origin = %s AND epoch = %s AND seq = %s"
            " AND UNHEX(SHA2(body, 256)) = %s",
            (row.body, row.origin, row.epoch, row.seq, row.body[len(ERASED) :]),
        )
        for row in rows
    )


# --- how far the tables are -----------------------------------------------------------------------


def _state(store: EncryptedStore) -> bytes:
    """A digest of what makes older rows wrong when it changes."""
    with store.transaction() as db:
        revoked = [
            (one.origin, one.revoked_epoch, one.revoked_seq)
            for one in replica.peers(db)
            if one.revoked_seq is not None
        ]
    return hashlib.sha256(repr((FORM, sorted(revoked))).encode("ascii")).digest()


def _cursor(connection: Connection) -> Cursor:
    rows = connection.rows("SELECT origin, epoch, seq FROM projected")
    return {(origin, epoch): seq for origin, epoch, seq in rows}


def _noted_state(connection: Connection) -> bytes | None:
    row = connection.row("SELECT state FROM projection WHERE one = 1")
    return None if row is None else row[0]


def _note(connection: Connection, reached: Cursor, state: bytes) -> None:
    with connection.transaction():
        connection.run("DELETE FROM projected")
        for (origin, epoch), seq in reached.items():
            connection.run(
                "INSERT INTO projected (origin, epoch, seq) VALUES (%s, %s, %s)",
                (origin, epoch, seq),
            )
        connection.run(
            "REPLACE INTO projection (one, state, made_at) VALUES (1, %s, UTC_TIMESTAMP(6))",
            (state,),
        )


def _chunks(names: Iterator[Name]) -> Iterator[list[Name]]:
    while chunk := list(islice(names, TOGETHER)):
        yield chunk
