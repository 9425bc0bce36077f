"""The page of one person: course, reviews, notes of every kind, duplicates, by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QPushButton

from clinic_app.domain.cautions import NOT_FOR_MINORS, Caution, beside_estimate
from clinic_app.domain.clock import utc_now
from clinic_app.domain.consent import GivenBy, Purpose, consent_text
from clinic_app.domain.errors import StoreFull
from clinic_app.domain.finding import Band
from clinic_app.domain.notes import NoteKind
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.reviews import Review, Verdict
from clinic_app.domain.safety import SafetyAssessment
from clinic_app.domain.screening import ClinicianSeverity, Screening
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.consent_texts import words_shown
from clinic_app.services.patients import NewPatient
from clinic_app.ui.language import speak
from clinic_app.ui.screens.patient.view import PatientScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.fakes.reading import reading
from tests.gui.conftest import Driver

HIGH, LOW = (2, 2, 2, 2, 2, 2, 2, 2, 0), (1, 1, 1, 1, 1, 1, 1, 1, 0)


def screened(clinic: FakeClinic, *, by: ClinicServices | None = None) -> list[Screening]:
    """Two screenings of one person a month apart, with pictures, taken by the administrator."""
    services = by or clinic.services
    patient = clinic.add_patient(consent=(Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES))
    made = []
    for answers, band in ((HIGH, Band.SEVERE), (LOW, Band.MILD)):
        take = services.screenings
        draft = take.start(patient.id)
        take.attach(draft.id, reading(band))
        take.record_questionnaire(patient.id, InstrumentName.PHQ9, answers, AnsweredBy.PATIENT)
        take.judge(draft.id, ClinicianSeverity.MODERATE)
        take.reveal(draft.id)
        made.append(take.finish(draft.id))
        clinic.clock.advance(days=30)
    return made


def open_page(driver: Driver) -> PatientScreen:
    clinic = driver.clinic
    driver.desk.show_patient(next(iter(clinic.store.tables.patients)))
    driver.settle()
    screen = driver.desk.present
    assert isinstance(screen, PatientScreen)
    return screen


def as_doctor(outside: Driver) -> PatientScreen:
    """The page as a doctor sees it who has taken no part in the screenings."""
    clinic = outside.clinic
    screened(clinic)
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    return open_page(outside)


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


# --- reviews ---------------------------------------------------------------------------------


def test_a_doctor_judges_before_anything_of_the_estimate_is_seen(outside: Driver) -> None:
    screen = as_doctor(outside)
    assert "Visible depressive affect:" not in outside.words(screen.timeline)
    assert "after you have recorded your own severity" in outside.words(screen.timeline)
    outside.click("Review, 1 Apr 2026, 09:00", screen.timeline)
    sheet = outside.sheet
    assert "PHQ-9  8 of 27 · mild" in outside.words(sheet)
    assert "Estimate" not in outside.words(sheet)
    record = outside.button("Record and show the estimate", sheet)
    assert not record.isEnabled()
    outside.click("Own severity: Severe", sheet)
    outside.click("Record and show the estimate", sheet)
    words = outside.words(sheet)
    assert "Your own severity: severe" in words
    assert "35 of 100, 90 % interval 23 to 47" in words
    outside.click("Overrule", sheet)
    assert "why you overrule" in outside.words(sheet)
    outside.type(sheet.findChild(QPlainTextEdit), "She was smiling for the picture.")
    outside.click("Overrule", sheet)
    assert outside.desk.sheet is None
    words = outside.words(screen.timeline)
    assert "Review by Tomas: own severity severe; overrules the estimate" in words
    assert "Visible depressive affect: mild" in words
    (review,) = reviews_of(outside)
    assert review.verdict is Verdict.OVERRULE


def test_a_review_shows_beside_the_estimate_what_makes_it_less_reliable(outside: Driver) -> None:
    clinic = outside.clinic
    today = clinic.clock().date()
    patient = clinic.add_patient(birth_date=today.replace(year=today.year - 16, day=1))
    take = clinic.services.screenings
    draft = take.start(patient.id)
    take.set_cautions(draft.id, (Caution.EYELID,))
    take.attach(draft.id, reading())
    take.record_questionnaire(patient.id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT)
    take.judge(draft.id, ClinicianSeverity.MILD)
    take.finish(draft.id)
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    screen = open_page(outside)
    said = beside_estimate((Caution.EYELID,), minor=True)
    assert said not in outside.words(screen.timeline)
    assert NOT_FOR_MINORS not in outside.words(screen.course)
    outside.click("Review", screen.timeline)
    sheet = outside.sheet
    outside.click("Own severity: Mild", sheet)
    outside.click("Record and show the estimate", sheet)
    assert said in outside.words(sheet)
    outside.click("Agree", sheet)
    assert said in outside.words(screen.timeline)
    assert NOT_FOR_MINORS in outside.words(screen.course)


def reviews_of(driver: Driver) -> list[Review]:
    clinic = driver.clinic
    with clinic.store.unit_of_work() as work:
        return work.reviews.of_patient(next(iter(clinic.store.tables.patients)))


def test_a_review_put_aside_is_finished_later_with_the_same_severity(outside: Driver) -> None:
    screen = as_doctor(outside)
    outside.click("Review, 1 Apr 2026, 09:00", screen.timeline)
    sheet = outside.sheet
    outside.click("Own severity: Mild", sheet)
    outside.click("Record and show the estimate", sheet)
    outside.click("Later", sheet)
    outside.click("Finish the review, 1 Apr 2026, 09:00", screen.timeline)
    sheet = outside.sheet
    assert "Your own severity: mild" in outside.words(sheet)
    outside.click("Agree", sheet)
    assert "agrees with the estimate" in outside.words(screen.timeline)
    outside.click("See the review, 1 Apr 2026, 09:00", screen.timeline)
    sheet = outside.sheet
    assert not [one for one in sheet.findChildren(QPushButton) if one.text() == "Agree"]
    outside.click("Close", sheet)


def test_the_report_is_opened_only_after_the_own_severity(outside: Driver) -> None:
    screen = as_doctor(outside)
    outside.click("Report of the screening of 1 Apr 2026, 09:00", screen.timeline)
    assert outside.desk.present is screen
    assert outside.desk.sheet is not None
    outside.click("Cancel", outside.desk.sheet)


# --- notes and interventions -----------------------------------------------------------------


def choose_kind(driver: Driver, combo: QComboBox, kind: NoteKind) -> None:
    combo.setCurrentIndex(list(NoteKind).index(kind))
    combo.activated.emit(combo.currentIndex())
    driver.settle()


def test_a_safety_plan_has_a_box_for_each_heading_and_survives_the_lock(inside: Driver) -> None:
    inside.clinic.add_patient()
    screen = open_page(inside)
    choose_kind(inside, screen.notes.kind, NoteKind.SAFETY_PLAN)
    headings = inside.clinic.services.clinic.profile().safety_plan_headings
    assert len(screen.notes.form.parts) == len(headings)
    inside.type(screen.notes.form.parts[1], "Go for a walk.")
    inside.window.lock()
    inside.settle()
    (kept,) = inside.clinic.store.tables.notes.values()
    assert (kept.kind, kept.sections[1].text) == (NoteKind.SAFETY_PLAN, "Go for a walk.")
    assert kept.signed_at is None


def test_another_kind_begins_another_note_and_keeps_the_first(inside: Driver) -> None:
    inside.clinic.add_patient()
    screen = open_page(inside)
    inside.type(screen.notes.editor, "Sleeps better.")
    screen.notes._pause.timeout.emit()
    inside.settle()
    choose_kind(inside, screen.notes.kind, NoteKind.REFERRAL)
    assert screen.notes.editor.toPlainText() == ""
    inside.type(screen.notes.form.parts[0], "Dr Example")
    screen.notes._pause.timeout.emit()
    inside.settle()
    kept = list(inside.clinic.store.tables.notes.values())
    assert [one.kind for one in kept] == [NoteKind.PROGRESS, NoteKind.REFERRAL]
    assert kept[0].text == "Sleeps better."


def test_a_draft_is_discarded_after_asking(inside: Driver) -> None:
    inside.clinic.add_patient()
    screen = open_page(inside)
    inside.type(screen.notes.editor, "Wrong person.")
    screen.notes._pause.timeout.emit()
    inside.settle()
    inside.click("Discard the draft")
    sheet = inside.sheet
    inside.click("Discard", sheet)
    (note,) = inside.clinic.store.tables.notes.values()
    assert note.discarded_at is not None
    assert screen.notes.editor.toPlainText() == ""
    assert "Wrong person." not in inside.words(screen.timeline)


def test_an_intervention_is_added_with_the_clinics_words(inside: Driver) -> None:
    inside.clinic.add_patient()
    screen = open_page(inside)
    inside.click("Add an intervention")
    sheet = inside.sheet
    inside.click("Record the intervention", sheet)
    words = inside.words(inside.desk.sheet or screen.interventions)
    kind = inside.clinic.services.interventions.kinds()[0]
    assert kind in words or "future" in words


# --- duplicates ------------------------------------------------------------------------------


def test_two_records_are_compared_merged_and_parted_again(inside: Driver) -> None:
    clinic = inside.clinic
    kept = clinic.add_patient("Okonkwo", "Ngozi", date(1984, 3, 7))
    other = clinic.services.patients.register(
        NewPatient("Okonkwo", "Ngosi", date(1984, 3, 7), "0800 1")
    )
    inside.desk.show_patients()
    inside.settle()
    inside.click("Duplicates…")
    compare = next(
        one for one in inside.window.findChildren(QPushButton) if one.text() == "Compare…"
    )
    assert "Okonkwo, Ngosi" in compare.accessibleName()
    inside.click(compare.accessibleName())
    sheet = inside.sheet
    assert "0800 1" in inside.words(sheet)
    inside.click("The record of Okonkwo, Ngozi stays", sheet)
    inside.click("Merge", sheet)
    assert "Please write down why." in inside.words(sheet)
    inside.type(sheet.findChild(QLineEdit), "Same card")
    inside.click("Merge", sheet)
    assert "No likely duplicates" in inside.words()
    assert clinic.store.tables.merges[0].patient_id == other.id
    inside.desk.show_patient(other.id)
    inside.settle()
    assert inside.desk.header.title.text() == kept.display_name
    inside.click("Undo the merge…")
    sheet = inside.sheet
    inside.type(sheet.findChild(QLineEdit), "Sisters")
    inside.click("Undo the merge", sheet)
    assert [one.reason for one in clinic.store.tables.merges] == ["Same card", "Sisters"]


def test_agreement_stands_on_the_models_page(outside: Driver) -> None:
    as_doctor(outside)
    clinic = outside.clinic
    services = outside.window._services
    assert services is not None
    for screening in list(clinic.store.tables.screenings.values()):
        review = services.reviews.judge(screening.id, ClinicianSeverity.MILD)
        services.reviews.conclude(review.id, Verdict.AGREE)
    outside.desk.go_to("models")
    outside.settle()
    words = outside.words()
    assert "Model 0.1.0" in words
    assert "2 agreed, 0 overruled" in words
    assert "Too few reviews" in words
