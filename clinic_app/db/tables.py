"""The tables. The log comes first: every screen table is a fold of it and can be rebuilt.

``body`` holds a record's fields as canonical JSON; the other columns of a screen table are taken
from it, to be searched and sorted by. ``known`` is 0 while a record's first operation is missing.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    event,
    text,
)

from clinic_app.db.columns import Identifier, Moment

metadata = MetaData()


def _id(name: str = "id") -> Column[Any]:
    return Column(name, Identifier, primary_key=True, nullable=False)


def _ref(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Identifier, nullable=nullable)


def _merged() -> tuple[Column[Any], ...]:
    """Columns of a record that is folded field by field."""
    return (
        Column("known", Boolean, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("stamps", Text, nullable=False),
    )


meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True, nullable=False),
    Column("value", Text, nullable=False),
)

# --- the log ------------------------------------------------------------------------------------

oplog = Table(
    "oplog",
    metadata,
    Column("origin", SmallInteger, primary_key=True, nullable=False),
    Column("epoch", BigInteger, primary_key=True, nullable=False),
    Column("seq", Integer, primary_key=True, nullable=False),
    Column("hlc", BigInteger, nullable=False),
    Column("schema_v", SmallInteger, nullable=False),
    Column("entity", SmallInteger, nullable=False),
    _ref("entity_id"),
    Column("body", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("sig", LargeBinary(64)),
    Column("recv_at", Moment),
)

log_head = Table(
    "log_head",
    metadata,
    Column("origin", SmallInteger, primary_key=True, nullable=False),
    Column("epoch", BigInteger, primary_key=True, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hlc", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("acked", Integer, nullable=False),
)

# --- screens ------------------------------------------------------------------------------------

clinic = Table("clinic", metadata, _id(), *_merged())

staff_user = Table(
    "staff_user",
    metadata,
    _id(),
    *_merged(),
    Column("user_name", Text),
    Index("ix_staff_user_name", "user_name"),
)

patient = Table(
    "patient",
    metadata,
    _id(),
    *_merged(),
    Column("search_text", Text),
    Column("family_key", Text),
    Column("given_key", Text),
    Column("birth_date", Date),
    Column("registered_at", Moment),
    Index("ix_patient_search", "search_text"),
    Index("ix_patient_family", "family_key", "birth_date"),
    Index("ix_patient_birth", "birth_date"),
    Index("ix_patient_registered", "registered_at"),
)

consent = Table(
    "consent",
    metadata,
    _id(),
    _ref("patient_id"),
    Column("recorded_at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_consent_patient", "patient_id", "recorded_at"),
)

screening = Table(
    "screening",
    metadata,
    _id(),
    _ref("patient_id"),
    Column("finished_at", Moment, nullable=False),
    Column("phq9_total", SmallInteger),
    Column("gad7_total", SmallInteger),
    Column("band", SmallInteger),
    Column("item_nine", SmallInteger),
    Column("depression_rank", SmallInteger),
    Column("anxiety_rank", SmallInteger),
    Column("flagged", Boolean),
    Column("assessed", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_screening_patient", "patient_id", "finished_at"),
    Index("ix_screening_finished", "finished_at"),
)

safety_event = Table(
    "safety_event",
    metadata,
    _id(),
    _ref("flow_id"),
    Column("at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_safety_event_flow", "flow_id", "at"),
)

safety_flow = Table(
    "safety_flow",
    metadata,
    _id("flow_id"),
    _ref("patient_id"),
    _ref("screening_id"),
    Column("opened_at", Moment),
    Column("closed", Boolean, nullable=False),
    Index("ix_safety_flow_patient", "patient_id", "opened_at"),
    Index("ix_safety_flow_screening", "screening_id"),
    Index("ix_safety_flow_unfinished", "opened_at", sqlite_where=text("closed = 0")),
)

note = Table(
    "note",
    metadata,
    _id(),
    *_merged(),
    _ref("patient_id", nullable=True),
    Column("written_at", Moment),
    Column("signed_at", Moment),
    Column("author", Identifier),
    Column("discarded", Boolean),
    Index("ix_note_patient", "patient_id", "written_at"),
    Index(
        "ix_note_unsigned",
        "author",
        "written_at",
        sqlite_where=text("signed_at IS NULL AND discarded = 0"),
    ),
)


def _events(name: str) -> Table:
    """Events of records that are folded in stamp order; ``subject_id`` is the record."""
    return Table(
        name,
        metadata,
        _id(),
        _ref("subject_id"),
        *_stamp(),
        Column("body", LargeBinary, nullable=False),
        Index(f"ix_{name}_subject", "subject_id", "hlc", "origin", "epoch", "seq"),
    )


def _stamp() -> tuple[Column[Any], ...]:
    return (
        Column("hlc", BigInteger, nullable=False),
        Column("origin", SmallInteger, nullable=False),
        Column("epoch", BigInteger, nullable=False),
        Column("seq", Integer, nullable=False),
    )


appointment_event = _events("appointment_event")

appointment = Table(
    "appointment",
    metadata,
    _id(),
    _ref("patient_id"),
    _ref("clinician_id", nullable=True),
    Column("state", String(12), nullable=False),
    Column("start_at", Moment),
    Column("end_at", Moment),
    Column("requested_at", Moment, nullable=False),
    Column("wait_list", Boolean, nullable=False),
    _ref("series_id", nullable=True),
    Index("ix_appointment_start", "start_at", "end_at"),
    Index("ix_appointment_clinician", "clinician_id", "start_at", "end_at"),
    Index("ix_appointment_patient", "patient_id", "start_at", "end_at"),
    Index("ix_appointment_state", "state", "start_at"),
    Index(
        "ix_appointment_requested",
        "requested_at",
        "id",
        sqlite_where=text("state = 'requested'"),
    ),
    Index("ix_appointment_series", "series_id", sqlite_where=text("series_id IS NOT NULL")),
)

availability = Table(
    "availability",
    metadata,
    _id(),
    *_merged(),
    _ref("clinician_id", nullable=True),
    Index("ix_availability_clinician", "clinician_id"),
)

absence = Table(
    "absence",
    metadata,
    _id(),
    *_merged(),
    _ref("clinician_id", nullable=True),
    Column("start_at", Moment),
    Column("end_at", Moment),
    Column("cancelled", Boolean),
    Index("ix_absence_clinician", "clinician_id", "end_at"),
)

task = Table(
    "task",
    metadata,
    _id(),
    *_merged(),
    _ref("owner", nullable=True),
    _ref("patient_id", nullable=True),
    Column("due_on", Date),
    Column("open", Boolean),
    Index("ix_task_open", "due_on", "id", sqlite_where=text("open = 1")),
    Index("ix_task_owner", "owner", "due_on", "id", sqlite_where=text("open = 1")),
    Index("ix_task_patient", "patient_id", "due_on"),
)

intervention = Table(
    "intervention",
    metadata,
    _id(),
    _ref("patient_id"),
    Column("performed_on", Date, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_intervention_patient", "patient_id", "performed_on"),
)

review_event = _events("review_event")

review = Table(
    "review",
    metadata,
    _id(),
    _ref("patient_id"),
    _ref("screening_id"),
    _ref("reviewer"),
    Column("judged_at", Moment, nullable=False),
    Column("concluded", Boolean, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("verdict", String(12)),
    Column("own_severity", String(12), nullable=False),
    Column("estimate_band", SmallInteger),
    Index("ix_review_screening", "screening_id", "concluded"),
    Index("ix_review_patient", "patient_id", "judged_at"),
    Index("ix_review_unfinished", "reviewer", "judged_at", sqlite_where=text("concluded = 0")),
    Index(
        "ix_review_agreement",
        "model_version",
        "verdict",
        "own_severity",
        "estimate_band",
        sqlite_where=text("concluded = 1"),
    ),
)

handover_event = _events("handover_event")

handover = Table(
    "handover",
    metadata,
    _id(),
    _ref("from_user"),
    _ref("to_user", nullable=True),
    Column("given_at", Moment, nullable=False),
    Column("open", Boolean, nullable=False),
    Index("ix_handover_open", "to_user", "given_at", sqlite_where=text("open = 1")),
    Index("ix_handover_given", "given_at"),
)

service_rating = Table(
    "service_rating",
    metadata,
    _id(),
    _ref("clinic_id"),
    Column("month", String(7), nullable=False),
    Column("rating", SmallInteger, nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("has_text", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_service_rating_month", "clinic_id", "month", "rating"),
    Index("ix_service_rating_given", "given_at"),
)

result_agreement = Table(
    "result_agreement",
    metadata,
    _id(),
    _ref("clinic_id"),
    _ref("screening_id"),
    Column("month", String(7), nullable=False),
    Column("agreement", String(8), nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_result_agreement_month", "clinic_id", "month", "agreement"),
    Index("ix_result_agreement_given", "given_at"),
    Index("ix_result_agreement_screening", "screening_id"),
)

incident_event = _events("incident_event")

incident = Table(
    "incident",
    metadata,
    _id(),
    _ref("clinic_id"),
    Column("month", String(7), nullable=False),
    Column("category", String(20), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Index("ix_incident_month", "clinic_id", "month", "category", "open"),
    Index("ix_incident_opened", "opened_at"),
    Index("ix_incident_open", "opened_at", sqlite_where=text("open = 1")),
)

patient_merge = _events("patient_merge")

patient_alias = Table(
    "patient_alias",
    metadata,
    _id("patient_id"),
    _ref("into_id"),
    _ref("survivor_id"),
    Index("ix_patient_alias_survivor", "survivor_id"),
)

issued_report = Table(
    "issued_report",
    metadata,
    _id(),
    _ref("patient_id", nullable=True),
    Column("data_sha256", String(64), nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_issued_report_hash", "data_sha256"),
    Index("ix_issued_report_patient", "patient_id", "issued_at"),
)

erasure_event = _events("erasure_event")

erasure = Table(
    "erasure",
    metadata,
    _id(),
    _ref("patient_id"),
    Column("state", String(10), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Index("ix_erasure_asked", "asked_at"),
    Index("ix_erasure_patient", "patient_id", "asked_at"),
)

worklist = Table(
    "worklist",
    metadata,
    _id("patient_id"),
    Column("place", SmallInteger, nullable=False),
    Column("waiting_since", Moment, nullable=False),
    Column("assessed", Boolean, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("unreviewed", Integer, nullable=False),
    Column("rank", SmallInteger),
    Column("safety_opened_at", Moment),
    Column("last_screened_at", Moment),
    Column("phq9_at", Moment),
    Column("phq9_total", SmallInteger),
    Column("item_nine", SmallInteger),
    Column("depression_rank", SmallInteger),
    Column("gad7_total", SmallInteger),
    Column("anxiety_rank", SmallInteger),
    Column("requested_since", Moment),
    Index(
        "ix_worklist_order",
        "place",
        "waiting_since",
        "patient_id",
        "flagged",
        "unreviewed",
        "rank",
    ),
)

APPEND_ONLY = (
    consent,
    screening,
    safety_event,
    appointment_event,
    intervention,
    review_event,
    handover_event,
    service_rating,
    result_agreement,
    incident_event,
    patient_merge,
    issued_report,
    erasure_event,
)
"""Rows that never change and are never deleted."""

DERIVED = (
    safety_flow,
    appointment,
    review,
    handover,
    incident,
    patient_alias,
    erasure,
    worklist,
)
"""Folded from other rows, never written by an operation itself."""

SCREEN_TABLES = (
    clinic,
    staff_user,
    patient,
    note,
    availability,
    absence,
    task,
    *APPEND_ONLY,
    *DERIVED,
)
"""Every table that the log alone determines."""

# --- on this workstation only -------------------------------------------------------------------

draft = Table(
    "draft",
    metadata,
    _id(),
    _ref("patient_id"),
    Column("changed_at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_draft_patient", "patient_id"),
)

image = Table(
    "image",
    metadata,
    _id(),
    Column("kept", Boolean, nullable=False),
    Column("face_png", LargeBinary, nullable=False),
    Column("normalised_png", LargeBinary, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(40), nullable=False),
    _ref("by", nullable=True),
    Column("subject", String(40), nullable=False),
    _ref("subject_id", nullable=True),
    Column("detail", Text, nullable=False),
    Column("mac", String(64), nullable=False),
    Index("ix_audit_by", "by", "number"),
    Index("ix_audit_kind", "kind", "number"),
    Index("ix_audit_subject", "subject_id", "number"),
)

# --- a second wall behind the repositories ------------------------------------------------------


def _refuse(table: Table, action: str, sentence: str, when: str = "") -> None:
    condition = f" WHEN {when}" if when else ""
    sql = (
        f"CREATE TRIGGER {table.name}_no_{action.lower()} BEFORE {action} ON {table.name}"
        f"{condition} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
    )

    def create(_target: Table, connection: Connection, **_options: Any) -> None:
        connection.exec_driver_sql(sql)

    event.listen(table, "after_create", create)


for _table in (*APPEND_ONLY, audit):
    _refuse(_table, "UPDATE", f"{_table.name} rows never change")
    _refuse(_table, "DELETE", f"{_table.name} rows are never deleted")

_refuse(oplog, "DELETE", "operations are never deleted")
# A number from the centre, a signature and a receive time may be filled in, each once.
_refuse(
    oplog,
    "UPDATE",
    "operations never change",
    "NEW.epoch IS NOT OLD.epoch OR NEW.seq IS NOT OLD.seq OR NEW.hlc IS NOT OLD.hlc"
    " OR NEW.schema_v IS NOT OLD.schema_v OR NEW.entity IS NOT OLD.entity"
    " OR NEW.entity_id IS NOT OLD.entity_id OR NEW.body IS NOT OLD.body"
    " OR NEW.hash IS NOT OLD.hash"
    " OR (OLD.origin <> 0 AND NEW.origin IS NOT OLD.origin)"
    " OR (OLD.sig IS NOT NULL AND NEW.sig IS NOT OLD.sig)"
    " OR (OLD.recv_at IS NOT NULL AND NEW.recv_at IS NOT OLD.recv_at)",
)
_refuse(note, "UPDATE", "signed notes never change", "OLD.signed_at IS NOT NULL")
_refuse(note, "DELETE", "signed notes are never deleted", "OLD.signed_at IS NOT NULL")
