"""Handing over and receiving, and the day on the first screen, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit

from clinic_app.domain.appointments import AppointmentEvent, AppointmentEventKind
from clinic_app.domain.handovers import Handover
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Patient, Role, StaffUser
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.schedule import Slot
from clinic_app.services.handovers import HandoverRow
from clinic_app.services.tasks import NewTask
from clinic_app.ui.language import speak
from clinic_app.ui.screens.handover.receive import words_of
from clinic_app.ui.widgets.tick import Tick
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD
from tests.fakes.clock import START
from tests.gui.conftest import Driver


def text_of(driver: Driver) -> QPlainTextEdit:
    return next(one for one in driver.sheet.findChildren(QPlainTextEdit) if one.isVisible())


@pytest.fixture
def tomas(inside: Driver) -> StaffUser:
    return inside.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)


@pytest.fixture
def unsafe(inside: Driver) -> Patient:
    """Somebody with open safety steps."""
    clinic = inside.clinic
    patient = clinic.add_patient()
    clinic.services.screenings.record_questionnaire(
        patient.id, InstrumentName.PHQ9, (0,) * 8 + (1,), AnsweredBy.PATIENT
    )
    return patient


def test_a_handover_goes_from_one_first_screen_to_the_other(
    inside: Driver, tomas: StaffUser, unsafe: Patient
) -> None:
    inside.click("Hand over…")
    (tick,) = inside.sheet.findChildren(Tick)
    assert tick.isChecked()
    assert "safety steps open" in tick.text()
    box = inside.sheet.findChild(QComboBox)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findText("Tomas"))
    inside.click("Hand over", inside.sheet)
    assert "Please write what the colleague has to know." in inside.words(inside.sheet)
    inside.type(text_of(inside), "Call before noon.")
    inside.click("Hand over", inside.sheet)
    assert inside.desk.sheet is None
    words = inside.words()
    assert "Handed over by you, not received yet" in words
    assert "Handed over to you" not in words
    inside.click("Sign out")
    inside.until(lambda: inside.window.desk is None)
    inside.settle()
    inside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    inside.until(lambda: inside.window.desk is not None)
    inside.settle()
    assert "From Amina Diallo\nCall before noon." in inside.words()
    inside.click("Read and receive the handover from Amina Diallo")
    assert inside.button("Okafor, Chidi", inside.sheet).isEnabled()
    inside.press(Qt.Key.Key_Return)
    assert inside.desk.sheet is None
    assert "Handed over to you" not in inside.words()
    with inside.clinic.store.unit_of_work() as work:
        (kept,) = work.handovers.newest().rows
    assert kept.received_by == tomas.id


def test_escape_throws_nothing_away_that_was_written(inside: Driver, unsafe: Patient) -> None:
    inside.click("Hand over…")
    inside.press(Qt.Key.Key_Escape)
    assert inside.desk.sheet is None
    inside.click("Hand over…")
    inside.type(text_of(inside), "Begun")
    inside.click("Okafor, Chidi, safety steps open")
    inside.press(Qt.Key.Key_Escape, text_of(inside))
    assert inside.desk.sheet is None
    inside.click("Hand over…")
    assert text_of(inside).toPlainText() == "Begun"
    (tick,) = inside.sheet.findChildren(Tick)
    assert not tick.isChecked()
    inside.click("Discard…")
    inside.click("Start anew")
    assert text_of(inside).toPlainText() == ""
    assert tick.isChecked()
    assert inside.clinic.store.tables.forms == {}


def test_what_a_colleague_has_received_meanwhile_is_told(inside: Driver, tomas: StaffUser) -> None:
    clinic = inside.clinic
    mine = inside.desk.workspace.services
    tomas_services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    given = tomas_services.handovers.give("The keys are in the drawer.")
    clinic.services = mine
    inside.desk.refresh()
    inside.settle()
    inside.click("Read and receive the handover from Tomas")
    mine.handovers.receive(given.id)
    inside.click("I have received this")
    assert "received already" in inside.words(inside.sheet)
    inside.click("Not now")
    inside.desk.refresh()
    inside.settle()
    assert "Handed over to you" not in inside.words()


@pytest.fixture
def handed(inside: Driver, tomas: StaffUser, unsafe: Patient) -> Handover:
    """What a colleague has handed over lies open."""
    clinic = inside.clinic
    mine = inside.desk.workspace.services
    theirs = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    given = theirs.handovers.give("Call before noon.", mine.session.user.id, (unsafe.id,))
    clinic.services = mine
    inside.desk.refresh()
    inside.settle()
    inside.click("Read and receive the handover from Tomas")
    return given


def test_a_handover_that_is_being_received_is_not_left_for_the_record(
    inside: Driver, handed: Handover
) -> None:
    sheet = inside.sheet
    word = sheet.findChild(QLineEdit)
    inside.type(word, "Seen")
    gate = inside.hold_the_store()
    inside.strike(
        inside.button("I have received this", sheet), inside.button("Okafor, Chidi", sheet)
    )
    QTest.keyClicks(word, ", I call her")
    left = inside.desk.sheet is not sheet
    gate.set()
    inside.settle()
    assert not left
    assert inside.desk.header.title.text() == "Today"
    (kept,) = inside.desk.workspace.services.handovers.newest().rows
    assert kept.handover.receipt == "Seen"


def test_a_typed_answer_does_not_go_unasked_when_the_record_is_opened(
    inside: Driver, handed: Handover
) -> None:
    sheet = inside.sheet
    word = sheet.findChild(QLineEdit)
    inside.type(word, "Seen")
    inside.click("Okafor, Chidi", sheet)
    inside.click("Stay here")
    assert inside.desk.sheet is sheet
    assert word.text() == "Seen"
    inside.click("Okafor, Chidi", sheet)
    inside.click("Leave without it")
    assert inside.desk.header.title.text() == "Okafor, Chidi"


def test_the_day_has_appointments_tasks_and_notes(inside: Driver, unsafe: Patient) -> None:
    clinic = inside.clinic
    services, me = inside.desk.workspace.services, clinic.services.session.user.id
    tasks, now = services.tasks, clinic.clock()
    tasks.add(NewTask("Ring twice", owner=me, due_on=tasks.today() - timedelta(days=1)))
    tasks.add(NewTask("Some day", owner=me))
    services.notes.write(unsafe.id, "Begun")
    slot = Slot(now + timedelta(hours=1), "UTC", 50, me)
    booking = new_id()
    with clinic.store.unit_of_work() as work:
        for kind in (AppointmentEventKind.REQUESTED, AppointmentEventKind.APPROVED):
            work.appointments.add(
                AppointmentEvent(new_id(), booking, unsafe.id, kind, now, me, slot=slot)
            )
        work.commit()
    inside.desk.refresh()
    inside.settle()
    words = inside.words()
    places = [
        words.index(heading)
        for heading in (
            "Safety steps to finish",
            "Appointments today",
            "Tasks due",
            "Screenings to finish",
            "Notes to sign",
        )
    ]
    assert places == sorted(places)
    assert "Amina Diallo · booked" in words
    assert "Some day" not in words
    inside.click("“Ring twice” is done")
    assert "Tasks due" not in inside.words()
    inside.click("Open the note about Okafor, Chidi")
    assert inside.desk.header.title.text() == "Okafor, Chidi"


def test_the_first_screen_counts_the_people_and_leads_to_the_list(
    inside: Driver, unsafe: Patient
) -> None:
    inside.desk.refresh()
    inside.settle()
    assert "1 person · 1 with open safety steps" in inside.words()
    inside.click("Open the worklist")
    assert inside.desk.header.title.text() == "Worklist"


def test_whose_unsigned_notes_are_handed_over_is_said_in_the_language_of_the_window(
    qapp: QApplication,
) -> None:
    amina, rosa = new_id(), new_id()
    given = Handover(new_id(), amina, None, "She has left.", (), START, notes_of=rosa)
    row = HandoverRow(given, "Amina", "", "", "Rosa", ())
    assert words_of(row) == "Unsigned notes of Rosa: She has left."
    speak("hi")
    try:
        assert words_of(row) == "Rosa के बिना हस्ताक्षर के नोट: She has left."
    finally:
        speak("en")
    assert words_of(replace(row, left_name="")) == "She has left."
