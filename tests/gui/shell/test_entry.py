"""From an empty laptop to the first screen, and signing in again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from clinic_app.domain.errors import StoreInUse
from clinic_app.domain.people import DeploymentContext
from clinic_app.services.backup_data import Progress, Stop
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.made_up.clinic import FillingStopped
from clinic_app.services.vault_storage import VaultState
from clinic_app.ui.jobs import JobRunner
from clinic_app.ui.screens.first_run.view import FirstRunScreen
from clinic_app.ui.screens.setup.presenter import Step
from clinic_app.ui.screens.setup.view import SetUpScreen
from clinic_app.ui.screens.sign_in.view import SignInScreen
from tests.fakes.clinic import PASSWORD, USER
from tests.fakes.vault import FakeVault
from tests.gui.conftest import WAIT_MS, Driver

NEW = "quiet harbour lamp"


def set_up(driver: Driver) -> SetUpScreen:
    driver.click("Set up this clinic")
    page = driver.window.entry.page
    assert isinstance(page, SetUpScreen)
    return page


def up_to_key(driver: Driver) -> SetUpScreen:
    """Through all the pages with the keyboard alone: Enter goes on."""
    page = set_up(driver)
    driver.type(page.clinic.name, "Harbour Clinic")
    driver.press(Qt.Key.Key_Return, page.clinic.name)
    fields = page.contacts.fields_of(0)
    driver.type(fields["crisis_contact_name"].editor, "Night line")
    driver.type(fields["crisis_contact_phone"].editor, "0800 111 222")
    driver.press(Qt.Key.Key_Return, fields["crisis_contact_phone"].editor)
    driver.click("Next")
    driver.type(page.account.user_name, "amina")
    driver.type(page.account.password.edit, NEW)
    driver.type(page.account.repeated.edit, NEW)
    driver.press(Qt.Key.Key_Return, page.account.repeated.edit)
    return page


def test_an_empty_laptop_offers_two_choices(first_run: Driver) -> None:
    assert isinstance(first_run.window.entry.page, FirstRunScreen)
    assert first_run.button("Set up this clinic").hasFocus()
    assert first_run.button("Try the demo clinic").isVisible()


def test_an_error_goes_while_it_is_put_right(first_run: Driver) -> None:
    page = set_up(first_run)
    first_run.click("Next")
    name = page.clinic.fields["clinic_name"]
    assert name.invalid
    first_run.type(page.clinic.name, "H")
    assert not name.invalid
    assert name.message == ""
    assert page.clinic.name.accessibleDescription() == ""


def test_a_double_click_passes_over_no_page_of_the_set_up(first_run: Driver) -> None:
    page = set_up(first_run)
    first_run.type(page.clinic.name, "Harbour Clinic")
    fields = page.contacts.fields_of(0)
    fields["crisis_contact_name"].editor.setText("Night line")
    fields["crisis_contact_phone"].editor.setText("0800 111 222")
    for step in (Step.CONTACTS, Step.CONTEXT):  # where the program is used is never passed over
        place = page.next.mapTo(first_run.window, page.next.rect().center())
        handle, none = first_run.window.windowHandle(), Qt.KeyboardModifier.NoModifier
        QTest.mouseDClick(handle, Qt.MouseButton.LeftButton, none, place)
        first_run.settle()
        assert page.presenter.step is step


def test_a_clinic_is_set_up_and_opens_on_the_first_screen(
    first_run: Driver, empty_door: FrontDoor
) -> None:
    page = up_to_key(first_run)
    groups = page.presenter.groups
    assert all(group in first_run.words() for group in groups)
    asked = page.presenter._asked
    first_run.type(page.key.typed, groups[asked])
    first_run.press(Qt.Key.Key_Return, page.key.typed)
    first_run.until(lambda: first_run.window.desk is not None)
    first_run.settle()
    assert empty_door.state() is VaultState.READY
    assert first_run.desk.header.title.text() == "Today"
    assert "Harbour Clinic" in first_run.words()


def test_the_recovery_key_must_have_reached_paper(first_run: Driver) -> None:
    page = up_to_key(first_run)
    first_run.type(page.key.typed, "WRONG")
    first_run.click("Open the clinic")
    assert first_run.window.desk is None
    assert "does not match" in page.key.fields["group"].message


def test_closing_before_the_key_is_confirmed_asks_first(first_run: Driver) -> None:
    up_to_key(first_run)
    first_run.window.close()
    first_run.settle()
    assert first_run.window.isVisible()
    assert "not shown again" in first_run.words()
    first_run.click("Go back to the key")
    assert "Your recovery key" in first_run.words()
    first_run.window.close()
    first_run.click("Close without confirming")
    first_run.until(lambda: not first_run.window.isVisible())


def test_the_recovery_key_can_be_saved_as_a_file(
    first_run: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = up_to_key(first_run)
    chosen = tmp_path / "key.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(chosen), ""))
    first_run.click("Save as a file")
    assert "  ".join(page.presenter.groups) in chosen.read_text()
    chosen.unlink()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no/key"), ""))
    first_run.click("Save as a file")
    assert "The folder of “key”" in first_run.words()


def test_the_recovery_key_can_be_printed(first_run: Driver, printed: Path) -> None:
    page = up_to_key(first_run)
    first_run.click("Print")
    text = pypdf.PdfReader(printed).pages[0].extract_text()
    assert page.presenter.groups[0] in text


def test_what_is_missing_is_told_beside_its_field(first_run: Driver) -> None:
    page = set_up(first_run)
    first_run.click("Next")
    assert page.clinic.fields["clinic_name"].invalid
    assert page.clinic.name.hasFocus()
    first_run.type(page.clinic.name, "Harbour Clinic")
    first_run.click("Next")
    first_run.click("Next")
    field = page.contacts.fields_of(0)["crisis_contact_name"]
    assert field.message == "Please enter whom to call."
    assert field.editor.accessibleDescription() == field.message


def test_a_school_is_told_that_faces_are_off(first_run: Driver) -> None:
    page = set_up(first_run)
    page.show_step(2)
    assert "never asks for a picture" not in first_run.words()
    first_run.click("A school or university")
    assert "never asks for a picture" in first_run.words()
    assert page.context.context() is DeploymentContext.SCHOOL


def test_the_password_rules_follow_the_typing(first_run: Driver) -> None:
    page = set_up(first_run)
    page.show_step(3)
    first_run.type(page.account.password.edit, "quiet")
    assert "At least 12 characters (5 now)" in first_run.words()


def test_cancelling_the_set_up_leads_back_to_the_choice(first_run: Driver) -> None:
    set_up(first_run)
    first_run.click("Cancel")
    assert isinstance(first_run.window.entry.page, FirstRunScreen)


def test_the_demo_opens_with_one_press(first_run: Driver) -> None:
    first_run.click("Try the demo clinic")
    first_run.until(lambda: first_run.window.desk is not None)


def test_signing_in_with_the_keyboard(outside: Driver) -> None:
    page = outside.window.entry.page
    assert isinstance(page, SignInScreen)
    assert page.sign_in.user_name.hasFocus()
    outside.type(page.sign_in.user_name, USER)
    outside.press(Qt.Key.Key_Return)
    assert page.sign_in.password.edit.hasFocus()
    outside.type(page.sign_in.password.edit, PASSWORD)
    outside.press(Qt.Key.Key_Return)
    outside.until(lambda: outside.window.desk is not None)


def test_a_wrong_password_is_told_and_the_field_emptied(outside: Driver) -> None:
    page = outside.window.entry.page
    assert isinstance(page, SignInScreen)
    outside.sign_in(password="not the password")
    assert "do not fit" in outside.words()
    assert page.sign_in.password.edit.text() == ""
    assert page.sign_in.password.edit.hasFocus()
    assert page.sign_in.confirm.isEnabled()


def test_too_many_attempts_count_the_seconds_down(outside: Driver) -> None:
    page = outside.window.entry.page
    assert isinstance(page, SignInScreen)
    for _ in range(6):
        page.sign_in.user_name.clear()
        outside.sign_in(password="not the password")
    assert "try again in 30 s" in outside.words()
    assert not page.sign_in.confirm.isEnabled()
    page.sign_in._tick()
    assert "try again in 29 s" in outside.words()
    for _ in range(29):
        page.sign_in._tick()
    assert page.sign_in.confirm.isEnabled()


def test_a_store_in_use_says_what_to_do(outside: Driver) -> None:
    page = outside.window.entry.page
    assert isinstance(page, SignInScreen)
    page.show_store_trouble("The clinic is already open", StoreInUse("It is open."), "Close it.")
    assert "The clinic is already open\nIt is open.\nClose it." in outside.words()


def test_caps_lock_is_noticed_while_typing(outside: Driver) -> None:
    page = outside.window.entry.page
    assert isinstance(page, SignInScreen)
    field = page.sign_in.password
    QTest.keyClicks(field.edit, "q")
    assert not field.caps_hint.isVisible()
    QTest.keyClick(field.edit, "Q")  # a capital without Shift
    assert field.caps_hint.isVisible()
    QTest.keyClick(field.edit, "Q", Qt.KeyboardModifier.ShiftModifier)
    assert not field.caps_hint.isVisible()


def test_the_password_can_be_looked_at(outside: Driver) -> None:
    page = outside.window.entry.page
    assert isinstance(page, SignInScreen)
    edit = page.sign_in.password.edit
    outside.type(edit, "secret")
    assert edit.displayText() != "secret"
    edit.actions()[0].trigger()
    assert edit.displayText() == "secret"
    edit.actions()[0].trigger()
    assert edit.displayText() != "secret"


def test_the_recovery_key_leads_in_with_a_new_password(outside: Driver) -> None:
    outside.click("Forgot the password?")
    page = outside.window.entry.page
    assert isinstance(page, SignInScreen)
    card = page.recovery
    for edit, text in (
        (card.user_name, USER),
        (card.key, FakeVault.RECOVERY_KEY),
        (card.password.edit, NEW),
        (card.repeated.edit, NEW),
    ):
        outside.type(edit, text)
    outside.press(Qt.Key.Key_Return, card.repeated.edit)
    outside.until(lambda: outside.window.desk is not None)


@pytest.fixture
def jobs() -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.close()


def test_the_large_demo_clinic_is_filled_with_progress_and_can_be_stopped(
    qtbot: QtBot, jobs: JobRunner
) -> None:
    heard: list[float] = []

    def fill(progress: Progress, stop: Stop) -> object:
        progress(0.25)
        while not stop():
            time.sleep(0.01)
        heard.append(1.0)
        raise FillingStopped("Stopped. The demo clinic goes on from here the next time.")

    page = FirstRunScreen(jobs, object, lambda _: None, fill)
    qtbot.addWidget(page)
    page.show()
    page.seeded.click()
    qtbot.waitUntil(lambda: "25 %" in page._filled.text(), timeout=WAIT_MS)
    assert not page.demo.isEnabled()
    page.stop.click()
    qtbot.waitUntil(lambda: page._failure.isVisible(), timeout=WAIT_MS)
    assert heard == [1.0]
    assert "goes on from here" in page._failure.text()
    assert page.demo.isEnabled()


def test_closing_the_window_stops_the_filling(qtbot: QtBot, jobs: JobRunner) -> None:
    stopped = threading.Event()

    def fill(progress: Progress, stop: Stop) -> object:
        while not stop():
            time.sleep(0.01)
        stopped.set()
        return object()

    page = FirstRunScreen(jobs, object, lambda _: None, fill)
    qtbot.addWidget(page)
    page.show()
    page.seeded.click()
    page.close()
    qtbot.waitUntil(stopped.is_set, timeout=WAIT_MS)
