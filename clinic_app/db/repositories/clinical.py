"""Consent, screenings, safety flows and notes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_, union

from clinic_app.db import tables
from clinic_app.db.columns import IDS, among, listed
from clinic_app.db.histories import folded, history
from clinic_app.db.repositories.base import (
    ChangingRepository,
    Repository,
    of_person,
    read_record,
    split_plain,
)
from clinic_app.db.repositories.stories import mark
from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.convergence import Blanking
from clinic_app.domain.errors import NotFound, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import Note, NoteSection
from clinic_app.domain.operations import EntityKind, Stamp
from clinic_app.domain.paging import Position
from clinic_app.domain.record_codec import from_plain
from clinic_app.domain.safety import SafetyEvent, SafetyFlow, fold_flow
from clinic_app.domain.screening import Screening
from clinic_app.domain.versions import TEXTS, Change, Reference


class Consents(Repository[ConsentEvent]):
    kind = EntityKind.CONSENT
    table = tables.consent
    record = ConsentEvent
    named = "consent"

    def of_patient(self, patient_id: UUID) -> list[ConsentEvent]:
        c = self.table.c
        mine = self._select().where(of_person(self._db, c.patient_id, patient_id))
        return self._records(mine.order_by(c.recorded_at, c.id))


class Screenings(Repository[Screening]):
    kind = EntityKind.SCREENING
    table = tables.screening
    record = Screening
    named = "screening"

    def of_patient(
        self, patient_id: UUID, limit: int = 200, after: Position | None = None
    ) -> list[Screening]:
        c = self.table.c
        mine = self._select().where(of_person(self._db, c.patient_id, patient_id))
        if after is not None:
            mine = mine.where(tuple_(c.finished_at, c.id) < mark(after))
        return self._records(mine.order_by(c.finished_at.desc(), c.id.desc()).limit(limit))

    def newest(self, limit: int = 50) -> list[Screening]:
        c = self.table.c
        ordered = self._select().order_by(c.finished_at.desc(), c.id.desc())
        return self._records(ordered.limit(limit))

    def count(self) -> int:
        return int(self._db.scalar(select(func.count()).select_from(self.table)) or 0)

    def count_of_patient(self, patient_id: UUID) -> int:
        own = of_person(self._db, self.table.c.patient_id, patient_id)
        mine = select(func.count()).where(own)
        return int(self._db.scalar(mine) or 0)

    def read_from(self, *sha256: str) -> bool:
        c = tables.face_case.c
        return self._db.row(select(c.id).where(c.source_sha256.in_(sha256)).limit(1)) is not None


class Notes(ChangingRepository[Note]):
    kind = EntityKind.NOTE
    table = tables.note
    record = Note
    named = "note"
    removed = False
    """Words were overwritten that the write-ahead log still holds."""

    def save(self, note: Note, over: Note | None = None) -> None:
        """Raises ``WrongState`` for a change to a signed note."""
        stored = self.get(note.id)
        if stored.signed_at is not None and stored != note:
            raise WrongState("This note is signed. Please write an addendum instead.")
        changed = self._changed(note)
        if changed:
            unseen = over is not None and (over.text, over.sections) != (
                stored.text,
                stored.sections,
            )
            replaces = self._saying(over) if over is not None and unseen else None
            self._log.write(self.kind, note.id, changed, replaces)

    def _saying(self, seen: Note) -> frozenset[Reference]:
        """The versions with these words that nobody has replaced; perhaps none."""
        _, fields = split_plain(seen)
        said = Change(Stamp(0, 0, 0, 0), fields)
        return folded(self._db, self.kind, seen.id).saying(said, TEXTS[self.kind])

    def blank(self, note: Note, at: datetime, by: UUID) -> None:
        """Remove from the log what a discarded draft said before, here and everywhere else."""
        own = history(self._db, self.kind, note.id)[:-1]
        named = tuple((one.origin, one.epoch, one.seq) for one in own)
        if named:
            record = Blanking(new_id(), note.patient_id, named, at, by)
            self._log.record(EntityKind.BLANKING, record)
            self.removed = self._log.blank_at_once() > 0

    def unsigned(self, author: UUID, limit: int = 200) -> list[Note]:
        c = self.table.c
        mine = self._select().where(c.author == author, c.signed_at.is_(None), c.discarded == 0)
        return self._records(mine.order_by(c.written_at.desc(), c.id.desc()).limit(limit))

    def of_patient(self, patient_id: UUID) -> list[Note]:
        c = self.table.c
        mine = self._select().where(of_person(self._db, c.patient_id, patient_id))
        return self._records(mine.order_by(c.written_at.desc(), c.id.desc()))

    def signed_beside(self, notes: Iterable[Note]) -> dict[UUID, tuple[Note, ...]]:
        asked = [one.id for one in notes if one.signed_at is not None]
        waiting, settled = tables.open_conflict.c.id, tables.settled.c.record_id
        told = union(
            select(waiting.label("id")).where(among(waiting, IDS)),
            select(settled.label("id")).where(among(settled, IDS)),
        )
        rows = self._db.rows(told, {"ids": listed(asked)})
        found = {row.id: self._signed_beside(row.id) for row in rows}
        return {note_id: others for note_id, others in found.items() if others}

    def _signed_beside(self, note_id: UUID) -> tuple[Note, ...]:
        rivals = folded(self._db, self.kind, note_id).rivals
        signed = (one.fields for one in rivals if one.fields.get("signed_at") is not None)
        return tuple(from_plain(Note, {**fields, "id": str(note_id)}) for fields in signed)

    def _logged(self, fields: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
        # The signature covers the whole note, so its operation carries the whole note; so does the
        # one that throws a draft away, whose earlier words an erasure may remove.
        if fields["signed_at"] is not None or "discarded_at" in changed:
            return fields
        return super()._logged(fields, changed)


def _words(note: Note) -> tuple[str, tuple[NoteSection, ...]]:
    return note.text, note.sections


class SafetyFlows(Repository[SafetyEvent]):
    kind = EntityKind.SAFETY
    table = tables.safety_event
    record = SafetyEvent
    named = "safety step"

    def flow(self, flow_id: UUID) -> SafetyFlow:
        found = self._flows(tables.safety_flow.c.flow_id == flow_id)
        if not found:
            raise NotFound("This safety flow is not stored here.")
        return found[0]

    def of_screening(self, screening_id: UUID) -> SafetyFlow | None:
        """An unfinished flow before a closed one, then the newest."""
        found = self._flows(tables.safety_flow.c.screening_id == screening_id)
        return max(found, key=lambda flow: (flow.blocks_finishing, flow.opened_at), default=None)

    def of_patient(self, patient_id: UUID) -> list[SafetyFlow]:
        mine = of_person(self._db, tables.safety_flow.c.patient_id, patient_id)
        return self._flows(mine)[::-1]

    def unfinished(self) -> list[SafetyFlow]:
        return self._flows(tables.safety_flow.c.closed.is_(False))

    def _flows(self, wanted: ColumnElement[bool]) -> list[SafetyFlow]:
        """Oldest first; flows whose opening is not known yet are left out."""
        flow, event = tables.safety_flow.c, tables.safety_event.c
        rows = self._db.rows(
            select(event.flow_id, event.id, event.body)
            .join_from(tables.safety_flow, tables.safety_event, flow.flow_id == event.flow_id)
            .where(wanted, flow.opened_at.is_not(None))
            .order_by(flow.opened_at, flow.flow_id, event.at, event.id)
        )
        return [fold_flow(events) for events in _grouped(rows)]


def _grouped(rows: Iterable[Any]) -> Iterable[list[SafetyEvent]]:
    groups: dict[UUID, list[SafetyEvent]] = {}
    for row in rows:
        groups.setdefault(row.flow_id, []).append(read_record(SafetyEvent, row.id, row.body))
    return groups.values()
