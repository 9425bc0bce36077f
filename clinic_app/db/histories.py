"""What the log says of a record: which of its operations count, and what they add up to."""

from __future__ import annotations

import contextlib
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, tuple_

from clinic_app.db.columns import IDS, among, listed
from clinic_app.db.log_rows import operation_of
from clinic_app.db.screens import SCREENS, Screen
from clinic_app.db.tables import blanked, oplog, peer
from clinic_app.db.transaction import Transaction
from clinic_app.db.unreadable import UNREADABLE
from clinic_app.domain.operations import EntityKind, Operation, encode_fields
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
    return added_up(kind, history(db, kind, entity_id))


def added_up(kind: EntityKind, operations: Iterable[Operation]) -> Folded:
    """What these operations of one record, in stamp order, add up to; those that make no sense
    count for nothing."""
    screen = SCREENS[kind]
    changes: list[Change] = []
    for one in operations:
        with contextlib.suppress(*UNREADABLE):
            change = change_of(one)
            encode_fields(change.fields)  # what cannot be written down again counts for nothing
            if screen.is_final(change.fields):  # nor does a signature under less than the record
                record_columns(screen, one.entity_id, change.fields)
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


def written_in_time(db: Transaction, operations: list[Operation]) -> list[Operation]:
    """Those whose workstation was not revoked before them."""
    revoked = db.rows(_REVOKED) if operations else ()
    ends = {row.origin: (row.revoked_epoch, row.revoked_seq) for row in revoked}
    return [one for one in operations if (one.epoch, one.seq) <= ends.get(one.origin, _NEVER)]


_REVOKED = select(peer).where(peer.c.revoked_seq.is_not(None))
_NEVER = (math.inf, math.inf)


def storable(columns: dict[str, Any]) -> dict[str, Any]:
    """The columns; raises ``OverflowError`` for a number that SQLite does not hold."""
    if any(isinstance(value, int) and value.bit_length() > _INTEGER for value in columns.values()):
        raise OverflowError("a number is too large")
    return columns


_INTEGER = 63
"""Bits of a number in SQLite beside its sign."""


def record_columns(screen: Screen, entity_id: UUID, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the record is searched by; raises one of ``UNREADABLE`` for fields that make none."""
    record = from_plain(screen.record, {**fields, "id": str(entity_id)})
    return storable(screen.columns(record))
