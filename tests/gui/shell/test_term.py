"""Twelve hours after signing in the window asks for it again, at a calm moment, losing nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.screening import Draft
from clinic_app.services.session import SessionState
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.safety.view import SafetySteps
from clinic_app.ui.screens.screening.view import ScreeningScreen
from clinic_app.ui.screens.tasks.form import open_task_form
from clinic_app.ui.screens.today.view import TodayScreen
from clinic_app.ui.shell.term import TermWatch
from tests.fakes.clinic import PASSWORD, USER
from tests.gui.conftest import Driver
from tests.gui.shell.patient_page import open_patient


def look(driver: Driver) -> None:
    """As the timer does."""
    watch = driver.desk.findChild(TermWatch)
    assert watch is not None
    watch.look()
    driver.settle()


def after(driver: Driver, **units: float) -> None:
    driver.clinic.up.advance(**units)
    look(driver)


def sign_in_again(driver: Driver, user: str = USER, password: str = PASSWORD) -> None:
    page = driver.window.lock_page
    assert page is not None
    driver.type(page.user_name, user)
    driver.press(Qt.Key.Key_Return, page.user_name)
    driver.type(page.password.edit, password)
    driver.press(Qt.Key.Key_Return, page.password.edit)


def open_screening(driver: Driver) -> Draft:
    patient = driver.clinic.add_patient(consent=())
    draft = driver.clinic.services.screenings.start(patient.id)
    driver.desk.show_screening(draft.id)
    driver.settle()
    screen = driver.desk.present
    assert isinstance(screen, ScreeningScreen)
    driver.until(lambda: screen.presenter.step is not None)
    return draft


def notices(driver: Driver) -> str:
    return "\n".join(driver.window.notices.texts)


def test_it_is_said_beforehand_and_can_be_done_then(inside: Driver) -> None:
    after(inside, hours=11, minutes=40)
    assert notices(inside) == ""
    after(inside, minutes=10)
    assert "A sign-in holds for twelve hours." in notices(inside)
    inside.click("Lock and sign in again")
    assert inside.window.locked
    sign_in_again(inside)
    assert not inside.window.locked
    assert notices(inside) == ""
    after(inside, hours=11)
    assert not inside.window.locked


def test_the_window_locks_with_everything_kept_and_takes_a_whole_sign_in(inside: Driver) -> None:
    screen = open_patient(inside)
    inside.type(screen.notes.editor, "Sleeps better")
    for _ in range(3):
        inside.clinic.up.advance(hours=3)
        inside.window.lock()
        inside.settle()
        inside.unlock()
    inside.type(screen.notes.editor, ", eats")
    after(inside, hours=3)
    assert inside.window.locked
    assert inside.clinic.services.session.state is SessionState.LOCKED
    assert "sign in again to go on" in inside.words()
    assert "Okafor" not in inside.words()
    sign_in_again(inside, user="somebody")
    page = inside.window.lock_page
    assert page is not None
    assert page.password.message == "User name or password is wrong."
    page.user_name.clear()
    sign_in_again(inside)
    assert not inside.window.locked
    assert inside.desk.present is screen
    assert screen.notes.editor.toPlainText() == "Sleeps better, eats"
    (note,) = inside.clinic.store.tables.notes.values()
    assert note.text == "Sleeps better, eats"
    assert any(one.kind is AuditKind.SIGNED_IN for one in inside.clinic.store.tables.audit[-8:])
    inside.window.lock()
    inside.settle()
    assert not page.user_name.isVisible()
    inside.unlock()
    assert not inside.window.locked


def test_the_time_that_is_up_while_somebody_signs_out_changes_nothing(inside: Driver) -> None:
    watch = inside.desk.findChild(TermWatch)
    assert watch is not None
    inside.clinic.up.advance(hours=12)
    inside.window.sign_out()
    watch.look()
    inside.settle()
    assert inside.window.desk is None
    inside.sign_in()
    assert inside.clinic.services.session.state is SessionState.ENDED
    assert not inside.window.locked


def test_after_the_sign_in_the_page_looks_again_and_stays_where_it_was(
    inside: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = inside.desk.present
    assert isinstance(screen, Screen)
    asked: list[str] = []
    for name in ("arrive", "renew"):
        monkeypatch.setattr(screen, name, lambda name=name: asked.append(name))
    after(inside, hours=12)
    sign_in_again(inside)
    assert asked == ["renew"]


def test_a_form_that_lies_open_is_gone_on_with_where_it_was_left(inside: Driver) -> None:
    inside.desk.show_tasks()
    inside.settle()
    above = inside.desk.present
    assert above is not None
    open_task_form(above, inside.desk.workspace, lambda _: None)
    inside.settle()
    sheet = inside.sheet
    what = sheet.findChildren(QLineEdit)[0]
    inside.type(what, "Ring the GP")
    after(inside, hours=12)
    assert inside.window.locked
    sign_in_again(inside)
    assert inside.desk.sheet is sheet
    assert what.text() == "Ring the GP"
    focus = QApplication.focusWidget()
    assert focus is not None
    assert sheet.isAncestorOf(focus)


def test_a_lock_that_lasts_until_then_asks_for_the_user_name_too(inside: Driver) -> None:
    inside.window.lock()
    inside.settle()
    page = inside.window.lock_page
    assert page is not None
    assert not page.user_name.isVisible()
    inside.clinic.up.advance(hours=13)
    inside.unlock()  # before the window has looked
    assert inside.window.locked
    assert page.user_name.isVisible()
    sign_in_again(inside)
    assert not inside.window.locked


def test_a_screening_goes_on_and_leaving_it_signs_in_before_the_next_page(inside: Driver) -> None:
    draft = open_screening(inside)
    screen = inside.desk.present
    after(inside, hours=12, minutes=5)
    assert not inside.window.locked
    assert "Please finish with the person in front of you." in notices(inside)
    inside.desk.show_patient(draft.patient_id)
    inside.settle()
    assert inside.window.locked
    assert inside.desk.present is screen
    sign_in_again(inside)
    inside.until(lambda: isinstance(inside.desk.present, PatientScreen))
    assert notices(inside) == ""


def test_no_page_of_the_role_before_comes_after_the_sign_in(inside: Driver) -> None:
    open_screening(inside)
    inside.clinic.up.advance(hours=12, minutes=5)
    inside.desk.go_to("admin")
    inside.settle()
    assert inside.window.locked
    with inside.clinic.store.unit_of_work() as work:
        user = work.users.get(inside.clinic.services.session.user.id)
        work.users.save(replace(user, role=Role.DOCTOR))
        work.commit()
    sign_in_again(inside)
    assert not inside.window.locked
    assert isinstance(inside.desk.present, TodayScreen)


def test_a_screening_that_is_not_left_is_locked_after_an_hour(inside: Driver) -> None:
    open_screening(inside)
    screen = inside.desk.present
    after(inside, hours=12, minutes=59)
    assert not inside.window.locked
    after(inside, minutes=1)
    assert inside.window.locked
    sign_in_again(inside)
    assert inside.desk.present is screen


def test_safety_steps_are_never_cut_off(inside: Driver) -> None:
    draft = open_screening(inside)
    inside.clinic.services.safety.raise_concern(draft.patient_id, draft.id)
    screen = inside.desk.present
    assert isinstance(screen, ScreeningScreen)
    screen.presenter.check_safety()
    inside.settle()
    steps = inside.desk.findChild(SafetySteps)
    assert steps is not None
    after(inside, hours=15)
    assert not inside.window.locked
    assert steps.isVisible()
    assert "Please finish the safety steps with the person" in notices(inside)
    assert "at the latest" not in notices(inside)  # nobody is to hurry
    colleague = inside.clinic.services.session.user
    assert inside.clinic.services.safety.unfinished()[0].flow.patient_id == draft.patient_id
    steps.close_sheet()
    look(inside)
    assert inside.window.locked
    sign_in_again(inside)
    assert inside.clinic.services.session.user == colleague


@pytest.mark.parametrize("covered", [False, True])
def test_a_patient_answers_on_and_the_password_that_takes_the_laptop_back_is_the_sign_in(
    inside: Driver, *, covered: bool
) -> None:
    draft = open_screening(inside)
    inside.desk.enter_patient_mode(draft.patient_id)
    inside.settle()
    after(inside, hours=14)
    assert not inside.window.locked
    if covered:
        inside.window.lock()
        inside.settle()
        page = inside.window.lock_page
        assert page is not None
        assert not page.user_name.isVisible()
        inside.unlock()
    services = inside.clinic.services
    services.screenings.answer(draft.id, InstrumentName.PHQ9, 8, 1, AnsweredBy.PATIENT)
    services.clinic.resume(PASSWORD)
    inside.desk.patient_mode.end()
    look(inside)
    assert not inside.window.locked
    assert len(services.safety.unfinished()) == 1
