"""What comes late: dialogs, notices and password checks while staff is not in front."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit

from clinic_app.ui.screens.appointments.hours_sheet import open_hours
from clinic_app.ui.screens.appointments.request_form import open_request_form
from clinic_app.ui.screens.feedback.view import FeedbackScreen
from clinic_app.ui.screens.handover.give import open_handover
from clinic_app.ui.screens.tasks.form import open_task_form
from clinic_app.ui.shell.notices import NoticeBoard
from clinic_app.ui.widgets.sheet import ask
from tests.gui.conftest import Driver


def _away(driver: Driver, how: str) -> None:
    if how == "lock":
        driver.window.lock()
    else:
        driver.desk.enter_patient_mode(driver.clinic.add_patient().id)
    driver.settle()


@pytest.mark.parametrize("how", ["lock", "patient"])
def test_a_late_dialog_never_stays_over_the_lock_or_a_patient(inside: Driver, how: str) -> None:
    _away(inside, how)
    for dialog in (QFileDialog(inside.window), QDialog(inside.window)):
        dialog.open()
        assert dialog.testAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        inside.until(lambda shown=dialog: not shown.isVisible())


def test_dialogs_open_again_once_staff_is_back(inside: Driver) -> None:
    inside.window.lock()
    inside.settle()
    inside.unlock()
    dialog = QDialog(inside.window)
    dialog.open()
    inside.settle()
    assert dialog.isVisible()
    dialog.reject()


@pytest.mark.parametrize("how", ["lock", "patient"])
def test_notices_wait_until_staff_is_back(inside: Driver, how: str) -> None:
    notices: NoticeBoard = inside.window.notices
    notices.warn("Before the hand-over")
    _away(inside, how)
    notices.warn("Okafor, late")
    notices.tell("Okafor is registered.")
    assert "Before" not in inside.words()
    assert "Okafor, late" not in inside.words()
    assert notices.toast_text == ""
    notices.hold(False)
    assert notices.toast_text == "Okafor is registered."
    assert notices.texts == ["Before the hand-over", "Okafor, late"]


def test_a_password_under_check_can_no_longer_be_cancelled(inside: Driver) -> None:
    _away(inside, "patient")
    inside.desk.leave_patient_mode(lambda: None)
    sheet = inside.sheet
    field = sheet.findChild(QLineEdit)
    QTest.keyClicks(field, "a guess")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert not sheet.dismissible
    assert not inside.button("Stay here", sheet).isEnabled()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert inside.desk.sheet is sheet
    inside.settle()
    inside.click("Stay here", sheet)
    assert inside.desk.sheet is None


@pytest.mark.parametrize("how", ["lock", "patient"])
def test_no_sheet_opens_for_an_answer_that_comes_late(inside: Driver, how: str) -> None:
    workspace = inside.desk.workspace
    inside.desk.show_tasks()
    inside.settle()
    tasks = inside.desk.present
    assert tasks is not None
    said: list[str] = []
    if how == "lock":
        inside.window.lock()
    else:
        inside.desk.show_patient_home(inside.clinic.add_patient().id)
        inside.settle()
    open_task_form(tasks, workspace, said.append)
    open_handover(tasks, workspace, said.append)
    open_request_form(tasks, workspace, said.append)
    open_hours(tasks, workspace, lambda: None, None)
    ask(tasks, title="Late", text="Okafor", yes="Yes", on_yes=lambda: said.append("yes"))
    inside.settle()
    assert inside.desk.sheet is None
    assert "Okafor" not in inside.words()
    if how == "lock":
        inside.unlock()
        open_task_form(tasks, workspace, said.append)
        inside.settle()
        assert inside.desk.sheet is not None


def test_signing_out_over_the_lock_says_first_what_would_be_lost(inside: Driver) -> None:
    inside.desk.show_feedback()
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, FeedbackScreen)
    inside.type(screen.incident_text, "A form went missing")
    inside.window.lock()
    inside.settle()
    inside.click("Sign out")
    assert inside.window.locked
    assert "What was typed as feedback is not kept yet. Signing out would lose it" in inside.words()
    assert "missing" not in inside.words()
    inside.window.close()  # asked again, in whatever way, it is meant
    inside.until(lambda: not inside.window.isVisible())


def test_a_form_that_is_not_kept_is_named_and_one_that_is_kept_is_not(inside: Driver) -> None:
    inside.desk.show_tasks()
    inside.settle()
    above = inside.desk.present
    assert above is not None
    open_request_form(above, inside.desk.workspace, lambda _: None)
    inside.settle()
    assert inside.desk.sheet is not None
    edits = inside.desk.sheet.findChildren(QLineEdit)
    reason = next(one for one in edits if "follow" in one.placeholderText())
    inside.type(reason, "Sleeps badly")
    inside.window.lock()
    inside.settle()
    inside.click("Sign out")
    assert "A form that lies open below is not handed in yet." in inside.words()
    inside.unlock()
    inside.settle()
    assert inside.desk.sheet is not None
    inside.desk.sheet.dismiss()
    made: list[Any] = []
    open_task_form(above, inside.desk.workspace, made.append)
    inside.settle()
    inside.type(next(iter(inside.desk.sheet.findChildren(QLineEdit))), "Ring the GP")
    inside.window.lock()
    inside.settle()
    inside.click("Sign out")
    inside.settle()
    assert inside.window.desk is None
    (kept,) = inside.clinic.store.tables.forms.values()
    assert "Ring the GP" in kept.texts.values()


def test_with_nothing_open_the_lock_lets_others_in_at_once(inside: Driver) -> None:
    inside.window.lock()
    inside.settle()
    inside.click("Sign out")
    inside.settle()
    assert inside.window.desk is None
