"""Unsigned notes of somebody who leaves: told, handed over, read, taken into an own note."""

from __future__ import annotations

import pytest

from clinic_app.domain.notes import Note
from clinic_app.domain.people import Role
from clinic_app.ui.screens.admin.users.account_sheet import EditAccount
from clinic_app.ui.screens.admin.users.left_notes import HandOverNotes
from clinic_app.ui.screens.admin.users.view import UsersSection
from clinic_app.ui.screens.admin.view import AdminScreen
from clinic_app.ui.screens.patient.view import PatientScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD
from tests.gui.admin.conftest import open_section, prove
from tests.gui.conftest import Driver


@pytest.fixture
def draft(inside: Driver) -> Note:
    """By Rosa, who is about to leave."""
    clinic, mine = inside.clinic, inside.clinic.services
    patient = clinic.add_patient()
    clinic.add_staff("rosa", "amber-window-tide", Role.DOCTOR)
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)
    written = clinic.sign_in("rosa", "amber-window-tide").notes.write(patient.id, "Fewer panics.")
    clinic.services = mine
    return written


@pytest.fixture
def users(inside: Driver, draft: Note, settings: AdminScreen) -> UsersSection:
    return open_section(inside, settings, "users", UsersSection)


def edit_rosa(driver: Driver, users: UsersSection) -> EditAccount:
    driver.click("Edit Rosa")
    assert isinstance(users.sheet, EditAccount)
    return users.sheet


def switch_off(driver: Driver, users: UsersSection) -> HandOverNotes:
    sheet = edit_rosa(driver, users)
    driver.click("Switch off…")
    driver.settle()
    assert "1 note is not signed." in driver.words(driver.desk.sheet)
    prove(driver, PASSWORD)
    driver.settle()
    return sheet.handing


def test_who_is_switched_off_leaves_notes_that_are_handed_over_and_taken_over(
    inside: Driver, users: UsersSection, draft: Note
) -> None:
    handing = switch_off(inside, users)
    handing.to_user.setCurrentIndex(handing.to_user.findText("Tomas"))
    inside.click("Hand over…", handing.sheet)
    assert handing.fields["reason"].invalid
    inside.type(handing.reason, "Tomas sees these people now.")
    inside.click("Hand over…", handing.sheet)
    prove(inside, PASSWORD)
    assert inside.desk.sheet is None
    inside.click("Sign out")
    inside.until(lambda: inside.window.desk is None)
    inside.settle()
    inside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    inside.until(lambda: inside.window.desk is not None)
    inside.settle()
    assert "Unsigned notes of Rosa: Tomas sees these people now." in inside.words(inside.desk)
    inside.desk.show_patient(draft.patient_id)
    inside.settle()
    page = inside.desk.present
    assert isinstance(page, PatientScreen)
    words = inside.words(page.timeline)
    assert "Fewer panics." in words
    assert "Unsigned draft by Rosa, handed over to you by Amina Diallo" in words
    inside.click("Begin an own note with it")
    inside.settle()
    assert page.notes.editor.toPlainText() == "Fewer panics."
    words = inside.words(page.timeline)
    assert "Begun with an unsigned draft by Rosa" in words
    assert "Begin an own note with it" not in words
    inside.click("Sign the note")
    prove(inside, COLLEAGUE_PASSWORD)
    inside.settle()
    notes = inside.clinic.store.tables.notes
    (signed,) = [one for one in notes.values() if one.signed_at]
    assert signed.author == signed.signed_by != draft.author
    assert notes[draft.id].signed_at is None


def test_nobody_is_given_the_notes_who_was_not_chosen(
    inside: Driver, users: UsersSection, draft: Note
) -> None:
    handing = switch_off(inside, users)
    assert handing.to_user.currentData() is None
    inside.type(handing.reason, "Somebody sees these people now.")
    inside.click("Hand over…", handing.sheet)
    assert handing.fields["to_user"].message == "Please choose a colleague who signs notes."
    assert inside.desk.sheet is handing.sheet
    assert inside.clinic.store.tables.notes[draft.id] == draft


def test_notes_that_were_left_sealed_are_found_at_the_account_again(
    inside: Driver, users: UsersSection, draft: Note
) -> None:
    handing = switch_off(inside, users)
    inside.click("Leave them sealed", handing.sheet)
    assert inside.clinic.store.tables.notes[draft.id] == draft
    sheet = edit_rosa(inside, users)
    inside.click("Unsigned notes…")
    inside.settle()
    assert inside.desk.sheet is sheet.handing.sheet
    assert "1 note is not signed." in inside.words(inside.desk.sheet)


def test_who_leaves_nothing_unsigned_is_switched_off_without_further_questions(
    inside: Driver, users: UsersSection
) -> None:
    inside.click("Edit Tomas")
    inside.click("Switch off…")
    inside.settle()
    prove(inside, PASSWORD)
    inside.settle()
    assert inside.desk.sheet is None
    inside.click("Edit Tomas")
    inside.click("Unsigned notes…")
    inside.settle()
    assert "Tomas has left no unsigned notes." in inside.words(inside.window)
