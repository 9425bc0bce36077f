"""Clinical notes: a draft, then signed for ever; later words are addenda."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.people import clean_text, has_ink

NOTE_LIMIT = 100_000


class NoteKind(StrEnum):
    PROGRESS = "progress"
    INTERVENTION = "intervention"
    SAFETY_PLAN = "safety_plan"
    REFERRAL = "referral"


@dataclass(frozen=True, slots=True)
class NoteSection:
    """One part of a structured note; the heading is kept as it read when it was written."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """``addendum_to`` names the signed note this one adds to.

    A safety plan or a referral has ``sections``; ``text`` is then what stands above them, and may
    be empty. A draft that is thrown away keeps its words but is marked; a signed note never is.
    """

    id: UUID
    patient_id: UUID
    author: UUID
    written_at: datetime
    text: str
    signed_at: datetime | None = None
    signed_by: UUID | None = None
    addendum_to: UUID | None = None
    kind: NoteKind = NoteKind.PROGRESS
    sections: tuple[NoteSection, ...] = ()
    screening_id: UUID | None = None
    discarded_at: datetime | None = None
    discarded_by: UUID | None = None

    @property
    def sha256(self) -> str:
        """Hash of what is written, printed with the signature: of the text alone, or of text,
        kind and sections as canonical JSON where there are sections."""
        if not self.sections:
            return hashlib.sha256(self.text.encode()).hexdigest()
        parts = [[section.heading, section.text] for section in self.sections]
        written = json.dumps(
            [self.kind.value, self.text, parts], ensure_ascii=False, separators=(",", ":")
        )
        return hashlib.sha256(written.encode()).hexdigest()


def clean_note(text: str) -> str:
    """Note text with line breaks kept and other control characters removed."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    if not has_ink(kept):
        raise InvalidInput("text", "The note is empty.")
    if len(kept) > NOTE_LIMIT:
        raise InvalidInput("text", f"The note is longer than {NOTE_LIMIT:,} characters.")
    return kept


def clean_sections(sections: tuple[NoteSection, ...]) -> tuple[NoteSection, ...]:
    """The sections cleaned, empty ones kept; raises ``InvalidInput`` when all are empty."""
    cleaned = tuple(
        NoteSection(
            clean_text(section.heading, 200, "heading"),
            clean_note(section.text) if has_ink(section.text) else "",
        )
        for section in sections
    )
    if not any(section.text for section in cleaned):
        raise InvalidInput("sections", "The note is empty.")
    return cleaned


def edited(
    note: Note, text: str, at: datetime, sections: tuple[NoteSection, ...] | None = None
) -> Note:
    """The draft with new text (and sections); signed text never changes, nor what is discarded."""
    if note.signed_at is not None:
        raise WrongState("This note is signed. Please write an addendum instead.")
    if note.discarded_at is not None:
        raise WrongState("This draft was discarded.")
    parts = note.sections if sections is None else sections
    if not parts:
        return replace(note, text=clean_note(text), sections=(), written_at=at)
    return replace(
        note,
        text=clean_note(text) if has_ink(text) else "",
        sections=clean_sections(parts),
        written_at=at,
    )


def signed(note: Note, by: UUID, at: datetime) -> Note:
    """The note with its signature; signing twice is refused, and signing what is discarded."""
    if note.signed_at is not None:
        raise WrongState("This note is already signed.")
    if note.discarded_at is not None:
        raise WrongState("This draft was discarded.")
    return replace(note, signed_at=at, signed_by=by)


def discarded(note: Note, by: UUID, at: datetime) -> Note:
    """The draft as thrown away; a signed note never is."""
    if note.signed_at is not None:
        raise WrongState("This note is signed; it stays.")
    return replace(note, discarded_at=at, discarded_by=by)
