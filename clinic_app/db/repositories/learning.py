"""Adjudications, local heads and the cases that learning reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from clinic_app.db import tables
from clinic_app.db.projections import in_stamp_order
from clinic_app.db.repositories.base import Log, Repository, read_record
from clinic_app.db.transaction import Transaction
from clinic_app.domain.adjudication import (
    Adjudication,
    AdjudicationEvent,
    fold_adjudication,
)
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import ConsentEvent, Purpose, current_consent
from clinic_app.domain.face_case import FaceCase, unpack_shares
from clinic_app.domain.finding import Band
from clinic_app.domain.learning_key import LearningKey
from clinic_app.domain.local_head import HeadEvent, LocalHead
from clinic_app.domain.operations import EntityKind, decode_fields

_AT_ONCE = 500
"""Identifiers in one question to the database."""


class FaceCases:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def all(self) -> list[FaceCase]:
        c = tables.face_case.c
        wanted = select(*(one for one in c if one.name != "embedding"))
        rows = self._db.rows(wanted.order_by(c.finished_at, c.id))
        return [
            FaceCase(
                screening_id=row.id,
                patient_id=row.patient_id,
                taken_by=row.taken_by,
                judged_by=row.judged_by,
                finished_at=row.finished_at,
                base=row.base,
                accepted=row.accepted,
                usable=row.usable,
                band=None if row.band is None else Band(row.band),
                shares=unpack_shares(row.shares),
                local_shares=unpack_shares(row.local_shares),
                phq9_total=row.phq9_total,
            )
            for row in rows
        ]

    def embeddings(self, screening_ids: Sequence[UUID]) -> dict[UUID, bytes]:
        c = tables.face_case.c
        found: dict[UUID, bytes] = {}
        for start in range(0, len(screening_ids), _AT_ONCE):
            some = screening_ids[start : start + _AT_ONCE]
            wanted = select(c.id, c.embedding).where(c.id.in_(some), c.usable)
            found |= {row.id: row.embedding for row in self._db.rows(wanted)}
        return found

    def consenting(self, *purposes: Purpose) -> set[UUID]:
        survivors = self._survivors()
        events: dict[UUID, list[ConsentEvent]] = {}
        c = tables.consent.c
        for row in self._db.rows(select(c.id, c.patient_id, c.body)):
            person = survivors.get(row.patient_id, row.patient_id)
            events.setdefault(person, []).append(read_record(ConsentEvent, row.id, row.body))
        agreed = set()
        for person, given in events.items():
            state = current_consent(given)
            if all(state.get(purpose, False) for purpose in purposes):
                agreed.add(person)
        return agreed | {merged for merged, person in survivors.items() if person in agreed}

    def pictured(self) -> set[UUID]:
        c = tables.image.c
        return {row.id for row in self._db.rows(select(c.id).where(c.kept))}

    def known_to(self, user_id: UUID) -> set[UUID]:
        case, review = tables.face_case.c, tables.review.c
        taken = self._db.rows(
            select(case.id).where((case.taken_by == user_id) | (case.judged_by == user_id))
        )
        read = self._db.rows(select(review.screening_id).where(review.reviewer == user_id))
        known = {row.id for row in taken} | {row.screening_id for row in read}
        return known | self._shown_to(user_id)

    def _shown_to(self, user_id: UUID) -> set[UUID]:
        """Estimates that were revealed here, and those in records that were exported here, by the
        audit trail of this workstation; those in reports that were issued on any workstation, and
        results that an answer was entered about, by the records that travel."""
        entry, case = tables.audit.c, tables.face_case.c
        own = select(entry.subject_id, entry.at).where(entry.by == user_id)
        revealed = self._db.rows(own.where(entry.kind == AuditKind.ESTIMATE_SHOWN))
        exports = own.where(entry.kind == AuditKind.EXPORTED, entry.subject == "patient")
        survivors = self._survivors()
        until: dict[UUID, datetime] = {}  # by person, the newest
        for patient_id, at in (
            *((row.subject_id, row.at) for row in self._db.rows(exports)),
            *self._issued_by(user_id),
        ):
            person = survivors.get(patient_id, patient_id)
            until[person] = max(at, until.get(person, at))
        held = {
            row.id
            for row in self._db.rows(select(case.id, case.patient_id, case.finished_at))
            if (at := until.get(survivors.get(row.patient_id, row.patient_id)))
            and row.finished_at <= at
        }
        return {row.subject_id for row in revealed} | held | self._answered_by(user_id)

    def _issued_by(self, user_id: UUID) -> list[tuple[UUID, datetime]]:
        """Whom reports were about, from any workstation, and when they were issued."""
        c = tables.issued_report.c
        about = select(c.patient_id, c.issued_at, c.body).where(c.patient_id.is_not(None))
        return [
            (row.patient_id, row.issued_at)
            for row in self._db.rows(about)
            if _names(row.body, "by", user_id)
        ]

    def _answered_by(self, user_id: UUID) -> set[UUID]:
        """Whose answer, that of the person or the own one, this member of staff entered."""
        c = tables.result_agreement.c
        rows = self._db.rows(select(c.screening_id, c.body))
        return {row.screening_id for row in rows if _names(row.body, "entered_by", user_id)}

    def _survivors(self) -> dict[UUID, UUID]:
        """Of merged records."""
        alias = tables.patient_alias.c
        rows = self._db.rows(select(alias.patient_id, alias.survivor_id))
        return {row.patient_id: row.survivor_id for row in rows}


def _names(body: bytes, field: str, user_id: UUID) -> bool:
    return decode_fields(body).get(field) == str(user_id)


class Adjudications(Log[AdjudicationEvent]):
    kind = EntityKind.ADJUDICATION
    table = tables.adjudication_event
    record = AdjudicationEvent
    named = "reading of a picture"

    def find(self, screening_id: UUID) -> Adjudication | None:
        rows = self._db.rows(
            in_stamp_order(self.table).where(self.table.c.subject_id == screening_id)
        )
        return fold_adjudication(read_record(self.record, row.id, row.body) for row in rows)

    def all(self) -> list[Adjudication]:
        events: dict[UUID, list[AdjudicationEvent]] = {}
        for row in self._db.rows(in_stamp_order(self.table)):
            events.setdefault(row.subject_id, []).append(read_record(self.record, row.id, row.body))
        made = (fold_adjudication(events[one]) for one in sorted(events))
        return [one for one in made if one is not None]


class LocalHeads(Repository[LocalHead]):
    kind = EntityKind.LOCAL_HEAD
    table = tables.local_head
    record = LocalHead
    named = "local head"

    def all(self) -> list[LocalHead]:
        c = self.table.c
        return self._records(self._select().order_by(c.number, c.id))


class HeadEvents(Log[HeadEvent]):
    kind = EntityKind.HEAD_EVENT
    table = tables.head_event
    record = HeadEvent
    named = "decision about a local head"

    def all(self) -> list[HeadEvent]:
        c = self.table.c
        return self._records(self._select().order_by(c.hlc, c.origin, c.epoch, c.seq))


class LearningKeys(Log[LearningKey]):
    kind = EntityKind.LEARNING_KEY
    table = tables.learning_key
    record = LearningKey
    named = "key"

    def oldest(self) -> LearningKey | None:
        c = self.table.c
        found = self._records(self._select().order_by(c.hlc, c.origin, c.epoch, c.seq).limit(1))
        return found[0] if found else None
