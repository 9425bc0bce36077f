"""A note is kept while it is typed, made once, and signed as it stands."""

from __future__ import annotations

import pytest

from clinic_app.domain.errors import InvalidInput, StoreFull, WrongPassword
from clinic_app.domain.notes import NOTE_LIMIT
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.patient.note_writer import NoteWriter, Written
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView


class Writing:
    def __init__(self) -> None:
        self.clinic = FakeClinic()
        self.patient = self.clinic.add_patient()
        self.view = RecordedView()
        self.jobs = HeldJobs()
        self.writer = NoteWriter(self.view, self.clinic.services.notes, self.jobs, self.patient.id)
        self.outcomes: list[BaseException | None] = []

    def type(self, text: str) -> None:
        self.writer.text = text

    def keep(self) -> None:
        self.writer.keep(self.outcomes.append)

    def texts(self) -> list[str]:
        return [note.text for note in self.clinic.store.tables.notes.values()]


@pytest.fixture
def writing() -> Writing:
    return Writing()


def test_typing_on_changes_the_same_draft(writing: Writing) -> None:
    for text in ("Sleeps", "Sleeps better", "Sleeps better now"):
        writing.type(text)
        writing.keep()
        writing.jobs.run_all()
    assert writing.texts() == ["Sleeps better now"]
    assert writing.outcomes == [None, None, None]


def test_words_typed_while_the_first_are_on_their_way_make_no_second_note(
    writing: Writing,
) -> None:
    writing.type("Sleeps")
    writing.keep()
    writing.type("Sleeps better")
    writing.keep()
    writing.jobs.run_all()
    assert writing.texts() == ["Sleeps better"]
    assert writing.outcomes == [None, None]
    assert writing.view.names() == ["show_kept"]


def test_who_waits_to_leave_is_told_once_the_last_words_are_in(writing: Writing) -> None:
    writing.type("Sleeps")
    writing.keep()
    writing.type("Sleeps better")  # while the first words are on their way
    writing.jobs.run()
    assert writing.outcomes == []
    writing.jobs.run_all()
    assert writing.outcomes == [None]
    assert writing.texts() == ["Sleeps better"]


def test_the_last_words_are_kept_before_the_session_is_locked(writing: Writing) -> None:
    writing.type("Sleeps")
    writing.keep()
    writing.type("Sleeps better")
    writing.keep()
    session = writing.clinic.services.session
    writing.jobs.submit(
        Lane.DATABASE, session.lock, done=lambda _: None, failed=writing.outcomes.append
    )
    writing.jobs.run_all()
    assert writing.texts() == ["Sleeps better"]
    assert writing.outcomes == [None, None]


def test_a_first_change_that_fails_is_carried_by_the_next(writing: Writing) -> None:
    writing.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    writing.type("Sleeps")
    writing.keep()
    writing.type("Sleeps better")
    writing.keep()
    writing.jobs.run()
    writing.clinic.store.commit_fails_with = None
    writing.jobs.run_all()
    assert writing.texts() == ["Sleeps better"]
    assert writing.outcomes == [None, None]


def test_an_addendum_is_a_draft_from_the_first_words_on(writing: Writing) -> None:
    notes = writing.clinic.services.notes
    signed = notes.sign(notes.write(writing.patient.id, "Signed words").id, PASSWORD)
    writer = NoteWriter(writing.view, notes, writing.jobs, writing.patient.id, adds_to=signed.id)
    for text in ("Back", "Back at work"):
        writer.written = Written(text)
        writer.keep()
        writing.jobs.run_all()
    draft = notes.draft_addendum(signed.id)
    assert draft is not None
    assert (draft.text, draft.addendum_to, draft.signed_at) == ("Back at work", signed.id, None)
    writer.sign(PASSWORD)
    assert notes.draft_addendum(signed.id) is None


def test_a_note_too_long_to_sign_is_kept_to_the_last_character(writing: Writing) -> None:
    text = "word " * 40_000 + "end"
    writing.type(text)
    assert writing.writer.written.too_long
    writing.keep()
    writing.jobs.run_all()
    assert writing.outcomes == [None]
    assert writing.texts() == [text]
    with pytest.raises(InvalidInput, match="into a note of its own"):
        writing.writer.sign(PASSWORD)
    assert writing.texts() == [text]
    writing.type(text[:NOTE_LIMIT])
    writing.keep()
    writing.jobs.run_all()
    assert writing.writer.sign(PASSWORD).signed_at is not None


def test_nothing_typed_is_kept_at_once_and_makes_no_note(writing: Writing) -> None:
    writing.type("  \n ")
    writing.keep()
    assert writing.outcomes == [None]
    assert writing.jobs.held == []
    assert not writing.writer.changed


def test_an_unchanged_text_is_not_written_again(writing: Writing) -> None:
    writing.type("Sleeps")
    writing.keep()
    writing.jobs.run_all()
    writing.keep()
    assert writing.jobs.held == []


def test_a_full_disk_is_told_and_the_text_stays_to_be_kept_later(writing: Writing) -> None:
    trouble = StoreFull("The disk is full.")
    writing.clinic.store.commit_fails_with = trouble
    writing.type("Sleeps")
    writing.keep()
    writing.jobs.run_all()
    assert writing.outcomes == [trouble]
    assert writing.view.last("show_unkept") == (trouble,)
    assert writing.writer.changed
    writing.clinic.store.commit_fails_with = None
    writing.keep()
    writing.jobs.run_all()
    assert writing.texts() == ["Sleeps"]


def test_signing_needs_the_password_and_keeps_the_text_for_ever(writing: Writing) -> None:
    writing.type("Sleeps better")
    writing.keep()
    writing.jobs.run_all()
    with pytest.raises(WrongPassword):
        writing.writer.sign("wrong password")
    assert writing.writer.sign(PASSWORD).signed_at is not None


def test_going_on_with_a_draft_changes_that_draft(writing: Writing) -> None:
    note = writing.clinic.services.notes.write(writing.patient.id, "Begun")
    writing.writer.resume(note)
    assert not writing.writer.changed
    writing.type("Begun and continued")
    writing.keep()
    writing.jobs.run_all()
    assert writing.texts() == ["Begun and continued"]


def test_a_new_note_after_signing_leaves_the_signed_one_alone(writing: Writing) -> None:
    writing.type("First")
    writing.keep()
    writing.jobs.run_all()
    writing.writer.sign(PASSWORD)
    writing.writer.start_anew()
    writing.type("Second")
    writing.keep()
    writing.jobs.run_all()
    assert sorted(writing.texts()) == ["First", "Second"]
