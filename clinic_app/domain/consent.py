"""Consent, per purpose and withdrawable at any time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Purpose(StrEnum):
    """What a patient can agree to, each on its own."""

    CAPTURE = "capture"
    ANALYSIS = "analysis"
    KEEP_IMAGES = "keep_images"
    TRAINING_REUSE = "training_reuse"
    SHARING = "sharing"


class GivenBy(StrEnum):
    PATIENT = "patient"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One answer to one purpose; append-only, the newest counts."""

    id: UUID
    patient_id: UUID
    purpose: Purpose
    granted: bool
    given_by: GivenBy
    recorded_by: UUID
    recorded_at: datetime
    note: str = ""


def current_consent(events: Iterable[ConsentEvent]) -> dict[Purpose, bool]:
    """The state per purpose after all events; a purpose never asked for is absent."""
    state: dict[Purpose, bool] = {}
    for event in sorted(events, key=lambda event: (event.recorded_at, event.id)):
        state[event.purpose] = event.granted
    return state
