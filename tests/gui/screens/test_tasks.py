"""Tasks on screen, by hand: the list, the sheet, and the panel of one person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from clinic_app.domain.people import Role
from clinic_app.services.tasks import NewTask
from clinic_app.ui.screens.tasks.panel import TasksPanel
from clinic_app.ui.screens.tasks.rows import DUE, OWNER, TITLE
from clinic_app.ui.screens.tasks.view import TasksScreen
from clinic_app.ui.widgets.basics import column as upright
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.gui.conftest import Driver


def open_tasks(driver: Driver) -> TasksScreen:
    driver.shortcut(Qt.Key.Key_6, Qt.KeyboardModifier.AltModifier)
    screen = driver.desk.present
    assert isinstance(screen, TasksScreen)
    return screen


def column(screen: TasksScreen, number: int) -> list[str]:
    rows = screen.rows
    return [str(rows.data(rows.index(place, number))) for place in range(rows.rowCount())]


def field(driver: Driver, name: str) -> QWidget:
    found = driver.sheet.findChildren(QWidget)
    return next(one for one in found if one.accessibleName() == name and one.isVisible())


@pytest.fixture
def filled(inside: Driver) -> FakeClinic:
    clinic = inside.clinic
    tasks, me = clinic.services.tasks, clinic.services.session.user.id
    other = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    late = tasks.today() - timedelta(days=1)
    tasks.add(NewTask("Late", "Ring twice.", me, late, clinic.add_patient().id))
    tasks.add(NewTask("Some day", owner=me))
    tasks.add(NewTask("Theirs", owner=other.id, due_on=late))
    return clinic


def test_ones_own_come_first_and_the_buttons_count(inside: Driver, filled: FakeClinic) -> None:
    screen = open_tasks(inside)
    assert column(screen, TITLE) == ["Late", "Some day"]
    assert column(screen, DUE)[0].startswith("overdue, ")
    texts = [made.text() for made in screen.whose.values()]
    assert texts == ["Mine · 2", "Everybody's · 3", "Overdue · 2"]
    inside.click("Everybody's")
    assert sorted(column(screen, OWNER)) == ["Amina Diallo", "Amina Diallo", "Tomas"]
    inside.click("Overdue")
    assert sorted(column(screen, TITLE)) == ["Late", "Theirs"]


def test_space_ticks_off_and_it_can_be_taken_back(inside: Driver, filled: FakeClinic) -> None:
    screen = open_tasks(inside)
    assert "Ring twice." in inside.words()
    inside.press(Qt.Key.Key_Space, screen.table)
    assert column(screen, TITLE) == ["Some day"]
    assert "“Late” is done." in inside.words()
    inside.click("Take it back")
    assert column(screen, TITLE) == ["Late", "Some day"]
    assert not screen.take_back.isVisible()


def test_a_task_no_longer_needed_goes_and_the_record_opens(
    inside: Driver, filled: FakeClinic
) -> None:
    screen = open_tasks(inside)
    inside.press(Qt.Key.Key_Down, screen.table)
    assert not screen.record_button.isEnabled()
    inside.click("No longer needed")
    assert column(screen, TITLE) == ["Late"]
    assert "“Some day” is cancelled." in inside.words()
    inside.click("Open the record")
    assert inside.desk.header.title.text() == "Okafor, Chidi"


def test_a_new_task_is_written_down(inside: Driver) -> None:
    screen = open_tasks(inside)
    assert "You have no open tasks." in inside.words()
    inside.click("New task", screen)
    title = field(inside, "Task")
    inside.press(Qt.Key.Key_Return, title)
    assert "say what there is to do" in inside.words(inside.sheet)
    inside.type(title, "Call the school")
    inside.type(field(inside, "Due"), "30.2.2026")
    inside.press(Qt.Key.Key_Return, title)
    assert "no such day" in inside.words(inside.sheet)
    inside.click("Due Tomorrow")
    inside.click("Add the task")
    assert inside.desk.sheet is None
    assert column(screen, TITLE) == ["Call the school"]


def test_a_task_is_changed_and_given_to_a_colleague(inside: Driver, filled: FakeClinic) -> None:
    screen = open_tasks(inside)
    inside.press(Qt.Key.Key_Return, screen.table)
    detail = field(inside, "More about it")
    assert isinstance(detail, QPlainTextEdit)
    assert detail.toPlainText() == "Ring twice."
    owner = field(inside, "Who does it")
    owner.setProperty("currentIndex", 1)
    inside.click("Save")
    assert column(screen, TITLE) == ["Some day"]
    inside.click("Everybody's")
    assert column(screen, OWNER).count("Tomas") == 2


def test_trouble_while_saving_stays_in_the_sheet(inside: Driver) -> None:
    screen = open_tasks(inside)
    inside.click("New task", screen)
    inside.type(field(inside, "Task"), "Call")
    inside.clinic.store.closed = True
    inside.click("Add the task")
    assert "The store is closed." in inside.words(inside.sheet)
    inside.clinic.store.closed = False
    inside.click("Add the task")
    assert inside.desk.sheet is None


def test_a_task_that_a_colleague_has_done_meanwhile_is_told(
    inside: Driver, filled: FakeClinic
) -> None:
    screen = open_tasks(inside)
    chosen = screen.rows.row_at(screen.table.currentIndex())
    assert chosen is not None
    filled.services.tasks.finish(chosen.task.id)
    inside.click("Done")
    assert "already done or cancelled" in inside.window.notices.texts[-1]
    assert column(screen, TITLE) == ["Some day"]


def test_tasks_that_cannot_be_read_can_be_tried_again(inside: Driver, filled: FakeClinic) -> None:
    screen = open_tasks(inside)
    filled.store.closed = True
    inside.desk.refresh()
    inside.settle()
    assert "The store is closed." in inside.words()
    filled.store.closed = False
    inside.click("Try again")
    assert column(screen, TITLE) == ["Late", "Some day"]


# --- the panel of one person ------------------------------------------------------------------


@pytest.fixture
def panel(inside: Driver, qtbot: QtBot) -> TasksPanel:
    clinic = inside.clinic
    patient = clinic.add_patient()
    clinic.services.tasks.add(NewTask("Call", "After four.", patient_id=patient.id))
    clinic.services.tasks.add(NewTask("About nobody"))
    holder = QWidget(inside.desk)
    made = TasksPanel(inside.desk.workspace, patient.id)
    upright(holder).addWidget(made)
    holder.setGeometry(300, 100, 600, 400)
    holder.show()
    inside.settle()
    return made


def test_the_panel_shows_the_tasks_of_the_person(inside: Driver, panel: TasksPanel) -> None:
    words = inside.words(panel)
    assert "Call\nno date · nobody yet\nAfter four." in words
    assert "About nobody" not in words


def test_done_in_the_panel_folds_away_and_comes_back(inside: Driver, panel: TasksPanel) -> None:
    with inside.qtbot.waitSignal(panel.changed):
        inside.click("“Call” is done", panel)
    assert "No open tasks." in inside.words(panel)
    inside.click("1 finished task", panel)
    inside.click("“Call” is open again", panel)
    assert "No open tasks." not in inside.words(panel)


def test_a_task_added_in_the_panel_is_about_the_person(inside: Driver, panel: TasksPanel) -> None:
    inside.click("New task", panel)
    assert "About Okafor, Chidi" in inside.words(inside.sheet)
    inside.type(field(inside, "Task"), "Write")
    inside.click("Add the task")
    assert "Write" in inside.words(panel)
    (patient,) = inside.clinic.store.tables.patients
    titles = [row.task.title for row in inside.clinic.services.tasks.of_patient(patient)]
    assert titles == ["Call", "Write"]


def test_a_panel_that_cannot_be_read_can_be_tried_again(inside: Driver, panel: TasksPanel) -> None:
    inside.clinic.store.closed = True
    panel.look()
    inside.settle()
    assert "The store is closed." in inside.words(panel)
    inside.clinic.store.closed = False
    inside.click("Try again", panel)
    assert "Call" in inside.words(panel)
