"""Writing, signing and adding to clinical notes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from clinic_app.domain import notes as rules
from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import DRAFT_LIMIT, Note, NoteKind, NoteSection, clean_note, note_for
from clinic_app.domain.sentence import Sentence
from clinic_app.services.belonging import check_screening_of
from clinic_app.services.session import Desk

REFERRAL_HEADINGS = (
    "To whom",
    "Reason for the referral",
    "What was found so far",
    "What has been done",
    "What is asked for",
)
"""Our own headings of a referral; the text above them stays free."""


class NoteService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def headings(self, kind: NoteKind) -> tuple[str, ...]:
        """The sections a new note of this kind has: the site's for a safety plan."""
        self._desk.allow(Action.WRITE_NOTE)
        if kind is NoteKind.REFERRAL:
            return REFERRAL_HEADINGS
        if kind is not NoteKind.SAFETY_PLAN:
            return ()
        with self._desk.unit_of_work() as work:
            return work.clinic.get().safety_plan_headings

    def write(
        self,
        patient_id: UUID,
        text: str,
        kind: NoteKind = NoteKind.PROGRESS,
        sections: Sequence[NoteSection] = (),
        *,
        screening_id: UUID | None = None,
    ) -> Note:
        """A new draft note, kept at once.

        ``screening_id`` ties it to a screening of the same person. Raises ``InvalidInput`` when
        nothing is written, ``NotFound`` for an unknown patient or screening.
        """
        user = self._desk.allow_to_keep(Action.WRITE_NOTE)
        now = self._desk.now()
        blank = Note(new_id(), patient_id, user.id, now, text, kind=kind, screening_id=screening_id)
        note = rules.edited(blank, text, now, tuple(sections))
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            if screening_id is not None:
                check_screening_of(work, patient_id, screening_id)
            work.notes.add(note)
            work.audit.record(AuditKind.CREATED, user.id, "note", note.id)
            work.commit()
        return note

    def edit(
        self,
        note_id: UUID,
        text: str,
        sections: Sequence[NoteSection] | None = None,
        *,
        over: tuple[str, Sequence[NoteSection]] | None = None,
    ) -> Note:
        """Change one's own draft note; raises ``WrongState`` once it is signed or discarded.

        ``over``: the words and sections that the writer saw. What has come from another laptop
        meanwhile was not seen, and stays beside the new words until it is settled.
        """
        self._check_own(note_id, Action.WRITE_NOTE, "change")
        user = self._desk.session.user
        with self._desk.unit_of_work() as work:
            parts = None if sections is None else tuple(sections)
            stored, now = work.notes.get(note_id), self._desk.now()
            note = rules.edited(stored, text, now, parts)
            seen = None if over is None else rules.edited(stored, over[0], now, tuple(over[1]))
            work.notes.save(note, over=seen)
            work.audit.record(AuditKind.CHANGED, user.id, "note", note_id)
            work.commit()
        return note

    def discard(self, note_id: UUID) -> Note:
        """Throw one's own draft away: it is marked, and shown nowhere any more."""
        self._check_own(note_id, Action.WRITE_NOTE, "discard")
        user = self._desk.session.user
        with self._desk.unit_of_work() as work:
            note = rules.discarded(work.notes.get(note_id), user.id, self._desk.now())
            work.notes.save(note)
            work.audit.record(AuditKind.CHANGED, user.id, "note", note_id, "discarded")
            work.commit()
        return note

    def sign(self, note_id: UUID, password: str) -> Note:
        """Sign one's own draft with re-authentication; from then on the text never changes.

        Raises ``InvalidInput`` for a text that is too long to sign; the draft stays as it is.
        """
        self._check_own(note_id, Action.SIGN_NOTE, "sign")
        user = self._desk.session.user
        self._desk.reauthenticate(password)
        with self._desk.unit_of_work() as work:
            note = rules.signed(work.notes.get(note_id), user.id, self._desk.now())
            work.notes.save(note)
            work.audit.record(AuditKind.SIGNED, user.id, "note", note_id, note.sha256)
            work.commit()
        return note

    def add_to(self, note_id: UUID, text: str) -> Note:
        """An addendum to a signed note, as a draft that is kept at once."""
        user = self._desk.allow_to_keep(Action.WRITE_NOTE)
        with self._desk.unit_of_work() as work:
            note = work.notes.get(note_id)
            if note.signed_at is None:
                raise WrongState("This note is not signed yet; you can still change it.")
            addendum = Note(
                new_id(),
                note.patient_id,
                user.id,
                self._desk.now(),
                clean_note(text, DRAFT_LIMIT),
                addendum_to=note.addendum_to or note.id,
            )
            work.notes.add(addendum)
            work.audit.record(AuditKind.CREATED, user.id, "note", addendum.id)
            work.commit()
        return addendum

    def take_over(self, note_id: UUID) -> Note:
        """An own draft that begins with the words of one that was handed to oneself, and names it;
        the one that was begun before, if there is one.

        The colleague's draft stays as it is. Raises ``WrongState`` when it is not, or no more,
        handed to oneself.
        """
        user = self._desk.allow(Action.WRITE_NOTE)
        with self._desk.unit_of_work() as work:
            draft = work.notes.get(note_id)
            own = rules.drawn_from(draft, new_id(), user.id, self._desk.now())
            begun = _drawn_before(work.notes.of_patient(draft.patient_id), draft, user.id)
            if begun is None:
                work.notes.add(own)
                work.audit.record(AuditKind.CREATED, user.id, "note", own.id, f"from={note_id}")
            work.audit.record(AuditKind.READ, user.id, "note", note_id)
            work.commit()
        return begun or own

    def get(self, note_id: UUID) -> Note:
        """A colleague's draft comes without its words. Raises ``NotFound``; the reading is
        audited."""
        user = self._desk.allow(Action.SEE_NOTES)
        with self._desk.unit_of_work() as work:
            note = work.notes.get(note_id)
            work.audit.record(AuditKind.READ, user.id, "note", note_id)
            work.commit()
        return note_for(note, user.id)

    def of_patient(self, patient_id: UUID) -> list[Note]:
        """Newest first, without discarded drafts, colleagues' drafts without their words; the
        reading is audited."""
        user = self._desk.allow(Action.SEE_NOTES)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            found = work.notes.of_patient(patient_id)
            work.audit.record(AuditKind.READ, user.id, "notes", patient_id)
            work.commit()
        return [note_for(note, user.id) for note in found if note.discarded_at is None]

    def signed_beside(self, patient_id: UUID) -> dict[UUID, tuple[Note, ...]]:
        """The other texts of this person's notes that were signed twice, by the note's identifier;
        the reading is audited."""
        user = self._desk.allow(Action.SEE_NOTES)
        with self._desk.unit_of_work() as work:
            found = work.notes.signed_beside(work.notes.of_patient(patient_id))
            if found:
                work.audit.record(AuditKind.READ, user.id, "notes", patient_id)
                work.commit()
        return found

    def unsigned(self) -> list[Note]:
        """One's own drafts of all patients, newest first; the reading is audited."""
        user = self._desk.allow(Action.WRITE_NOTE)
        with self._desk.unit_of_work() as work:
            found = work.notes.unsigned(user.id)
            work.audit.record(AuditKind.READ, user.id, "notes")
            work.commit()
        return found

    def draft_addendum(self, note_id: UUID) -> Note | None:
        """One's own unsigned addendum to this note, the newest; the reading is audited."""
        user = self._desk.allow(Action.WRITE_NOTE)
        with self._desk.unit_of_work() as work:
            note = work.notes.get(note_id)
            root = note.addendum_to or note.id
            for one in work.notes.of_patient(note.patient_id):
                own = one.author == user.id and one.addendum_to == root
                if own and one.signed_at is None and one.discarded_at is None:
                    work.audit.record(AuditKind.READ, user.id, "note", one.id)
                    work.commit()
                    return one
        return None

    def _check_own(self, note_id: UUID, action: Action, verb: str) -> None:
        """A draft belongs to who wrote it; a refusal is audited before it is raised."""
        keeping = action is Action.WRITE_NOTE and verb == "change"
        user = self._desk.allow_to_keep(action) if keeping else self._desk.allow(action)
        with self._desk.unit_of_work() as work:
            note = work.notes.get(note_id)
        if note.author != user.id:
            self._desk.refuse(action, note_id)
            raise AccessDenied(
                "Only the person who wrote this draft can {verb} it.", verb=Sentence(verb)
            )


def _drawn_before(notes: Sequence[Note], draft: Note, by: UUID) -> Note | None:
    """What the same person began from the same draft, and has neither signed nor discarded."""
    for one in notes:
        same = one.origin is not None and one.origin.note_id == draft.id and one.author == by
        if same and one.signed_at is None and one.discarded_at is None:
            return one
    return None
