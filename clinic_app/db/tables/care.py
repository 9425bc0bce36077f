"""Appointments, tasks, interventions, reviews and handovers."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from clinic_app.db.columns import Moment
from clinic_app.db.tables.base import events, key, merged, metadata, ref

appointment_event = events("appointment_event")

appointment = Table(
    "appointment",
    metadata,
    key(),
    ref("patient_id"),
    ref("clinician_id", nullable=True),
    Column("state", String(12), nullable=False),
    Column("start_at", Moment),
    Column("end_at", Moment),
    Column("requested_at", Moment, nullable=False),
    Column("wait_list", Boolean, nullable=False),
    ref("series_id", nullable=True),
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
    key(),
    *merged(),
    ref("clinician_id", nullable=True),
    Index("ix_availability_clinician", "clinician_id"),
)

absence = Table(
    "absence",
    metadata,
    key(),
    *merged(),
    ref("clinician_id", nullable=True),
    Column("start_at", Moment),
    Column("end_at", Moment),
    Column("cancelled", Boolean),
    Index("ix_absence_clinician", "clinician_id", "end_at"),
)

task = Table(
    "task",
    metadata,
    key(),
    *merged(),
    ref("owner", nullable=True),
    ref("patient_id", nullable=True),
    Column("due_on", Date),
    Column("open", Boolean),
    Index("ix_task_open", "due_on", "id", sqlite_where=text("open = 1")),
    Index("ix_task_owner", "owner", "due_on", "id", sqlite_where=text("open = 1")),
    Index("ix_task_patient", "patient_id", "due_on"),
)

intervention = Table(
    "intervention",
    metadata,
    key(),
    ref("patient_id"),
    Column("performed_on", Date, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_intervention_patient", "patient_id", "performed_on"),
)

review_event = events("review_event")

review = Table(
    "review",
    metadata,
    key(),
    ref("patient_id"),
    ref("screening_id"),
    ref("reviewer"),
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

handover_event = events("handover_event")

handover = Table(
    "handover",
    metadata,
    key(),
    ref("from_user"),
    ref("to_user", nullable=True),
    Column("given_at", Moment, nullable=False),
    Column("open", Boolean, nullable=False),
    Index("ix_handover_open", "to_user", "given_at", sqlite_where=text("open = 1")),
    Index("ix_handover_given", "given_at"),
)
