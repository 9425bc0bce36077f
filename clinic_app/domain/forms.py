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


class FormKind(StrEnum):
    SAFETY_ASSESSMENT = "safety_assessment"


@dataclass(frozen=True, slots=True)
class FormDraft:
    """What one member of staff has typed into one form about one subject.

    ``subject_id`` is what the form is about: for a safety assessment the flow. ``texts`` holds
    the fields by name, as they were typed.
    """

    id: UUID
    user_id: UUID
    form: FormKind
    subject_id: UUID
    patient_id: UUID
    changed_at: datetime
    texts: Mapping[str, str]


def checked_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts as they are; raises ``InvalidInput`` over ``FORM_LIMIT`` characters."""
    if sum(map(len, texts.values())) > FORM_LIMIT:
        raise InvalidInput(
            "text", "A form holds {limit} characters in all. Please shorten it.", limit=FORM_LIMIT
        )
    return dict(texts)
