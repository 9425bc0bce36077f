"""What all repositories share: reading a row's record, and logging what changed."""

from __future__ import annotations

import functools
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, bindparam, select

from clinic_app.db.histories import record_columns
from clinic_app.db.oplog import OperationLog
from clinic_app.db.projections import identities
from clinic_app.db.screens import SCREENS
from clinic_app.db.tables import patient
from clinic_app.db.transaction import Transaction
from clinic_app.domain.errors import NotFound, StoreDamaged, WrongState
from clinic_app.domain.operations import EntityKind, decode_fields
from clinic_app.domain.record_codec import from_plain, to_plain
from clinic_app.domain.sentence import Sentence
from clinic_app.domain.versions import TEXTS

Record = TypeVar("Record")


@functools.cache
def _known(table: Table) -> Select[Any]:
    whole = (table.c.known,) if "known" in table.c else ()
    return select(table.c.id, table.c.body).where(*whole)


@functools.cache
def _by_id(table: Table) -> Select[Any]:
    """Made once: making a statement costs as much as running it."""
    return _known(table).where(table.c.id == bindparam("id"))


class Log(Generic[Record]):
    """Travelling records of one kind. ``add`` and ``save`` write operations, never rows."""

    kind: EntityKind
    table: Table
    record: type[Record]
    named: str
    """What a record is called in a sentence."""

    def __init__(self, db: Transaction, log: OperationLog) -> None:
        self._db = db
        self._log = log

    def add(self, record: Record) -> None:
        """Store a new record; raises ``WrongState`` when its identifier is taken."""
        entity_id, fields = split_plain(record)
        if self._stored(entity_id) is not None:
            raise WrongState("This {record} is already stored.", record=Sentence(self.named))
        if fields.get("patient_id") is not None:
            require_patient(self._db, UUID(fields["patient_id"]))
        self._check(entity_id, fields)
        self._log.write(self.kind, entity_id, fields)

    def _check(self, entity_id: UUID, fields: dict[str, Any]) -> None:
        """Raises for a record that shows nothing once it is in the log: whoever keeps it would not
        hear that it is lost to everybody."""
        record_columns(SCREENS[self.kind], entity_id, fields)

    def _stored(self, record_id: UUID) -> Record | None:
        row = self._db.row(_by_id(self.table), {"id": record_id})
        return None if row is None else read_record(self.record, row.id, row.body)

    def _select(self) -> Select[Any]:
        return _known(self.table)

    def _records(self, statement: Select[Any]) -> list[Record]:
        return [read_record(self.record, row.id, row.body) for row in self._db.rows(statement)]


class Repository(Log[Record]):
    """Records that are read as they were added."""

    def get(self, record_id: UUID) -> Record:
        """Raises ``NotFound``."""
        found = self._stored(record_id)
        if found is None:
            raise NotFound("This {record} is not stored here.", record=Sentence(self.named))
        return found


class ChangingRepository(Repository[Record]):
    """Records whose fields change; only what differs goes to the log."""

    def save(self, record: Record) -> None:
        """Log the fields that differ from the stored record; raises ``NotFound``."""
        changed = self._changed(record)
        if changed:
            self._check(*split_plain(record))
            self._log.write(self.kind, split_plain(record)[0], changed)

    def _changed(self, record: Record) -> dict[str, Any]:
        """What an operation has to say so that the record becomes this one; perhaps nothing."""
        entity_id, fields = split_plain(record)
        _, stored = split_plain(self.get(entity_id))
        changed = {name: value for name, value in fields.items() if stored[name] != value}
        return self._logged(fields, changed) if changed else {}

    def _logged(self, fields: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
        """What the operation says: with one part of a text all of it."""
        texts = TEXTS.get(self.kind, frozenset())
        if not texts & changed.keys():
            return changed
        return {**changed, **{name: fields[name] for name in texts}}


def split_plain(record: Any) -> tuple[UUID, dict[str, Any]]:
    """A record's identifier and its other fields as plain values."""
    fields = to_plain(record)
    return UUID(fields.pop("id")), fields


def read_record(kind: type[Record], record_id: UUID, body: bytes) -> Record:
    """The record in a row; raises ``StoreDamaged`` when the body does not fit."""
    try:
        return from_plain(kind, {**decode_fields(body), "id": record_id})
    except ValueError as error:
        raise unreadable() from error


def unreadable() -> StoreDamaged:
    """What is said of a row whose body does not fit."""
    return StoreDamaged("A stored record cannot be read. Please restore a backup.")


def of_person(db: Transaction, column: ColumnElement[Any], patient_id: UUID) -> ColumnElement[bool]:
    """The condition that ``column`` names this person, under any of the merged records."""
    ids = identities(db, patient_id)
    return column == ids[0] if len(ids) == 1 else column.in_(ids)


_PATIENT = select(patient.c.id).where(patient.c.id == bindparam("patient"), patient.c.known)


def require_patient(db: Transaction, patient_id: UUID) -> None:
    """Raise ``NotFound`` unless the patient is stored."""
    found = db.row(_PATIENT, {"patient": patient_id})
    if found is None:
        raise NotFound("This patient is not stored here.")
