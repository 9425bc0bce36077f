"""Pictures made in the style studio, and transfers begun there: altered on purpose, never evidence
of anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
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


@dataclass(frozen=True, slots=True)
class TransferWish:
    """What an optimised transfer is asked for; ranges are those of the engine. The values here are
    the usual ones of engine, window and command line.

    Losses are relative to the aim's own size. ``layer_weights`` are those of conv1_1 to conv5_1,
    ``outputs`` pictures come along the way, ``longest_side`` is in pixels. ``colour``: the colours
    of the style, or those of the content kept. ``matching``: of histograms, before or after.
    """

    content_weight: float = 1.0
    style_weight: float = 10.0
    variation_weight: float = 40.0
    layer_weights: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0, 1.0)
    steps: int = 200
    outputs: int = 1
    start: Literal["content", "noise"] = "content"
    colour: Literal["style", "content"] = "style"
    matching: Literal["none", "before", "after"] = "none"
    longest_side: int = 400


@dataclass(frozen=True, slots=True)
class BegunTransfer:
    """A transfer that has not come to its end; its pictures and where it stands lie beside it.

    One a member of staff, on this workstation. ``step`` is how far it was when it was last put
    away; ``changed_at`` is when it was put away or gone on with. ``patient_id`` and
    ``screening_id`` are as for a `StudioPicture`.
    """

    id: UUID
    begun_at: datetime
    begun_by: UUID
    source: StudioSource
    style_name: str
    wish: TransferWish
    step: int = 0
    patient_id: UUID | None = None
    screening_id: UUID | None = None
    changed_at: datetime | None = None

    @property
    def worked_on_at(self) -> datetime:
        """When somebody last worked on it."""
        return self.changed_at or self.begun_at
