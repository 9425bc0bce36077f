"""Writing, signing and adding to notes."""

from __future__ import annotations

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, InvalidInput, NotFound, WrongPassword, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic


def test_a_note_is_written_changed_signed_and_added_to(clinic: FakeClinic) -> None:
    notes, patient = clinic.services.notes, clinic.add_patient()
    note = notes.write(patient.id, "Sleeping better.")
    notes.edit(note.id, "Sleeping well.")
    signed = notes.sign(note.id, PASSWORD)
    assert (signed.text, signed.signed_by) == ("Sleeping well.", clinic.services.session.user.id)
    with pytest.raises(WrongState):
        notes.edit(note.id, "Relapse.")
    first = notes.add_to(note.id, "Called on Friday.")
    notes.sign(first.id, PASSWORD)
    second = notes.add_to(first.id, "Called on Monday.")
    assert (first.addendum_to, second.addendum_to) == (note.id, note.id)
    assert [one.id for one in notes.of_patient(patient.id)] == [second.id, first.id, note.id]


def test_a_wrong_password_signs_nothing_and_is_audited(clinic: FakeClinic) -> None:
    note = clinic.services.notes.write(clinic.add_patient().id, "Sleeping better.")
    with pytest.raises(WrongPassword):
        clinic.services.notes.sign(note.id, "not-the-password")
    assert clinic.services.notes.of_patient(note.patient_id)[0].signed_at is None
    kinds = [entry.kind for entry in clinic.store.tables.audit]
    assert AuditKind.SIGN_IN_FAILED in kinds
    assert AuditKind.SIGNED not in kinds


def test_a_draft_is_added_to_by_changing_it(clinic: FakeClinic) -> None:
    note = clinic.services.notes.write(clinic.add_patient().id, "Sleeping better.")
    with pytest.raises(WrongState, match="not signed yet"):
        clinic.services.notes.add_to(note.id, "More.")


def test_nobody_changes_the_draft_of_somebody_else(clinic: FakeClinic) -> None:
    note = clinic.services.notes.write(clinic.add_patient().id, "Sleeping better.")
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    with pytest.raises(AccessDenied):
        services.notes.edit(note.id, "Something else.")
    assert clinic.store.tables.notes[note.id] == note
    assert clinic.store.tables.audit[-1].kind is AuditKind.REFUSED


def test_a_note_of_nobody_or_without_words_is_not_stored(clinic: FakeClinic) -> None:
    with pytest.raises(NotFound):
        clinic.services.notes.write(new_id(), "Text.")
    with pytest.raises(InvalidInput):
        clinic.services.notes.write(clinic.add_patient().id, " \n ")
    assert clinic.store.tables.notes == {}


def test_the_audit_trail_holds_no_words_of_a_note(clinic: FakeClinic) -> None:
    note = clinic.services.notes.write(clinic.add_patient().id, "Unmistakable words.")
    clinic.services.notes.sign(note.id, PASSWORD)
    assert not any("Unmistakable" in entry.detail for entry in clinic.store.tables.audit)
