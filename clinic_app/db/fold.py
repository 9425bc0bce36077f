"""The fold: how operations make the screens' rows. Writing, pulling and rebuilding share it.

``append`` is the one write path: the operation goes into the log, the origin's head moves, and
``apply`` brings its record up to date, all in the caller's transaction. A record's row is always
worked out from all its operations in the log, so the order in which they came makes no difference.
"""

from __future__ import annotations

import contextlib
import functools
import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    Table,
    and_,
    delete,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.sqlite import insert

from clinic_app.db import projections as project
from clinic_app.db.columns import IDS, among, listed
from clinic_app.db.facts import refresh_worklist
from clinic_app.db.screens import SCREENS, Screen
from clinic_app.db.tables import blanked, log_head, oplog, peer
from clinic_app.db.tables.walls import lifted
from clinic_app.db.transaction import Transaction
from clinic_app.domain.operations import EntityKind, Operation, Stamp, encode_fields
from clinic_app.domain.record_codec import check_fields, from_plain
from clinic_app.domain.versions import (
    TEXTS,
    Change,
    Folded,
    change_of,
    fold_changes,
    in_order_of_receipt,
)

Name = tuple[EntityKind, UUID]
"""Which record: its kind and identifier."""

FOLD = 9
"""Number of the rules by which the log makes rows: which operations count, how they are ordered
and merged, and what is worked out of them, here, in ``screens``, ``projections``, ``facts``, and in
the folds of ``domain``. It goes up by one with every change after which the same log makes other
rows, whether or not a table changes. A store whose rows follow other rules makes them anew when it
is opened; a snapshot with other rules is passed over, and the log is read."""

AT_ONCE = 1000
BYTES_AT_ONCE = 8_000_000
"""Operations whose records are brought up to date together, and about how many bytes of them."""


def append(db: Transaction, operation: Operation) -> None:
    """Put an operation at the end of its origin's log and apply it."""
    log(db, [operation])
    apply(db, [operation])


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


def in_time() -> ColumnElement[bool]:
    """The condition on ``oplog`` that a workstation was not revoked before its operation."""
    beyond = and_(
        peer.c.origin == oplog.c.origin,
        tuple_(oplog.c.epoch, oplog.c.seq) > tuple_(peer.c.revoked_epoch, peer.c.revoked_seq),
    )
    return ~select(peer.c.origin).where(beyond).exists()


def may_be_blanked(operation: Operation) -> bool:
    """Whether an erasure may remove this content: drafts alone. Whatever else one workstation
    asks for, signed notes, screenings and consents stay."""
    if operation.entity != EntityKind.NOTE:
        return False
    try:
        return not SCREENS[EntityKind.NOTE].is_final(change_of(operation).fields)
    except UNREADABLE:
        return True


_NAMED = select(blanked.c.origin).where(
    blanked.c.origin == oplog.c.origin,
    blanked.c.epoch == oplog.c.epoch,
    blanked.c.seq == oplog.c.seq,
)
_HISTORIES = select(oplog, _NAMED.exists().label("named")).where(
    in_time(), among(oplog.c.entity_id, IDS)
)


def histories(db: Transaction, ids: Collection[UUID]) -> dict[Name, list[Operation]]:
    """Every operation of these records that counts and whose content was not removed, in stamp
    order."""
    found: dict[Name, list[Operation]] = defaultdict(list)
    for row in db.rows(_HISTORIES, {"ids": listed(ids)}):
        one = operation_of(row)
        gone = one.erased or (row.named and may_be_blanked(one))
        if not gone and one.entity in SCREENS:
            found[EntityKind(one.entity), one.entity_id].append(one)
    for operations in found.values():
        operations.sort(key=lambda one: one.stamp)
    return found


def history(db: Transaction, kind: EntityKind, entity_id: UUID) -> list[Operation]:
    """As ``histories``, of one record."""
    return histories(db, [entity_id]).get((kind, entity_id), [])


def received_first(db: Transaction, kind: EntityKind, entity_id: UUID) -> list[Operation]:
    """Every operation of an event in the order in which the centre received them, those that it has
    not received last: whoever writes an event again later, with whatever stamp, displaces none."""
    return sorted(history(db, kind, entity_id), key=in_order_of_receipt)


def folded(db: Transaction, kind: EntityKind, entity_id: UUID) -> Folded:
    """What a record's operations add up to."""
    return _folded(kind, history(db, kind, entity_id))


def _folded(kind: EntityKind, operations: Iterable[Operation]) -> Folded:
    screen = SCREENS[kind]
    changes: list[Change] = []
    for one in operations:
        with contextlib.suppress(*UNREADABLE):
            change = change_of(one)
            encode_fields(change.fields)  # what cannot be written down again counts for nothing
            if screen.is_final(change.fields):  # nor does a signature under less than the record
                _record_columns(screen, one.entity_id, change.fields)
            changes.append(change)
    found = fold_changes(changes, TEXTS.get(kind, frozenset()), screen.is_final)
    if len(changes) == 1:  # as most records have in a first load: there is nothing else to show
        return found
    try:
        from_plain(screen.record, {**found.fields, "id": str(_ANY)})
    except UNREADABLE:  # not all is here yet, or a change is none: that one hides no record
        fitting = [one for one in changes if _fits(screen, one)]
        if len(fitting) < len(changes):
            return fold_changes(fitting, TEXTS.get(kind, frozenset()), screen.is_final)
    return found


_ANY = UUID(int=0)


def _fits(screen: Screen, change: Change) -> bool:
    try:
        check_fields(screen.record, change.fields)
    except UNREADABLE:
        return False
    return True


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


def written_in_time(db: Transaction, operations: list[Operation]) -> list[Operation]:
    """Those whose workstation was not revoked before them."""
    revoked = db.rows(_REVOKED) if operations else ()
    ends = {row.origin: (row.revoked_epoch, row.revoked_seq) for row in revoked}
    return [one for one in operations if (one.epoch, one.seq) <= ends.get(one.origin, _NEVER)]


_REVOKED = select(peer).where(peer.c.revoked_seq.is_not(None))
_NEVER = (math.inf, math.inf)


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
        columns = {**_kept(screen.columns(record)), "body": operation.body}
    except UNREADABLE:
        return None
    return record, columns | (operation.stamp._asdict() if screen.stamped else {})


def _kept(columns: dict[str, Any]) -> dict[str, Any]:
    """The columns; raises ``OverflowError`` for a number that SQLite does not hold."""
    if any(isinstance(value, int) and value.bit_length() > _INTEGER for value in columns.values()):
        raise OverflowError("a number is too large")
    return columns


_INTEGER = 63
"""Bits of a number in SQLite beside its sign."""

UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
"""What reading a hostile body may raise; such an operation stays in the log and shows nothing."""


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
        by_kind[kind][entity_id] = _folded(kind, found.get((kind, entity_id), ()))
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
        return {"known": True, **_record_columns(screen, entity_id, fields)}
    except UNREADABLE:
        own = (c.name for c in screen.table.c if c.name not in _OF_EVERY_RECORD)
        return {"known": False, **dict.fromkeys(own)}


def _record_columns(screen: Screen, entity_id: UUID, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Raises one of ``UNREADABLE`` for fields that make no record."""
    record = from_plain(screen.record, {**fields, "id": str(entity_id)})
    return _kept(screen.columns(record))


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
