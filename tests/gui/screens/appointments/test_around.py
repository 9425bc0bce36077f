"""Around the calendar: hours and absences, its file, when it fails, and one person's panel."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit

from clinic_app.domain.appointments import Appointment
from clinic_app.domain.people import Patient, Role
from clinic_app.ui.screens.appointments.panel import AppointmentsPanel
from clinic_app.ui.screens.appointments.time_fields import TimeFields
from clinic_app.ui.screens.appointments.view import AppointmentsScreen
from clinic_app.ui.widgets.sheet import Sheet
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.gui.conftest import Driver
from tests.gui.screens.appointments.calendar import one_of, open_calendar


def open_hours(inside: Driver) -> tuple[Sheet, dict[str, QLineEdit]]:
    """The sheet of hours and absences, and its fields by name."""
    inside.click("Hours and absences…")
    sheet = inside.sheet
    return sheet, {one.accessibleName(): one for one in sheet.findChildren(QLineEdit)}


def test_an_absence_without_an_end_is_refused_in_a_sentence(
    inside: Driver, fakes: FakeClinic, screen: AppointmentsScreen
) -> None:
    sheet, edits = open_hours(inside)
    inside.type(edits["From"], "4.3.2026")
    inside.type(edits["Until"], "31.12.9999")
    inside.click("Add the absence", sheet)
    assert "This day is too far away." in inside.words(sheet)
    assert fakes.services.availability.absences() == []


def test_hours_that_are_not_saved_yet_stay_when_an_absence_is_added(
    inside: Driver, fakes: FakeClinic, screen: AppointmentsScreen
) -> None:
    sheet, edits = open_hours(inside)
    monday = edits["Hours on Monday"]
    monday.clear()
    inside.type(monday, "8:00-12:00")
    inside.type(edits["From"], "4.3.2026")
    inside.click("Add the absence", sheet)
    assert "4 Mar 2026" in inside.words(sheet)
    assert monday.text() == "8:00-12:00"
    inside.click("Take back: 4 Mar 2026", sheet)
    assert monday.text() == "8:00-12:00"
    inside.click("Save the week", sheet)
    (hours,) = fakes.services.availability.hours()
    assert [one.closes.hour for one in hours.availability.hours if one.weekday == 0] == [12]


def test_nothing_is_typed_into_a_week_that_is_being_stored(
    inside: Driver, fakes: FakeClinic, screen: AppointmentsScreen
) -> None:
    sheet, edits = open_hours(inside)
    monday = edits["Hours on Monday"]
    monday.clear()
    inside.type(monday, "8:00-12:00")
    gate = inside.hold_the_store()
    inside.strike(inside.button("Save the week", sheet))
    QTest.keyClicks(monday, ", 13:00-15:00")
    QTest.keyClicks(edits["Reason"], "Training")
    shown, reason = monday.text(), edits["Reason"].text()
    gate.set()
    inside.settle()
    assert (shown, reason) == ("8:00-12:00", "")
    assert monday.text() == shown
    inside.type(monday, ", 13:00-15:00")
    inside.click("Save the week", sheet)
    (hours,) = fakes.services.availability.hours()
    closes = [one.closes.hour for one in hours.availability.hours if one.weekday == 0]
    assert closes == [12, 15]


def test_hours_that_are_saved_are_not_asked_about_when_the_window_closes(
    inside: Driver, fakes: FakeClinic, screen: AppointmentsScreen
) -> None:
    sheet, edits = open_hours(inside)
    assert not sheet.would_lose
    monday = edits["Hours on Monday"]
    monday.clear()
    inside.type(monday, "8:00-12:00")
    assert sheet.would_lose
    inside.type(edits["Reason"], "Training")
    inside.click("Save the week", sheet)
    assert sheet.would_lose  # the absence is not added yet
    edits["Reason"].clear()
    assert not sheet.would_lose


def test_typed_hours_do_not_go_unasked_when_another_clinician_is_chosen(
    inside: Driver, fakes: FakeClinic
) -> None:
    fakes.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    open_calendar(inside)
    sheet, edits = open_hours(inside)
    monday, chosen = edits["Hours on Monday"], sheet.findChild(QComboBox)
    mine = chosen.currentIndex()
    monday.clear()
    inside.type(monday, "8:00-12:00")
    chosen.setCurrentIndex(1 - mine)
    inside.click("Stay here")
    assert chosen.currentIndex() == mine
    assert monday.text() == "8:00-12:00"
    chosen.setCurrentIndex(1 - mine)
    inside.click("Leave without it")
    assert chosen.currentIndex() == 1 - mine
    assert monday.text() != "8:00-12:00"


def test_hours_are_typed_and_absences_come_and_go(
    inside: Driver, fakes: FakeClinic, screen: AppointmentsScreen
) -> None:
    sheet, edits = open_hours(inside)
    monday = edits["Hours on Monday"]
    monday.clear()
    inside.type(monday, "nine to five")
    inside.click("Save the week", sheet)
    assert "Monday: please type the hours as 9:00-17:00." in inside.words(sheet)
    monday.clear()
    inside.type(monday, "8-12, 13:00-24:00")
    inside.click("Save the week", sheet)
    (hours,) = fakes.services.availability.hours()
    spans = [one for one in hours.availability.hours if one.weekday == 0]
    assert [(one.opens.hour, one.closes.hour) for one in spans] == [(8, 12), (13, 0)]
    inside.type(edits["From"], "4.3.2026")
    inside.type(edits["Until"], "5.3.2026")
    inside.type(edits["Reason"], "course")
    add = inside.button("Add the absence", sheet)
    for _ in range(2):  # a double click is one absence
        QTest.mouseClick(add, Qt.MouseButton.LeftButton)
    inside.settle()
    assert len(fakes.services.availability.absences()) == 1
    assert "4 Mar 2026 to 5 Mar 2026 · course" in inside.words(sheet)
    inside.click("Take back: 4 Mar 2026 to 5 Mar 2026 · course", sheet)
    assert fakes.services.availability.absences() == []


def test_the_shown_week_is_saved_as_a_calendar_file(
    inside: Driver, booked: Appointment, tmp_path: Path
) -> None:
    screen = open_calendar(inside)
    screen.save_calendar(tmp_path / "week.ics")
    inside.settle()
    text = (tmp_path / "week.ics").read_text()
    assert str(booked.id) in text
    assert "Okafor" not in text


def test_the_calendar_is_empty_then_fails_and_can_be_tried_again(
    inside: Driver, fakes: FakeClinic, screen: AppointmentsScreen
) -> None:
    assert screen.grid.blocks == []
    assert screen.count.text() == "0 appointments"
    fakes.services.session.lock()
    screen.presenter.look()
    inside.settle()
    assert "The window is locked" in inside.words(screen)
    fakes.services.clinic.resume(PASSWORD)
    inside.click("Try again", screen)
    assert screen.grid.isVisible()


def test_a_calendar_that_stays_open_goes_with_the_day_until_another_is_asked_for(
    inside: Driver, fakes: FakeClinic, screen: AppointmentsScreen
) -> None:
    first = screen.presenter.first
    assert first is not None
    fakes.clock.moment += timedelta(days=7)
    screen.renew()
    inside.settle()
    assert screen.presenter.first == first + timedelta(days=7)
    inside.click("Later")
    asked_for = screen.presenter.first
    fakes.clock.moment += timedelta(days=7)
    screen.renew()
    inside.settle()
    assert screen.presenter.first == asked_for == first + timedelta(days=14)


def test_later_after_today_leads_on_from_today_however_slow_the_store_is(
    inside: Driver, screen: AppointmentsScreen
) -> None:
    first = screen.presenter.first
    assert first is not None
    for _ in range(3):
        inside.click("Later")
    gate = inside.hold_the_store()
    for name in ("Today", "Later", "Later"):
        QTest.mouseClick(inside.button(name, screen), Qt.MouseButton.LeftButton)
    gate.set()
    inside.settle()
    assert screen.presenter.first == first + timedelta(days=14)
    inside.click("Earlier")
    assert screen.presenter.first == first + timedelta(days=7)


def test_the_panel_of_one_person_books_and_shows_earlier_ones(
    inside: Driver, fakes: FakeClinic, chidi: Patient, booked: Appointment
) -> None:
    fakes.services.appointments.cancel(booked.id, "ill")
    panel = AppointmentsPanel(inside.desk.workspace, chidi.id)
    inside.qtbot.addWidget(panel)
    inside.desk.stack.addWidget(panel)
    inside.desk.stack.setCurrentWidget(panel)
    inside.settle()
    assert "No appointment to come." in inside.words(panel)
    inside.click("Show 1 earlier one", panel)
    assert "“ill”" in inside.words(panel)
    inside.click("New appointment", panel)
    sheet = inside.sheet
    assert "Okafor, Chidi" in inside.words(sheet)
    QTest.mouseClick(one_of(sheet, TimeFields).offers[0], Qt.MouseButton.LeftButton)
    inside.click("Book it", sheet)
    assert "booked" in inside.words(panel)
    assert "No appointment to come." not in inside.words(panel)
