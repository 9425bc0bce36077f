"""Appointments that are asked for, denied, closed without a time, or collide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from clinic_app.domain.appointments import Appointment, AppointmentState
from clinic_app.domain.people import Patient
from clinic_app.services.appointments import NewAppointment
from clinic_app.ui.screens.appointments.patient_picker import PatientPicker
from clinic_app.ui.screens.appointments.time_fields import TimeFields
from tests.fakes.clinic import FakeClinic
from tests.gui.conftest import Driver
from tests.gui.screens.appointments.calendar import TEN, one_of, open_calendar, start_of


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


def test_enter_never_books_somebody_who_was_found_by_other_words(
    inside: Driver, fakes: FakeClinic
) -> None:
    fakes.add_patient("Okafor", "Chidi")
    fakes.add_patient("Okonkwo", "Ngozi")
    open_calendar(inside)
    inside.click("New appointment")
    picker = one_of(inside.sheet, PatientPicker)
    inside.type(picker.edit, "oko")
    inside.until(lambda: picker.list.isVisible())
    gate = inside.hold_the_store()
    picker.edit.clear()
    inside.type(picker.edit, "oka")
    inside.until(lambda: not picker._pause.isActive())  # asked for, and not answered yet
    QTest.keyClick(picker.edit, Qt.Key.Key_Return)
    assert picker.patient is None
    gate.set()
    inside.settle()
    inside.press(Qt.Key.Key_Return, picker.edit)
    assert picker.patient is not None
    assert picker.patient.family_name == "Okafor"


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


# --- leaving while it is stored, and leaving a form alone -----------------------------------------


def test_a_booking_that_is_being_stored_cannot_be_cancelled_without_a_word(
    inside: Driver, fakes: FakeClinic, chidi: Patient
) -> None:
    screen = open_calendar(inside)
    inside.click("New appointment")
    sheet = inside.sheet
    one_of(sheet, PatientPicker).set_patient(chidi)
    inside.settle()
    QTest.mouseClick(one_of(sheet, TimeFields).offers[0], Qt.MouseButton.LeftButton)
    cancel = inside.button("Cancel", sheet)
    gate = inside.hold_the_store()
    QTest.mouseClick(inside.button("Book it", sheet), Qt.MouseButton.LeftButton)
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    left = inside.desk.sheet is None
    gate.set()
    inside.settle()
    assert len(fakes.services.appointments.calendar(date(2026, 3, 2)).rows) == 1
    assert not left
    assert inside.desk.sheet is None
    assert len(screen.grid.blocks) == 1


def test_a_refused_booking_can_be_cancelled(
    inside: Driver, fakes: FakeClinic, chidi: Patient, booked: Appointment
) -> None:
    open_calendar(inside)
    inside.click("New appointment")
    sheet = inside.sheet
    one_of(sheet, PatientPicker).set_patient(chidi)
    one_of(sheet, TimeFields).set_time(TEN, None)
    inside.click("Book it", sheet)
    assert inside.desk.sheet is sheet
    inside.click("Cancel", sheet)
    assert inside.desk.sheet is None


def test_a_decision_that_is_being_stored_is_waited_for(
    inside: Driver, fakes: FakeClinic, chidi: Patient
) -> None:
    asked = fakes.services.appointments.request(NewAppointment(chidi.id, start=TEN))
    screen = open_calendar(inside)
    inside.click("Decide: Okafor, Chidi, Tuesday, 3 Mar 2026, 10:00 to 10:50", screen.waiting)
    sheet = inside.sheet
    close = inside.button("Close", sheet)
    gate = inside.hold_the_store()
    QTest.mouseClick(inside.button("Approve", sheet), Qt.MouseButton.LeftButton)
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    left = inside.desk.sheet is None
    gate.set()
    inside.settle()
    state = fakes.services.appointments.get(asked.id).row.appointment.state
    assert state is AppointmentState.APPROVED
    assert not left
    assert inside.desk.sheet is None
    assert "Nothing waits for a decision." in inside.words(screen.waiting)


def test_a_step_that_brings_its_fields_filled_in_has_nothing_to_lose_yet(
    inside: Driver, fakes: FakeClinic, booked: Appointment
) -> None:
    screen = open_calendar(inside)
    block = screen.grid.block_of(booked.id)
    QTest.mouseClick(block, Qt.MouseButton.LeftButton)
    inside.settle()
    inside.click("Another time…", inside.sheet)
    times = one_of(inside.sheet, TimeFields)
    assert times.clock.text() == "10:00"
    assert not inside.sheet.would_lose
    QTest.mouseClick(times.offers[0], Qt.MouseButton.LeftButton)
    assert inside.sheet.would_lose
