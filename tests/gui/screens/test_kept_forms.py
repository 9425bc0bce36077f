"""Begun interventions, tasks and handovers: kept, offered again, handed in or discarded."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit

from clinic_app.domain.errors import StoreFull
from clinic_app.domain.forms import FormKind
from clinic_app.domain.people import Patient, Role
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD
from tests.gui.conftest import Driver

OFFER = "You began this and have not handed it in."


def kept(driver: Driver) -> dict[FormKind, Mapping[str, str]]:
    return {one.form: one.texts for one in driver.clinic.store.tables.forms.values()}


def long_text_of(driver: Driver) -> QPlainTextEdit:
    found = driver.sheet.findChild(QPlainTextEdit)
    assert isinstance(found, QPlainTextEdit)
    return found


@pytest.fixture
def page(inside: Driver) -> Patient:
    """A patient's page is open."""
    patient = inside.clinic.add_patient()
    inside.desk.show_patient(patient.id)
    inside.settle()
    return patient


def test_a_begun_intervention_outlives_a_closed_sheet_and_goes_when_recorded(
    inside: Driver, page: Patient
) -> None:
    inside.click("Add an intervention")
    assert OFFER not in inside.words(inside.sheet)
    box = inside.sheet.findChild(QComboBox)
    assert isinstance(box, QComboBox)
    box.setEditText("Sleep advice")
    inside.type(long_text_of(inside), "Leaflet given")
    assert "Not kept yet…" in inside.words(inside.sheet)
    inside.press(Qt.Key.Key_Escape, long_text_of(inside))
    assert inside.desk.sheet is None
    words = {"kind": "Sleep advice", "text": "Leaflet given"}
    assert kept(inside) == {FormKind.INTERVENTION: words}
    inside.click("Add an intervention")
    assert OFFER in inside.words(inside.sheet)
    assert long_text_of(inside).toPlainText() == "Leaflet given"
    day = next(one for one in inside.sheet.findChildren(QLineEdit) if one.text()[:1].isdigit())
    day.setText(inside.clinic.services.tasks.today().isoformat())
    inside.click("Go on with it")
    assert OFFER not in inside.words(inside.sheet)
    inside.click("Record the intervention", inside.sheet)
    assert inside.desk.sheet is None
    assert kept(inside) == {}
    (done,) = inside.clinic.services.interventions.of_patient(page.id)
    assert (done.kind, done.text) == ("Sleep advice", "Leaflet given")
    inside.click("Add an intervention")
    assert OFFER not in inside.words(inside.sheet)
    assert long_text_of(inside).toPlainText() == ""


def test_the_last_words_before_the_lock_are_kept_and_a_refused_form_goes_on_keeping(
    inside: Driver, page: Patient
) -> None:
    inside.click("New task")
    title = inside.sheet.findChild(QLineEdit)
    assert isinstance(title, QLineEdit)
    inside.type(title, "Ring")
    inside.shortcut(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert inside.window.locked
    assert kept(inside) == {FormKind.TASK: {"title": "Ring"}}
    inside.unlock()
    store = inside.clinic.store
    store.commit_fails_with = StoreFull("The disk is full.")
    inside.click("Add the task")
    assert "The disk is full." in inside.words(inside.sheet)
    store.commit_fails_with = None
    inside.press(Qt.Key.Key_End, title)
    inside.type(title, " twice")
    inside.until(lambda: kept(inside) == {FormKind.TASK: {"title": "Ring twice"}})
    inside.click("Add the task")
    assert inside.desk.sheet is None
    assert kept(inside) == {}


def test_a_handover_that_is_emptied_or_given_leaves_nothing(inside: Driver) -> None:
    inside.click("Hand over…")
    inside.type(long_text_of(inside), "All quiet.")
    inside.until(lambda: kept(inside) == {FormKind.HANDOVER: {"text": "All quiet."}})
    long_text_of(inside).setPlainText("")
    inside.until(lambda: kept(inside) == {})
    inside.type(long_text_of(inside), "All quiet.")
    inside.click("Hand over", inside.sheet)
    assert inside.desk.sheet is None
    assert kept(inside) == {}


def test_a_colleague_meets_none_of_it(inside: Driver) -> None:
    inside.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)
    inside.click("Hand over…")
    inside.type(long_text_of(inside), "About my own patient")
    inside.press(Qt.Key.Key_Escape, long_text_of(inside))
    inside.click("Sign out")
    inside.until(lambda: inside.window.desk is None)
    inside.settle()
    inside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    inside.until(lambda: inside.window.desk is not None)
    inside.settle()
    inside.click("Hand over…")
    assert OFFER not in inside.words(inside.sheet)
    assert long_text_of(inside).toPlainText() == ""
