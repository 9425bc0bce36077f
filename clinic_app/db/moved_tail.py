"""The end of a sequence that another store has written differently goes on under a number of ours.

A store that was copied, or put back from an old copy of its folder, may hold operations under
numbers that the centre gives to others. They are never dropped: they are written again at the end
of this workstation's own sequence, with their stamps as they were.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from clinic_app.db.fold import append
from clinic_app.db.histories import written_in_time
from clinic_app.db.log_rows import operation_of
from clinic_app.db.oplog import Workstation
from clinic_app.db.replica import begin_epoch, newest_stamp_of, operations, reaches
from clinic_app.db.tables import blanked, log_head, meta, oplog
from clinic_app.db.tables.walls import lifted
from clinic_app.db.transaction import Transaction
from clinic_app.db.unreadable import UNREADABLE
from clinic_app.domain.operations import (
    EntityKind,
    Operation,
    decode_fields,
    encode_fields,
    link_hash,
    pack,
)
from clinic_app.domain.versions import REPLACES, TEXTS, Reference, named_in_body

Moved = dict[Reference, Reference]
Texts = dict[UUID, Reference]


def move_tail(
    db: Transaction, own: Workstation, origin: int, epoch: int, after: int, wall: int
) -> Workstation:
    """Take ``seq > after`` out of a sequence and write it again as ours; whose sequence it is now.

    When it was the sequence that this store writes, a new epoch begins.
    """
    # What counts nowhere must not come back under our name.
    tail = written_in_time(db, operations(db, origin, epoch, after))
    texts = _texts_before(db, tail, after)
    _cut(db, origin, epoch, after)
    if (origin, epoch) == (own.origin, own.epoch):
        own = begin_epoch(db, origin, wall)
    seq, previous = _end(db, own)
    moved: Moved = {}
    for one in tail:
        seq += 1
        again = replace(
            one,
            origin=own.origin,
            epoch=own.epoch,
            seq=seq,
            hlc=one.stamp.hlc,
            body=one.body if one.erased else _rewritten(one, own, moved, texts),
            received_at=None,
        )
        again = replace(again, hash=link_hash(previous, again))
        previous = again.hash
        moved[_name(one)] = _name(again)
        append(db, again)
    return own


def renumber(db: Transaction, old: int, new: int, wall: int) -> Workstation:
    """Let this store go on under another number of its clinic; whose sequence it is now.

    What the centre has not acknowledged under the old number is written again under the new one.
    """
    own = begin_epoch(db, new, wall)
    db.run(update(meta).where(meta.c.name == "origin").values(value=str(new)))
    for one in reaches(db):
        if one.origin == old and one.acked < one.seq:
            move_tail(db, own, one.origin, one.epoch, one.acked, wall)
    return own


def _rewritten(one: Operation, own: Workstation, moved: Moved, texts: Texts) -> bytes:
    """The body with every operation that it names under its present number.

    What nobody can read shows nothing wherever it stands, and goes on as it is: one such body, of
    whoever stole a workstation, must not keep all others from being sent.
    """
    try:
        return _renamed(one, own, moved, texts)
    except UNREADABLE:
        return one.body


def _renamed(one: Operation, own: Workstation, moved: Moved, texts: Texts) -> bytes:
    """Words say explicitly what they replace: their place in a sequence says it no longer.

    Raises one of ``UNREADABLE``.
    """
    fields = decode_fields(one.body)

    def present(name: Reference) -> Reference:
        name = Reference(name.origin or one.origin, name.epoch, name.seq)
        return moved.get(name, name)

    def named(triples: Any) -> list[list[int]]:
        return named_in_body((present(Reference(*triple)) for triple in triples), own.origin)

    if one.entity == EntityKind.BLANKING:
        fields["operations"] = named(fields["operations"])
    if one.entity == EntityKind.SETTLED:
        versions = map(Reference.of_text, fields["versions"])
        fields["versions"] = [present(version).text for version in versions]
    if _is_text(one.entity, fields):
        before = texts.get(one.entity_id)
        fields[REPLACES] = named(fields.get(REPLACES, [] if before is None else [before]))
        texts[one.entity_id] = _name(one)
    return pack(encode_fields(fields))


def _texts_before(db: Transaction, tail: list[Operation], after: int) -> Texts:
    """The last words that this sequence says of each record before the tail begins."""
    found: Texts = {}
    for one in tail:
        if one.entity not in TEXTS or one.entity_id in found:
            continue
        earlier = db.rows(
            select(oplog)
            .where(oplog.c.origin == one.origin, oplog.c.epoch == one.epoch)
            .where(oplog.c.entity_id == one.entity_id, oplog.c.seq <= after)
            .order_by(oplog.c.seq)
        )
        for before in map(operation_of, earlier):
            if not before.erased and _says_text(before):
                found[one.entity_id] = _name(before)
    return found


def _says_text(operation: Operation) -> bool:
    try:
        return _is_text(operation.entity, decode_fields(operation.body))
    except UNREADABLE:
        return False


def _is_text(entity: int, fields: dict[str, Any]) -> bool:
    return entity in TEXTS and bool(TEXTS[EntityKind(entity)] & fields.keys())


def _name(operation: Operation) -> Reference:
    return Reference(operation.origin, operation.epoch, operation.seq)


def _cut(db: Transaction, origin: int, epoch: int, after: int) -> None:
    """Let a sequence end at ``after``."""
    for table in (oplog, blanked):
        beyond = (table.c.origin == origin) & (table.c.epoch == epoch) & (table.c.seq > after)
        with lifted(db, table):
            db.run(delete(table).where(beyond))
    here = (log_head.c.origin == origin) & (log_head.c.epoch == epoch)
    left = operations(db, origin, epoch, after - 1, after)
    if not left:
        db.run(delete(log_head).where(here))
        return
    newest = newest_stamp_of(db, origin, epoch)
    db.run(update(log_head).where(here).values(seq=after, hash=left[0].hash, hlc=newest))


def _end(db: Transaction, own: Workstation) -> tuple[int, bytes]:
    row = db.row(
        select(log_head.c.seq, log_head.c.hash).where(
            log_head.c.origin == own.origin, log_head.c.epoch == own.epoch
        )
    )
    return (0, b"") if row is None else (row.seq, bytes(row.hash))
