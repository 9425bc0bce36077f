"""What somebody who has left did not sign: counted, sealed, handed to a named clinician."""

from __future__ import annotations

from uuid import UUID

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, InvalidInput, WrongPassword, WrongState
from clinic_app.domain.notes import Note, NoteKind, NoteSection
from clinic_app.domain.people import Patient, Role, StaffUser
from clinic_app.services.clinic_services import ClinicServices
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic

LEAVER, LEAVER_PASSWORD = "rosa", "amber-window-tide"
REASON = "She left at the end of March; Tomas sees these people now."


@pytest.fixture
def patient(clinic: FakeClinic) -> Patient:
    return clinic.add_patient()


@pytest.fixture
def tomas(clinic: FakeClinic) -> StaffUser:
    return clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)


@pytest.fixture
def draft(clinic: FakeClinic, patient: Patient) -> Note:
    """By a colleague whose account is still on; the administrator is signed in."""
    clinic.add_staff(LEAVER, LEAVER_PASSWORD, Role.DOCTOR)
    services = clinic.sign_in(LEAVER, LEAVER_PASSWORD)
    written = services.notes.write(patient.id, "Fewer nightmares since Monday.")
    clinic.sign_in()
    return written


def leave(clinic: FakeClinic, draft: Note) -> None:
    clinic.services.staff.disable(draft.author, PASSWORD)


def hand_over(clinic: FakeClinic, draft: Note, to_user: UUID, reason: str = REASON) -> int:
    return clinic.services.staff.hand_over_notes(draft.author, to_user, reason, PASSWORD)


def as_tomas(clinic: FakeClinic) -> ClinicServices:
    return clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)


def test_an_administrator_is_told_how_many_notes_are_unsigned_and_reads_none(
    clinic: FakeClinic, draft: Note, tomas: StaffUser
) -> None:
    found = clinic.services.staff.unsigned_notes(draft.author)
    assert (found.count, found.people, found.sealed) == (1, 1, 1)
    assert [one.user_name for one in found.receivers] == ["amina", "tomas"]
    leave(clinic, draft)
    assert clinic.services.notes.get(draft.id).text == ""
    assert clinic.services.staff.unsigned_notes(tomas.id).count == 0


def test_nothing_is_handed_over_while_the_account_is_on(
    clinic: FakeClinic, draft: Note, tomas: StaffUser
) -> None:
    with pytest.raises(WrongState, match="switched on"):
        hand_over(clinic, draft, tomas.id)
    assert clinic.store.tables.notes[draft.id] == draft


def test_a_handed_over_draft_is_read_by_the_named_colleague_alone(
    clinic: FakeClinic, draft: Note, tomas: StaffUser
) -> None:
    leave(clinic, draft)
    assert hand_over(clinic, draft, tomas.id) == 1
    unread = clinic.services.notes.get(draft.id)
    assert (unread.text, unread.handed) == ("", None)
    services = as_tomas(clinic)
    seen = services.notes.get(draft.id)
    assert (seen.text, seen.author, seen.signed_at) == (draft.text, draft.author, None)
    assert seen.handed is not None
    assert (seen.handed.to_user, seen.handed.reason) == (tomas.id, REASON)
    (row,) = services.handovers.waiting()
    assert row.patients[0].id == draft.patient_id
    assert (row.handover.text, row.left_name) == (REASON, "Rosa")


def test_who_comes_back_writes_on_unread(clinic: FakeClinic, draft: Note, tomas: StaffUser) -> None:
    leave(clinic, draft)
    hand_over(clinic, draft, tomas.id)
    clinic.services.staff.enable(draft.author, "slate-meadow-drift", PASSWORD)
    back = clinic.sign_in(LEAVER, "slate-meadow-drift")
    back.notes.edit(draft.id, "Back again: no nightmares at all.")
    services = as_tomas(clinic)
    assert services.notes.get(draft.id).text == ""
    with pytest.raises(WrongState, match="handed over"):
        services.notes.take_over(draft.id)


def test_the_handing_over_is_in_the_audit_trail_without_a_word_of_the_note(
    clinic: FakeClinic, draft: Note, tomas: StaffUser
) -> None:
    leave(clinic, draft)
    hand_over(clinic, draft, tomas.id)
    lines = [one for one in clinic.store.tables.audit if one.subject_id == draft.id]
    assert (lines[-1].kind, lines[-1].detail) == (AuditKind.CHANGED, f"handed to={tomas.id}")
    assert not any("nightmares" in one.detail for one in clinic.store.tables.audit)


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_without_a_written_reason_everything_stays_sealed(
    clinic: FakeClinic, draft: Note, tomas: StaffUser, reason: str
) -> None:
    leave(clinic, draft)
    with pytest.raises(InvalidInput, match="why"):
        hand_over(clinic, draft, tomas.id, reason)
    assert as_tomas(clinic).notes.get(draft.id).text == ""


def test_a_wrong_password_or_a_colleague_without_an_account_changes_nothing(
    clinic: FakeClinic, draft: Note, tomas: StaffUser
) -> None:
    leave(clinic, draft)
    with pytest.raises(WrongPassword):
        clinic.services.staff.hand_over_notes(draft.author, tomas.id, REASON, "not-it")
    clinic.services.staff.disable(tomas.id, PASSWORD)
    for nobody in (tomas.id, draft.author):
        with pytest.raises(InvalidInput) as refused:
            hand_over(clinic, draft, nobody)
        assert refused.value.field == "to_user"
    assert clinic.store.tables.notes[draft.id] == draft


def test_the_colleague_can_neither_sign_nor_change_nor_discard_the_draft(
    clinic: FakeClinic, draft: Note, tomas: StaffUser
) -> None:
    leave(clinic, draft)
    hand_over(clinic, draft, tomas.id)
    notes = as_tomas(clinic).notes
    with pytest.raises(AccessDenied):
        notes.sign(draft.id, COLLEAGUE_PASSWORD)
    with pytest.raises(AccessDenied):
        notes.edit(draft.id, "Other words.")
    with pytest.raises(AccessDenied):
        notes.discard(draft.id)


def test_what_is_signed_is_a_note_of_ones_own_that_names_where_it_is_from(
    clinic: FakeClinic, draft: Note, tomas: StaffUser
) -> None:
    leave(clinic, draft)
    hand_over(clinic, draft, tomas.id)
    notes = as_tomas(clinic).notes
    own = notes.take_over(draft.id)
    assert notes.take_over(draft.id) == own
    assert notes.unsigned() == [own]
    notes.edit(own.id, f"{own.text} Confirmed with her by phone.")
    signed = notes.sign(own.id, COLLEAGUE_PASSWORD)
    assert (signed.author, signed.signed_by, signed.handed) == (tomas.id, tomas.id, None)
    assert signed.origin is not None
    assert (signed.origin.note_id, signed.origin.author) == (draft.id, draft.author)
    left = clinic.store.tables.notes[draft.id]
    assert (left.text, left.author, left.signed_at) == (draft.text, draft.author, None)
    assert clinic.sign_in().staff.unsigned_notes(draft.author).count == 0


def test_the_hash_of_a_signed_note_covers_where_it_is_from(
    clinic: FakeClinic, draft: Note, tomas: StaffUser
) -> None:
    leave(clinic, draft)
    hand_over(clinic, draft, tomas.id)
    services = as_tomas(clinic)
    own = services.notes.take_over(draft.id)
    plain = services.notes.write(draft.patient_id, own.text)
    assert own.text == plain.text
    assert own.sha256 != plain.sha256


def test_a_safety_plan_keeps_its_headings_and_an_addendum_its_note(
    clinic: FakeClinic, patient: Patient, tomas: StaffUser
) -> None:
    rosa = clinic.add_staff(LEAVER, LEAVER_PASSWORD, Role.DOCTOR)
    notes = clinic.sign_in(LEAVER, LEAVER_PASSWORD).notes
    signed = notes.sign(notes.write(patient.id, "Slept badly.").id, LEAVER_PASSWORD)
    added = notes.add_to(signed.id, "Slept well since.")
    parts = [NoteSection(one, "Ring the sister.") for one in notes.headings(NoteKind.SAFETY_PLAN)]
    plan = notes.write(patient.id, "", NoteKind.SAFETY_PLAN, parts)
    clinic.sign_in()
    leave(clinic, plan)
    clinic.services.staff.hand_over_notes(rosa.id, tomas.id, REASON, PASSWORD)
    mine = as_tomas(clinic).notes
    assert mine.take_over(added.id).addendum_to == signed.id
    taken = mine.take_over(plan.id)
    assert (taken.kind, taken.sections) == (NoteKind.SAFETY_PLAN, plan.sections)


def test_what_was_not_handed_over_begins_no_note(
    clinic: FakeClinic, draft: Note, tomas: StaffUser
) -> None:
    leave(clinic, draft)
    with pytest.raises(WrongState):
        as_tomas(clinic).notes.take_over(draft.id)
    assert tomas.id not in {one.author for one in clinic.store.tables.notes.values()}


def test_an_administrator_who_sees_patients_may_take_them_over_and_passes_them_on(
    clinic: FakeClinic, draft: Note, tomas: StaffUser
) -> None:
    leave(clinic, draft)
    me = clinic.services.session.user.id
    hand_over(clinic, draft, me)
    assert clinic.services.notes.get(draft.id).text == draft.text
    assert clinic.services.handovers.waiting() == []
    assert clinic.services.staff.unsigned_notes(draft.author).sealed == 0
    hand_over(clinic, draft, tomas.id)
    assert clinic.services.notes.get(draft.id).text == ""
    assert as_tomas(clinic).notes.get(draft.id).text == draft.text


def test_drafts_of_a_receiver_who_leaves_as_well_are_sealed_again(
    clinic: FakeClinic, draft: Note, tomas: StaffUser
) -> None:
    leave(clinic, draft)
    hand_over(clinic, draft, tomas.id)
    assert clinic.services.staff.unsigned_notes(draft.author).sealed == 0
    clinic.services.staff.disable(tomas.id, PASSWORD)
    found = clinic.services.staff.unsigned_notes(draft.author)
    assert (found.count, found.sealed) == (1, 1)


def test_who_comes_back_goes_on_with_the_own_draft(
    clinic: FakeClinic, draft: Note, tomas: StaffUser
) -> None:
    leave(clinic, draft)
    hand_over(clinic, draft, tomas.id)
    clinic.services.staff.enable(draft.author, LEAVER_PASSWORD, PASSWORD)
    notes = clinic.sign_in(LEAVER, LEAVER_PASSWORD).notes
    signed = notes.sign(draft.id, LEAVER_PASSWORD)
    assert (signed.text, signed.signed_by) == (draft.text, draft.author)


def test_an_export_leaves_out_a_draft_that_was_handed_over(clinic: FakeClinic, draft: Note) -> None:
    leave(clinic, draft)
    hand_over(clinic, draft, clinic.services.session.user.id)
    assert clinic.services.exports.plan(draft.patient_id).notes == 0
