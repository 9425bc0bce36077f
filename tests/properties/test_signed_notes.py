"""No sequence of actions on notes loses or alters signed text."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from clinic_app.domain.errors import ClinicError
from clinic_app.domain.notes import Note, NoteKind, NoteSection
from clinic_app.domain.people import Role
from clinic_app.services.clinic_services import ClinicServices
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, USER, FakeClinic

texts = st.text(max_size=12)
places = st.integers(0, 30)
people = st.booleans()


class Notes(RuleBasedStateMachine):
    """Two members of staff write, change, sign, discard, merge patients and lock at will."""

    @initialize()
    def open_clinic(self) -> None:
        self.clinic = FakeClinic()
        self.patients = [self.clinic.add_patient(), self.clinic.add_patient("Bello", "Ada")]
        self.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
        self.passwords = {True: PASSWORD, False: COLLEAGUE_PASSWORD}
        self.desks: dict[bool, ClinicServices] = {
            True: self.clinic.front_door.sign_in(USER, PASSWORD),
            False: self.clinic.front_door.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD),
        }
        self.made: list[Note] = []
        self.signed: dict[UUID, Note] = {}

    def note(self, place: int) -> Note:
        """One of the notes that were made."""
        return self.made[place % len(self.made)]

    @rule(who=people, whom=people, text=texts, kind=st.sampled_from(NoteKind), parts=texts)
    def write(self, who: bool, whom: bool, text: str, kind: NoteKind, parts: str) -> None:
        notes = self.desks[who].notes
        with suppress(ClinicError):
            sections = [NoteSection(one, parts) for one in notes.headings(kind)]
            self.made.append(notes.write(self.patients[whom].id, text, kind, sections))

    @rule(who=people, place=places, text=texts, part=st.none() | texts)
    def edit(self, who: bool, place: int, text: str, part: str | None) -> None:
        if self.made:
            sections = None if part is None else (NoteSection("Heading", part),)
            with suppress(ClinicError):
                self.desks[who].notes.edit(self.note(place).id, text, sections)

    @rule(who=people, place=places, right=people)
    def sign(self, who: bool, place: int, right: bool) -> None:
        if self.made:
            password = self.passwords[who] if right else "wrong"
            self.clinic.clock.advance(minutes=10)
            with suppress(ClinicError):
                signed = self.desks[who].notes.sign(self.note(place).id, password)
                assert signed.id not in self.signed, "signed twice"
                self.signed[signed.id] = signed

    @rule(who=people, place=places, text=texts)
    def add_to(self, who: bool, place: int, text: str) -> None:
        if self.made:
            with suppress(ClinicError):
                self.made.append(self.desks[who].notes.add_to(self.note(place).id, text))

    @rule(who=people, place=places)
    def discard(self, who: bool, place: int) -> None:
        if self.made:
            with suppress(ClinicError):
                self.desks[who].notes.discard(self.note(place).id)

    @rule(who=people, undo=people)
    def merge(self, who: bool, undo: bool) -> None:
        merges, (kept, other) = self.desks[who].merges, self.patients
        with suppress(ClinicError):
            if undo:
                merges.undo(other.id, "Two people.")
            else:
                merges.merge(other.id, kept.id, "One person.")

    @rule(who=people)
    def lock_or_unlock(self, who: bool) -> None:
        session = self.desks[who].session
        if session.state.value == "active":
            session.lock()
        else:
            session.give_back(session.user)

    @invariant()
    def signed_text_stays(self) -> None:
        stored = self.clinic.store.tables.notes
        for note_id, note in self.signed.items():
            assert stored[note_id] == note

    @invariant()
    def signed_notes_are_listed_with_their_person(self) -> None:
        services = self.desks[True]
        before = services.session.state
        services.session.give_back(services.session.user)
        listed = {
            note.id for patient in self.patients for note in services.notes.of_patient(patient.id)
        }
        services.session.state = before
        assert set(self.signed) <= listed


TestNotes = Notes.TestCase
TestNotes.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
