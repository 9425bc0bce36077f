"""The calendar of appointments, by mouse and by keyboard."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from clinic_app.domain.appointments import Appointment, AppointmentState
from clinic_app.domain.people import Patient, Role
from clinic_app.services.appointments import NewAppointment
from clinic_app.ui.appearance import Choice, Look
from clinic_app.ui.screens.appointments.block import Block
from clinic_app.ui.screens.appointments.grid import column_title
from clinic_app.ui.screens.appointments.heads import in_lines
from clinic_app.ui.screens.appointments.panel import AppointmentsPanel
from clinic_app.ui.screens.appointments.patient_picker import PatientPicker
from clinic_app.ui.screens.appointments.time_fields import TimeFields
from clinic_app.ui.screens.appointments.view import AppointmentsScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.gui.conftest import Driver

TUESDAY = date(2026, 3, 3)
TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)
Part = TypeVar("Part", bound=QWidget)
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def fakes(inside: Driver) -> FakeClinic:
    return inside.clinic


@pytest.fixture
def chidi(fakes: FakeClinic) -> Patient:
    return fakes.add_patient()


@pytest.fixture
def me(fakes: FakeClinic) -> UUID:
    return fakes.services.session.user.id


@pytest.fixture
def booked(fakes: FakeClinic, chidi: Patient, me: UUID) -> Appointment:
    return fakes.services.appointments.book(NewAppointment(chidi.id, "talk", TEN, clinician_id=me))


@pytest.fixture
def screen(inside: Driver) -> AppointmentsScreen:
    return open_calendar(inside)


def open_calendar(driver: Driver) -> AppointmentsScreen:
    driver.shortcut(Qt.Key.Key_7, Qt.KeyboardModifier.AltModifier)
    shown = driver.desk.present
    assert isinstance(shown, AppointmentsScreen)
    return shown


def one_of(sheet: QWidget, kind: type[Part]) -> Part:
    found = sheet.findChild(kind)
    assert found is not None
    return found


def start_of(fakes: FakeClinic, one: Appointment) -> datetime:
    slot = fakes.services.appointments.get(one.id).row.appointment.slot
    assert slot is not None
    return slot.start


def drag(driver: Driver, block: Block, by: QPoint) -> None:
    """Press in the block's corner, move in two steps, let go."""
    grip = QPoint(8, 8)
    QTest.mousePress(block, Qt.MouseButton.LeftButton, pos=grip)
    QTest.mouseMove(block, grip + by / 2)
    QTest.mouseMove(block, grip + by)
    QTest.mouseRelease(block, Qt.MouseButton.LeftButton, pos=grip + by)
    driver.settle()


def test_dragging_to_another_day_and_hour_moves_the_appointment(
    inside: Driver, fakes: FakeClinic, booked: Appointment
) -> None:
    screen = open_calendar(inside)
    block = screen.grid.block_of(booked.id)
    drag(inside, block, QPoint(screen.grid.column_width, 90))
    assert "From Tuesday, 3 Mar 2026, 10:00 to 10:50" in inside.words(inside.desk.sheet)
    assert "Wednesday, 4 Mar 2026, 11:30" in inside.words(inside.desk.sheet)
    assert start_of(fakes, booked) == TEN  # nothing has happened yet
    inside.click("Move it", inside.desk.sheet)
    assert start_of(fakes, booked) == TEN + timedelta(days=1, minutes=90)
    assert screen.grid.block_of(booked.id).place.minute == 11 * 60 + 30


def test_a_drop_that_is_not_confirmed_moves_nothing(
    inside: Driver, fakes: FakeClinic, booked: Appointment
) -> None:
    screen = open_calendar(inside)
    drag(inside, screen.grid.block_of(booked.id), QPoint(0, 60))
    inside.click("Leave it", inside.desk.sheet)
    assert start_of(fakes, booked) == TEN
    assert screen.grid.target() is None


def test_the_keyboard_moves_an_appointment_as_well(
    inside: Driver, fakes: FakeClinic, booked: Appointment
) -> None:
    screen = open_calendar(inside)
    block = screen.grid.block_of(booked.id)
    block.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down):
        QTest.keyClick(block, key, CONTROL)
    target = screen.grid.target()
    assert target is not None
    assert target.start == datetime.combine(TUESDAY + timedelta(days=1), time(10, 30))
    assert "Wed 4 Mar, 10:30" in block.accessibleDescription()
    inside.press(Qt.Key.Key_Return, block)
    inside.click("Move it", inside.desk.sheet)
    assert start_of(fakes, booked) == TEN + timedelta(days=1, minutes=30)


def test_escape_puts_a_lifted_appointment_back(
    inside: Driver, fakes: FakeClinic, booked: Appointment
) -> None:
    screen = open_calendar(inside)
    block = screen.grid.block_of(booked.id)
    block.setFocus()
    QTest.keyClick(block, Qt.Key.Key_Down, CONTROL)
    inside.press(Qt.Key.Key_Escape, block)
    assert screen.grid.target() is None
    inside.press(Qt.Key.Key_Return, block)  # opens it: it is not lifted any more
    assert "Okafor, Chidi" in inside.words(inside.desk.sheet)
    assert start_of(fakes, booked) == TEN


def test_a_taken_time_refuses_the_drop_and_says_whose_it_is(
    inside: Driver, fakes: FakeClinic, booked: Appointment, me: UUID
) -> None:
    bo = fakes.add_patient("Aalto", "Bo", date(1970, 1, 1))
    other = fakes.services.appointments.book(
        NewAppointment(bo.id, start=TEN + timedelta(hours=2), clinician_id=me)
    )
    screen = open_calendar(inside)
    drag(inside, screen.grid.block_of(other.id), QPoint(0, -90))
    inside.click("Move it", inside.desk.sheet)
    assert "Amina Diallo already has an appointment on Tuesday, 3 Mar 2026" in inside.words()
    assert start_of(fakes, other) == TEN + timedelta(hours=2)


def test_outside_the_hours_is_asked_before_it_is_moved(
    inside: Driver, fakes: FakeClinic, booked: Appointment, me: UUID
) -> None:
    fakes.services.availability.set_hours(me, fakes.services.clinic.profile().opening_hours[:2])
    screen = open_calendar(inside)
    drag(inside, screen.grid.block_of(booked.id), QPoint(screen.grid.column_width, 0))
    inside.click("Move it", inside.desk.sheet)
    assert "does not see people on Wednesday" in inside.words(inside.desk.sheet)
    inside.click("Move it all the same", inside.desk.sheet)
    assert start_of(fakes, booked) == TEN + timedelta(days=1)


def test_one_day_shows_a_column_a_clinician_and_dragging_across_changes_the_clinician(
    inside: Driver, fakes: FakeClinic, booked: Appointment
) -> None:
    tomas = fakes.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    screen = open_calendar(inside)
    screen.length.setCurrentIndex(1)
    screen.show_day(TUESDAY)
    inside.settle()
    assert [one.name for one in screen.grid.columns] == ["Amina Diallo", "Tomas"]
    drag(inside, screen.grid.block_of(booked.id), QPoint(screen.grid.column_width, 0))
    assert "with Tomas" in inside.words(inside.desk.sheet)
    inside.click("Move it", inside.desk.sheet)
    slot = fakes.services.appointments.get(booked.id).row.appointment.slot
    assert slot is not None
    assert (slot.start, slot.clinician_id) == (TEN, tomas.id)
    screen.clinician.setCurrentIndex(screen.clinician.findData(tomas.id))
    inside.settle()
    assert len(screen.grid.blocks) == 1
    screen.clinician.setCurrentIndex(1)
    inside.settle()
    assert screen.grid.blocks == []


def test_a_request_is_made_by_hand_and_decided(inside: Driver, fakes: FakeClinic) -> None:
    fakes.add_patient("Aalto", "Bo", date(1970, 1, 1))
    screen = open_calendar(inside)
    inside.click("New appointment")
    sheet = inside.sheet
    inside.click("Book it", sheet)
    assert "Please choose the patient." in inside.words(sheet)
    picker = one_of(sheet, PatientPicker)
    inside.type(picker.edit, "Aal")
    inside.until(lambda: picker.list.isVisible())
    inside.settle()
    inside.press(Qt.Key.Key_Return, picker.edit)
    assert "Aalto, Bo" in inside.words(sheet)
    times = one_of(sheet, TimeFields)
    assert times.offers
    QTest.mouseClick(times.offers[0], Qt.MouseButton.LeftButton)
    inside.click("Ask for it", sheet)
    assert inside.desk.sheet is None
    assert "To decide · 1" in inside.words(screen.waiting)
    (block,) = screen.grid.blocks
    assert not block.movable
    QTest.mouseClick(block, Qt.MouseButton.LeftButton)
    inside.settle()
    inside.click("Approve", inside.desk.sheet)
    (row,) = fakes.services.appointments.calendar(date(2026, 3, 2)).rows
    assert row.appointment.state is AppointmentState.APPROVED
    assert "Nothing waits for a decision." in inside.words(screen.waiting)


def test_a_denial_asks_for_its_reason(inside: Driver, fakes: FakeClinic, chidi: Patient) -> None:
    asked = fakes.services.appointments.request(NewAppointment(chidi.id, start=TEN))
    screen = open_calendar(inside)
    inside.click("Decide: Okafor, Chidi, Tuesday, 3 Mar 2026, 10:00 to 10:50", screen.waiting)
    inside.click("Deny…", inside.desk.sheet)
    inside.click("Deny the request", inside.desk.sheet)
    assert "Please write down why the request is denied." in inside.words(inside.desk.sheet)
    reason = QApplication.focusWidget()
    assert reason is not None
    QTest.keyClicks(reason, "Seen elsewhere")
    inside.click("Deny the request", inside.desk.sheet)
    details = fakes.services.appointments.get(asked.id)
    assert details.row.appointment.state is AppointmentState.DENIED
    assert details.row.appointment.state_text == "Seen elsewhere"


def test_a_request_closed_without_a_time_is_found_again(
    inside: Driver, fakes: FakeClinic, chidi: Patient
) -> None:
    asked = fakes.services.appointments.request(NewAppointment(chidi.id, "any day"))
    fakes.services.appointments.deny(asked.id, "Not our field")
    screen = open_calendar(inside)
    assert "Not our field" not in inside.words(screen.waiting)
    inside.click("Show the newest 1", screen.waiting)
    assert "“Not our field”" in inside.words(screen.waiting)
    screen.presenter.look()  # it stays open
    inside.settle()
    assert "“Not our field”" in inside.words(screen.waiting)
    inside.click("Look at: Okafor, Chidi, denied", screen.waiting)
    assert inside.desk.sheet is not None


def test_the_wait_list_gets_another_time(inside: Driver, fakes: FakeClinic, chidi: Patient) -> None:
    asked = fakes.services.appointments.request(NewAppointment(chidi.id, "any day"))
    screen = open_calendar(inside)
    assert "Wait list · 1" in inside.words(screen.waiting)
    inside.click("Decide: Okafor, Chidi, No time yet", screen.waiting)
    inside.click("Approve", inside.desk.sheet)
    sheet = inside.sheet
    times = one_of(sheet, TimeFields)
    inside.type(times.day, "3.3.2026")
    inside.type(times.clock, "25:00")
    inside.click("Book this time", sheet)
    assert "There is no such time of day." in inside.words(sheet)
    times.clock.clear()
    inside.type(times.clock, "10")
    inside.click("Book this time", sheet)
    assert start_of(fakes, asked) == TEN


def test_a_collision_is_flagged_in_the_calendar_and_explained(
    inside: Driver, fakes: FakeClinic, booked: Appointment, me: UUID
) -> None:
    bo = fakes.add_patient("Aalto", "Bo", date(1970, 1, 1))
    event = fakes.services.appointments.book(
        NewAppointment(bo.id, start=TEN + timedelta(hours=4), clinician_id=me)
    ).events[0]
    assert event.slot is not None
    moved = replace(
        event,
        id=UUID(int=7),
        kind=type(event.kind).RESCHEDULED,
        slot=replace(event.slot, start=TEN),
    )
    with fakes.store.unit_of_work() as work:  # it came from another laptop
        work.appointments.add(moved)
        work.commit()
    screen = open_calendar(inside)
    assert screen.clash.text() == "2 appointments of these days collide with another one."
    block = screen.grid.block_of(booked.id)
    assert "collides" in block.accessibleName()
    assert block.place.lanes == 2
    QTest.mouseClick(block, Qt.MouseButton.LeftButton)
    inside.settle()
    assert "Two appointments at the same time" in inside.words(inside.desk.sheet)
    assert "Aalto, Bo" in inside.words(inside.desk.sheet)


def test_arrow_keys_go_from_one_appointment_to_the_next(
    inside: Driver, fakes: FakeClinic, booked: Appointment, chidi: Patient
) -> None:
    book = fakes.services.appointments.book
    below = book(NewAppointment(chidi.id, start=TEN + timedelta(hours=2)))
    beside = book(NewAppointment(chidi.id, start=TEN + timedelta(days=1)))
    grid = open_calendar(inside).grid
    grid.block_of(booked.id).setFocus()
    inside.press(Qt.Key.Key_Down)
    assert grid.block_of(below.id).hasFocus()
    inside.press(Qt.Key.Key_Right)
    assert grid.block_of(beside.id).hasFocus()
    inside.press(Qt.Key.Key_Left)
    inside.press(Qt.Key.Key_Up)
    assert grid.block_of(booked.id).hasFocus()


def test_hours_are_typed_and_absences_come_and_go(
    inside: Driver, fakes: FakeClinic, screen: AppointmentsScreen
) -> None:
    inside.click("Hours and absences…")
    sheet = inside.sheet
    edits = {one.accessibleName(): one for one in sheet.findChildren(QLineEdit)}
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
    fakes.services.session.give_back()
    inside.click("Try again", screen)
    assert screen.grid.isVisible()


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


def book_the_weekend(fakes: FakeClinic, patient: Patient, me: UUID) -> None:
    for day in (4, 5):  # Saturday and Sunday of that week
        start = TEN + timedelta(days=day)
        fakes.services.appointments.book(
            NewAppointment(patient.id, "talk", start, clinician_id=me), anyway=True
        )


def test_a_week_with_its_weekend_fits_into_the_smallest_window(
    inside: Driver, fakes: FakeClinic, chidi: Patient, me: UUID
) -> None:
    book_the_weekend(fakes, chidi, me)
    inside.window.resize(1280, 800)
    screen = open_calendar(inside)
    inside.settle()
    assert len(screen.grid.columns) == 7
    assert screen.area.horizontalScrollBar().maximum() == 0
    last = screen.grid.blocks[-1]
    assert last.mapTo(screen.area, QPoint(last.width(), 0)).x() <= screen.area.width()


def test_the_days_above_the_calendar_are_whole_at_every_size_of_text(
    inside: Driver, fakes: FakeClinic, chidi: Patient, me: UUID
) -> None:
    book_the_weekend(fakes, chidi, me)
    inside.window.resize(1280, 800)
    screen = open_calendar(inside)
    wanted = [column_title(one) for one in screen.grid.columns]
    heights = []
    for size in (1.0, 1.5, 2.0, 1.0):
        inside.appearance.choice = Choice(Look.LIGHT, size)
        inside.appearance.apply()
        inside.settle()
        titles = screen.heads.titles()
        assert [" ".join(lines) for lines in titles] == wanted, size
        lines = max(len(one) for one in titles)
        assert screen.heads.height() >= lines * screen.heads.fontMetrics().lineSpacing()
        heights.append(screen.heads.height())
    assert heights[0] < heights[2]
    assert heights[0] == heights[3]


def test_a_name_that_fits_in_no_two_lines_is_cut(qapp: QApplication) -> None:
    metrics = QFontMetrics(qapp.font())
    wide = metrics.horizontalAdvance("Amina Diallo")
    assert in_lines("Amina Diallo", metrics, wide) == ["Amina Diallo"]
    assert in_lines("Amina Diallo", metrics, wide - 1) == ["Amina", "Diallo"]
    first, second = in_lines("Dr Amina Diallo-Featherstonehaugh", metrics, wide)
    assert (first, second[-1]) == ("Dr Amina", "…")


def test_with_the_largest_text_the_calendar_has_the_width_and_follows_the_keyboard(
    inside: Driver, fakes: FakeClinic, booked: Appointment, chidi: Patient
) -> None:
    late = fakes.services.appointments.book(
        NewAppointment(chidi.id, start=TEN + timedelta(hours=6)), anyway=True
    )
    inside.window.resize(1280, 800)
    screen = open_calendar(inside)
    wide = screen.area.width()
    assert screen.waiting.geometry().left() > screen.area.mapTo(screen, QPoint(0, 0)).x()
    inside.appearance.choice = Choice(Look.LIGHT, 2.0)
    inside.appearance.apply()
    inside.settle()
    assert screen.area.width() > 0.9 * wide
    assert screen.waiting.geometry().top() > screen.area.height()
    assert screen.area.height() > 400
    block = screen.grid.block_of(late.id)
    screen.grid.block_of(booked.id).setFocus()
    inside.press(Qt.Key.Key_Down)
    assert block.hasFocus()
    assert not block.visibleRegion().isEmpty()
