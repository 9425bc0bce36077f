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
from clinic_app.domain.sentence import sentence

NOTE_LIMIT = 100_000
"""Characters of one text of a signed note (and of every other text that is kept for good)."""
DRAFT_LIMIT = 1_000_000
"""Characters of one text of a draft: far more than anybody types, so that nothing typed is lost."""

TOO_LONG_TO_SIGN = sentence(
    "A signed note holds {limit:,} characters in one text. The draft keeps all that was written;"
    " please move a part of it into a note of its own before you sign.",
    limit=NOTE_LIMIT,
)


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
class DraftHandover:
    """Gives a draft of somebody who has left to ``to_user``, to read; ``reason`` says why."""

    to_user: UUID
    at: datetime
    by: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class NoteOrigin:
    """The draft of a colleague that a note was written from: its author never signed it."""

    note_id: UUID
    author: UUID
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """``addendum_to`` names the signed note this one adds to, ``origin`` the draft of a colleague
    who has left that its words began with, ``handed`` who may read this draft beside its author.

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
    handed: DraftHandover | None = None
    origin: NoteOrigin | None = None

    def is_draft_of_another(self, reader: UUID) -> bool:
        """Not signed, and somebody else's: no part of the record yet."""
        return self.signed_at is None and self.author != reader

    def hides_words_from(self, reader: UUID) -> bool:
        """A note that is not signed belongs to who writes it: others see that it is there. Once
        its author has left, it may have been handed to somebody."""
        return self.is_draft_of_another(reader) and not self.is_handed_to(reader)

    def is_handed_to(self, reader: UUID) -> bool:
        """Whether this draft of a colleague who has left may be read, and drawn from."""
        open_draft = self.signed_at is None and self.discarded_at is None
        return open_draft and self.handed is not None and self.handed.to_user == reader

    @property
    def too_long(self) -> bool:
        """Whether a text is longer than a signed note may hold."""
        texts = (self.text, *(section.text for section in self.sections))
        return any(len(text) > NOTE_LIMIT for text in texts)

    @property
    def sha256(self) -> str:
        """Hash of what is written, printed with the signature: of the text alone, or of text,
        kind, sections and the ID of the draft it began with as canonical JSON where there are
        sections or such a draft."""
        if not self.sections and self.origin is None:
            return hashlib.sha256(self.text.encode()).hexdigest()
        parts = [[section.heading, section.text] for section in self.sections]
        origin = [] if self.origin is None else [str(self.origin.note_id)]
        written = json.dumps(
            [self.kind.value, self.text, parts, *origin], ensure_ascii=False, separators=(",", ":")
        )
        return hashlib.sha256(written.encode()).hexdigest()


def note_for(note: Note, reader: UUID) -> Note:
    """The note as this person may read it; what is hidden comes without its words, and without
    those that say why it was handed to somebody else."""
    if not note.hides_words_from(reader):
        return note
    return replace(note, text="", sections=(), handed=None)


def clean_note(text: str, limit: int = NOTE_LIMIT) -> str:
    """Note text with line breaks kept and other control characters removed.

    Raises ``InvalidInput`` without any ink and for more than ``limit`` characters.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    if not has_ink(kept):
        raise InvalidInput("text", "The note is empty.")
    if len(kept) > limit:
        raise InvalidInput("text", "The note is longer than {limit:,} characters.", limit=limit)
    return kept


def clean_sections(sections: tuple[NoteSection, ...]) -> tuple[NoteSection, ...]:
    """The sections cleaned, empty ones kept; raises ``InvalidInput`` when all are empty."""
    cleaned = tuple(
        NoteSection(
            clean_text(section.heading, 200, "heading"),
            clean_note(section.text, DRAFT_LIMIT) if has_ink(section.text) else "",
        )
        for section in sections
    )
    if not any(section.text for section in cleaned):
        raise InvalidInput("sections", "The note is empty.")
    return cleaned


def edited(
    note: Note, text: str, at: datetime, sections: tuple[NoteSection, ...] | None = None
) -> Note:
    """The draft with new text (and sections); signed text never changes, nor what is discarded.

    Whoever goes on with a draft that was handed to somebody is back: new words are their own again.
    """
    if note.signed_at is not None:
        raise WrongState("This note is signed. Please write an addendum instead.")
    if note.discarded_at is not None:
        raise WrongState("This draft was discarded.")
    parts = note.sections if sections is None else sections
    if not parts:
        plain = clean_note(text, DRAFT_LIMIT)
        return replace(note, text=plain, sections=(), written_at=at, handed=None)
    return replace(
        note,
        text=clean_note(text, DRAFT_LIMIT) if has_ink(text) else "",
        sections=clean_sections(parts),
        written_at=at,
        handed=None,
    )


def signed(note: Note, by: UUID, at: datetime) -> Note:
    """The note with its signature; signing twice is refused, and signing what is discarded.

    Raises ``InvalidInput`` for a text over ``NOTE_LIMIT``: the draft keeps it.
    """
    if note.signed_at is not None:
        raise WrongState("This note is already signed.")
    if note.discarded_at is not None:
        raise WrongState("This draft was discarded.")
    if note.too_long:
        raise InvalidInput("text", TOO_LONG_TO_SIGN)
    return replace(note, signed_at=at, signed_by=by)


def discarded(note: Note, by: UUID, at: datetime) -> Note:
    """The draft as thrown away; a signed note never is."""
    if note.signed_at is not None:
        raise WrongState("This note is signed; it stays.")
    return replace(note, discarded_at=at, discarded_by=by)


def handed_over(note: Note, handover: DraftHandover) -> Note:
    """The draft with who may read it; its words and its author stay as they are."""
    if note.signed_at is not None or note.discarded_at is not None:
        raise WrongState("This note is signed or discarded; there is nothing to hand over.")
    return replace(note, handed=handover)


def drawn_from(draft: Note, note_id: UUID, by: UUID, at: datetime) -> Note:
    """A draft of ``by`` with the words of one that was handed over, which stays as it is.

    Raises ``WrongState`` when it is not, or no more, handed to this person.
    """
    if not draft.is_handed_to(by):
        raise WrongState("This draft was not handed over to you.")
    return replace(
        draft,
        id=note_id,
        author=by,
        written_at=at,
        handed=None,
        origin=NoteOrigin(draft.id, draft.author, draft.written_at),
    )
