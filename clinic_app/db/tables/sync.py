"""What sync keeps: the joined centre, the other workstations, conflicts, blobs on their way."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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
from clinic_app.db.tables.base import key, metadata, ref, stamp

sync_state = Table(
    "sync_state",
    metadata,
    Column("name", String(40), primary_key=True, nullable=False),
    Column("value", Text, nullable=False),
)

peer = Table(
    "peer",
    metadata,
    Column("origin", SmallInteger, primary_key=True, nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary(32), nullable=False),
    Column("revoked_epoch", BigInteger),
    Column("revoked_seq", Integer),
)

open_conflict = Table(
    "open_conflict",
    metadata,
    key(),
    Column("entity", SmallInteger, nullable=False),
    Column("kind", String(16), nullable=False),
)

settled = Table(
    "settled",
    metadata,
    key(),
    ref("record_id"),
    Column("body", LargeBinary, nullable=False),
    Index("ix_settled_record", "record_id"),
)

blanking = Table(
    "blanking",
    metadata,
    key(),
    ref("patient_id"),
    Column("body", LargeBinary, nullable=False),
)

blanked = Table(
    "blanked",
    metadata,
    Column("origin", SmallInteger, primary_key=True, nullable=False),
    Column("epoch", BigInteger, primary_key=True, nullable=False),
    Column("seq", Integer, primary_key=True, nullable=False),
)

shared_image = Table(
    "shared_image",
    metadata,
    key(),
    ref("patient_id"),
    Column("body", LargeBinary, nullable=False),
    Index("ix_shared_image_patient", "patient_id"),
)

audit_head = Table(
    "audit_head",
    metadata,
    key(),
    Column("workstation", Integer, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("mac", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("before", BigInteger, nullable=False),
    Column("before_mac", String(64), nullable=False),
    *stamp(),
    Column("body", LargeBinary, nullable=False),
    Index("ix_audit_head_told", "workstation", "hlc", "epoch", "seq"),
)

blob_part = Table(
    "blob_part",
    metadata,
    Column("sha256", LargeBinary(32), primary_key=True, nullable=False),
    Column("part", Integer, primary_key=True, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
