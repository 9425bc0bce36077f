"""Looking something up in the audit trail: what is asked, and a page of what is found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic_app.domain.audit import AuditEntry, AuditKind


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which entries are wanted; everything that is left out matches all of them.

    ``patient_id`` stands for the person and every record about the person, under merged duplicates
    too. ``since`` is included, ``until`` is not. ``before`` is the number of the last entry of the
    page before.
    """

    kinds: tuple[AuditKind, ...] = ()
    by: UUID | None = None
    subjects: tuple[str, ...] = ()
    patient_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


EVERYTHING = AuditQuery()


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry with the names that a person looks for; ``actor`` is empty when nobody was known."""

    entry: AuditEntry
    actor: str = ""
