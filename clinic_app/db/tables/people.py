"""Clinic, staff, patients, consent, screenings, safety steps and notes."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, LargeBinary, SmallInteger, Table, Text, text

from clinic_app.db.columns import Identifier, Moment
from clinic_app.db.tables.base import key, merged, metadata, ref

clinic = Table("clinic", metadata, key(), *merged())

staff_user = Table(
    "staff_user",
    metadata,
    key(),
    *merged(),
    Column("user_name", Text),
    Index("ix_staff_user_name", "user_name"),
)

patient = Table(
    "patient",
    metadata,
    key(),
    *merged(),
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
    key(),
    ref("patient_id"),
    Column("recorded_at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_consent_patient", "patient_id", "recorded_at"),
)

screening = Table(
    "screening",
    metadata,
    key(),
    ref("patient_id"),
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
    key(),
    ref("flow_id"),
    Column("at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_safety_event_flow", "flow_id", "at"),
)

safety_flow = Table(
    "safety_flow",
    metadata,
    key("flow_id"),
    ref("patient_id"),
    ref("screening_id"),
    Column("opened_at", Moment),
    Column("closed", Boolean, nullable=False),
    Index("ix_safety_flow_patient", "patient_id", "opened_at"),
    Index("ix_safety_flow_screening", "screening_id"),
    Index("ix_safety_flow_unfinished", "opened_at", sqlite_where=text("closed = 0")),
)

note = Table(
    "note",
    metadata,
    key(),
    *merged(),
    ref("patient_id", nullable=True),
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
