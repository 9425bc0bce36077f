"""Accounts: made, changed, switched off and on, new passwords."""

from __future__ import annotations

from threading import Event

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest

from clinic_app.domain.errors import WrongPassword
from clinic_app.domain.people import Role, StaffUser
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.admin.users.account_sheet import EditAccount, NewAccount
from clinic_app.ui.screens.admin.users.view import UsersSection
from clinic_app.ui.screens.admin.view import AdminScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, USER
from tests.gui.admin.conftest import fill, open_section, prove
from tests.gui.conftest import Driver

NEW_PASSWORD = "amber window grove"


@pytest.fixture
def users(inside: Driver, settings: AdminScreen) -> UsersSection:
    return open_section(inside, settings, "users", UsersSection)


@pytest.fixture
def colleague(inside: Driver, users: UsersSection) -> StaffUser:
    user = inside.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)
    users.presenter.look()
    inside.settle()
    return user


def stored(driver: Driver, user: StaffUser) -> StaffUser:
    return driver.clinic.store.tables.users[user.id]


def type_new(driver: Driver, users: UsersSection, repeated: str = COLLEAGUE_PASSWORD) -> NewAccount:
    driver.click("Add a colleague…")
    sheet = users.sheet
    assert isinstance(sheet, NewAccount)
    driver.type(sheet.user_name, COLLEAGUE)
    driver.type(sheet.display_name, "Tomas Vaz")
    sheet.role.setCurrentIndex(1)
    driver.type(sheet.pair.password.edit, COLLEAGUE_PASSWORD)
    driver.type(sheet.pair.repeated.edit, repeated)
    driver.press(Qt.Key.Key_Return, sheet.pair.repeated.edit)
    return sheet


def edit(driver: Driver, users: UsersSection, name: str = "Tomas") -> EditAccount:
    driver.click(f"Edit {name}")
    assert isinstance(users.sheet, EditAccount)
    return users.sheet


def test_an_account_that_was_given_up_while_it_was_checked_asks_for_no_password(
    inside: Driver, users: UsersSection
) -> None:
    sheet = type_new(inside, users, repeated="something else")  # it stays open
    fill(sheet.pair.repeated.edit, COLLEAGUE_PASSWORD)
    gate = Event()
    inside.jobs.submit(
        Lane.DATABASE, lambda: gate.wait(20), done=lambda _: None, failed=lambda _: None
    )
    QTest.mouseClick(sheet.confirm, Qt.MouseButton.LeftButton)
    QTest.mouseClick(inside.button("Cancel", sheet.sheet), Qt.MouseButton.LeftButton)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gate.set()
    inside.settle()
    assert inside.desk.sheet is None


def test_a_colleague_gets_an_account_and_can_sign_in(inside: Driver, users: UsersSection) -> None:
    type_new(inside, users)
    prove(inside, PASSWORD)
    assert inside.desk.sheet is None
    assert "Tomas Vaz\nDoctor\ntomas" in inside.words(users)
    assert "2 accounts" in inside.words(users)
    inside.click("Sign out")
    inside.until(lambda: inside.window.desk is None)
    inside.settle()
    inside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    inside.until(lambda: inside.window.desk is not None)
    inside.settle()
    assert inside.desk.workspace.services.session.user.role is Role.DOCTOR


def test_a_wrong_password_of_the_administrator_makes_nothing(
    inside: Driver, users: UsersSection
) -> None:
    type_new(inside, users)
    prove(inside, "not the password")
    assert inside.desk.sheet is not None
    assert "This password is not right." in inside.words(inside.desk.sheet)
    assert len(inside.clinic.store.tables.users) == 1


def test_two_different_passwords_are_told_at_their_field(
    inside: Driver, users: UsersSection
) -> None:
    sheet = type_new(inside, users, repeated="something else entirely")
    assert sheet.pair.repeated.message == "The two passwords are not the same."
    assert inside.desk.sheet is sheet.sheet


@pytest.mark.usefixtures("colleague")
def test_a_user_name_that_is_taken_is_told_at_its_field_before_a_password_is_asked_for(
    inside: Driver, users: UsersSection
) -> None:
    sheet = type_new(inside, users)
    assert "user name already" in sheet.fields["user_name"].message
    assert inside.desk.sheet is sheet.sheet


def test_role_and_signature_of_a_colleague_are_changed(
    inside: Driver, users: UsersSection, colleague: StaffUser
) -> None:
    sheet = edit(inside, users)
    sheet.role.setCurrentIndex(1)
    fill(sheet.edits["title"], "Dr.")
    fill(sheet.edits["registration_number"], "PSY 4711")
    inside.click("Save…", sheet.sheet)
    prove(inside, PASSWORD)
    after = stored(inside, colleague)
    assert (after.role, after.title, after.registration_number) == (Role.DOCTOR, "Dr.", "PSY 4711")
    assert "tomas · Dr. · PSY 4711" in inside.words(users)


@pytest.mark.usefixtures("colleague")
def test_a_name_cannot_be_emptied(inside: Driver, users: UsersSection) -> None:
    sheet = edit(inside, users)
    fill(sheet.edits["display_name"], " ")
    inside.click("Save…", sheet.sheet)
    assert sheet.fields["display_name"].invalid
    assert inside.desk.sheet is sheet.sheet


def test_an_account_is_switched_off_and_on_again_with_a_new_password(
    inside: Driver, users: UsersSection, colleague: StaffUser
) -> None:
    edit(inside, users)
    inside.click("Switch off…")
    assert "Switch off the account of Tomas?" in inside.words(inside.desk.sheet)
    prove(inside, PASSWORD)
    assert not stored(inside, colleague).active
    assert "switched off on" in inside.words(users)
    with pytest.raises(WrongPassword):
        inside.clinic.vault.check_password(COLLEAGUE, COLLEAGUE_PASSWORD)
    sheet = edit(inside, users)
    inside.click("Switch on…")
    asked = sheet._asked
    inside.type(asked.pair.password.edit, NEW_PASSWORD)
    inside.type(asked.pair.repeated.edit, NEW_PASSWORD)
    inside.press(Qt.Key.Key_Return, asked.pair.repeated.edit)
    prove(inside, PASSWORD)
    assert inside.desk.sheet is None
    assert stored(inside, colleague).active
    inside.clinic.vault.check_password(COLLEAGUE, NEW_PASSWORD)


@pytest.mark.usefixtures("colleague")
def test_a_forgotten_password_is_replaced(inside: Driver, users: UsersSection) -> None:
    sheet = edit(inside, users)
    inside.click("New password…")
    asked = sheet._asked
    inside.type(asked.pair.password.edit, NEW_PASSWORD)
    inside.type(asked.pair.repeated.edit, NEW_PASSWORD)
    inside.click("Go on…")
    prove(inside, PASSWORD)
    inside.clinic.vault.check_password(COLLEAGUE, NEW_PASSWORD)
    with pytest.raises(WrongPassword):
        inside.clinic.vault.check_password(COLLEAGUE, COLLEAGUE_PASSWORD)


def test_the_own_account_cannot_be_switched_off_or_demoted(
    inside: Driver, users: UsersSection
) -> None:
    sheet = edit(inside, users, "Amina Diallo")
    assert not hasattr(sheet, "switch")
    assert "cannot be switched off by you" in inside.words(sheet.sheet)
    sheet.role.setCurrentIndex(0)
    inside.click("Save…", sheet.sheet)
    prove(inside, PASSWORD)
    assert "only administrator" in inside.words(inside.desk.sheet)
    (me,) = inside.clinic.store.tables.users.values()
    assert me.role is Role.ADMINISTRATOR


def test_anybody_changes_the_own_password_from_the_foot_of_the_window(inside: Driver) -> None:
    inside.click("Change my password")
    sheet = inside.desk._own_password
    inside.type(sheet.old.edit, "not the password")
    inside.type(sheet.pair.password.edit, NEW_PASSWORD)
    inside.type(sheet.pair.repeated.edit, NEW_PASSWORD)
    inside.click("Change the password")
    assert sheet.old.message == "This password is not right."
    inside.type(sheet.old.edit, PASSWORD)
    inside.click("Change the password")
    assert inside.desk.sheet is None
    inside.clinic.vault.check_password(USER, NEW_PASSWORD)
    with pytest.raises(WrongPassword):
        inside.clinic.vault.check_password(USER, PASSWORD)


def test_a_weak_new_password_is_told_at_its_field(inside: Driver) -> None:
    inside.click("Change my password")
    sheet = inside.desk._own_password
    inside.type(sheet.old.edit, PASSWORD)
    for field in sheet.pair.edits:
        inside.type(field, "password1234")
    inside.click("Change the password")
    assert "one of the first that somebody would try" in sheet.pair.password.message
