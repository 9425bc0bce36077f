"""The log, and what stays on this workstation: drafts, pictures, the audit trail."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
)

from clinic_app.db.columns import Moment
from clinic_app.db.tables.base import key, metadata, ref

meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True, nullable=False),
    Column("value", Text, nullable=False),
)

oplog = Table(
    "oplog",
    metadata,
    Column("origin", SmallInteger, primary_key=True, nullable=False),
    Column("epoch", BigInteger, primary_key=True, nullable=False),
    Column("seq", Integer, primary_key=True, nullable=False),
    Column("hlc", BigInteger, nullable=False),
    Column("schema_v", SmallInteger, nullable=False),
    Column("entity", SmallInteger, nullable=False),
    ref("entity_id"),
    Column("body", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("sig", LargeBinary(64)),
    Column("recv_at", Moment),
    Index("ix_oplog_entity", "entity_id"),
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
    Column("timed", Integer, nullable=False),
    Column("wire_hash", LargeBinary(32), nullable=False),
)

draft = Table(
    "draft",
    metadata,
    key(),
    ref("patient_id"),
    Column("changed_at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_draft_patient", "patient_id"),
)

form_draft = Table(
    "form_draft",
    metadata,
    key(),
    ref("user_id"),
    Column("form", String(40), nullable=False),
    ref("subject_id"),
    ref("patient_id", nullable=True),  # a form need not be about a person
    Column("changed_at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_form_draft_of", "user_id", "form", "subject_id", unique=True),
    Index("ix_form_draft_patient", "patient_id"),
)

image = Table(
    "image",
    metadata,
    key(),
    Column("kept", Boolean, nullable=False),
    Column("face_png", LargeBinary, nullable=False),
    Column("normalised_png", LargeBinary, nullable=False),
)

image_pixels = Table(
    "image_pixels",
    metadata,
    Column("digest", LargeBinary, primary_key=True, nullable=False),
    key("image_id"),
    Index("ix_image_pixels_image", "image_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(40), nullable=False),
    ref("by", nullable=True),
    Column("subject", String(40), nullable=False),
    ref("subject_id", nullable=True),
    Column("detail", Text, nullable=False),
    Column("mac", String(64), nullable=False),
    Index("ix_audit_by", "by", "number"),
    Index("ix_audit_kind", "kind", "number"),
    Index("ix_audit_subject", "subject_id", "number"),
)
