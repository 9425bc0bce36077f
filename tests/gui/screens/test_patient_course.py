"""The page of one person: consent and the course, by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from clinic_app.domain.clock import utc_now
from clinic_app.domain.consent import GivenBy, Purpose, consent_text
from clinic_app.domain.errors import StoreFull
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyAssessment
from clinic_app.services.consent_texts import words_shown
from clinic_app.ui.language import speak
from clinic_app.ui.screens.patient.view import PatientScreen
from tests.gui.conftest import Driver
from tests.gui.screens.person_page import open_page, screened

# --- consent ---------------------------------------------------------------------------------


def test_each_answer_tells_in_which_words_it_was_asked_for(inside: Driver) -> None:
    clinic = inside.clinic
    clinic.add_patient(consent=(Purpose.CAPTURE,))
    screen = open_page(inside)
    assert "wording not recorded" in inside.words(screen.consent)
    before = inside.desk
    speak("hi")
    inside.until(lambda: inside.window.desk not in (None, before))
    inside.settle()
    try:
        screen = open_page(inside)
        screen.consent.switch_of(Purpose.SHARING).setChecked(True)
        screen.consent.record.click()
        inside.settle()
    finally:
        desk = inside.desk
        speak("en")
    inside.until(lambda: inside.window.desk not in (None, desk))
    inside.settle()
    (patient_id,) = clinic.store.tables.patients
    shown = clinic.services.consents.history(patient_id)[-1].shown
    assert shown == consent_text("hi", words_shown(Purpose.SHARING, "hi"))
    assert shown is not None
    words = inside.words(open_page(inside).consent)
    assert f"asked in हिन्दी, wording {shown.sha256[:8]}" in words


# --- the course ------------------------------------------------------------------------------


def test_what_is_not_recorded_yet_stays_when_the_page_is_read_again(inside: Driver) -> None:
    inside.clinic.add_patient(consent=(Purpose.CAPTURE,))
    screen = open_page(inside)
    screen.consent.switch_of(Purpose.CAPTURE).setChecked(False)
    screen.consent.switch_of(Purpose.SHARING).setChecked(True)
    screen.consent.given_by.setCurrentIndex(1)
    screen.consent.note.setText("By phone")
    screen.renew()
    inside.settle()
    assert screen.consent.changes == {Purpose.CAPTURE: False, Purpose.SHARING: True}
    assert screen.consent.pending.isVisible()
    screen.consent.record.click()
    inside.settle()
    assert screen.consent.changes == {}
    events = inside.clinic.services.consents.history(screen._patient_id)[-2:]
    assert {(one.given_by, one.note) for one in events} == {(GivenBy.GUARDIAN, "By phone")}
    assert screen.consent.note.text() == ""


def test_a_remark_that_a_full_disk_refused_with_the_consent_stays(inside: Driver) -> None:
    inside.clinic.add_patient(consent=(Purpose.CAPTURE,))
    screen = open_page(inside)
    screen.consent.switch_of(Purpose.SHARING).setChecked(True)
    screen.consent.note.setText("Asked twice")
    inside.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    screen.consent.record.click()
    inside.settle()
    inside.clinic.store.commit_fails_with = None
    assert screen.consent.note.text() == "Asked twice"
    assert screen.consent.changes == {Purpose.SHARING: True}


@pytest.mark.parametrize(("years", "who"), [(17, GivenBy.GUARDIAN), (18, GivenBy.PATIENT)])
def test_of_a_minor_a_guardian_is_taken_to_decide(inside: Driver, years: int, who: GivenBy) -> None:
    today = utc_now().astimezone().date()
    inside.clinic.add_patient(birth_date=today.replace(year=today.year - years, day=1))
    assert open_page(inside).consent.given_by.currentData() == who


def test_the_course_says_what_has_no_place_on_its_scales(inside: Driver) -> None:
    services = inside.clinic.services
    patient = inside.clinic.add_patient()
    for answers in ((2,) * 8 + (None,), (1, *(None,) * 7, 0)):  # a PHQ-8, and hardly anything
        draft = services.screenings.record_questionnaire(
            patient.id, InstrumentName.PHQ9, answers, AnsweredBy.PATIENT
        )
        flow = services.safety.of_screening(draft.id)
        if flow is not None:
            soon = inside.clinic.clock() + timedelta(days=1)
            services.safety.assess(flow.id, SafetyAssessment("a", "b", "c", "d", soon))
        services.screenings.finish(draft.id)
    screen = open_page(inside)
    assert "Answered and not in the chart: 2." in inside.words(screen.course)
    screened(inside.clinic)
    second = list(inside.clinic.store.tables.patients)[-1]
    inside.desk.show_patient(second)
    inside.settle()
    present = inside.desk.present
    assert isinstance(present, PatientScreen)
    assert "not in the chart" not in inside.words(present.course)


def test_a_correction_that_a_full_disk_refuses_says_so_in_its_form(inside: Driver) -> None:
    inside.clinic.add_patient()
    screen = open_page(inside)
    inside.click("Correct")
    sheet = inside.desk.sheet
    assert sheet is not None
    phone = screen._correction.form.phone
    inside.type(phone, "12")
    inside.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    inside.click("Save", sheet)
    inside.clinic.store.commit_fails_with = None
    assert "The disk is full." in inside.words(sheet)
    assert phone.text().endswith("12")
    inside.click("Save", sheet)
    assert inside.desk.sheet is None
    (patient,) = inside.clinic.store.tables.patients.values()
    assert patient.phone.endswith("12")


def test_every_point_of_the_course_is_reached_with_the_keys(inside: Driver) -> None:
    screened(inside.clinic)
    screen = open_page(inside)
    chart, said = screen.course.chart, screen.course.said
    chart.setFocus(Qt.FocusReason.TabFocusReason)
    assert said.text().startswith("PHQ-9: 1 Apr 2026: 8 of 27, mild; reliable change: 8 points")
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert said.text() == "PHQ-9: 2 Mar 2026: 16 of 27, moderately severe"
    assert chart.accessibleDescription() == said.text()
    QTest.keyClick(chart, Qt.Key.Key_Down)
    assert "severe, 87 of 100, 90 % interval 75 to 99, model 0.1.0" in said.text()
    QTest.keyClick(chart, Qt.Key.Key_End)
    assert "mild, 35 of 100" in said.text()
    QTest.keyClick(chart, Qt.Key.Key_Home)
    QTest.keyClick(chart, Qt.Key.Key_Up)
    assert said.text().startswith("PHQ-9: 2 Mar 2026")


def test_the_course_can_be_read_as_a_table(inside: Driver) -> None:
    screened(inside.clinic)
    screen = open_page(inside)
    inside.click("Show as a table")
    table = screen.course.table
    assert table.isVisible()
    assert not screen.course.chart.isVisible()
    first = [table.item(0, column).text() for column in range(3)]
    assert first == ["1 Apr 2026", "PHQ-9", "8"]
    assert table.item(2, 1).text() == "Visible depressive affect"
    inside.click("Show as a chart")
    assert screen.course.chart.isVisible()


def test_a_person_without_questionnaires_has_no_course_yet(inside: Driver) -> None:
    inside.clinic.add_patient()
    screen = open_page(inside)
    assert "No course yet" in inside.words(screen.course)
    assert not screen.course.chart.isVisible()
