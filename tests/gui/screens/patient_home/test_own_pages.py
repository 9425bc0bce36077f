"""A laptop in a patient's hands: the own pages work."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from clinic_app.domain.consent import Purpose
from clinic_app.domain.feedback import Agreement
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.ui.consent_words import shown_now
from clinic_app.ui.contact_words import contact_lines
from clinic_app.ui.screens.patient_home.view import PatientHomeScreen
from tests.fakes.clinic import CONTACT
from tests.fakes.sites import join
from tests.gui.conftest import Driver
from tests.gui.screens.patient_home.hands import answer_all, still_home, take_back


def test_the_first_page_greets_and_shows_help(inside: Driver, home: PatientHomeScreen) -> None:
    words = inside.words()
    assert "Hello, Chidi" in words
    assert contact_lines([CONTACT]) in words
    assert "2 questionnaires wait for you." in words


def test_consent_is_changed_by_the_person(
    inside: Driver, home: PatientHomeScreen, me: Patient
) -> None:
    inside.click("What may be done")
    assert not home.consent.save.isEnabled()
    inside.click("Taking a picture: no")
    assert "A picture in a screening that is not finished is removed now." in inside.words()
    inside.click("Save my answers")
    assert "Your answers are kept." in inside.words()
    inside.click("I am staff: take the laptop back")
    take_back(inside)
    answer = inside.clinic.services.consents.history(me.id)[-1]
    assert (answer.purpose, answer.granted) == (Purpose.CAPTURE, False)
    assert answer.shown == shown_now()[Purpose.CAPTURE]


def test_other_clinics_are_asked_about_where_this_one_learns_with_some(
    inside: Driver, me: Patient
) -> None:
    clinic = inside.clinic
    with clinic.store.unit_of_work() as work:
        join(work, clinic.services.session.user.id)
        work.commit()
    inside.desk.show_patient(me.id)
    inside.settle()
    inside.click("Hand the laptop over")
    inside.click("What may be done")
    inside.click("Improving the program together with other clinics: yes")
    inside.click("Save my answers")
    answer = clinic.store.tables.consents[-1]
    assert (answer.purpose, answer.granted) == (Purpose.JOINT_LEARNING, True)
    assert answer.shown == shown_now()[Purpose.JOINT_LEARNING]


def test_where_this_clinic_learns_with_none_nobody_is_asked_about_others(
    inside: Driver, home: PatientHomeScreen
) -> None:
    inside.click("What may be done")
    assert not home.consent.purposes[Purpose.JOINT_LEARNING].isVisible()


@pytest.mark.parametrize("named", [True, False])
def test_feedback_is_unnamed_unless_the_person_says_otherwise(
    inside: Driver, home: PatientHomeScreen, me: Patient, named: bool
) -> None:
    inside.click("How was it?")
    assert not home.feedback.send.isEnabled()
    inside.click("4")
    inside.type(home.feedback.text, "Kind people")
    if named:
        home.feedback.named.click()
    inside.click("Send")
    assert "Your words have arrived." in inside.words()
    (kept,) = inside.clinic.store.tables.ratings.values()
    assert (kept.rating, kept.text) == (4, "Kind people")
    assert kept.patient_id == (me.id if named else None)
    inside.click("How was it?")
    assert home.feedback.text.toPlainText() == ""


def test_an_appointment_is_asked_for_on_the_wait_list(
    inside: Driver, home: PatientHomeScreen, me: Patient
) -> None:
    inside.click("Appointments")
    assert "You have no appointment yet." in inside.words()
    home.appointment.times[-1].click()
    inside.type(home.appointment.reason, "Sleep")
    inside.click("Ask for this appointment")
    assert "The clinic has your request" in inside.words()
    inside.click("Appointments")
    assert "Without a time yet" in inside.words()
    inside.click("Back")
    inside.click("I am staff: take the laptop back")
    take_back(inside)
    (row,) = inside.clinic.services.appointments.of_patient(me.id)
    assert row.appointment.reason == "Sleep"


def test_a_free_time_can_be_asked_for(inside: Driver, home: PatientHomeScreen) -> None:
    inside.click("Appointments")
    assert len(home.appointment.times) > 1
    home.appointment.times[0].click()
    inside.click("Ask for this appointment")
    inside.click("Appointments")
    assert "asked for, the clinic answers soon" in inside.words()


def test_a_reviewed_result_is_read_and_answered(inside: Driver, home: PatientHomeScreen) -> None:
    inside.click("My results")
    words = inside.words()
    assert "The doctor sees a mild burden at the moment." in words
    assert "GAD-7: 7 of 21 points." in words
    assert "affect" not in words
    assert "risk" not in words.lower()
    partly = next(
        one for one in home.results.findChildren(QWidget) if "Partly" in one.accessibleName()
    )
    QTest.mouseClick(partly, Qt.MouseButton.LeftButton)
    inside.settle()
    (kept,) = inside.clinic.store.tables.agreements.values()
    assert kept.agreement.value == "partly"
    still_home(inside)


def test_a_double_press_on_a_result_is_one_answer(inside: Driver, home: PatientHomeScreen) -> None:
    inside.click("My results")
    (screening,) = inside.clinic.store.tables.screenings
    for _ in range(2):
        home.presenter.agree(screening, Agreement.AGREE)
    inside.settle()
    assert len(inside.clinic.store.tables.agreements) == 1


def test_questionnaires_are_answered_and_lead_back_to_the_first_page(
    inside: Driver, home: PatientHomeScreen, me: Patient
) -> None:
    inside.click("Questions about how you are")
    answer_all(inside, home, 0)
    assert "Thank you. Your answers are kept." in inside.words()
    assert "Everything is handed in." in inside.words()
    draft = next(iter(inside.clinic.store.tables.drafts.values()))
    assert {one.instrument for one in draft.responses} == set(InstrumentName)
    assert draft.patient_id == me.id
