"""The audit trail in the store: an HMAC chain, checked against the anchor outside."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.exc import DBAPIError

from clinic_app.db import audit_heads
from clinic_app.db.anchor import AuditAnchor, Head
from clinic_app.db.projections import identities
from clinic_app.db.tables import audit, metadata
from clinic_app.db.transaction import Transaction
from clinic_app.domain.audit import AuditCheck, AuditEntry, AuditKind, entry_mac, verify_chain
from clinic_app.domain.audit_heads import AuditHead
from clinic_app.domain.errors import StoreDamaged
from clinic_app.services.audit_data import AuditQuery

_HEAD = select(audit.c.number, audit.c.mac).order_by(audit.c.number.desc()).limit(1)
_INSERT = audit.insert()


class StoredAuditTrail:
    """Audit entries of one transaction's store.

    Attributes:
        newest: the head that this transaction has written, ``None`` when it wrote nothing.
    """

    def __init__(
        self, db: Transaction, key: bytes, anchor: AuditAnchor, now: Callable[[], datetime]
    ) -> None:
        self._db = db
        self._key = key
        self._anchor = anchor
        self._now = now
        self.newest: Head | None = None

    def record(
        self,
        kind: AuditKind,
        by: UUID | None,
        subject: str,
        subject_id: UUID | None = None,
        detail: str = "",
    ) -> None:
        """Add an entry; it becomes durable with the transaction."""
        number, previous = self.head()
        bare = AuditEntry(number + 1, self._now(), kind, by, subject, subject_id, detail, "")
        entry = replace(bare, mac=entry_mac(self._key, previous, bare))
        self._db.run(
            _INSERT,
            {
                "number": entry.number,
                "at": entry.at,
                "kind": entry.kind.value,
                "by": entry.by,
                "subject": entry.subject,
                "subject_id": entry.subject_id,
                "detail": entry.detail,
                "mac": entry.mac,
            },
        )
        self.newest = (entry.number, entry.mac)

    def entries(self, limit: int = 1000, after: int = 0) -> list[AuditEntry]:
        """Raises ``StoreDamaged`` when one of them was altered beyond reading."""
        wanted = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(limit)
        return self._entries(wanted)

    def search(self, query: AuditQuery, limit: int = 100) -> list[AuditEntry]:
        """Newest first. Raises as ``entries`` does."""
        wanted = select(audit).where(*self._conditions(query))
        return self._entries(wanted.order_by(audit.c.number.desc()).limit(limit))

    def _conditions(self, query: AuditQuery) -> Iterator[ColumnElement[bool]]:
        if query.kinds:
            yield audit.c.kind.in_([kind.value for kind in query.kinds])
        if query.by is not None:
            yield audit.c.by == query.by
        if query.subjects:
            yield audit.c.subject.in_(query.subjects)
        if query.patient_id is not None:
            yield audit.c.subject_id.in_(_records_of(self._db, query.patient_id))
        if query.since is not None:
            yield audit.c.at >= query.since
        if query.until is not None:
            yield audit.c.at < query.until
        if query.before is not None:
            yield audit.c.number < query.before

    def _entries(self, wanted: Select[Any]) -> list[AuditEntry]:
        try:
            return [_entry(row) for row in self._db.rows(wanted)]
        except _UNREADABLE as error:
            raise StoreDamaged(
                "An entry of the audit trail was altered. Please verify the trail to find it."
            ) from error

    def verify(self) -> AuditCheck:
        """Check the whole chain, and all trails against what was told of them. A missing or
        altered anchor counts as a cut trail."""
        check = self.verify_against(self._anchor.read())
        gaps = audit_heads.gaps(self._db, self.head()[0], self.mac_of)
        return replace(check, gaps=gaps)

    def told(self) -> dict[str, AuditHead]:
        """The last head that each workstation told of its trail, by the workstation's name."""
        return audit_heads.newest(self._db)

    def head_to_tell(self, workstation: int, now: datetime) -> AuditHead | None:
        """What this workstation should tell the others of its trail now, if anything."""
        return audit_heads.head_to_tell(self._db, workstation, self.head(), self.mac_of, now)

    def verify_against(self, anchor: Head | None) -> AuditCheck:
        """As ``verify``, with what was read from the anchor already."""
        check = verify_chain(self._key, self._all(), anchor)
        return replace(check, truncated=True) if anchor is None else check

    def head(self) -> Head:
        row = self._db.row(_HEAD)
        return (0, "") if row is None else (row.number, row.mac)

    def entry_of(self, kind: AuditKind, subject: str, subject_id: UUID) -> Head | None:
        wanted = (
            select(audit.c.number, audit.c.mac)
            .where(
                audit.c.kind == kind.value,
                audit.c.subject == subject,
                audit.c.subject_id == subject_id,
            )
            .order_by(audit.c.number)
            .limit(1)
        )
        row = self._db.row(wanted)
        return None if row is None else (row.number, row.mac)

    def mac_of(self, number: int) -> str | None:
        """The mac of one entry, ``None`` when there is no such entry."""
        mac = self._db.scalar(select(audit.c.mac).where(audit.c.number == number))
        return None if mac is None else str(mac)

    def _all(self) -> Iterator[AuditEntry]:
        """Up to the first one that cannot be read; that one fits nothing."""
        number, every = 0, select(audit).order_by(audit.c.number)
        try:
            for row in self._db.stream(every):
                yield _entry(row)
                number = row.number
            return
        except _UNREADABLE:
            pass
        # One bad row may have failed those that were fetched with it: look at these one by one.
        with contextlib.suppress(*_UNREADABLE):
            while one := self._db.row(every.where(audit.c.number > number).limit(1)):
                yield _entry(one)
                number = one.number
            return
        yield AuditEntry(number + 1, self._now(), AuditKind.READ, None, "", None, "", "")


def _records_of(db: Transaction, patient_id: UUID) -> set[UUID]:
    """The person's identifiers and those of every record about the person."""
    people = identities(db, patient_id)
    found = set(people)
    for table in metadata.sorted_tables:
        if "patient_id" in table.c:
            (key,) = table.primary_key
            mine = select(key.label("id")).where(table.c.patient_id.in_(people))
            found |= {row.id for row in db.rows(mine)}
    return found


_UNREADABLE = (ValueError, TypeError, OverflowError, AttributeError, DBAPIError)
"""What an altered row makes of decoding; known trouble with the file is a ``StoreError``."""


def _entry(row: Row[Any]) -> AuditEntry:
    """Raises ``ValueError`` for a row that this program cannot have written."""
    if not all(isinstance(part, str) for part in (row.subject, row.detail, row.mac)):
        raise ValueError("text was replaced by bytes")
    return AuditEntry(
        row.number,
        row.at,
        AuditKind(row.kind),
        row.by,
        row.subject,
        row.subject_id,
        row.detail,
        row.mac,
    )
