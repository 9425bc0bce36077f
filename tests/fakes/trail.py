"""The audit trail of the in-memory store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from clinic_app.domain.audit import AuditCheck, AuditEntry, AuditKind, entry_mac, verify_chain
from clinic_app.domain.audit_heads import AuditHead
from clinic_app.services.audit_data import AuditQuery
from tests.fakes.tables import Tables

AUDIT_KEY = b"audit key of the in-memory store"


class Audit:
    def __init__(self, tables: Tables, now: Callable[[], datetime]) -> None:
        self._tables = tables
        self._rows = tables.audit
        self._now = now

    def record(
        self,
        kind: AuditKind,
        by: UUID | None,
        subject: str,
        subject_id: UUID | None = None,
        detail: str = "",
    ) -> None:
        number, previous = self.head()
        entry = AuditEntry(number + 1, self._now(), kind, by, subject, subject_id, detail, "")
        self._rows.append(replace(entry, mac=entry_mac(AUDIT_KEY, previous, entry)))

    def entries(self, limit: int = 1000, after: int = 0) -> list[AuditEntry]:
        return self._rows[after : after + limit]

    def search(self, query: AuditQuery, limit: int = 100) -> list[AuditEntry]:
        about = None if query.patient_id is None else self._about(query.patient_id)

        def wanted(one: AuditEntry) -> bool:
            return (
                (not query.kinds or one.kind in query.kinds)
                and (query.by is None or one.by == query.by)
                and (not query.subjects or one.subject in query.subjects)
                and (about is None or one.subject_id in about)
                and (query.since is None or one.at >= query.since)
                and (query.until is None or one.at < query.until)
                and (query.before is None or one.number < query.before)
            )

        return [one for one in reversed(self._rows) if wanted(one)][:limit]

    def _about(self, patient_id: UUID) -> set[UUID]:
        tables = (self._tables.screenings, self._tables.drafts, self._tables.notes)
        own = {one.id for table in tables for one in table.values() if one.patient_id == patient_id}
        return {patient_id} | own

    def verify(self) -> AuditCheck:
        return verify_chain(AUDIT_KEY, self._rows)

    def told(self) -> dict[str, AuditHead]:
        """Nothing is joined here."""
        return {}

    def head(self) -> tuple[int, str]:
        return (self._rows[-1].number, self._rows[-1].mac) if self._rows else (0, "")

    def entry_of(self, kind: AuditKind, subject: str, subject_id: UUID) -> tuple[int, str] | None:
        wanted = (kind, subject, subject_id)
        found = (one for one in self._rows if (one.kind, one.subject, one.subject_id) == wanted)
        return next(((one.number, one.mac) for one in found), None)
