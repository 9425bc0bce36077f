"""The tables. The log comes first: every screen table is a fold of it and can be rebuilt.

``body`` holds a record's fields as canonical JSON; the other columns of a screen table are taken
from it, to be searched and sorted by. ``known`` is 0 while a record's first operation is missing.
"""

from __future__ import annotations

from clinic_app.db.tables.base import metadata
from clinic_app.db.tables.care import (
    absence,
    appointment,
    appointment_event,
    availability,
    handover,
    handover_event,
    intervention,
    review,
    review_event,
    task,
)
from clinic_app.db.tables.feedback import incident, incident_event, result_agreement, service_rating
from clinic_app.db.tables.learning import (
    adjudication_event,
    face_case,
    head_event,
    learning_key,
    local_head,
    site_event,
    site_message,
    site_own,
    site_round,
)
from clinic_app.db.tables.people import (
    clinic,
    consent,
    note,
    patient,
    safety_event,
    safety_flow,
    screening,
    staff_user,
)
from clinic_app.db.tables.records import (
    erasure,
    erasure_event,
    issued_report,
    patient_alias,
    patient_merge,
    worklist,
)
from clinic_app.db.tables.studio import begun_output, begun_transfer, look_event, studio_picture
from clinic_app.db.tables.sync import (
    audit_head,
    blanked,
    blanking,
    blob_part,
    open_conflict,
    peer,
    settled,
    shared_image,
    sync_state,
)
from clinic_app.db.tables.walls import build_walls
from clinic_app.db.tables.workstation import (
    audit,
    draft,
    form_draft,
    image,
    image_pixels,
    log_head,
    meta,
    oplog,
)

APPEND_ONLY = (
    consent,
    screening,
    safety_event,
    appointment_event,
    intervention,
    review_event,
    handover_event,
    service_rating,
    result_agreement,
    incident_event,
    patient_merge,
    issued_report,
    erasure_event,
    settled,
    blanking,
    shared_image,
    adjudication_event,
    local_head,
    head_event,
    learning_key,
    audit_head,
    look_event,
    site_event,
)
"""Rows that never change and are never deleted."""

DERIVED = (
    safety_flow,
    appointment,
    review,
    handover,
    incident,
    patient_alias,
    erasure,
    face_case,
    worklist,
    open_conflict,
    blanked,
)
"""Folded from other rows, never written by an operation itself."""

SCREEN_TABLES = (
    clinic,
    staff_user,
    patient,
    note,
    availability,
    absence,
    task,
    *APPEND_ONLY,
    *DERIVED,
)
"""Every table that the log alone determines."""

build_walls(APPEND_ONLY)

__all__ = [
    "APPEND_ONLY",
    "DERIVED",
    "SCREEN_TABLES",
    "absence",
    "adjudication_event",
    "appointment",
    "appointment_event",
    "audit",
    "audit_head",
    "availability",
    "begun_output",
    "begun_transfer",
    "blanked",
    "blanking",
    "blob_part",
    "clinic",
    "consent",
    "draft",
    "erasure",
    "erasure_event",
    "face_case",
    "form_draft",
    "handover",
    "handover_event",
    "head_event",
    "image",
    "image_pixels",
    "incident",
    "incident_event",
    "intervention",
    "issued_report",
    "learning_key",
    "local_head",
    "log_head",
    "look_event",
    "meta",
    "metadata",
    "note",
    "open_conflict",
    "oplog",
    "patient",
    "patient_alias",
    "patient_merge",
    "peer",
    "result_agreement",
    "review",
    "review_event",
    "safety_event",
    "safety_flow",
    "screening",
    "service_rating",
    "settled",
    "shared_image",
    "site_event",
    "site_message",
    "site_own",
    "site_round",
    "staff_user",
    "studio_picture",
    "sync_state",
    "task",
    "worklist",
]
