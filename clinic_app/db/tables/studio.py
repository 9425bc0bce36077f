"""Reference looks; the gallery of the style studio and its begun transfers, which stay on this
workstation."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table

from clinic_app.db.columns import Moment
from clinic_app.db.tables.base import events, key, metadata, ref

look_event = events("look_event")

studio_picture = Table(
    "studio_picture",
    metadata,
    key(),
    Column("made_at", Moment, nullable=False),
    ref("patient_id", nullable=True),  # hardly ever: the gallery is not for patients' pictures
    Column("body", LargeBinary, nullable=False),
    Column("content_png", LargeBinary, nullable=False),
    Column("result_png", LargeBinary, nullable=False),
    Column("small_png", LargeBinary),  # of what came out; made once, with the first look if need be
    Index("ix_studio_picture_patient", "patient_id"),
)

begun_transfer = Table(
    "begun_transfer",
    metadata,
    key(),
    ref("user_id"),
    ref("patient_id", nullable=True),
    Column("step", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("content_png", LargeBinary, nullable=False),
    Column("style_png", LargeBinary, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Index("ix_begun_transfer_user", "user_id", unique=True),
    Index("ix_begun_transfer_patient", "patient_id"),
)

begun_output = Table(
    "begun_output",
    metadata,
    key("transfer_id"),
    Column("step", Integer, primary_key=True, nullable=False, autoincrement=False),
    Column("png", LargeBinary, nullable=False),
)
