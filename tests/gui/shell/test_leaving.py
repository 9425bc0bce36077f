"""What was typed when the window closes, a form goes or another page comes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import StoreFull
from clinic_app.ui.screens.register.view import RegisterScreen
from tests.gui.conftest import Driver
from tests.gui.shell.patient_page import open_patient


def test_closing_keeps_what_was_typed_signs_out_and_closes_the_store(inside: Driver) -> None:
    screen = open_patient(inside)
    inside.type(screen.notes.editor, "Sleeps better")
    inside.window.close()
    inside.until(lambda: not inside.window.isVisible())
    store = inside.clinic.store
    assert [note.text for note in store.tables.notes.values()] == ["Sleeps better"]
    assert store.closed
    assert store.tables.audit[-1].kind is AuditKind.SIGNED_OUT


def test_closing_asks_when_what_was_typed_cannot_be_kept(inside: Driver) -> None:
    screen = open_patient(inside)
    inside.type(screen.notes.editor, "Sleeps better")
    inside.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    inside.window.close()
    inside.settle()
    assert inside.window.isVisible()
    assert "The disk is full." in inside.words()
    inside.click("Stay here")
    assert screen.notes.editor.toPlainText() == "Sleeps better"
    inside.clinic.store.commit_fails_with = None
    inside.window.close()
    inside.until(lambda: not inside.window.isVisible())
    assert [note.text for note in inside.clinic.store.tables.notes.values()] == ["Sleeps better"]


def test_closing_asks_first_where_an_open_form_would_be_lost(inside: Driver) -> None:
    inside.desk.show_appointments()
    inside.settle()
    inside.click("New appointment")
    form = inside.desk.sheet
    assert form is not None
    reason = next(one for one in form.findChildren(QLineEdit) if "follow" in one.placeholderText())
    inside.type(reason, "Sleeps badly")
    for _ in range(2):  # asked again, it is asked once
        inside.window.close()
        inside.settle()
    assert "A form that lies open below is not handed in yet." in inside.words()
    inside.click("Stay here")
    assert inside.window.isVisible()
    assert inside.desk.sheet is form
    assert reason.text() == "Sleeps badly"
    inside.window.close()
    inside.settle()
    inside.click("Leave without it")
    inside.until(lambda: not inside.window.isVisible())


def test_closing_asks_nothing_over_a_form_that_nobody_has_touched(inside: Driver) -> None:
    inside.clinic.add_patient()
    screen = open_patient(inside)
    inside.click("Correct")
    assert screen._correction is not None
    assert screen._correction.form.family_name.text()  # it did not begin empty
    inside.window.close()
    inside.until(lambda: not inside.window.isVisible())


@pytest.mark.parametrize("change", ["word", "choice"])
def test_closing_asks_over_a_form_whatever_was_changed_in_it(inside: Driver, change: str) -> None:
    inside.clinic.add_patient()
    screen = open_patient(inside)
    inside.click("Correct")
    assert screen._correction is not None
    form = screen._correction.form
    if change == "word":
        form.phone.setText(f"{form.phone.text()}1")
    else:
        form.sex.setCurrentIndex((form.sex.currentIndex() + 1) % form.sex.count())
    inside.window.close()
    inside.settle()
    assert inside.window.isVisible()
    assert "A form that lies open below is not handed in yet." in inside.words()


def test_escape_asks_before_a_form_goes_that_somebody_has_written_in(inside: Driver) -> None:
    inside.desk.show_appointments()
    inside.settle()
    inside.click("New appointment")
    form = inside.desk.sheet
    assert form is not None
    inside.press(Qt.Key.Key_Escape)
    assert inside.desk.sheet is None  # nothing was written
    inside.click("New appointment")
    form = inside.desk.sheet
    assert form is not None
    reason = next(one for one in form.findChildren(QLineEdit) if "follow" in one.placeholderText())
    inside.type(reason, "Sleeps badly")
    inside.press(Qt.Key.Key_Escape, reason)
    inside.press(Qt.Key.Key_Escape)  # takes the question away, not the form
    assert inside.desk.sheet is form
    assert reason.text() == "Sleeps badly"
    inside.press(Qt.Key.Key_Escape, reason)
    inside.click("Leave without it")
    assert inside.desk.sheet is None


def test_leaving_a_page_keeps_what_was_typed(inside: Driver) -> None:
    screen = open_patient(inside)
    inside.type(screen.notes.editor, "Sleeps better")
    inside.shortcut(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert inside.desk.header.title.text() == "Today"
    assert [note.text for note in inside.clinic.store.tables.notes.values()] == ["Sleeps better"]


def test_a_half_filled_registration_is_not_lost_by_a_slip(inside: Driver) -> None:
    inside.desk.show_register()
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, RegisterScreen)
    inside.type(screen.form.family_name, "Adeyemi")
    inside.shortcut(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert "not registered yet" in inside.words()
    inside.click("Stay here")
    assert screen.form.family_name.text() == "Adeyemi"
    inside.shortcut(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    inside.click("Leave without it")
    assert inside.desk.header.title.text() == "Today"


def test_cancelling_a_registration_asks_nothing(inside: Driver) -> None:
    inside.desk.show_register()
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, RegisterScreen)
    inside.type(screen.form.family_name, "Adeyemi")
    inside.click("Cancel")
    assert inside.desk.header.title.text() == "Patients"


def test_a_changed_consent_is_not_lost_by_a_slip(inside: Driver) -> None:
    screen = open_patient(inside)
    screen.consent.switch_of(Purpose.SHARING).click()
    inside.shortcut(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert "consent is not recorded yet" in inside.words()
    inside.click("Stay here")
    assert inside.desk.present is screen
