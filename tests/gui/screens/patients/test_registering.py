"""Registering somebody, by hand."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from clinic_app.ui.screens.register.view import RegisterScreen
from tests.gui.conftest import Driver


def register(driver: Driver) -> RegisterScreen:
    driver.desk.show_register()
    driver.settle()
    screen = driver.desk.present
    assert isinstance(screen, RegisterScreen)
    return screen


def test_a_patient_is_registered_with_the_keyboard_alone(inside: Driver) -> None:
    screen = register(inside)
    assert screen.form.family_name.hasFocus()
    for text in ("Adeyemi", "Bola", "23.11.1996"):
        QTest.keyClicks(QApplication.focusWidget(), text)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    inside.press(Qt.Key.Key_Return, screen.form.phone)
    assert inside.desk.header.title.text() == "Adeyemi, Bola"
    assert inside.window.notices.toast_text == "Adeyemi, Bola is registered."


def test_a_typed_birth_date_is_said_in_words(inside: Driver) -> None:
    screen = register(inside)
    inside.type(screen.form.birth_date, "7.3.1984")
    field = screen.form.fields["birth_date"]
    assert field.message.startswith("Wednesday, 7 Mar 1984, ")
    inside.type(screen.form.birth_date, "9")
    assert "7.3.1984 or 1984-03-07" in field.message


@pytest.mark.parametrize(
    ("family", "born", "field"),
    [
        ("", "7.3.1984", "family_name"),
        ("Adeyemi", "", "birth_date"),
        ("Ada", "7.3.2999", "birth_date"),
    ],
)
def test_what_is_missing_at_registration_is_told_beside_it(
    inside: Driver, family: str, born: str, field: str
) -> None:
    screen = register(inside)
    inside.type(screen.form.family_name, family)
    inside.type(screen.form.birth_date, born)
    inside.click("Register")
    assert screen.form.fields[field].invalid
    assert screen.form.fields[field].editor.hasFocus()
    assert not inside.clinic.store.tables.patients


def test_similar_people_are_a_warning_and_never_a_block(inside: Driver) -> None:
    known = inside.clinic.add_patient()
    screen = register(inside)
    inside.type(screen.form.family_name, known.family_name)
    inside.type(screen.form.given_name, known.given_name)
    inside.type(screen.form.birth_date, "17.5.1990")
    inside.click("Register")
    assert "Is it one of these people?" in inside.words()
    inside.click("Register anyway")
    assert len(inside.clinic.store.tables.patients) == 2


def fill_in_again(screen: RegisterScreen, driver: Driver) -> None:
    """Whom the clinic knows already."""
    known = driver.clinic.add_patient()
    driver.type(screen.form.family_name, known.family_name)
    driver.type(screen.form.given_name, known.given_name)
    driver.type(screen.form.birth_date, "17.5.1990")


@pytest.mark.parametrize("way", ["Cancel", "Patients", "Open this one"])
def test_a_registration_that_is_being_stored_is_not_cancelled_without_a_word(
    inside: Driver, way: str
) -> None:
    screen = register(inside)
    fill_in_again(screen, inside)
    inside.click("Register")
    gate = inside.hold_the_store()
    QTest.mouseClick(screen.register, Qt.MouseButton.LeftButton)
    leave = inside.desk.header if way == "Patients" else screen
    words = f"Open the record of {first_of(inside)}" if way == "Open this one" else way
    QTest.mouseClick(inside.button(words, leave), Qt.MouseButton.LeftButton)
    there = inside.desk.present is screen
    gate.set()
    inside.settle()
    assert there
    assert len(inside.clinic.store.tables.patients) == 2
    assert "is registered." in inside.window.notices.toast_text


def first_of(driver: Driver) -> str:
    return next(iter(driver.clinic.store.tables.patients.values())).display_name


def test_the_similar_person_can_be_opened_instead(inside: Driver) -> None:
    known = inside.clinic.add_patient()
    screen = register(inside)
    inside.type(screen.form.family_name, known.family_name)
    inside.type(screen.form.birth_date, "17.5.1990")
    inside.click("Register")
    inside.click(f"Open the record of {known.display_name}")
    assert inside.desk.header.title.text() == known.display_name
    assert len(inside.clinic.store.tables.patients) == 1
