"""A note being written: kept as a draft while typing, one change after another, then signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from clinic_app.domain.notes import NOTE_LIMIT, Note, NoteKind, NoteSection
from clinic_app.services.notes import NoteService
from clinic_app.ui.jobs import Jobs, Lane

Kept = Callable[[BaseException | None], None]


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the editors; a plain note has no ``sections``."""

    text: str = ""
    sections: tuple[NoteSection, ...] = ()

    @property
    def too_long(self) -> bool:
        """Whether it can be kept, but not signed as one note."""
        texts = (self.text, *(one.text for one in self.sections))
        return any(len(text) > NOTE_LIMIT for text in texts)

    @property
    def empty(self) -> bool:
        return not (self.text.strip() or any(one.text.strip() for one in self.sections))


class NoteView(Protocol):
    def show_kept(self, note: Note) -> None:
        """The text is in the store, as a draft."""

    def show_unkept(self, error: BaseException) -> None: ...


@dataclass(slots=True)
class _Draft:
    """The draft as the database lane knows it; only work on that lane touches it."""

    note_id: UUID | None = None


class NoteWriter:
    """``adds_to`` names the signed note that an addendum is written to.

    Attributes:
        note_id: the draft that is being written; ``None`` before it is first kept.
        kind: what kind of note it is; fixed once it is kept.
        written: what stands in the editors.
    """

    def __init__(
        self,
        view: NoteView,
        notes: NoteService,
        jobs: Jobs,
        patient_id: UUID,
        adds_to: UUID | None = None,
    ) -> None:
        self._view = view
        self._notes = notes
        self._jobs = jobs
        self._patient_id = patient_id
        self._adds_to = adds_to
        self.note_id: UUID | None = None
        self.kind = NoteKind.PROGRESS
        self.written = Written()
        self._stored = self._sent = Written()
        self._draft = _Draft()
        self._under_way = 0
        self._waiting: list[Kept] = []

    @property
    def text(self) -> str:
        """The free text alone."""
        return self.written.text

    @text.setter
    def text(self, text: str) -> None:
        self.written = Written(text, self.written.sections)

    @property
    def changed(self) -> bool:
        """Whether something is in the editor that is not in the store."""
        return not self.written.empty and self.written != self._stored

    @property
    def fresh(self) -> bool:
        """Whether nothing of this note is in the store, or on its way there."""
        return self.note_id is None and self._under_way == 0

    def resume(self, note: Note) -> None:
        """Go on with a draft; only while nothing else is unkept."""
        self.note_id, self.kind = note.id, note.kind
        self._draft = _Draft(note.id)
        self.written = self._stored = self._sent = Written(note.text, note.sections)

    def start_anew(self, kind: NoteKind = NoteKind.PROGRESS) -> None:
        """An empty page; the note before it stays in the store as it is."""
        self.note_id, self.kind = None, kind
        self._draft = _Draft()
        self.written = self._stored = self._sent = Written()

    def keep(self, done: Kept = lambda _: None) -> None:
        """Put the text into the store; ``done`` is called when it is there, or with the error.

        Asked for at once, also while an earlier change is on its way: whatever is submitted after
        this (the lock of the session) finds the text in the store.
        """
        changed = not self.written.empty and self.written != self._sent
        if not changed and not self._under_way:
            done(None)
            return
        self._waiting.append(done)
        if changed:
            self._send()

    def sign(self, password: str) -> Note:
        """Sign what was kept; runs on the database lane after ``keep`` has succeeded."""
        assert self.note_id is not None
        return self._notes.sign(self.note_id, password)

    def _send(self) -> None:
        self._under_way += 1
        seen, written = self._sent, self.written
        self._sent = written
        draft = self._draft

        def work() -> Note:
            note = self._put(draft.note_id, written, seen)
            draft.note_id = note.id
            return note

        def done(note: Note) -> None:
            self._under_way -= 1
            self.note_id, self._stored = note.id, written
            if self._under_way:
                return
            if self._waiting and self.changed:  # typed on while somebody waits to leave
                self._send()
                return
            self._view.show_kept(note)
            self._tell(None)

        def failed(error: BaseException) -> None:
            self._under_way -= 1
            if self._under_way:  # the next one carries the whole text
                return
            self._sent = self._stored
            self._view.show_unkept(error)
            self._tell(error)

        self._jobs.submit(Lane.DATABASE, work, done=done, failed=failed)

    def _put(self, note_id: UUID | None, written: Written, seen: Written) -> Note:
        if note_id is not None:
            over = None if seen.empty else (seen.text, seen.sections)
            return self._notes.edit(note_id, written.text, written.sections, over=over)
        if self._adds_to is not None:
            return self._notes.add_to(self._adds_to, written.text)
        return self._notes.write(self._patient_id, written.text, self.kind, written.sections)

    def _tell(self, error: BaseException | None) -> None:
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one(error)
