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
    Index("ix_note_patient", "patient_id", "written_at"),
)

SCREEN_TABLES = (
    clinic,
    staff_user,
    patient,
    consent,
    screening,
    safety_event,
    safety_flow,
    note,
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


for _table in (consent, screening, safety_event, audit):
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
