"""Learning from the clinic: what doctors read in pictures, heads fitted here, and the cases."""

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
from clinic_app.db.tables.base import events, key, metadata, ref

adjudication_event = events("adjudication_event")

local_head = Table(
    "local_head",
    metadata,
    key(),
    Column("number", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

head_event = events("head_event")

learning_key = events("learning_key")

site_event = events("site_event")

# Secrets and sent messages of learning among clinics stay on the one laptop that takes part.
site_own = Table(
    "site_own",
    metadata,
    Column("name", String(16), primary_key=True, nullable=False),
    Column("value", LargeBinary, nullable=False),
)

site_round = Table(
    "site_round",
    metadata,
    key("round_id"),
    Column("epoch", BigInteger, nullable=False),
    Column("secret", LargeBinary),  # forgotten at the end
)

site_message = Table(
    "site_message",
    metadata,
    key("round_id"),
    Column("number", SmallInteger, primary_key=True, nullable=False, autoincrement=False),
    Column("history", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

face_case = Table(
    "face_case",
    metadata,
    key(),
    ref("patient_id"),
    ref("taken_by"),
    ref("judged_by", nullable=True),
    Column("finished_at", Moment, nullable=False),
    Column("base", Text, nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("usable", Boolean, nullable=False),
    Column("band", SmallInteger),
    Column("shares", LargeBinary),
    Column("local_shares", LargeBinary),
    Column("phq9_total", SmallInteger),
    Column("source_sha256", String(64), nullable=False),
    Column("embedding", LargeBinary, nullable=False),
    Index("ix_face_case_finished", "finished_at"),
    Index("ix_face_case_source", "source_sha256"),
)
