"""Writing, signing and adding to clinical notes."""

from __future__ import annotations

from uuid import UUID

from clinic_app.domain import notes as rules
from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import Note, clean_note
from clinic_app.services.session import Desk


class NoteService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def write(self, patient_id: UUID, text: str) -> Note:
        """A new draft note, kept at once."""
        user = self._desk.allow(Action.WRITE_NOTE)
        note = Note(new_id(), patient_id, user.id, self._desk.now(), clean_note(text))
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            work.notes.add(note)
            work.audit.record(AuditKind.CREATED, user.id, "note", note.id)
            work.commit()
        return note

    def edit(self, note_id: UUID, text: str) -> Note:
        """Change one's own draft note; raises ``WrongState`` once it is signed."""
        user = self._desk.allow(Action.WRITE_NOTE)
        with self._desk.unit_of_work() as work:
            note = work.notes.get(note_id)
        if note.author != user.id:
            self._desk.refuse(Action.WRITE_NOTE, note_id)
            raise AccessDenied("Only the person who wrote this draft can change it.")
        with self._desk.unit_of_work() as work:
            note = rules.edited(work.notes.get(note_id), text, self._desk.now())
            work.notes.save(note)
            work.audit.record(AuditKind.CHANGED, user.id, "note", note_id)
            work.commit()
        return note

    def sign(self, note_id: UUID, password: str) -> Note:
        """Sign with re-authentication; from then on the text never changes."""
        user = self._desk.allow(Action.SIGN_NOTE)
        self._desk.reauthenticate(password)
        with self._desk.unit_of_work() as work:
            note = rules.signed(work.notes.get(note_id), user.id, self._desk.now())
            work.notes.save(note)
            work.audit.record(AuditKind.SIGNED, user.id, "note", note_id, note.sha256)
            work.commit()
        return note

    def add_to(self, note_id: UUID, text: str) -> Note:
        """An addendum to a signed note."""
        user = self._desk.allow(Action.WRITE_NOTE)
        with self._desk.unit_of_work() as work:
            note = work.notes.get(note_id)
            if note.signed_at is None:
                raise WrongState("This note is not signed yet; you can still change it.")
            addendum = Note(
                new_id(),
                note.patient_id,
                user.id,
                self._desk.now(),
                clean_note(text),
                addendum_to=note.addendum_to or note.id,
            )
            work.notes.add(addendum)
            work.audit.record(AuditKind.CREATED, user.id, "note", addendum.id)
            work.commit()
        return addendum

    def of_patient(self, patient_id: UUID) -> list[Note]:
        """Newest first; the reading is audited."""
        user = self._desk.allow(Action.SEE_NOTES)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            found = work.notes.of_patient(patient_id)
            work.audit.record(AuditKind.READ, user.id, "notes", patient_id)
            work.commit()
        return found
