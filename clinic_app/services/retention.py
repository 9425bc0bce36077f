"""How long face images of a screening that nobody goes on with may stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.services.storage import OpenStore

DRAFT_IMAGES_FOR = timedelta(days=7)
"""Long enough to finish a screening at next week's appointment, and no longer: the person has not
agreed that the images are kept."""


def remove_images_left_behind(store: OpenStore, by: UUID, now: datetime) -> int:
    """Remove the images of drafts that were left alone; their readings stay.

    Returns the number of drafts that lost theirs. Images that the person agreed to keep stay.
    """
    with store.unit_of_work() as work:
        removed = 0
        for draft in work.drafts.all():
            if not draft.has_images or now - draft.changed_at <= DRAFT_IMAGES_FOR:
                continue
            if current_consent(work.consents.of_patient(draft.patient_id)).get(Purpose.KEEP_IMAGES):
                continue
            work.images.remove(draft.id)
            work.drafts.save(replace(draft, has_images=False))
            work.audit.record(AuditKind.IMAGES_REMOVED, by, "draft", draft.id, "left alone")
            removed += 1
        if removed:
            work.commit()
    return removed
