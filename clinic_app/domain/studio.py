"""Pictures made in the style studio: altered on purpose, never evidence of anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

TITLE_LENGTH = 80


class StudioSource(StrEnum):
    """Where the content of a studio picture comes from."""

    FILE = "file"
    WEBCAM = "webcam"
    SAMPLE = "sample"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True)
class StudioPicture:
    """An entry of the gallery; the pictures themselves lie beside it.

    ``made_with`` says in a few words how. ``patient_id`` and ``screening_id`` are set when a
    patient's picture was put in on purpose, with that consent; it stays no longer than the record
    keeps the picture of that screening.
    """

    id: UUID
    made_at: datetime
    made_by: UUID
    title: str
    source: StudioSource
    made_with: str
    patient_id: UUID | None = None
    screening_id: UUID | None = None
