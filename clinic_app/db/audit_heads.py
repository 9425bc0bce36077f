"""The heads that workstations told of their audit trails, as the log holds them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from clinic_app.db.oplog import identity
from clinic_app.db.tables import audit_head, peer
from clinic_app.db.transaction import Transaction
from clinic_app.domain.audit_heads import AuditGap, AuditHead, ToldHead, audit_gaps, is_due
from clinic_app.domain.ids import new_id

MacOf = Callable[[int], str | None]


def told(db: Transaction, workstation: int) -> list[ToldHead]:
    """What a workstation told of its own trail, in stamp order; what others say of it is nothing
    that it signed."""
    c = audit_head.c
    rows = db.rows(
        select(audit_head)
        .where(c.workstation == workstation, c.origin == workstation)
        .order_by(c.hlc, c.epoch, c.seq)
    )
    return [
        ToldHead(
            AuditHead(
                row.id, row.workstation, row.number, row.mac, row.at, row.before, row.before_mac
            ),
            row.epoch,
        )
        for row in rows
    ]


def newest(db: Transaction) -> dict[str, AuditHead]:
    """The last head of each workstation, by its name."""
    return {name: heads[-1].head for _, name, heads in _all(db)}


def gaps(db: Transaction, number: int, mac_of: MacOf) -> tuple[AuditGap, ...]:
    """What the trails lack of what was told of them: first this store's, which has ``number``
    entries now and ``mac_of`` them, then those of the other workstations."""
    _, own = identity(db)
    found: list[AuditGap] = []
    for workstation, name, heads in _all(db):
        if workstation != own.origin:
            found += audit_gaps(heads, name, own=False)
            continue
        mine = list(audit_gaps(heads, name, own=True))
        last = heads[-1]
        if mac_of(last.head.number) != last.head.mac:
            at, renewed = last.head.at, last.epoch != own.epoch
            mine.append(AuditGap(name, True, last.head.number, at, number, renewed))
        found = mine + found
    return tuple(found)


def head_to_tell(
    db: Transaction, workstation: int, head: tuple[int, str], mac_of: MacOf, now: datetime
) -> AuditHead | None:
    """What this workstation should tell now, if anything."""
    number, mac = head
    heads = told(db, workstation)
    last = heads[-1].head if heads else None
    before = last.number if last else 0
    kept = (mac_of(before) or "") if last else ""
    if not is_due(last, number, kept, now):
        return None
    return AuditHead(new_id(), workstation, number, mac, now, before, kept)


def _all(db: Transaction) -> list[tuple[int, str, list[ToldHead]]]:
    """(number, name, heads) of every workstation that told anything."""
    names = {row.origin: row.name for row in db.rows(select(peer.c.origin, peer.c.name))}
    numbers = db.rows(select(audit_head.c.workstation).distinct())
    found = [(one.workstation, told(db, one.workstation)) for one in numbers]
    return [(who, names.get(who, str(who)), heads) for who, heads in sorted(found) if heads]
