"""The fold: how operations make the screens' rows. Writing, pulling and rebuilding share it.

``append`` is the one write path: the operation goes into the log, the origin's head moves, and
``apply`` brings its record up to date, all in the caller's transaction. A record's row is always
worked out from all its operations in the log, so the order in which they came makes no difference.
"""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Table, delete, select
from sqlalchemy.dialects.sqlite import insert

from clinic_app.db import projections as project
from clinic_app.db.columns import IDS, among, listed
from clinic_app.db.facts import refresh_worklist
from clinic_app.db.histories import (
    Name,
    added_up,
    histories,
    received_first,
    record_columns,
    storable,
    written_in_time,
)
from clinic_app.db.log_rows import log
from clinic_app.db.screens import SCREENS, Screen
from clinic_app.db.tables import blanked, oplog
from clinic_app.db.tables.walls import lifted
from clinic_app.db.transaction import Transaction
from clinic_app.db.unreadable import UNREADABLE
from clinic_app.domain.operations import EntityKind, Operation, Stamp, encode_fields
from clinic_app.domain.record_codec import from_plain
from clinic_app.domain.versions import TEXTS, Folded, change_of

FOLD = 10
"""Number of the rules by which the log makes rows: which operations count, how they are ordered and
merged, and what is worked out of them, here, in ``histories``, ``screens``, ``projections``,
``facts``, and in the folds of ``domain``. It goes up by one with every change after which the same
log makes other rows, whether or not a table changes. A store whose rows follow other rules makes
them anew when it is opened; a snapshot with other rules is passed over, and the log is read."""

AT_ONCE = 1000
BYTES_AT_ONCE = 8_000_000
"""Operations whose records are brought up to date together, and about how many bytes of them."""


def append(db: Transaction, operation: Operation) -> None:
    """Put an operation at the end of its origin's log and apply it."""
    log(db, [operation])
    apply(db, [operation])


def apply(db: Transaction, operations: Iterable[Operation]) -> int:
    """Bring the rows of these operations' records up to date; the log holds them already.

    Kinds that only a newer program knows wait in the log. Returns how many operations there were.
    """
    moved: set[UUID] = set()
    count = 0
    for page in _pages(operations):
        moved |= _apply(db, page)
        count += len(page)
    db.owe(refresh_worklist, moved)
    return count


def _pages(operations: Iterable[Operation]) -> Iterator[list[Operation]]:
    page: list[Operation] = []
    size = 0
    for one in operations:
        page.append(one)
        size += len(one.body)
        if len(page) == AT_ONCE or size > BYTES_AT_ONCE:
            yield page
            page, size = [], 0
    if page:
        yield page


def _apply(db: Transaction, page: Iterable[Operation]) -> project.Touched:
    merged: dict[Name, None] = {}
    added: list[Operation] = []
    for one in page:
        if one.entity not in SCREENS or one.erased:
            continue
        kind = EntityKind(one.entity)
        if SCREENS[kind].merges:
            merged[kind, one.entity_id] = None
        else:
            added.append(one)
    events: dict[EntityKind, list[Operation]] = defaultdict(list)
    for one in written_in_time(db, added):
        events[EntityKind(one.entity)].append(one)
    moved: set[UUID] = set()
    for kind, operations in events.items():
        moved |= _events(db, kind, operations)
    for settled in _readable(EntityKind.SETTLED, events):
        merged |= _settled(db, settled)
    for blanking in _readable(EntityKind.BLANKING, events):
        merged |= _blanked(db, blanking)
    return moved | _merged(db, merged)


def _readable(
    kind: EntityKind, events: Mapping[EntityKind, Iterable[Operation]]
) -> list[Operation]:
    return [one for one in events.get(kind, ()) if _event_row(SCREENS[kind], one) is not None]


def refold(db: Transaction, names: Iterable[Name]) -> None:
    """Work these records out again, after stamps of their operations have changed."""
    moved: set[UUID] = set()
    merged: dict[Name, None] = {}
    for name in names:
        if name[0] not in SCREENS:
            continue
        if SCREENS[name[0]].merges:
            merged[name] = None
        else:
            moved |= _event_again(db, *name)
    db.owe(refresh_worklist, moved | _merged(db, merged))


# --- events: added once, the first operation of one identifier that the centre received counts ----


def _events(db: Transaction, kind: EntityKind, operations: Sequence[Operation]) -> project.Touched:
    screen = SCREENS[kind]
    ids = {one.entity_id for one in operations}
    there = {row.id for row in db.rows(_there(screen.table), {"ids": listed(ids)})}
    new: dict[UUID, tuple[Any, dict[str, Any]]] = {}
    again: set[UUID] = set()
    for one in operations:
        row = _event_row(screen, one)
        if row is None:
            continue
        if one.entity_id in there or one.entity_id in new:
            again.add(one.entity_id)
        else:
            new[one.entity_id] = row
    if new:
        db.run(_insert(screen.table), [{"id": key, **columns} for key, (_, columns) in new.items()])
    moved: set[UUID] = set()
    if screen.project is not None:
        # One event of each record is enough: it is worked out from all of them.
        records = {screen.subject(record): record for record, _ in new.values()}
        for record in records.values():
            moved |= screen.project(db, record)
    for entity_id in again:
        moved |= _event_again(db, kind, entity_id)
    return moved


@functools.cache
def _there(table: Table) -> Executable:
    """Made once, as every statement of the write path: making one costs as much as running it."""
    return select(table.c.id).where(among(table.c.id, IDS))


@functools.cache
def _insert(table: Table) -> Executable:
    return insert(table)


def _event_row(screen: Screen, operation: Operation) -> tuple[Any, dict[str, Any]] | None:
    """The record and its columns; None for one that no honest program writes."""
    try:
        fields = change_of(operation).fields
        record = from_plain(screen.record, {**fields, "id": str(operation.entity_id)})
        columns = {**storable(screen.columns(record)), "body": operation.body}
    except UNREADABLE:
        return None
    return record, columns | (operation.stamp._asdict() if screen.stamped else {})


def _event_again(db: Transaction, kind: EntityKind, entity_id: UUID) -> project.Touched:
    """Let the row follow from the first of several operations, as it does everywhere."""
    screen = SCREENS[kind]
    own = [_event_row(screen, one) for one in received_first(db, kind, entity_id)]
    first = next((row for row in own if row is not None), None)
    if first is None:
        return set()
    record, columns = first
    table = screen.table
    row = db.row(select(*(table.c[name] for name in columns)).where(table.c.id == entity_id))
    if row is not None and row._asdict() == columns:
        return set()
    with lifted(db, table):
        db.run(delete(table).where(table.c.id == entity_id))
        db.run(insert(table).values(id=entity_id, **columns))
    if screen.beside is not None:
        db.run(delete(screen.beside).where(screen.beside.c.id == entity_id))
    return screen.project(db, record) if screen.project else set()


# --- records that are merged ----------------------------------------------------------------------


def _merged(db: Transaction, names: Collection[Name]) -> project.Touched:
    if not names:
        return set()
    found = histories(db, {entity_id for _, entity_id in names})
    by_kind: dict[EntityKind, dict[UUID, Folded]] = defaultdict(dict)
    for kind, entity_id in names:
        by_kind[kind][entity_id] = added_up(kind, found.get((kind, entity_id), ()))
    for kind, records in by_kind.items():
        _put_rows(db, SCREENS[kind], records)
        if kind in TEXTS:
            project.conflicts(db, kind, records)
    return set(by_kind.get(EntityKind.PATIENT, ()))


def _put_rows(db: Transaction, screen: Screen, records: Mapping[UUID, Folded]) -> None:
    table = screen.table
    rows = {row.id: row for row in db.rows(_whole(table), {"ids": listed(records)})}
    plain: list[dict[str, Any]] = []
    walled: list[dict[str, Any]] = []
    for entity_id, found in records.items():
        row = rows.get(entity_id)
        if not found.fields:  # nothing is left after an erasure
            if row is not None:
                with lifted(db, table):
                    db.run(delete(table).where(table.c.id == entity_id))
            continue
        body, stamps = encode_fields(found.fields), _stamp_text(found.stamps)
        if row is None or (row.body, row.stamps) != (body, stamps):
            columns = {"id": entity_id, "body": body, "stamps": stamps}
            columns |= _columns(screen, entity_id, found.fields)
            signed = row is not None and "signed_at" in table.c and row.signed_at is not None
            (walled if signed else plain).append(columns)
    if plain:
        db.run(_upsert(table), plain)
    if walled:
        with lifted(db, table):  # a signature that was made earlier holds
            db.run(_upsert(table), walled)


@functools.cache
def _whole(table: Table) -> Executable:
    return select(table).where(among(table.c.id, IDS))


def _columns(screen: Screen, entity_id: UUID, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is searched by; unknown while fields of the record's first operation are missing."""
    try:
        return {"known": True, **record_columns(screen, entity_id, fields)}
    except UNREADABLE:
        own = (c.name for c in screen.table.c if c.name not in _OF_EVERY_RECORD)
        return {"known": False, **dict.fromkeys(own)}


_OF_EVERY_RECORD = ("id", "known", "body", "stamps")


@functools.cache
def _upsert(table: Table) -> Executable:
    new = insert(table)
    values = {c.name: new.excluded[c.name] for c in table.c if not c.primary_key}
    return new.on_conflict_do_update(index_elements=["id"], set_=values)


def _stamp_text(stamps: Mapping[str, Stamp]) -> str:
    """Stamps grouped by operation: most records have one or two."""
    groups: dict[Stamp, list[str]] = {}
    for name, stamp in stamps.items():
        groups.setdefault(stamp, []).append(name)
    return json.dumps(
        [[*stamp, sorted(names)] for stamp, names in sorted(groups.items())],
        separators=(",", ":"),
    )


# --- what changes other records -------------------------------------------------------------------


def _settled(db: Transaction, operation: Operation) -> dict[Name, None]:
    """The record whose conflict a person has settled."""
    record_id = UUID(change_of(operation).fields["record_id"])
    return {name: None for name in histories(db, [record_id]) if name[0] in TEXTS}


def _blanked(db: Transaction, operation: Operation) -> dict[Name, None]:
    """Take the named operations out of what counts; the records that may change by it."""
    found: dict[Name, None] = {}
    for origin, epoch, seq in change_of(operation).fields["operations"]:
        key = {"origin": origin or operation.origin, "epoch": epoch, "seq": seq}
        db.run(insert(blanked).values(key).on_conflict_do_nothing())
        named = select(oplog.c.entity, oplog.c.entity_id).filter_by(**key)
        rows = [row for row in db.rows(named) if row.entity in SCREENS]
        found |= {(EntityKind(row.entity), row.entity_id): None for row in rows}
    return {name: None for name in found if SCREENS[name[0]].merges}
