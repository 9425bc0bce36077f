"""Which purposes need a picture."""

from __future__ import annotations

from clinic_app.domain.consent import Purpose

PICTURE_PURPOSES = (
    Purpose.CAPTURE,
    Purpose.ANALYSIS,
    Purpose.KEEP_IMAGES,
    Purpose.TRAINING_REUSE,
)
