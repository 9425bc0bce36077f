"""Appointments are moved in the calendar, by mouse and by keyboard, and never by mistake."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from clinic_app.domain.appointments import Appointment
from clinic_app.domain.people import Patient, Role
from clinic_app.services.appointments import NewAppointment
from clinic_app.ui.screens.appointments.block import Block
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.gui.conftest import Driver
from tests.gui.screens.appointments.calendar import TEN, TUESDAY, open_calendar, start_of

CONTROL = Qt.KeyboardModifier.ControlModifier


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


def test_a_calendar_that_is_read_again_waits_until_an_appointment_is_put_down(
    inside: Driver, fakes: FakeClinic, booked: Appointment, me: UUID
) -> None:
    screen = open_calendar(inside)
    block = screen.grid.block_of(booked.id)
    block.setFocus()
    QTest.keyClick(block, Qt.Key.Key_Down, CONTROL)
    bo = fakes.add_patient("Aalto", "Bo", date(1970, 1, 1))
    later = NewAppointment(bo.id, start=TEN + timedelta(hours=3), clinician_id=me)
    fakes.services.appointments.book(later)  # as if a round had brought it
    screen.renew()
    inside.settle()
    assert screen.grid.target() is not None
    inside.press(Qt.Key.Key_Return, block)
    assert len(screen.grid.blocks) == 2
    inside.click("Move it", inside.desk.sheet)
    assert start_of(fakes, booked) == TEN + timedelta(minutes=15)


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
