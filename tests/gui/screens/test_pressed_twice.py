"""A button that is pressed twice while the store is slow opens one form, not one upon the other."""

from __future__ import annotations

from functools import partial
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from clinic_app.services.tasks import NewTask, TaskService
from clinic_app.ui.jobs import Lane
from clinic_app.ui.widgets.sheet import Sheet
from tests.gui.conftest import Driver
from tests.gui.screens.test_patient_page import open_page


def press_twice(driver: Driver, name: str) -> None:
    """Both presses come before the store answers."""
    button, gate = driver.button(name), Event()
    wait = partial(gate.wait, 20)
    driver.jobs.submit(Lane.DATABASE, wait, done=lambda _: None, failed=lambda _: None)
    for _ in range(2):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    gate.set()
    driver.settle()


def sheets(driver: Driver) -> list[Sheet]:
    return [one for one in driver.desk.findChildren(Sheet) if not one.isHidden()]


@pytest.mark.parametrize("name", ["Add an intervention", "New task", "New appointment"])
def test_a_form_of_one_person_opens_once(inside: Driver, name: str) -> None:
    inside.clinic.add_patient()
    open_page(inside)
    press_twice(inside, name)
    assert len(sheets(inside)) == 1


@pytest.mark.parametrize(("place", "name"), [("today", "Hand over…"), ("tasks", "New task")])
def test_a_form_of_the_desk_opens_once(inside: Driver, place: str, name: str) -> None:
    inside.desk.go_to(place)
    inside.settle()
    press_twice(inside, name)
    assert len(sheets(inside)) == 1


def two_tasks(driver: Driver) -> TaskService:
    tasks, me = driver.clinic.services.tasks, driver.clinic.services.session.user.id
    for title in ("Call the school", "Write a letter"):
        tasks.add(NewTask(title, owner=me))
    driver.desk.go_to("tasks")
    driver.settle()
    return tasks


@pytest.mark.parametrize("name", ["Done", "No longer needed"])
def test_a_task_that_is_pressed_twice_is_changed_once_and_no_other(
    inside: Driver, name: str
) -> None:
    tasks = two_tasks(inside)
    press_twice(inside, name)
    assert len(tasks.open()) == 1
    assert inside.window.notices.texts == []
    inside.click(name)
    assert tasks.open() == []


@pytest.mark.parametrize("name", ["Done", "No longer needed"])
def test_the_second_half_of_a_double_click_does_not_reach_the_next_task(
    inside: Driver, name: str
) -> None:
    tasks, made = two_tasks(inside), inside.button(name)
    made.clicked.connect(inside.settle)  # the list is read anew between the two
    place = made.mapTo(inside.window, made.rect().center())
    handle, none = inside.window.windowHandle(), Qt.KeyboardModifier.NoModifier
    QTest.mouseDClick(handle, Qt.MouseButton.LeftButton, none, place)
    inside.settle()
    assert len(tasks.open()) == 1


@pytest.mark.parametrize("place", ["today", "person"])
def test_a_task_is_ticked_off_once_where_it_stands(inside: Driver, place: str) -> None:
    tasks, me = inside.clinic.services.tasks, inside.clinic.services.session.user.id
    patient = inside.clinic.add_patient()
    tasks.add(NewTask("Call the school", "", me, tasks.today(), patient.id))
    if place == "today":
        inside.desk.refresh()
        inside.settle()
    else:
        open_page(inside)
    press_twice(inside, "“Call the school” is done")
    assert tasks.open() == []
    assert inside.window.notices.texts == []


def test_a_note_is_signed_once(inside: Driver) -> None:
    inside.clinic.add_patient()
    screen = open_page(inside)
    inside.type(screen.notes.editor, "Sleeps better")
    press_twice(inside, "Sign the note")
    assert len(sheets(inside)) == 1


def test_a_draft_is_discarded_after_one_question(inside: Driver) -> None:
    inside.clinic.add_patient()
    screen = open_page(inside)
    inside.type(screen.notes.editor, "Sleeps better")
    screen.notes._pause.timeout.emit()
    inside.settle()
    inside.type(screen.notes.editor, " and better")
    press_twice(inside, "Discard the draft")
    assert len(sheets(inside)) == 1
    inside.click("Discard")
    assert sheets(inside) == []


def test_no_question_about_a_form_stays_when_the_form_is_saved_meanwhile(inside: Driver) -> None:
    inside.clinic.add_patient()
    screen = open_page(inside)
    inside.click("Correct")
    assert screen._correction is not None
    edit, gate = screen._correction.form.family_name, Event()
    inside.type(edit, "-Example")
    wait = partial(gate.wait, 20)
    inside.jobs.submit(Lane.DATABASE, wait, done=lambda _: None, failed=lambda _: None)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    asked = len(sheets(inside))
    gate.set()
    inside.settle()
    assert asked == 2
    assert sheets(inside) == []
