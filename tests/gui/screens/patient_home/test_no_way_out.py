"""A laptop in a patient's hands: there is no way out of the own pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar, QPlainTextEdit

from clinic_app.domain.people import Patient
from clinic_app.services.session import SessionState
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.patient_home.view import PatientHomeScreen
from clinic_app.ui.shell.keymap import KEYS
from clinic_app.ui.shell.navigation import PLACES
from tests.gui.conftest import Driver
from tests.gui.screens.patient_home.hands import SOMEBODY_ELSE, still_home, take_back

PAGES = ["", "What may be done", "How was it?", "Appointments", "My results"]


def press_keys(driver: Driver, keys: str) -> None:
    pressed = QKeySequence(keys)[0]
    target = QApplication.focusWidget() or driver.window
    QTest.keyClick(target, pressed.key(), pressed.keyboardModifiers())
    driver.settle()


@pytest.mark.parametrize("page", PAGES)
def test_no_key_of_the_window_leads_anywhere(
    inside: Driver, home: PatientHomeScreen, page: str
) -> None:
    if page:
        inside.click(page)
    shown = home._stack.currentWidget()
    look = inside.appearance.choice
    foreign = ("F10", "Alt", "Ctrl+P", "Ctrl+S", "Ctrl+O", "Ctrl+W", "Ctrl+Q", "Shift+F1", "F11")
    for keys in [*(one for key in KEYS for one in key.keys), *foreign, "Esc"]:
        press_keys(inside, keys)
        assert still_home(inside) is home
        assert home._stack.currentWidget() is shown, keys
        assert inside.desk.sheet is None, keys
    assert inside.appearance.choice == look
    assert not inside.window.locked


def test_no_place_of_the_navigation_and_no_way_of_a_screen_leads_out(
    inside: Driver, home: PatientHomeScreen, me: Patient
) -> None:
    desk, window = inside.desk, inside.window
    places: list[Callable[[], object]] = [
        lambda name=place[0]: desk.go_to(name) for place in PLACES
    ]
    ways: list[Callable[[], object]] = [
        *places,
        desk.show_today,
        desk.show_worklist,
        desk.show_tasks,
        desk.show_appointments,
        desk.show_patients,
        desk.show_register,
        desk.show_duplicates,
        desk.show_feedback,
        desk.show_models,
        desk.find_patient,
        desk.go_back,
        desk.change_password,
        lambda: desk.show_patient(me.id),
        lambda: desk.show_report(me.id),
        lambda: desk.show_screening(me.id),
        lambda: desk.show_safety(me.id, me.id),
        lambda: desk.show_patient_home(me.id),
        window.sign_out,
        window.close,
    ]
    for way in ways:
        way()
        inside.settle()
        assert still_home(inside) is home
        assert desk.sheet is None
        assert window.isVisible()


def test_there_is_no_menu_and_none_comes_up(inside: Driver, home: PatientHomeScreen) -> None:
    inside.click("How was it?")
    assert inside.window.findChildren(QMenuBar) == []
    for target in (home.feedback.text, home.feedback.text.viewport(), inside.window, home):
        for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
            event = QContextMenuEvent(reason, QPoint(5, 5), target.mapToGlobal(QPoint(5, 5)))
            QApplication.sendEvent(target, event)
            assert QApplication.activePopupWidget() is None
    shown = [one for one in QApplication.topLevelWidgets() if isinstance(one, QMenu)]
    assert not any(one.isVisible() for one in shown)


def test_what_staff_copied_cannot_be_pasted_and_nothing_dropped(
    inside: Driver, home: PatientHomeScreen
) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText(f"{SOMEBODY_ELSE}, record 12")
    inside.click("How was it?")
    text = home.feedback.text
    text.setFocus()
    for keys in ("Ctrl+V", "Shift+Ins"):
        press_keys(inside, keys)
        assert text.toPlainText() == ""
    data = QMimeData()
    data.setText(SOMEBODY_ELSE)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    for target in (text, text.viewport(), inside.window):
        entered = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
        QApplication.sendEvent(target, entered)
        QApplication.sendEvent(target, QDropEvent(QPointF(5, 5), copy, data, left, none))
        assert text.toPlainText() == ""
    inside.type(text, "mine")
    text.selectAll()
    press_keys(inside, "Ctrl+C")
    assert SOMEBODY_ELSE in clipboard.text()
    clipboard.clear()


def test_the_window_does_not_close_and_only_the_password_takes_it_back(
    inside: Driver, home: PatientHomeScreen
) -> None:
    QApplication.sendEvent(inside.window, QEvent(QEvent.Type.Close))
    inside.settle()
    assert inside.window.isVisible()
    inside.click("I am staff: take the laptop back")
    take_back(inside, "a guess")
    assert inside.desk.sheet is not None
    inside.click("Stay here", inside.desk.sheet)
    still_home(inside)
    inside.click("I am staff: take the laptop back")
    take_back(inside)
    assert isinstance(inside.desk.present, PatientScreen)
    assert inside.desk.navigation.isVisible()
    services = inside.window._services
    assert services is not None
    assert services.session.state is SessionState.ACTIVE


@pytest.mark.parametrize("page", PAGES)
def test_the_lock_takes_everything_about_the_person_away(
    inside: Driver, home: PatientHomeScreen, page: str
) -> None:
    if page:
        inside.click(page)
    if page == "How was it?":
        inside.type(home.feedback.text, "Private words")
    inside.window._idle.idle.emit()
    inside.settle()
    assert inside.window.locked
    every = [*inside.window.findChildren(QPlainTextEdit), home]
    assert home.feedback.text.toPlainText() == ""
    assert all("Private" not in one.accessibleName() for one in every)
    hidden = "\n".join(one.text() for one in home.findChildren(type(home._greeting)))
    for word in ("Chidi", "GAD-7:", "burden", "Okafor"):
        assert word not in hidden
    inside.unlock()
    assert "Hello, Chidi" in inside.words()
    still_home(inside)


def test_tab_reaches_every_control_and_each_has_a_name(
    inside: Driver, home: PatientHomeScreen
) -> None:
    reached: set[str] = set()
    for _ in range(12):
        widget = QApplication.focusWidget()
        assert widget is not None
        assert home.isAncestorOf(widget)
        reached.add(widget.accessibleName() or widget.property("text") or "")
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    assert "" not in reached
    assert reached >= {
        "Questions about how you are",
        "What may be done",
        "My results",
        "Appointments",
        "How was it?",
        "I am staff: take the laptop back",
    }


def test_a_place_chosen_while_the_note_is_kept_does_not_follow_the_hand_over(
    inside: Driver, me: Patient
) -> None:
    inside.desk.show_patient(me.id)
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, PatientScreen)
    screen.notes.editor.setPlainText("some words")
    screen.hand_over.click()
    inside.desk.go_to("patients")
    inside.settle()
    assert inside.desk.patient_at_laptop == me.id
    assert isinstance(inside.desk.present, PatientHomeScreen)


def test_a_sheet_of_the_staff_does_not_stay_over_the_persons_pages(
    inside: Driver, me: Patient
) -> None:
    inside.desk.show_patient(me.id)
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, PatientScreen)
    screen.notes.editor.setPlainText("some words")
    screen.hand_over.click()
    screen._correct()
    inside.settle()
    assert inside.desk.patient_at_laptop == me.id
    assert inside.desk.sheet is None


@pytest.mark.parametrize("behind_the_lock", [False, True])
def test_an_account_that_was_switched_off_takes_the_laptop_back_and_sees_the_lock_alone(
    inside: Driver, home: PatientHomeScreen, *, behind_the_lock: bool
) -> None:
    clinic = inside.clinic
    with clinic.store.unit_of_work() as work:  # as a round brings it from another laptop
        user = clinic.services.session.user
        work.users.save(replace(user, active=False, disabled_at=clinic.clock()))
        work.commit()
    if behind_the_lock:
        inside.window.lock()
        inside.settle()
        inside.unlock()
    else:
        inside.click("I am staff: take the laptop back")
        take_back(inside)
    assert inside.window.locked
    assert inside.desk.patient_at_laptop is None
    assert not inside.desk.isVisible()
    page = inside.window.lock_page
    assert page is not None
    assert not page.password.edit.isVisible()
    assert "switched off" in inside.words()
    inside.click("Sign in as somebody else")
    assert inside.window.desk is None
