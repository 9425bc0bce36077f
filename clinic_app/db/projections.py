"""Rows that are folded from events: each is worked out again whenever one of its events arrives.

A projection reads all events of its record in stamp order, so the order of arrival makes no
difference. It answers with the patients whose place on the worklist may have moved.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Executable, Select, Table, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from clinic_app.db import tables
from clinic_app.db.columns import IDS, among, listed
from clinic_app.db.transaction import Transaction
from clinic_app.db.unreadable import UNREADABLE
from clinic_app.domain.appointments import AppointmentEvent, fold_appointment
from clinic_app.domain.convergence import Settled
from clinic_app.domain.erasure import ErasureEvent, fold_erasure
from clinic_app.domain.face_case import face_case, pack_shares
from clinic_app.domain.feedback import IncidentEvent, fold_incident
from clinic_app.domain.handovers import HandoverEvent, fold_handover
from clinic_app.domain.merges import MergeEvent, merged_into, survivor
from clinic_app.domain.operations import EntityKind, decode_fields
from clinic_app.domain.record_codec import from_plain
from clinic_app.domain.reviews import ReviewEvent, fold_review
from clinic_app.domain.safety import SafetyEvent, SafetyEventKind, is_closed
from clinic_app.domain.screening import Screening
from clinic_app.domain.versions import Folded
from clinic_app.services.sync_data import ConflictKind

Event = TypeVar("Event")
Touched = set[UUID]
Projection = Callable[[Transaction, Any], Touched]


def in_stamp_order(table: Table) -> Select[Any]:
    """The events of a table as its records are folded."""
    c = table.c
    return select(c.id, c.body, c.subject_id).order_by(
        c.subject_id, c.hlc, c.origin, c.epoch, c.seq
    )


def _events(db: Transaction, table: Table, kind: type[Event], subject_id: UUID) -> list[Event]:
    rows = db.rows(_of_subject(table), {"subject": subject_id})
    return [_event(kind, row) for row in rows]


def _event(kind: type[Event], row: Any) -> Event:
    return from_plain(kind, {**decode_fields(row.body), "id": str(row.id)})


@functools.cache
def _of_subject(table: Table) -> Select[Any]:
    """Made once: a first load works out hundreds of thousands of rows."""
    return in_stamp_order(table).where(table.c.subject_id == bindparam("subject"))


def _put(
    db: Transaction, table: Table, key: UUID, columns: dict[str, Any], named: str = "id"
) -> None:
    db.run(_upsert(table, named, tuple(columns)), {named: key, **columns})


@functools.cache
def _upsert(table: Table, named: str, names: tuple[str, ...]) -> Executable:
    new = insert(table)
    changed = {name: new.excluded[name] for name in names}
    return new.on_conflict_do_update(index_elements=[named], set_=changed)


def appointment(db: Transaction, event: AppointmentEvent) -> Touched:
    events = _events(db, tables.appointment_event, AppointmentEvent, event.appointment_id)
    found = fold_appointment(events)
    if found is not None:
        slot = found.slot
        columns = {
            "patient_id": found.patient_id,
            "clinician_id": slot.clinician_id if slot else None,
            "state": found.state.value,
            "start_at": slot.start if slot else None,
            "end_at": slot.end if slot else None,
            "requested_at": found.requested_at,
            "wait_list": found.wait_list,
            "series_id": found.series_id,
        }
        _put(db, tables.appointment, found.id, columns)
    return {one.patient_id for one in events}


def review(db: Transaction, event: ReviewEvent) -> Touched:
    events = _events(db, tables.review_event, ReviewEvent, event.review_id)
    found = fold_review(events)
    if found is not None:
        columns = {
            "patient_id": found.patient_id,
            "screening_id": found.screening_id,
            "reviewer": found.reviewer,
            "judged_at": found.judged_at,
            "concluded": found.concluded,
            "model_version": found.model_version,
            "verdict": found.verdict.value if found.verdict else None,
            "own_severity": found.own_severity.value,
            "estimate_band": None if found.estimate_band is None else int(found.estimate_band),
        }
        _put(db, tables.review, found.id, columns)
    c = tables.screening.c
    reviewed = {one.screening_id for one in events}
    owners = db.rows(select(c.patient_id).where(among(c.id, reviewed)))
    return {row.patient_id for row in owners}


def handover(db: Transaction, event: HandoverEvent) -> Touched:
    found = fold_handover(_events(db, tables.handover_event, HandoverEvent, event.handover_id))
    if found is not None:
        columns = {
            "from_user": found.from_user,
            "to_user": found.to_user,
            "given_at": found.given_at,
            "open": found.open,
        }
        _put(db, tables.handover, found.id, columns)
    return set()


def incident(db: Transaction, event: IncidentEvent) -> Touched:
    found = fold_incident(_events(db, tables.incident_event, IncidentEvent, event.incident_id))
    if found is not None:
        columns = {
            "clinic_id": found.clinic_id,
            "month": found.opened_on.isoformat()[:7],
            "category": found.category.value,
            "open": found.open,
            "opened_at": found.opened_at,
        }
        _put(db, tables.incident, found.id, columns)
    return set()


def erasure(db: Transaction, event: ErasureEvent) -> Touched:
    found = fold_erasure(_events(db, tables.erasure_event, ErasureEvent, event.request_id))
    if found is not None:
        columns = {
            "patient_id": found.patient_id,
            "state": found.state.value,
            "asked_at": found.asked_at,
        }
        _put(db, tables.erasure, found.id, columns)
    return set()


def safety(db: Transaction, event: SafetyEvent) -> Touched:
    rows = db.rows(_FLOW_EVENTS, {"flow": event.flow_id})
    events = [_event(SafetyEvent, row) for row in rows]
    opened = [one.at for one in events if one.kind is SafetyEventKind.OPENED]
    first = min(events, key=lambda one: (one.at, one.id))
    columns = {
        "patient_id": first.patient_id,
        "screening_id": first.screening_id,
        "opened_at": min(opened, default=None),
        "closed": is_closed(events),
    }
    _put(db, tables.safety_flow, event.flow_id, columns, named="flow_id")
    return {one.patient_id for one in events}


_FLOW_EVENTS = select(tables.safety_event.c.id, tables.safety_event.c.body).where(
    tables.safety_event.c.flow_id == bindparam("flow")
)


def patient_merge(db: Transaction, event: MergeEvent) -> Touched:
    """All merges again, few as they are: whether one closes a circle depends on the others."""
    alias = tables.patient_alias
    c = tables.patient_merge.c
    rows = db.rows(select(c.id, c.body).order_by(c.hlc, c.origin, c.epoch, c.seq))
    state = merged_into(
        from_plain(MergeEvent, {**decode_fields(row.body), "id": str(row.id)}) for row in rows
    )
    after = {merged: (into, survivor(state, into)) for merged, into in state.items()}
    before = {row.patient_id: (row.into_id, row.survivor_id) for row in db.rows(select(alias))}
    touched: Touched = {event.patient_id, event.into}
    for merged in before.keys() | after.keys():
        if before.get(merged) == after.get(merged):
            continue
        db.run(alias.delete().where(alias.c.patient_id == merged))
        if merged in after:
            into, last = after[merged]
            db.run(alias.insert(), {"patient_id": merged, "into_id": into, "survivor_id": last})
        touched |= {merged, *before.get(merged, ()), *after.get(merged, ())}
    return touched


def conflicts(db: Transaction, kind: EntityKind, records: Mapping[UUID, Folded]) -> None:
    """Which of these records have rival words that wait for a person."""
    table = tables.open_conflict
    waiting = {record_id for record_id, found in records.items() if found.rivals}
    waiting -= {record_id for record_id in waiting if _settled(db, record_id, records[record_id])}
    open_ones = db.rows(_OPEN_CONFLICTS, {"ids": listed(records)})
    for row in open_ones:
        if row.id not in waiting:
            db.run(table.delete().where(table.c.id == row.id))
    for record_id in sorted(waiting):
        columns = {"entity": kind, "kind": _conflict_kind(records[record_id]).value}
        _put(db, table, record_id, columns)


_OPEN_CONFLICTS = select(tables.open_conflict.c.id).where(among(tables.open_conflict.c.id, IDS))


def _settled(db: Transaction, record_id: UUID, found: Folded) -> bool:
    """A person has let exactly these versions stand, or more."""
    c = tables.settled.c
    present = {one.name.text for one in found.leaves}
    rows = db.rows(select(c.id, c.body).where(c.record_id == record_id))
    return any(present <= set(_event(Settled, row).versions) for row in rows)


def _conflict_kind(found: Folded) -> ConflictKind:
    if any(rival.fields.get("signed_at") is not None for rival in found.rivals):
        return ConflictKind.DOUBLE_SIGNED
    if not found.final and found.fields.get("discarded_at") is not None:
        return ConflictKind.DELETED_EDITED
    return ConflictKind.TEXT


def screening(db: Transaction, record: Screening) -> Touched:
    """Beside its place on the worklist: what learning keeps of the picture."""
    columns = _case_columns(record)
    if columns is not None:
        _put(db, tables.face_case, record.id, columns)
    return {record.patient_id}


def _case_columns(record: Screening) -> dict[str, Any] | None:
    """None without a picture that was read, and for numbers that no honest program writes."""
    try:
        case = face_case(record)
        return (
            None
            if case is None
            else {
                "patient_id": case.patient_id,
                "taken_by": case.taken_by,
                "judged_by": case.judged_by,
                "finished_at": case.finished_at,
                "base": case.base,
                "accepted": case.accepted,
                "usable": case.usable,
                "band": None if case.band is None else int(case.band),
                "shares": pack_shares(case.shares),
                "local_shares": pack_shares(case.local_shares),
                "phq9_total": case.phq9_total,
                "source_sha256": record.finding.source_sha256 if record.finding else "",
                "embedding": case.embedding,
            }
        )
    except UNREADABLE:
        return None


_ALIAS = tables.patient_alias.c
_SURVIVOR = select(_ALIAS.survivor_id).where(_ALIAS.patient_id == bindparam("patient"))
_MERGED = (
    select(_ALIAS.patient_id)
    .where(_ALIAS.survivor_id == bindparam("person"))
    .order_by(_ALIAS.patient_id)
)
_SURVIVORS = select(_ALIAS.patient_id, _ALIAS.survivor_id).where(among(_ALIAS.patient_id, IDS))
_ALL_MERGED = (
    select(_ALIAS.patient_id, _ALIAS.survivor_id)
    .where(among(_ALIAS.survivor_id, IDS))
    .order_by(_ALIAS.patient_id)
)


def identities(db: Transaction, patient_id: UUID) -> tuple[UUID, ...]:
    """Every record of this person: the surviving one first, then those merged into it."""
    last = db.scalar(_SURVIVOR, {"patient": patient_id})
    person: UUID = patient_id if last is None else last
    merged = db.rows(_MERGED, {"person": person})
    return (person, *(row.patient_id for row in merged))


def people(db: Transaction, patient_ids: Collection[UUID]) -> set[tuple[UUID, ...]]:
    """The persons to whom these records belong, each with all records."""
    rows = db.rows(_SURVIVORS, {"ids": listed(patient_ids)})
    last = {row.patient_id: row.survivor_id for row in rows}
    persons = {last.get(patient_id, patient_id) for patient_id in patient_ids}
    merged: dict[UUID, list[UUID]] = {person: [] for person in persons}
    for row in db.rows(_ALL_MERGED, {"ids": listed(persons)}):
        merged[row.survivor_id].append(row.patient_id)
    return {(person, *others) for person, others in merged.items()}
