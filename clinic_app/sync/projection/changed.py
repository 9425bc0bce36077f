"""Which rows of the reporting tables follow from which operations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Table, select

from clinic_app.db import tables
from clinic_app.db.log_rows import operation_of
from clinic_app.db.tables import oplog, patient_alias
from clinic_app.db.transaction import Transaction
from clinic_app.db.unit_of_work import StoreUnitOfWork
from clinic_app.db.unreadable import UNREADABLE
from clinic_app.domain.convergence import Blanking
from clinic_app.domain.errors import NotFound
from clinic_app.domain.merges import MergeEvent
from clinic_app.domain.operations import EntityKind, Operation
from clinic_app.domain.record_codec import from_plain
from clinic_app.domain.versions import change_of
from clinic_app.sync.projection import rows
from clinic_app.sync.projection.rows import Row

Event = TypeVar("Event")

TABLES = ("patient", "appointment", "note", "screening", "feedback")

Name = tuple[str, UUID]
"""A reporting table, and the record's identifier in it."""

Cursor = dict[tuple[int, int], int]
"""How far each (origin, epoch) is projected."""

_PLAIN = {
    EntityKind.PATIENT: "patient",
    EntityKind.NOTE: "note",
    EntityKind.SCREENING: "screening",
    EntityKind.SERVICE_RATING: "feedback",
    EntityKind.RESULT_AGREEMENT: "feedback",
}
_STORIES: dict[EntityKind, tuple[str, Table]] = {
    EntityKind.APPOINTMENT: ("appointment", tables.appointment_event),
    EntityKind.INCIDENT: ("feedback", tables.incident_event),
}
PAGE = 1_000


def heads(db: Transaction) -> Cursor:
    """How far the private copy is."""
    found = db.rows(select(tables.log_head))
    return {(row.origin, row.epoch): row.seq for row in found}


def changed_since(db: Transaction, cursor: Cursor) -> dict[Name, None]:
    """Every row that operations beyond the cursor may have changed, in their order."""
    found: dict[Name, None] = {}
    for operation in _beyond(db, cursor):
        for name in _names(db, operation):
            found[name] = None
    return found


def read(work: StoreUnitOfWork, db: Transaction, name: Name) -> Row | None:
    """The row as it is now; ``None`` where there is none any more."""
    table, record_id = name
    try:
        if table == "patient":
            return rows.patient_row(work.patients.get(record_id), _merged_into(db, record_id))
        if table == "note":
            return rows.note_row(work.notes.get(record_id))
        if table == "screening":
            return rows.screening_row(work.screenings.get(record_id))
        if table == "appointment":
            return rows.appointment_row(work.appointments.get(record_id))
    except NotFound:
        return None
    for repository in (work.ratings, work.agreements, work.incidents):
        try:
            return rows.feedback_row(repository.get(record_id))
        except NotFound:
            continue
    return None


def _beyond(db: Transaction, cursor: Cursor) -> Iterator[Operation]:
    for (origin, epoch), head in sorted(heads(db).items()):
        after = cursor.get((origin, epoch), 0)
        while after < head:
            page = db.rows(
                select(oplog)
                .where(oplog.c.origin == origin, oplog.c.epoch == epoch, oplog.c.seq > after)
                .order_by(oplog.c.seq)
                .limit(PAGE)
            )
            yield from map(operation_of, page)
            after = page[-1].seq


def _names(db: Transaction, operation: Operation) -> Iterable[Name]:
    if operation.entity in _PLAIN:
        yield _PLAIN[EntityKind(operation.entity)], operation.entity_id
    elif operation.entity in _STORIES:
        table, events = _STORIES[EntityKind(operation.entity)]
        subject = db.scalar(select(events.c.subject_id).where(events.c.id == operation.entity_id))
        if subject is not None:
            yield table, subject
    elif operation.erased:
        return
    elif operation.entity == EntityKind.PATIENT_MERGE:
        merge = _record(MergeEvent, operation)
        if merge is not None:
            yield from (("patient", merge.patient_id), ("patient", merge.into))
    elif operation.entity == EntityKind.BLANKING:
        blanking = _record(Blanking, operation)
        for origin, epoch, seq in blanking.operations if blanking else ():
            key = {"origin": origin or operation.origin, "epoch": epoch, "seq": seq}
            for row in db.rows(select(oplog).filter_by(**key)):
                yield from _names(db, operation_of(row))


def _record(kind: type[Event], operation: Operation) -> Event | None:
    """The event; None for one that cannot be read, which shows nothing anywhere."""
    try:
        fields = change_of(operation).fields
        return from_plain(kind, {**fields, "id": str(operation.entity_id)})
    except UNREADABLE:
        return None


def _merged_into(db: Transaction, patient_id: UUID) -> UUID | None:
    found: UUID | None = db.scalar(
        select(patient_alias.c.survivor_id).where(patient_alias.c.patient_id == patient_id)
    )
    return found
