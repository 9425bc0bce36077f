"""A note being written: kept as a draft while typing, one change at a time, then signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from clinic_app.domain.notes import Note, NoteKind, NoteSection
from clinic_app.services.notes import NoteService
from clinic_app.ui.jobs import Jobs, Lane

Kept = Callable[[BaseException | None], None]


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the editors; a plain note has no ``sections``."""

    text: str = ""
    sections: tuple[NoteSection, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.text.strip() or any(one.text.strip() for one in self.sections))


class NoteView(Protocol):
    def show_kept(self, note: Note) -> None:
        """The text is in the store, as a draft."""

    def show_unkept(self, error: BaseException) -> None: ...


class NoteWriter:
    """Attributes:
    note_id: the draft that is being written; ``None`` before it is first kept.
    kind: what kind of note it is; fixed once it is kept.
    written: what stands in the editors.
    """

    def __init__(self, view: NoteView, notes: NoteService, jobs: Jobs, patient_id: UUID) -> None:
        self._view = view
        self._notes = notes
        self._jobs = jobs
        self._patient_id = patient_id
        self.note_id: UUID | None = None
        self.kind = NoteKind.PROGRESS
        self.written = Written()
        self._stored = Written()
        self._under_way = False
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
        return self.note_id is None and not self._under_way

    def resume(self, note: Note) -> None:
        """Go on with a draft; only while nothing else is unkept."""
        self.note_id, self.kind = note.id, note.kind
        self.written = self._stored = Written(note.text, note.sections)

    def start_anew(self, kind: NoteKind = NoteKind.PROGRESS) -> None:
        """An empty page; the note before it stays in the store as it is."""
        self.note_id, self.kind = None, kind
        self.written = self._stored = Written()

    def keep(self, done: Kept = lambda _: None) -> None:
        """Put the text into the store; ``done`` is called when it is there, or with the error.

        While a change is under way the next one waits for it, so that a note is made only once.
        """
        if not self.changed and not self._under_way:
            done(None)
            return
        self._waiting.append(done)
        if not self._under_way:
            self._send()

    def sign(self, password: str) -> Note:
        """Sign what was kept; runs on the database lane after ``keep`` has succeeded."""
        assert self.note_id is not None
        return self._notes.sign(self.note_id, password)

    def _send(self) -> None:
        self._under_way = True
        written, note_id, kind = self.written, self.note_id, self.kind

        def work() -> Note:
            if note_id is None:
                return self._notes.write(self._patient_id, written.text, kind, written.sections)
            return self._notes.edit(note_id, written.text, written.sections)

        def done(note: Note) -> None:
            self._under_way = False
            self.note_id, self._stored = note.id, written
            if self.changed:
                self._send()
                return
            self._view.show_kept(note)
            self._tell(None)

        def failed(error: BaseException) -> None:
            self._under_way = False
            self._view.show_unkept(error)
            self._tell(error)

        self._jobs.submit(Lane.DATABASE, work, done=done, failed=failed)

    def _tell(self, error: BaseException | None) -> None:
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one(error)
