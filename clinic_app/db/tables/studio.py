"""Reference looks, and the gallery of the style studio, which stays on this workstation."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table

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
    Index("ix_studio_picture_patient", "patient_id"),
)
