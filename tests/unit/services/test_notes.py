"""Writing, signing and adding to notes."""

from __future__ import annotations

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, InvalidInput, NotFound, WrongPassword, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import Note, NoteKind, NoteSection
from clinic_app.domain.people import Role
from clinic_app.domain.screening import ClinicianSeverity
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


def test_the_words_of_a_draft_are_its_authors_until_it_is_signed(clinic: FakeClinic) -> None:
    patient, mine = clinic.add_patient(), clinic.services.notes
    headings = mine.headings(NoteKind.REFERRAL)
    parts = [NoteSection(heading, f"About {heading}") for heading in headings]
    note = mine.write(patient.id, "Not yet for others.", NoteKind.REFERRAL, parts)
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    colleague = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    (row,) = colleague.notes.of_patient(patient.id)
    (event,) = [
        one for one in colleague.timeline.of_patient(patient.id).events if one.id == note.id
    ]
    for seen in (row, event, colleague.notes.get(note.id)):
        assert isinstance(seen, Note)
        assert (seen.author, seen.text, seen.sections) == (note.author, "", ())
    again = clinic.sign_in()
    assert again.notes.get(note.id) == note
    signed = again.notes.sign(note.id, PASSWORD)
    assert clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).notes.get(note.id) == signed


def test_a_discarded_draft_is_no_more_readable_for_others(clinic: FakeClinic) -> None:
    note = clinic.services.notes.write(clinic.add_patient().id, "Never meant for anybody.")
    clinic.services.notes.discard(note.id)
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    assert clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).notes.get(note.id).text == ""


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


def test_a_safety_plan_has_the_headings_of_the_site(clinic: FakeClinic) -> None:
    notes, patient = clinic.services.notes, clinic.add_patient()
    headings = notes.headings(NoteKind.SAFETY_PLAN)
    assert headings == clinic.services.clinic.profile().safety_plan_headings
    parts = [NoteSection(heading, "") for heading in headings]
    with pytest.raises(InvalidInput):
        notes.write(patient.id, "", NoteKind.SAFETY_PLAN, parts)
    parts[1] = NoteSection(headings[1], "Go for a walk.")
    plan = notes.write(patient.id, "", NoteKind.SAFETY_PLAN, parts)
    parts[1] = NoteSection(headings[1], "Go for a long walk.")
    notes.edit(plan.id, "", parts)
    signed = notes.sign(plan.id, PASSWORD)
    assert signed.sections == tuple(parts)
    assert signed.kind is NoteKind.SAFETY_PLAN
    assert notes.headings(NoteKind.PROGRESS) == ()
    assert notes.headings(NoteKind.REFERRAL)


def test_a_discarded_draft_is_listed_nowhere_and_a_signed_note_stays(clinic: FakeClinic) -> None:
    notes, patient = clinic.services.notes, clinic.add_patient()
    slip = notes.write(patient.id, "Wrong person.")
    assert notes.unsigned() == [slip]
    notes.discard(slip.id)
    assert notes.of_patient(patient.id) == []
    assert notes.unsigned() == []
    assert not [
        one
        for one in clinic.services.timeline.of_patient(patient.id).events
        if isinstance(one, Note)
    ]
    with pytest.raises(WrongState, match="discarded"):
        notes.sign(slip.id, PASSWORD)
    signed = notes.sign(notes.write(patient.id, "Right.").id, PASSWORD)
    with pytest.raises(WrongState, match="stays"):
        notes.discard(signed.id)


def test_nobody_signs_or_discards_the_draft_of_somebody_else(clinic: FakeClinic) -> None:
    note = clinic.services.notes.write(clinic.add_patient().id, "Sleeping better.")
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    with pytest.raises(AccessDenied):
        services.notes.sign(note.id, COLLEAGUE_PASSWORD)
    with pytest.raises(AccessDenied):
        services.notes.discard(note.id)
    assert clinic.store.tables.notes[note.id] == note


def test_a_note_on_somebody_elses_screening_is_refused(clinic: FakeClinic) -> None:
    take = clinic.services.screenings
    draft = take.start(clinic.add_patient().id)
    take.judge(draft.id, ClinicianSeverity.MILD)
    screening = take.finish(draft.id)
    other = clinic.add_patient("Bello", "Ada")
    with pytest.raises(InvalidInput, match="another patient"):
        clinic.services.notes.write(other.id, "Text.", screening_id=screening.id)
