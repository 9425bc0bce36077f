"""The fold: how an operation changes the screens' tables. Writing and rebuilding share it.

``append`` is the one write path: the operation goes into the log, the origin's head moves, and
``apply`` changes the screen rows, all in the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.sqlite import insert

from clinic_app.db.keyslots import slot_name
from clinic_app.db.search import search_columns
from clinic_app.db.tables import (
    clinic,
    consent,
    log_head,
    note,
    oplog,
    patient,
    safety_event,
    safety_flow,
    screening,
    staff_user,
)
from clinic_app.db.transaction import Transaction
from clinic_app.domain.consent import ConsentEvent
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
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.record_codec import from_plain
from clinic_app.domain.safety import SafetyEvent, SafetyEventKind
from clinic_app.domain.screening import Screening


@dataclass(frozen=True, slots=True)
class Screen:
    """How one kind of record is shown.

    ``columns`` takes the searchable columns from a record. ``merges`` tells records that change
    field by field from events that are only ever added; ``is_final`` says whether fields freeze it.
    """

    table: Table
    record: type[Any]
    columns: Callable[[Any], dict[str, Any]]
    merges: bool = False
    is_final: Callable[[Mapping[str, Any]], bool] = lambda fields: False


def _total(record: Screening, name: InstrumentName, scale: str) -> int | None:
    response = record.response(name)
    if response is None:
        return None
    score = response.score
    return score.total if score.scale == scale else None


def _screening_columns(record: Screening) -> dict[str, Any]:
    reading = record.finding.severity if record.finding else None
    return {
        "patient_id": record.patient_id,
        "finished_at": record.finished_at,
        "phq9_total": _total(record, InstrumentName.PHQ9, "PHQ-9"),
        "gad7_total": _total(record, InstrumentName.GAD7, "GAD-7"),
        "band": None if reading is None else int(reading.band),
    }


def _note_columns(record: Note) -> dict[str, Any]:
    return {
        "patient_id": record.patient_id,
        "written_at": record.written_at,
        "signed_at": record.signed_at,
    }


def _consent_columns(record: ConsentEvent) -> dict[str, Any]:
    return {"patient_id": record.patient_id, "recorded_at": record.recorded_at}


SCREENS: Mapping[EntityKind, Screen] = {
    EntityKind.CLINIC: Screen(clinic, ClinicProfile, lambda record: {}, merges=True),
    EntityKind.USER: Screen(
        staff_user,
        StaffUser,
        lambda record: {"user_name": slot_name(record.user_name)},
        merges=True,
    ),
    EntityKind.PATIENT: Screen(patient, Patient, search_columns, merges=True),
    EntityKind.CONSENT: Screen(consent, ConsentEvent, _consent_columns),
    EntityKind.SCREENING: Screen(screening, Screening, _screening_columns),
    EntityKind.SAFETY: Screen(
        safety_event,
        SafetyEvent,
        lambda record: {"flow_id": record.flow_id, "at": record.at},
    ),
    EntityKind.NOTE: Screen(
        note,
        Note,
        _note_columns,
        merges=True,
        is_final=lambda fields: fields.get("signed_at") is not None,
    ),
}


def append(db: Transaction, operation: Operation) -> None:
    """Put an operation at the end of its origin's log and apply it."""
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
    apply(db, operation)


def apply(db: Transaction, operation: Operation) -> None:
    """Change the screens' rows; the order in which operations are applied makes no difference."""
    screen = SCREENS[EntityKind(operation.entity)]
    fields = decode_fields(operation.body)
    if screen.merges:
        _merge(db, screen, operation, fields)
        return
    record = from_plain(screen.record, {**fields, "id": str(operation.entity_id)})
    added = db.run(
        insert(screen.table)
        .values(id=operation.entity_id, body=operation.body, **screen.columns(record))
        .on_conflict_do_nothing(index_elements=["id"])
    )
    if added and isinstance(record, SafetyEvent):
        _move_flow(db, record)


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


def _move_flow(db: Transaction, event: SafetyEvent) -> None:
    row = db.row(
        select(safety_flow.c.opened_at, safety_flow.c.closed).where(
            safety_flow.c.flow_id == event.flow_id
        )
    )
    opened, closed = (None, False) if row is None else (row.opened_at, row.closed)
    if event.kind is SafetyEventKind.OPENED:
        opened = event.at if opened is None else min(opened, event.at)
    closed = closed or event.kind in (SafetyEventKind.ASSESSED, SafetyEventKind.ACKNOWLEDGED)
    state = {"opened_at": opened, "closed": closed}
    db.run(
        insert(safety_flow)
        .values(
            flow_id=event.flow_id,
            patient_id=event.patient_id,
            screening_id=event.screening_id,
            **state,
        )
        .on_conflict_do_update(index_elements=["flow_id"], set_=state)
    )


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
