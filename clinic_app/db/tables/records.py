"""Merged patients, issued reports, erasures, and the worklist that follows from all."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, SmallInteger, String, Table

from clinic_app.db.columns import Moment
from clinic_app.db.tables.base import events, key, metadata, ref

patient_merge = events("patient_merge")

patient_alias = Table(
    "patient_alias",
    metadata,
    key("patient_id"),
    ref("into_id"),
    ref("survivor_id"),
    Index("ix_patient_alias_survivor", "survivor_id"),
)

issued_report = Table(
    "issued_report",
    metadata,
    key(),
    ref("patient_id", nullable=True),
    Column("data_sha256", String(64), nullable=False),
    Column("issued_at", Moment, nullable=False),
    ref("issued_by"),
    Column("body", LargeBinary, nullable=False),
    Index("ix_issued_report_hash", "data_sha256"),
    Index("ix_issued_report_by", "issued_by", "patient_id"),
    Index("ix_issued_report_patient", "patient_id", "issued_at"),
)

erasure_event = events("erasure_event")

erasure = Table(
    "erasure",
    metadata,
    key(),
    ref("patient_id"),
    Column("state", String(10), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Index("ix_erasure_asked", "asked_at"),
    Index("ix_erasure_patient", "patient_id", "asked_at"),
)

worklist = Table(
    "worklist",
    metadata,
    key("patient_id"),
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
    Column("gad7_at", Moment),
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
