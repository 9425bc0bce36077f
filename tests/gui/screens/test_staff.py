"""Accounts of colleagues, by hand."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from clinic_app.domain.people import Role
from clinic_app.ui.screens.staff.view import StaffScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD
from tests.gui.conftest import Driver


@pytest.fixture
def screen(inside: Driver) -> StaffScreen:
    inside.shortcut(Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    shown = inside.desk.present
    assert isinstance(shown, StaffScreen)
    return shown


def fill(driver: Driver, screen: StaffScreen, repeated: str = COLLEAGUE_PASSWORD) -> None:
    driver.type(screen.user_name, COLLEAGUE)
    driver.type(screen.display_name, "Tomas Vaz")
    screen.role.setCurrentIndex(1)
    driver.type(screen.password.edit, COLLEAGUE_PASSWORD)
    driver.type(screen.repeated.edit, repeated)
    driver.press(Qt.Key.Key_Return, screen.repeated.edit)


def prove(driver: Driver, password: str) -> None:
    sheet = driver.desk.sheet
    assert sheet is not None
    field = sheet.findChild(QLineEdit)
    driver.type(field, password)
    driver.press(Qt.Key.Key_Return, field)


def test_a_colleague_gets_an_account_and_can_sign_in(inside: Driver, screen: StaffScreen) -> None:
    fill(inside, screen)
    prove(inside, PASSWORD)
    assert "Tomas Vaz\ntomas\nDoctor" in inside.words()
    assert screen.password.edit.text() == ""
    inside.click("Sign out")
    inside.until(lambda: inside.window.desk is None)
    inside.settle()
    inside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    inside.until(lambda: inside.window.desk is not None)
    assert inside.desk.workspace.services.session.user.role is Role.DOCTOR


def test_a_wrong_password_of_the_administrator_makes_nothing(
    inside: Driver, screen: StaffScreen
) -> None:
    fill(inside, screen)
    prove(inside, "not the password")
    assert inside.desk.sheet is not None
    assert "This password is not right." in inside.words(inside.desk.sheet)
    assert inside.clinic is not None
    assert len(inside.clinic.store.tables.users) == 1


def test_two_different_passwords_are_told_before_anything_is_asked(
    inside: Driver, screen: StaffScreen
) -> None:
    fill(inside, screen, repeated="something else entirely")
    assert inside.desk.sheet is None
    assert screen.repeated.message == "The two passwords are not the same."


def test_a_user_name_that_is_taken_is_told_in_the_sheet(
    inside: Driver, screen: StaffScreen
) -> None:
    assert inside.clinic is not None
    inside.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)
    fill(inside, screen)
    prove(inside, PASSWORD)
    assert inside.desk.sheet is not None
    assert "user name already" in inside.words(inside.desk.sheet)


def test_only_administrators_see_the_place(outside: Driver) -> None:
    assert outside.clinic is not None
    outside.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    assert not outside.desk.navigation.offers("staff")
    outside.shortcut(Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    assert outside.desk.header.title.text() == "Today"
