"""A form that is being filled in: its words, kept until it is handed in or given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.errors import InvalidInput

FORM_LIMIT = 100_000
"""Characters of all texts of a form together: far more than anybody types."""


PERSON = "person:"
"""A field of this name, followed by the number of a patient, is a tick beside that person."""
TICKED = "1"
"""What such a field holds where the tick is set; empty where it is not."""


class FormKind(StrEnum):
    SAFETY_ASSESSMENT = "safety_assessment"
    INTERVENTION = "intervention"
    TASK = "task"
    HANDOVER = "handover"


@dataclass(frozen=True, slots=True)
class FormDraft:
    """What one member of staff has typed into one form about one subject.

    ``subject_id`` is what the form is about: for a safety assessment the flow, for an intervention
    the patient, for a task the task that is changed, else the patient it is to be about; where it
    is about nobody (such a task, a handover) who writes it. ``patient_id`` is then ``None``.
    ``texts`` holds the fields by name, as they were typed.
    """

    id: UUID
    user_id: UUID
    form: FormKind
    subject_id: UUID
    patient_id: UUID | None
    changed_at: datetime
    texts: Mapping[str, str]

    def names(self, patient_id: UUID) -> bool:
        """Whether a tick of the form is beside this person."""
        return self.texts.get(f"{PERSON}{patient_id}") == TICKED


def checked_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts as they are; raises ``InvalidInput`` over ``FORM_LIMIT`` characters."""
    if sum(map(len, texts.values())) > FORM_LIMIT:
        raise InvalidInput(
            "text", "A form holds {limit} characters in all. Please shorten it.", limit=FORM_LIMIT
        )
    return dict(texts)
