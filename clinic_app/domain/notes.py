"""Clinical notes: a draft, then signed for ever; later words are addenda."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.people import has_ink

NOTE_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Note:
    """``addendum_to`` names the signed note this one adds to."""

    id: UUID
    patient_id: UUID
    author: UUID
    written_at: datetime
    text: str
    signed_at: datetime | None = None
    signed_by: UUID | None = None
    addendum_to: UUID | None = None

    @property
    def sha256(self) -> str:
        """Hash of the text, printed with the signature."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def clean_note(text: str) -> str:
    """Note text with line breaks kept and other control characters removed."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    if not has_ink(kept):
        raise InvalidInput("text", "The note is empty.")
    if len(kept) > NOTE_LIMIT:
        raise InvalidInput("text", f"The note is longer than {NOTE_LIMIT:,} characters.")
    return kept


def edited(note: Note, text: str, at: datetime) -> Note:
    """The draft with new text; signed text never changes."""
    if note.signed_at is not None:
        raise WrongState("This note is signed. Please write an addendum instead.")
    return replace(note, text=clean_note(text), written_at=at)


def signed(note: Note, by: UUID, at: datetime) -> Note:
    """The note with its signature; signing twice is refused."""
    if note.signed_at is not None:
        raise WrongState("This note is already signed.")
    return replace(note, signed_at=at, signed_by=by)
