"""The worklist on screen, by hand."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView

from clinic_app.domain.people import Patient, Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.report_data import WorklistReport
from clinic_app.services.tasks import NewTask
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.worklist.presenter import PAGE, Only
from clinic_app.ui.screens.worklist.rows import NAME, WAITING, WHY
from clinic_app.ui.screens.worklist.view import WorklistScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.gui.conftest import Driver


def open_list(driver: Driver) -> WorklistScreen:
    driver.shortcut(Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)
    screen = driver.desk.present
    assert isinstance(screen, WorklistScreen)
    return screen


def column(screen: WorklistScreen, number: int) -> list[str]:
    rows = screen.rows
    return [str(rows.data(rows.index(place, number))) for place in range(rows.rowCount())]


def finish(clinic: FakeClinic, patient: Patient, answer: int, *, flagged: bool = False) -> None:
    services = clinic.services
    draft = services.screenings.start(patient.id)
    services.screenings.record_questionnaire(
        patient.id, InstrumentName.PHQ9, (answer,) * 8 + (0,), AnsweredBy.PATIENT
    )
    services.screenings.judge(draft.id, ClinicianSeverity.MILD, flagged=flagged)
    services.screenings.finish(draft.id)


@pytest.fixture
def people(inside: Driver) -> dict[str, Patient]:
    clinic = inside.clinic
    made = {name: clinic.add_patient(name, "Ana") for name in ("Mild", "Severe", "New", "Safety")}
    finish(clinic, made["Mild"], 1, flagged=True)
    finish(clinic, made["Severe"], 3)
    clinic.services.screenings.record_questionnaire(
        made["Safety"].id, InstrumentName.PHQ9, (0,) * 8 + (1,), AnsweredBy.PATIENT
    )
    return made


def test_the_list_says_who_and_why_the_urgent_first(
    inside: Driver, people: dict[str, Patient]
) -> None:
    screen = open_list(inside)
    names = ["Safety, Ana", "New, Ana", "Severe, Ana", "Mild, Ana"]
    assert column(screen, NAME) == names
    why = column(screen, WHY)
    assert why[0].startswith("Safety steps open since ")
    assert why[2] == "PHQ-9: 24, severe · 1 screening not reviewed"
    assert "flagged by the clinician" in why[3]
    assert all(column(screen, WAITING))
    assert "4 people" in inside.words()


def test_whom_the_list_shows_is_printed_and_nobody_else(
    inside: Driver, people: dict[str, Patient]
) -> None:
    open_list(inside).show_only(Only.FLAGGED)
    inside.settle()
    inside.click("Print…")
    report = inside.clinic.renderer.others[-1]
    assert isinstance(report, WorklistReport)
    assert [line.name for line in report.lines] == ["Mild, Ana"]
    assert [str(one) for one in report.narrowed] == ["flagged"]


def test_enter_opens_the_person(inside: Driver, people: dict[str, Patient]) -> None:
    screen = open_list(inside)
    assert screen.table.hasFocus()
    inside.press(Qt.Key.Key_Down, screen.table)
    inside.press(Qt.Key.Key_Return, screen.table)
    assert isinstance(inside.desk.present, PatientScreen)
    assert inside.desk.header.title.text() == "New, Ana"


@pytest.mark.parametrize(
    ("pressed", "names"),
    [
        ("Safety steps open", ["Safety, Ana"]),
        ("Not assessed", ["New, Ana"]),
        ("Flagged", ["Mild, Ana"]),
        ("Not reviewed", ["Severe, Ana", "Mild, Ana"]),
        ("Task overdue", []),
    ],
)
def test_a_button_narrows_the_list(
    inside: Driver, people: dict[str, Patient], pressed: str, names: list[str]
) -> None:
    screen = open_list(inside)
    inside.click(pressed)
    assert column(screen, NAME) == names


def test_a_band_narrows_the_list_and_an_empty_one_says_how_to_go_on(
    inside: Driver, people: dict[str, Patient]
) -> None:
    screen = open_list(inside)
    screen.band.setCurrentIndex(screen.band.findText("Severe"))
    inside.settle()
    assert column(screen, NAME) == ["Severe, Ana"]
    inside.click("Flagged")
    assert "Nobody fits" in inside.words()
    inside.click("Show everybody")
    assert len(column(screen, NAME)) == 4
    assert screen.only[Only.EVERYBODY].isChecked()


def test_an_overdue_task_brings_somebody_into_the_list_of_overdue(
    inside: Driver, people: dict[str, Patient]
) -> None:
    tasks = inside.clinic.services.tasks
    tasks.add(NewTask("Call", due_on=tasks.today(), patient_id=people["New"].id))
    inside.clinic.clock.advance(days=2)
    screen = open_list(inside)
    inside.click("Task overdue")
    assert column(screen, NAME) == ["New, Ana"]


def test_scrolling_down_reads_the_following_pages(inside: Driver) -> None:
    clinic = inside.clinic
    for number in range(2 * PAGE + 7):
        clinic.add_patient(f"P{number:03}", consent=())
    screen = open_list(inside)
    assert screen.rows.rowCount() == PAGE
    inside.press(Qt.Key.Key_End, screen.table)
    screen.table.scrollToBottom()
    inside.until(lambda: screen.rows.rowCount() > PAGE)
    screen.table.scrollToBottom()
    inside.until(lambda: screen.rows.rowCount() == 2 * PAGE + 7)
    names = column(screen, NAME)
    assert names == sorted(names)
    assert len(set(names)) == 2 * PAGE + 7


def test_coming_back_keeps_the_chosen_person(inside: Driver, people: dict[str, Patient]) -> None:
    screen = open_list(inside)
    inside.press(Qt.Key.Key_Down, screen.table)
    inside.press(Qt.Key.Key_Down, screen.table)
    inside.desk.refresh()
    inside.settle()
    assert screen.table.currentIndex().row() == 2


def test_whoever_has_read_on_stays_there_when_the_list_is_read_again(inside: Driver) -> None:
    """Else Enter would open somebody else."""
    clinic = inside.clinic
    for number in range(PAGE + 20):
        clinic.add_patient(f"P{number:03}", consent=())
    screen = open_list(inside)
    screen.table.scrollToBottom()
    inside.until(lambda: screen.rows.rowCount() == PAGE + 20)
    screen.table.selectRow(PAGE + 5)
    chosen = column(screen, NAME)[PAGE + 5]
    scrolled = screen.table.verticalScrollBar().value()
    clinic.add_patient("P999", consent=())  # as if it had come from elsewhere
    screen.renew()
    inside.settle()
    assert screen.rows.rowCount() >= PAGE + 20
    assert column(screen, NAME)[screen.table.currentIndex().row()] == chosen
    assert screen.table.verticalScrollBar().value() == scrolled


def test_another_list_is_shown_from_the_most_urgent_on(
    inside: Driver, people: dict[str, Patient]
) -> None:
    """Whoever was far down in the list before need not stand on the one that is asked for now."""
    clinic = inside.clinic
    for number in range(10):
        clinic.add_patient(f"P{number}", consent=())
    finish(clinic, clinic.add_patient("Second", "Ana"), 2, flagged=True)
    screen = open_list(inside)
    screen.table.selectRow(8)
    assert column(screen, NAME)[8].startswith("P")
    inside.click("Flagged")
    assert column(screen, NAME) == ["Second, Ana", "Mild, Ana"]
    assert screen.table.currentIndex().row() == 0


def test_a_list_that_cannot_be_read_can_be_tried_again(
    inside: Driver, people: dict[str, Patient]
) -> None:
    screen = open_list(inside)
    inside.clinic.store.closed = True
    inside.desk.refresh()
    inside.settle()
    assert "The store is closed." in inside.words()
    inside.clinic.store.closed = False
    inside.click("Try again")
    assert screen.rows.rowCount() == 4


def test_an_empty_clinic_offers_to_register(inside: Driver) -> None:
    open_list(inside)
    assert "Nobody is on the list" in inside.words()
    inside.click("Register a patient")
    assert inside.desk.header.title.text() == "Register a patient"


def test_rows_are_read_out_with_their_column(inside: Driver, people: dict[str, Patient]) -> None:
    screen = open_list(inside)
    said = screen.rows.data(screen.rows.index(0, WHY), Qt.ItemDataRole.AccessibleTextRole)
    assert str(said).startswith("Why: Safety steps open")
    triggers = screen.table.editTriggers()
    assert triggers == QAbstractItemView.EditTrigger.NoEditTriggers


def test_a_doctor_sees_the_worklist_on_the_first_screen(outside: Driver) -> None:
    clinic = outside.clinic
    patient = clinic.add_patient("Waiting", "Ana")
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    words = outside.words()
    assert words.index("Not assessed yet") < words.index("Nothing is waiting")
    outside.click("Open the record of Waiting, Ana")
    present = outside.desk.present
    assert isinstance(present, PatientScreen)
    assert outside.desk.header.title.text() == patient.display_name
