"""The signed-in window: places, keys, lock, patient mode."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from clinic_app.domain.errors import StoreFull
from clinic_app.services.session import SessionState
from clinic_app.ui.screens.patients.view import PatientsScreen
from clinic_app.ui.screens.register.view import RegisterScreen
from clinic_app.ui.screens.sign_in.view import SignInScreen
from clinic_app.ui.shell.keymap import KEYS
from tests.fakes.clinic import PASSWORD
from tests.gui.conftest import Driver
from tests.gui.shell.patient_page import open_patient

CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


def test_the_places_have_keys(inside: Driver) -> None:
    for key, title in (
        (Qt.Key.Key_2, "Patients"),
        (Qt.Key.Key_3, "Models & about"),
        (Qt.Key.Key_1, "Today"),
    ):
        inside.shortcut(key, ALT)
        assert inside.desk.header.title.text() == title


def test_finding_and_registering_have_keys(inside: Driver) -> None:
    inside.shortcut(Qt.Key.Key_N, CONTROL)
    assert inside.desk.header.title.text() == "Register a patient"
    inside.shortcut(Qt.Key.Key_F, CONTROL)
    screen = inside.desk.present
    assert isinstance(screen, PatientsScreen)
    assert screen.search.hasFocus()


def test_the_keys_are_listed_and_the_list_closes_with_escape(inside: Driver) -> None:
    inside.press(Qt.Key.Key_F1)
    assert "Lock the window" in inside.words(inside.desk.sheet)
    inside.shortcut(Qt.Key.Key_2, ALT)  # keys rest while something lies on top
    assert inside.desk.header.title.text() == "Today"
    inside.press(Qt.Key.Key_Escape)
    assert inside.desk.sheet is None


def test_no_key_is_given_twice() -> None:
    given = [keys for key in KEYS for keys in key.keys]
    assert len(set(given)) == len(given)


def test_the_header_says_whose_record_is_open(inside: Driver) -> None:
    open_patient(inside)
    assert inside.desk.header.title.text() == "Okafor, Chidi"
    assert "born 17 May 1990" in inside.desk.header.record.text()
    assert "Okafor" not in inside.window.windowTitle()
    inside.shortcut(Qt.Key.Key_Left, ALT)
    assert isinstance(inside.desk.present, PatientsScreen)


def test_waiting_changes_are_told_quietly(inside: Driver) -> None:
    inside.desk.look_at_waiting()
    inside.settle()
    assert inside.desk.navigation.state.text().startswith("Offline · ")


@pytest.mark.parametrize("how", ["key", "button", "idle"])
def test_the_lock_covers_everything_and_what_was_typed_stays(inside: Driver, how: str) -> None:
    screen = open_patient(inside)
    screen.notes.editor.setFocus()
    inside.type(screen.notes.editor, "Sleeps better")
    if how == "key":
        inside.shortcut(Qt.Key.Key_L, CONTROL)
    elif how == "button":
        inside.click("Lock the window")
    else:
        inside.window._idle.idle.emit()
        inside.settle()
    assert inside.window.locked
    assert "Okafor" not in inside.words()
    assert "Sleeps" not in inside.words()
    assert inside.clinic.services.session.state is SessionState.LOCKED
    inside.unlock()
    assert not inside.window.locked
    assert inside.desk.present is screen
    assert screen.notes.editor.toPlainText() == "Sleeps better"
    texts = [note.text for note in inside.clinic.store.tables.notes.values()]
    assert texts == ["Sleeps better"]


def test_a_wrong_password_leaves_the_window_locked(inside: Driver) -> None:
    inside.window.lock()
    inside.settle()
    inside.unlock("not the password")
    assert inside.window.locked
    page = inside.window.lock_page
    assert page is not None
    assert page.password.message == "This password is not right."


def test_keys_do_nothing_while_the_window_is_locked(inside: Driver) -> None:
    inside.window.lock()
    inside.settle()
    inside.shortcut(Qt.Key.Key_2, ALT)
    inside.unlock()
    assert inside.desk.header.title.text() == "Today"


def test_an_open_sheet_is_covered_and_comes_back_with_what_it_held(inside: Driver) -> None:
    screen = open_patient(inside)
    inside.click("Correct")
    sheet = inside.sheet
    name = sheet.findChildren(QLineEdit)[0]
    inside.type(name, "-Baker")
    inside.window.lock()
    inside.settle()
    assert not name.isVisible()
    inside.unlock()
    assert inside.desk.sheet is sheet
    assert name.text() == "Okafor-Baker"
    assert inside.desk.present is screen


def touch(driver: Driver) -> None:
    centre = driver.window.rect().center().toPointF()
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(
        QEvent.Type.MouseMove, centre, centre, none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(driver.window, move)


def test_touching_the_laptop_starts_the_idle_time_anew(inside: Driver) -> None:
    idle = inside.window._idle
    idle._timer.stop()
    touch(inside)
    assert idle.seconds_left > 60 * inside.desk.profile.idle_lock_minutes - 30


def test_the_hours_under_a_closed_lid_count(
    inside: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = inside.window._idle
    woken_at = idle._now() + 8 * 3600
    monkeypatch.setattr(idle, "_now", lambda: woken_at)
    touch(inside)
    inside.settle()
    assert inside.window.locked


def test_the_idle_time_is_the_clinics(inside: Driver) -> None:
    assert inside.window._idle._timer.interval() == inside.desk.profile.idle_lock_minutes * 60_000


def test_in_patient_mode_only_the_screen_is_left(inside: Driver) -> None:
    screen = open_patient(inside)
    patient = next(iter(inside.clinic.store.tables.patients))
    inside.desk.enter_patient_mode(patient)
    inside.settle()
    assert inside.clinic.services.session.state is SessionState.HANDED_OVER
    assert not inside.desk.navigation.isVisible()
    assert not inside.desk.header.isVisible()
    inside.shortcut(Qt.Key.Key_2, ALT)
    assert inside.desk.present is screen
    inside.window.close()
    inside.settle()
    assert inside.window.isVisible()


def test_leaving_patient_mode_asks_for_the_staff_password(inside: Driver) -> None:
    open_patient(inside)
    inside.desk.enter_patient_mode(next(iter(inside.clinic.store.tables.patients)))
    inside.settle()
    went_on: list[bool] = []
    inside.desk.leave_patient_mode(lambda: went_on.append(True))
    sheet = inside.sheet
    field = sheet.findChild(QLineEdit)
    inside.type(field, "a guess of the patient")
    inside.press(Qt.Key.Key_Return, field)
    assert went_on == []
    assert inside.desk.patient_at_laptop is not None
    inside.type(field, PASSWORD)
    inside.press(Qt.Key.Key_Return, field)
    assert went_on == [True]
    assert inside.desk.navigation.isVisible()
    assert inside.clinic.services.session.state is SessionState.ACTIVE


def test_a_lock_in_patient_mode_ends_in_patient_mode(inside: Driver) -> None:
    open_patient(inside)
    inside.desk.enter_patient_mode(next(iter(inside.clinic.store.tables.patients)))
    inside.settle()
    inside.window.lock()
    inside.settle()
    assert "hand the laptop back" in inside.words()
    inside.unlock()
    assert inside.clinic.services.session.state is SessionState.HANDED_OVER
    assert not inside.desk.navigation.isVisible()
    inside.clinic.services.clinic.resume(PASSWORD)
    inside.desk.patient_mode._set(None)
    inside.window.lock()
    inside.settle()
    assert "Amina Diallo, everything is as you left it." in inside.words()


def test_passwords_and_the_recovery_key_are_gone_once_somebody_is_in(inside: Driver) -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    kept = [edit.text() for edit in inside.window.findChildren(QLineEdit) if edit.text()]
    assert kept == []


def test_an_open_list_does_not_stay_over_the_lock(inside: Driver) -> None:
    inside.desk.show_register()
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, RegisterScreen)
    screen.form.sex.showPopup()
    assert QApplication.activePopupWidget() is not None
    inside.window.lock()
    inside.settle()
    assert QApplication.activePopupWidget() is None


def test_a_mistake_before_sign_in_is_told_too(outside: Driver) -> None:
    outside.window.notices.report(ValueError("a mistake"))
    assert "Something went wrong in the program." in outside.words()


def test_signing_out_leads_back_to_the_sign_in_page(inside: Driver) -> None:
    inside.click("Sign out")
    inside.until(lambda: inside.window.desk is None)
    inside.settle()
    assert isinstance(inside.window.entry.page, SignInScreen)
    assert inside.clinic.services.session.state is SessionState.ENDED
    inside.sign_in()
    inside.until(lambda: inside.window.desk is not None)


def test_light_and_dark_and_the_size_of_text_are_kept(inside: Driver) -> None:
    theme = "Light, dark or high contrast"
    inside.click(theme)
    inside.click(theme)
    assert QApplication.instance().property("theme") == "contrast"
    inside.click(theme)
    inside.click(theme)
    assert QApplication.instance().property("theme") == "dark"
    inside.shortcut(Qt.Key.Key_Plus, CONTROL)
    kept = json.loads(inside.appearance._path.read_text())
    assert kept == {"look": "dark", "scale": 1.1, "language": "en"}
    inside.shortcut(Qt.Key.Key_0, CONTROL)
    inside.shortcut(Qt.Key.Key_Minus, CONTROL)
    assert inside.appearance.choice.scale == 1.0


def test_a_mistake_of_ours_is_an_apology_not_a_traceback(inside: Driver) -> None:
    inside.window.notices.report(ValueError("Okafor, Chidi"))
    assert len(inside.window.notices.texts) == 1
    assert "Okafor" not in inside.window.notices.texts[0]
    inside.click("Dismiss this message")
    assert inside.window.notices.texts == []


def test_the_same_trouble_is_told_once(inside: Driver) -> None:
    for _ in range(3):
        inside.window.notices.report(StoreFull("The disk is full."))
    assert inside.window.notices.texts == ["The disk is full."]


def test_a_confirmation_goes_by_itself(inside: Driver) -> None:
    notices = inside.window.notices
    notices.tell("Saved.")
    assert notices.toast_text == "Saved."
    notices._timer.timeout.emit()
    assert notices.toast_text == ""


def test_tab_stays_inside_a_sheet(inside: Driver) -> None:
    open_patient(inside)
    inside.click("Correct")
    sheet = inside.sheet
    seen = set()
    for _ in range(20):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert sheet.isAncestorOf(focused)
        seen.add(focused)
    assert len(seen) >= 8
