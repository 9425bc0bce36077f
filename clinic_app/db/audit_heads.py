"""The heads that workstations told of their audit trails, as the log holds them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from clinic_app.db.oplog import identity
from clinic_app.db.tables import audit, audit_head, oplog, peer
from clinic_app.db.transaction import Transaction
from clinic_app.domain.audit_heads import AuditGap, AuditHead, ToldHead, audit_gaps, is_due
from clinic_app.domain.ids import new_id

MacOf = Callable[[int], str | None]


def told(db: Transaction, workstation: int) -> list[ToldHead]:
    """What a workstation told of its own trail, in stamp order; what others say of it is nothing
    that it signed."""
    c = audit_head.c
    return [_told(row) for row in db.rows(_of(workstation).order_by(c.hlc, c.epoch, c.seq))]


def last_told(db: Transaction, workstation: int, epoch: int | None = None) -> ToldHead | None:
    """The last of them, or of those in one epoch."""
    c = audit_head.c
    wanted = _of(workstation) if epoch is None else _of(workstation).where(c.epoch == epoch)
    newest_first = wanted.order_by(c.hlc.desc(), c.epoch.desc(), c.seq.desc())
    row = db.row(newest_first.limit(1))
    return None if row is None else _told(row)


def _of(workstation: int) -> Select[Any]:
    c = audit_head.c
    return select(audit_head).where(c.workstation == workstation, c.origin == workstation)


def _told(row: Any) -> ToldHead:
    head = AuditHead(
        row.id, row.workstation, row.number, row.mac, row.at, row.before, row.before_mac
    )
    return ToldHead(head, row.epoch)


def newest(db: Transaction) -> dict[str, AuditHead]:
    """The last head of each workstation, by its name."""
    return {
        name: last.head
        for workstation, name in _workstations(db)
        if (last := last_told(db, workstation)) is not None
    }


def gaps(db: Transaction, number: int, mac_of: MacOf) -> tuple[AuditGap, ...]:
    """What the trails lack of what was told of them: first this store's, which has ``number``
    entries now and ``mac_of`` them, then those of the other workstations."""
    _, own = identity(db)
    found: list[AuditGap] = []
    for workstation, name in _workstations(db):
        heads = told(db, workstation)
        if not heads:
            continue
        if workstation != own.origin:
            found += audit_gaps(heads, name, own=False)
            continue
        mine = list(audit_gaps(heads, name, own=True))
        last = next((one for one in reversed(heads) if one.epoch == own.epoch), heads[-1])
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
    _, own = identity(db)
    mine = last_told(db, workstation, own.epoch)
    found = mine or last_told(db, workstation)
    before = found.head.number if found else 0
    kept = (mac_of(before) or "") if found else ""
    if not is_due(mine.head if mine else None, number, kept, now):
        return None
    return AuditHead(new_id(), workstation, number, mac, now, before, kept)


def own_numbers(db: Transaction) -> frozenset[int]:
    """The numbers under which this store has written: today's, and those before it joined again.

    An earlier one is ours when its last telling, which only its key can sign, fits this trail, and
    nobody had told the same before: a mac of ours that somebody else repeats makes nobody us.
    """
    _, own = identity(db)
    found = {own.origin}
    for workstation, _ in _workstations(db):
        last = last_told(db, workstation)
        if workstation == own.origin or last is None:
            continue
        here = select(audit.c.mac).where(audit.c.number == last.head.number)
        if db.scalar(here) == last.head.mac and _told_first(db, last.head) == workstation:
            found.add(workstation)
    return frozenset(found)


def _told_first(db: Transaction, head: AuditHead) -> int | None:
    """Who was the first to tell a mac, in the order in which the centre received it."""
    c, o = audit_head.c, oplog.c
    written = (o.origin == c.origin) & (o.epoch == c.epoch) & (o.seq == c.seq)
    told = select(c.origin).join(oplog, written).where(c.mac == head.mac)
    row = db.row(told.order_by(o.recv_at.is_(None), o.recv_at, c.hlc).limit(1))
    return None if row is None else int(row.origin)


def _workstations(db: Transaction) -> list[tuple[int, str]]:
    """(number, name) of every workstation that anything was told of."""
    names = {row.origin: row.name for row in db.rows(select(peer.c.origin, peer.c.name))}
    numbers = db.rows(select(audit_head.c.workstation).distinct())
    return [(who, names.get(who, str(who))) for who in sorted(one.workstation for one in numbers)]
