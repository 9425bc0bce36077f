"""Finding somebody in the list of patients, by hand."""

from __future__ import annotations

from datetime import date
from functools import partial
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.patients.view import PatientsScreen
from clinic_app.ui.screens.register.view import RegisterScreen
from tests.gui.conftest import Driver


@pytest.fixture
def patients(inside: Driver) -> PatientsScreen:
    inside.clinic.add_patient("Okafor", "Chidi", date(1990, 5, 17))
    inside.clinic.add_patient("Okonkwo", "Ngozi", date(1984, 3, 7))
    inside.desk.show_patients()
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, PatientsScreen)
    return screen


def names(screen: PatientsScreen) -> list[str]:
    model = screen.rows
    return [str(model.data(model.index(row, 0))) for row in range(model.rowCount())]


def search(driver: Driver, screen: PatientsScreen, text: str) -> None:
    screen.search.clear()
    driver.type(screen.search, text)
    driver.until(lambda: not screen._pause.isActive())
    driver.settle()


def test_enter_never_opens_somebody_who_was_found_by_other_words(
    inside: Driver, patients: PatientsScreen
) -> None:
    search(inside, patients, "oko")
    gate = Event()
    wait = partial(gate.wait, 20)
    inside.jobs.submit(Lane.DATABASE, wait, done=lambda _: None, failed=lambda _: None)
    patients.search.clear()
    inside.type(patients.search, "oka")
    inside.until(lambda: not patients._pause.isActive())  # asked for, and not answered yet
    assert names(patients) == ["Okonkwo, Ngozi"]
    QTest.keyClick(patients.search, Qt.Key.Key_Return)
    gate.set()
    inside.settle()
    assert inside.desk.present is patients
    inside.press(Qt.Key.Key_Return, patients.search)
    shown = inside.desk.present
    assert isinstance(shown, PatientScreen)
    assert shown.title == "Okafor, Chidi"


def test_typing_narrows_the_list(inside: Driver, patients: PatientsScreen) -> None:
    assert names(patients) == ["Okonkwo, Ngozi", "Okafor, Chidi"]
    search(inside, patients, "chi")
    assert names(patients) == ["Okafor, Chidi"]
    search(inside, patients, "7.3.1984")
    assert names(patients) == ["Okonkwo, Ngozi"]


def test_a_patient_is_opened_with_the_keyboard_alone(
    inside: Driver, patients: PatientsScreen
) -> None:
    assert patients.search.hasFocus()
    inside.press(Qt.Key.Key_Down)
    assert patients.table.hasFocus()
    inside.press(Qt.Key.Key_Down)
    inside.press(Qt.Key.Key_Return)
    assert inside.desk.header.title.text() == "Okafor, Chidi"


def test_enter_in_the_search_line_opens_the_first(inside: Driver, patients: PatientsScreen) -> None:
    search(inside, patients, "ngozi")
    inside.press(Qt.Key.Key_Return, patients.search)
    assert inside.desk.header.title.text() == "Okonkwo, Ngozi"


def test_enter_before_the_answer_never_opens_somebody_else(
    inside: Driver, patients: PatientsScreen
) -> None:
    inside.type(patients.search, "ngozi")
    QTest.keyClick(patients.search, Qt.Key.Key_Return)
    inside.settle()
    assert inside.desk.present is patients
    assert names(patients) == ["Okonkwo, Ngozi"]


def test_typing_in_the_table_goes_on_searching(inside: Driver, patients: PatientsScreen) -> None:
    patients.table.setFocus()
    QTest.keyClicks(patients.table, "c")
    assert patients.search.hasFocus()
    assert patients.search.text() == "c"
    patients.table.setFocus()
    inside.press(Qt.Key.Key_Up, patients.table)
    assert patients.search.hasFocus()


def test_nobody_found_offers_to_register_with_the_typed_name(
    inside: Driver, patients: PatientsScreen
) -> None:
    search(inside, patients, "Adeyemi")
    assert "Nobody found for “Adeyemi”" in inside.words()
    inside.click("Register a patient", patients._others)
    screen = inside.desk.present
    assert isinstance(screen, RegisterScreen)
    assert screen.form.family_name.text() == "Adeyemi"
    assert screen.form.given_name.hasFocus()


def test_an_empty_clinic_is_friendly(inside: Driver) -> None:
    inside.desk.show_patients()
    inside.settle()
    assert "No patients yet" in inside.words()


def test_a_failed_search_can_be_tried_again(inside: Driver, patients: PatientsScreen) -> None:
    inside.clinic.store.closed = True
    search(inside, patients, "oka")
    assert "Try again" in inside.button("Try again").text()
    inside.clinic.store.closed = False
    inside.click("Try again")
    assert names(patients) == ["Okafor, Chidi"]
