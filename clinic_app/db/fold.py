"""The fold: how operations make the screens' rows. Writing, pulling and rebuilding share it.

``append`` is the one write path: the operation goes into the log, the origin's head moves, and
``apply`` brings its record up to date, all in the caller's transaction. A record's row is always
worked out from all its operations in the log, so the order in which they came makes no difference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, delete, func, select, tuple_
from sqlalchemy.dialects.sqlite import insert

from clinic_app.db import projections as project
from clinic_app.db import tables
from clinic_app.db.facts import refresh_worklist
from clinic_app.db.keyslots import slot_name
from clinic_app.db.screen_columns import (
    absence_columns,
    agreement_columns,
    consent_columns,
    intervention_columns,
    issued_columns,
    note_columns,
    rating_columns,
    screening_columns,
    task_columns,
)
from clinic_app.db.search import search_columns
from clinic_app.db.tables import blanked, log_head, oplog, peer
from clinic_app.db.tables.walls import lifted
from clinic_app.db.transaction import Transaction
from clinic_app.domain.adjudication import AdjudicationEvent
from clinic_app.domain.appointments import AppointmentEvent
from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.convergence import Blanking, Settled, SharedImage
from clinic_app.domain.erasure import ErasureEvent
from clinic_app.domain.feedback import IncidentEvent, ResultAgreement, ServiceRating
from clinic_app.domain.handovers import HandoverEvent
from clinic_app.domain.interventions import Intervention
from clinic_app.domain.issued import IssuedReport
from clinic_app.domain.learning_key import LearningKey
from clinic_app.domain.local_head import HeadEvent, LocalHead
from clinic_app.domain.merges import MergeEvent
from clinic_app.domain.notes import Note
from clinic_app.domain.operations import (
    EntityKind,
    Operation,
    Stamp,
    encode_fields,
)
from clinic_app.domain.people import ClinicProfile, Patient, StaffUser
from clinic_app.domain.record_codec import from_plain
from clinic_app.domain.reviews import ReviewEvent
from clinic_app.domain.safety import SafetyEvent
from clinic_app.domain.schedule import Absence, Availability
from clinic_app.domain.screening import Screening
from clinic_app.domain.tasks import Task
from clinic_app.domain.versions import TEXTS, Folded, change_of, fold_changes


@dataclass(frozen=True, slots=True)
class Screen:
    """How one kind of record is shown.

    ``columns`` takes the searchable columns from a record. ``merges`` tells records that change
    field by field from events that are only ever added; ``is_final`` says whether fields freeze it.
    ``stamped`` events keep their stamp, in whose order ``project`` folds them into another row;
    ``project`` tells whose place on the worklist may have moved.
    """

    table: Table
    record: type[Any]
    columns: Callable[[Any], dict[str, Any]]
    merges: bool = False
    is_final: Callable[[Mapping[str, Any]], bool] = lambda fields: False
    stamped: bool = False
    project: project.Projection | None = None


NO_HEAD = UUID(int=0)
"""Stands in the table for going back to no local head."""


def _story(table: Table, record: type[Any], subject: str, fold: project.Projection) -> Screen:
    """Events of one record each, named by the field ``subject``."""
    return Screen(
        table,
        record,
        lambda event: {"subject_id": getattr(event, subject)},
        stamped=True,
        project=fold,
    )


SCREENS: Mapping[EntityKind, Screen] = {
    EntityKind.CLINIC: Screen(tables.clinic, ClinicProfile, lambda record: {}, merges=True),
    EntityKind.USER: Screen(
        tables.staff_user,
        StaffUser,
        lambda record: {"user_name": slot_name(record.user_name)},
        merges=True,
    ),
    EntityKind.PATIENT: Screen(tables.patient, Patient, search_columns, merges=True),
    EntityKind.CONSENT: Screen(tables.consent, ConsentEvent, consent_columns),
    EntityKind.SCREENING: Screen(
        tables.screening, Screening, screening_columns, project=project.screening
    ),
    EntityKind.SAFETY: Screen(
        tables.safety_event,
        SafetyEvent,
        lambda record: {"flow_id": record.flow_id, "at": record.at},
        project=project.safety,
    ),
    EntityKind.NOTE: Screen(
        tables.note,
        Note,
        note_columns,
        merges=True,
        is_final=lambda fields: fields.get("signed_at") is not None,
    ),
    EntityKind.APPOINTMENT: _story(
        tables.appointment_event, AppointmentEvent, "appointment_id", project.appointment
    ),
    EntityKind.AVAILABILITY: Screen(
        tables.availability,
        Availability,
        lambda record: {"clinician_id": record.clinician_id},
        merges=True,
    ),
    EntityKind.ABSENCE: Screen(tables.absence, Absence, absence_columns, merges=True),
    EntityKind.TASK: Screen(tables.task, Task, task_columns, merges=True),
    EntityKind.INTERVENTION: Screen(tables.intervention, Intervention, intervention_columns),
    EntityKind.REVIEW: _story(tables.review_event, ReviewEvent, "review_id", project.review),
    EntityKind.HANDOVER: _story(
        tables.handover_event, HandoverEvent, "handover_id", project.handover
    ),
    EntityKind.SERVICE_RATING: Screen(tables.service_rating, ServiceRating, rating_columns),
    EntityKind.RESULT_AGREEMENT: Screen(
        tables.result_agreement, ResultAgreement, agreement_columns
    ),
    EntityKind.INCIDENT: _story(
        tables.incident_event, IncidentEvent, "incident_id", project.incident
    ),
    EntityKind.PATIENT_MERGE: _story(
        tables.patient_merge, MergeEvent, "patient_id", project.patient_merge
    ),
    EntityKind.ISSUED_REPORT: Screen(tables.issued_report, IssuedReport, issued_columns),
    EntityKind.ERASURE: _story(tables.erasure_event, ErasureEvent, "request_id", project.erasure),
    EntityKind.SETTLED: Screen(
        tables.settled, Settled, lambda record: {"record_id": record.record_id}
    ),
    EntityKind.BLANKING: Screen(
        tables.blanking, Blanking, lambda record: {"patient_id": record.patient_id}
    ),
    EntityKind.SHARED_IMAGE: Screen(
        tables.shared_image, SharedImage, lambda record: {"patient_id": record.patient_id}
    ),
    EntityKind.ADJUDICATION: Screen(
        tables.adjudication_event,
        AdjudicationEvent,
        lambda event: {"subject_id": event.screening_id},
        stamped=True,
    ),
    EntityKind.LOCAL_HEAD: Screen(
        tables.local_head, LocalHead, lambda record: {"number": record.number}
    ),
    EntityKind.HEAD_EVENT: Screen(
        tables.head_event,
        HeadEvent,
        lambda event: {"subject_id": event.head_id or NO_HEAD},
        stamped=True,
    ),
    EntityKind.LEARNING_KEY: Screen(
        tables.learning_key,
        LearningKey,
        lambda record: {"subject_id": record.id},
        stamped=True,
    ),
}


Name = tuple[EntityKind, UUID]
"""Which record: its kind and identifier."""


def append(db: Transaction, operation: Operation) -> None:
    """Put an operation at the end of its origin's log and apply it."""
    log(db, [operation])
    apply(db, [operation])


def log(db: Transaction, operations: Sequence[Operation]) -> None:
    """Put operations of one sequence at its end; the screens' rows stay as they are."""
    db.run(oplog.insert(), [log_row(one) for one in operations])
    last = operations[-1]
    newest = max(one.stamp.hlc for one in operations)
    new = insert(log_head).values(
        origin=last.origin,
        epoch=last.epoch,
        seq=last.seq,
        hlc=newest,
        hash=last.hash,
        acked=0,
        timed=0,
        wire_hash=b"",
    )
    moved = {
        "seq": last.seq,
        "hlc": func.max(log_head.c.hlc, new.excluded.hlc),
        "hash": last.hash,
    }
    db.run(new.on_conflict_do_update(index_elements=["origin", "epoch"], set_=moved))


def log_row(operation: Operation) -> dict[str, Any]:
    """An operation as a row of ``oplog``."""
    return {
        "origin": operation.origin,
        "epoch": operation.epoch,
        "seq": operation.seq,
        "hlc": operation.hlc,
        "schema_v": operation.schema_version,
        "entity": operation.entity,
        "entity_id": operation.entity_id,
        "body": operation.body,
        "hash": operation.hash,
        "recv_at": operation.received_at,
    }


def operation_of(row: Any) -> Operation:
    """The operation in a row of ``oplog``."""
    return Operation(
        row.origin,
        row.epoch,
        row.seq,
        row.hlc,
        row.schema_v,
        row.entity,
        row.entity_id,
        row.body,
        row.hash,
        row.recv_at,
    )


def counted() -> ColumnElement[bool]:
    """The condition on ``oplog`` that an operation counts: its content was not blanked, and its
    workstation was not revoked before it."""
    beyond = and_(
        peer.c.origin == oplog.c.origin,
        tuple_(oplog.c.epoch, oplog.c.seq) > tuple_(peer.c.revoked_epoch, peer.c.revoked_seq),
    )
    gone = and_(
        blanked.c.origin == oplog.c.origin,
        blanked.c.epoch == oplog.c.epoch,
        blanked.c.seq == oplog.c.seq,
    )
    return and_(
        ~select(peer.c.origin).where(beyond).exists(),
        ~select(blanked.c.origin).where(gone).exists(),
    )


def history(db: Transaction, entity_id: UUID) -> list[Operation]:
    """Every operation of a record that counts and still has its content, in stamp order."""
    rows = db.rows(select(oplog).where(oplog.c.entity_id == entity_id, counted()))
    found = [operation_of(row) for row in rows]
    return sorted((one for one in found if not one.erased), key=lambda one: one.stamp)


def folded(db: Transaction, kind: EntityKind, entity_id: UUID) -> Folded:
    """What a record's operations add up to."""
    own = [one for one in history(db, entity_id) if one.entity == kind]
    texts = TEXTS.get(kind, frozenset())
    return fold_changes(map(change_of, own), texts, SCREENS[kind].is_final)


def apply(db: Transaction, operations: Iterable[Operation]) -> int:
    """Bring the rows of these operations' records up to date; the log holds them already.

    Kinds that only a newer program knows wait in the log. Returns how many operations there were.
    """
    moved: set[UUID] = set()
    merged: dict[Name, None] = {}
    count = 0
    for operation in operations:
        count += 1
        if operation.entity not in SCREENS or operation.erased:
            continue
        kind = EntityKind(operation.entity)
        if SCREENS[kind].merges:
            merged[kind, operation.entity_id] = None
        else:
            moved |= _event(db, SCREENS[kind], operation)
        if kind is EntityKind.SETTLED:
            merged |= _settled(db, operation)
        elif kind is EntityKind.BLANKING:
            merged |= _blanked(db, operation)
    for kind, entity_id in merged:
        moved |= _merged(db, kind, entity_id)
    refresh_worklist(db, moved)
    return count


def refold(db: Transaction, names: Iterable[Name]) -> None:
    """Work these records out again, after stamps of their operations have changed."""
    moved: set[UUID] = set()
    for kind, entity_id in names:
        if kind not in SCREENS:
            continue
        if SCREENS[kind].merges:
            moved |= _merged(db, kind, entity_id)
        else:
            moved |= _event_again(db, SCREENS[kind], kind, entity_id)
    refresh_worklist(db, moved)


# --- events: added once, the earliest operation of one identifier counts ------------------------


def _event(db: Transaction, screen: Screen, operation: Operation) -> project.Touched:
    record, columns = _event_row(screen, operation)
    added = db.run(
        insert(screen.table)
        .values(id=operation.entity_id, **columns)
        .on_conflict_do_nothing(index_elements=["id"])
    )
    if added:
        return screen.project(db, record) if screen.project else set()
    return _event_again(db, screen, EntityKind(operation.entity), operation.entity_id)


def _event_row(screen: Screen, operation: Operation) -> tuple[Any, dict[str, Any]]:
    fields = change_of(operation).fields
    record = from_plain(screen.record, {**fields, "id": str(operation.entity_id)})
    columns = {**screen.columns(record), "body": operation.body}
    return record, columns | (operation.stamp._asdict() if screen.stamped else {})


def _event_again(
    db: Transaction, screen: Screen, kind: EntityKind, entity_id: UUID
) -> project.Touched:
    """Let the row follow from the earliest of several operations, as it does everywhere."""
    own = [one for one in history(db, entity_id) if one.entity == kind]
    if not own:
        return set()
    record, columns = _event_row(screen, own[0])
    table = screen.table
    row = db.row(select(*(table.c[name] for name in columns)).where(table.c.id == entity_id))
    if row is not None and row._asdict() == columns:
        return set()
    with lifted(db, table):
        db.run(delete(table).where(table.c.id == entity_id))
        db.run(insert(table).values(id=entity_id, **columns))
    return screen.project(db, record) if screen.project else set()


# --- records that are merged ----------------------------------------------------------------------


def _merged(db: Transaction, kind: EntityKind, entity_id: UUID) -> project.Touched:
    screen = SCREENS[kind]
    found = folded(db, kind, entity_id)
    _put_row(db, screen, entity_id, found)
    if kind in TEXTS:
        project.conflict(db, kind, entity_id, found)
    return {entity_id} if kind is EntityKind.PATIENT else set()


def _put_row(db: Transaction, screen: Screen, entity_id: UUID, found: Folded) -> None:
    table = screen.table
    here = table.c.id == entity_id
    row = db.row(select(table).where(here))
    if not found.fields:  # nothing is left after an erasure
        if row is not None:
            with lifted(db, table):
                db.run(delete(table).where(here))
        return
    columns = {
        "known": False,
        "body": encode_fields(found.fields),
        "stamps": _stamp_text(found.stamps),
    }
    if row is not None and (row.body, row.stamps) == (columns["body"], columns["stamps"]):
        return
    columns |= {c.name: None for c in table.c if c.name not in ("id", *columns)}
    record = _record(screen, entity_id, found.fields)
    if record is not None:
        columns |= {"known": True, **screen.columns(record)}
    put = (
        insert(table)
        .values(id=entity_id, **columns)
        .on_conflict_do_update(index_elements=["id"], set_=columns)
    )
    if row is not None and "signed_at" in table.c and row.signed_at is not None:
        with lifted(db, table):  # a signature that was made earlier holds
            db.run(put)
    else:
        db.run(put)


def _record(screen: Screen, entity_id: UUID, fields: Mapping[str, Any]) -> Any:
    """The record, or ``None`` while fields of its first operation are missing."""
    try:
        return from_plain(screen.record, {**fields, "id": str(entity_id)})
    except ValueError:
        return None


def _stamp_text(stamps: Mapping[str, Stamp]) -> str:
    """Stamps grouped by operation: most records have one or two."""
    groups: dict[Stamp, list[str]] = {}
    for name, stamp in stamps.items():
        groups.setdefault(stamp, []).append(name)
    return json.dumps(
        [[*stamp, sorted(names)] for stamp, names in sorted(groups.items())],
        separators=(",", ":"),
    )


# --- what changes other records -------------------------------------------------------------------


def _settled(db: Transaction, operation: Operation) -> dict[Name, None]:
    """The record whose conflict a person has settled."""
    record_id = UUID(change_of(operation).fields["record_id"])
    kinds = {one.entity for one in history(db, record_id)} & TEXTS.keys()
    return {(EntityKind(kind), record_id): None for kind in sorted(kinds)}


def _blanked(db: Transaction, operation: Operation) -> dict[Name, None]:
    """Take the named operations out of what counts; the records that may change by it."""
    found: dict[Name, None] = {}
    for origin, epoch, seq in change_of(operation).fields["operations"]:
        key = {"origin": origin or operation.origin, "epoch": epoch, "seq": seq}
        db.run(insert(blanked).values(key).on_conflict_do_nothing())
        named = select(oplog.c.entity, oplog.c.entity_id).filter_by(**key)
        found |= {(EntityKind(row.entity), row.entity_id): None for row in db.rows(named)}
    return {name: None for name in found if SCREENS[name[0]].merges}
