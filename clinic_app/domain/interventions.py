"""Interventions: what was done for a patient, recorded once and never edited."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.notes import clean_note
from clinic_app.domain.people import clean_text, has_ink


@dataclass(frozen=True, slots=True)
class Intervention:
    """``kind`` is an entry of the clinic's list as it read then; ``corrects`` names an earlier
    record that this one takes the place of (both stay)."""

    id: UUID
    patient_id: UUID
    kind: str
    performed_on: date
    by: UUID
    recorded_at: datetime
    text: str = ""
    screening_id: UUID | None = None
    corrects: UUID | None = None


def checked_intervention(record: Intervention, today: date) -> Intervention:
    """The record cleaned; raises ``InvalidInput`` without a kind or for a day to come."""
    kind = clean_text(record.kind, 80, "kind")
    if not has_ink(kind):
        raise InvalidInput("kind", "Please choose what was done.")
    if record.performed_on > today:
        raise InvalidInput("performed_on", "An intervention cannot lie in the future.")
    return replace(record, kind=kind, text=clean_note(record.text) if record.text.strip() else "")


def standing(records: tuple[Intervention, ...]) -> tuple[Intervention, ...]:
    """The records that no later one corrects, in the order given."""
    corrected = {record.corrects for record in records}
    return tuple(record for record in records if record.id not in corrected)
