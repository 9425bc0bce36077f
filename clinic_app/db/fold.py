"""The fold: how an operation changes the screens' tables. Writing and rebuilding share it.

``append`` is the one write path: the operation goes into the log, the origin's head moves, and
``apply`` changes the screen rows, all in the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
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
from clinic_app.db.tables import log_head, oplog
from clinic_app.db.transaction import Transaction
from clinic_app.domain.appointments import AppointmentEvent
from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.erasure import ErasureEvent
from clinic_app.domain.feedback import IncidentEvent, ResultAgreement, ServiceRating
from clinic_app.domain.handovers import HandoverEvent
from clinic_app.domain.interventions import Intervention
from clinic_app.domain.issued import IssuedReport
from clinic_app.domain.merges import MergeEvent
from clinic_app.domain.notes import Note
from clinic_app.domain.operations import (
    EntityKind,
    FieldState,
    Operation,
    Stamp,
    decode_fields,
    encode_fields,
    merge,
)
from clinic_app.domain.people import ClinicProfile, Patient, StaffUser
from clinic_app.domain.record_codec import from_plain
from clinic_app.domain.reviews import ReviewEvent
from clinic_app.domain.safety import SafetyEvent
from clinic_app.domain.schedule import Absence, Availability
from clinic_app.domain.screening import Screening
from clinic_app.domain.tasks import Task


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
        tables.screening, Screening, screening_columns, project=project.own_patient
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
}


def append(db: Transaction, operation: Operation) -> None:
    """Put an operation at the end of its origin's log and apply it."""
    log(db, operation)
    apply(db, operation)


def log(db: Transaction, operation: Operation) -> None:
    """Put an operation at the end of its origin's log; the screens' rows stay as they are."""
    db.run(
        oplog.insert(),
        {
            "origin": operation.origin,
            "epoch": operation.epoch,
            "seq": operation.seq,
            "hlc": operation.hlc,
            "schema_v": operation.schema_version,
            "entity": operation.entity,
            "entity_id": operation.entity_id,
            "body": operation.body,
            "hash": operation.hash,
        },
    )
    head = {"seq": operation.seq, "hlc": operation.hlc, "hash": operation.hash}
    key = {"origin": operation.origin, "epoch": operation.epoch}
    db.run(
        insert(log_head)
        .values(**key, **head, acked=0)
        .on_conflict_do_update(index_elements=["origin", "epoch"], set_=head)
    )


def apply(db: Transaction, operation: Operation) -> None:
    """Change the screens' rows; the order in which operations are applied makes no difference."""
    refresh_worklist(db, _changed(db, operation))


def apply_all(db: Transaction, operations: Iterable[Operation]) -> int:
    """As ``apply`` for each, with the worklist worked out once at the end; returns how many."""
    moved: set[UUID] = set()
    count = 0
    for operation in operations:
        moved |= _changed(db, operation)
        count += 1
    refresh_worklist(db, moved)
    return count


def _changed(db: Transaction, operation: Operation) -> set[UUID]:
    """Apply to all rows but the worklist; the patients whose place there may have moved."""
    kind = EntityKind(operation.entity)
    screen = SCREENS[kind]
    fields = decode_fields(operation.body)
    if screen.merges:
        _merge(db, screen, operation, fields)
        return {operation.entity_id} if kind is EntityKind.PATIENT else set()
    record = from_plain(screen.record, {**fields, "id": str(operation.entity_id)})
    columns = screen.columns(record)
    if screen.stamped:
        columns |= operation.stamp._asdict()
    added = db.run(
        insert(screen.table)
        .values(id=operation.entity_id, body=operation.body, **columns)
        .on_conflict_do_nothing(index_elements=["id"])
    )
    return screen.project(db, record) if added and screen.project else set()


def _merge(db: Transaction, screen: Screen, operation: Operation, fields: dict[str, Any]) -> None:
    table = screen.table
    row = db.row(select(table.c.body, table.c.stamps).where(table.c.id == operation.entity_id))
    before = FieldState()
    if row is not None:
        before = FieldState(decode_fields(row.body), _stamps(row.stamps))
    after = merge(
        before,
        operation.stamp,
        fields,
        frozen=screen.is_final(before.fields),
        final=screen.is_final(fields),
    )
    if after is before:
        return
    columns = {
        "known": False,
        "body": encode_fields(after.fields),
        "stamps": _stamp_text(after.stamps),
    }
    record = _record(screen, operation, after.fields)
    if record is not None:
        columns |= {"known": True, **screen.columns(record)}
    db.run(
        insert(table)
        .values(id=operation.entity_id, **columns)
        .on_conflict_do_update(index_elements=["id"], set_=columns)
    )


def _record(screen: Screen, operation: Operation, fields: Mapping[str, Any]) -> Any:
    """The record, or ``None`` while fields of its first operation are missing."""
    try:
        return from_plain(screen.record, {**fields, "id": str(operation.entity_id)})
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


def _stamps(text: str) -> dict[str, Stamp]:
    return {
        name: Stamp(hlc, origin, epoch, seq)
        for hlc, origin, epoch, seq, names in json.loads(text)
        for name in names
    }
