"""Ratings of the service, answers about results, incidents."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, LargeBinary, SmallInteger, String, Table, text

from clinic_app.db.columns import Moment
from clinic_app.db.tables.base import events, key, metadata, ref

service_rating = Table(
    "service_rating",
    metadata,
    key(),
    ref("clinic_id"),
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
    key(),
    ref("clinic_id"),
    ref("screening_id"),
    Column("month", String(7), nullable=False),
    Column("agreement", String(8), nullable=False),
    Column("given_at", Moment, nullable=False),
    ref("entered_by"),
    Column("body", LargeBinary, nullable=False),
    Index("ix_result_agreement_entered", "entered_by"),
    Index("ix_result_agreement_month", "clinic_id", "month", "agreement"),
    Index("ix_result_agreement_given", "given_at"),
    Index("ix_result_agreement_screening", "screening_id"),
)

incident_event = events("incident_event")

incident = Table(
    "incident",
    metadata,
    key(),
    ref("clinic_id"),
    Column("month", String(7), nullable=False),
    Column("category", String(20), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Index("ix_incident_month", "clinic_id", "month", "category", "open"),
    Index("ix_incident_opened", "opened_at"),
    Index("ix_incident_open", "opened_at", sqlite_where=text("open = 1")),
)
