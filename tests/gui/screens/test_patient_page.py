"""The page of one person: reviews, notes of every kind, duplicates, by hand."""

from __future__ import annotations

from datetime import date
from threading import Event

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QPushButton

from clinic_app.domain.cautions import NOT_FOR_MINORS, Caution, beside_estimate
from clinic_app.domain.errors import StoreFull
from clinic_app.domain.notes import NoteKind
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.reviews import Review, Verdict
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.patients import NewPatient
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.patient.view import PatientScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD
from tests.fakes.reading import reading
from tests.gui.conftest import Driver
from tests.gui.screens.person_page import open_page, screened


def as_doctor(outside: Driver) -> PatientScreen:
    """The page as a doctor sees it who has taken no part in the screenings."""
    clinic = outside.clinic
    screened(clinic)
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    return open_page(outside)


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


def test_a_review_that_is_being_stored_cannot_be_left_without_a_word(outside: Driver) -> None:
    screen = as_doctor(outside)
    outside.click("Review, 1 Apr 2026, 09:00", screen.timeline)
    sheet = outside.sheet
    outside.click("Own severity: Severe", sheet)
    cancel = outside.button("Cancel", sheet)
    gate = outside.hold_the_store()
    outside.strike(outside.button("Record and show the estimate", sheet), cancel)
    left = outside.desk.sheet is None
    gate.set()
    outside.settle()
    assert not left
    later, reason = outside.button("Later", sheet), sheet.findChild(QPlainTextEdit)
    outside.type(reason, "She was smiling.")
    gate = outside.hold_the_store()
    outside.strike(outside.button("Overrule", sheet), later)
    QTest.keyClicks(reason, " Or was she?")  # it would not be stored any more
    left, shown = outside.desk.sheet is None, reason.toPlainText()
    gate.set()
    outside.settle()
    assert not left
    assert outside.desk.sheet is None
    (review,) = reviews_of(outside)
    assert (review.verdict, review.text) == (Verdict.OVERRULE, shown)


def test_a_review_that_could_not_be_stored_can_be_sent_again_or_left(outside: Driver) -> None:
    screen = as_doctor(outside)
    outside.click("Review, 1 Apr 2026, 09:00", screen.timeline)
    sheet = outside.sheet
    outside.click("Own severity: Severe", sheet)
    outside.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    outside.click("Record and show the estimate", sheet)
    outside.clinic.store.commit_fails_with = None
    assert "The disk is full." in outside.words(sheet)
    assert QApplication.focusWidget() is outside.button("Record and show the estimate", sheet)
    outside.click("Own severity: Mild", sheet)
    outside.click("Cancel", sheet)
    assert outside.desk.sheet is None
    assert reviews_of(outside) == []


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


def test_an_intervention_that_is_refused_after_its_form_was_closed_is_told(inside: Driver) -> None:
    inside.clinic.add_patient()
    screen = open_page(inside)
    inside.click("Add an intervention")
    sheet, gate = inside.sheet, Event()
    inside.jobs.submit(
        Lane.DATABASE, lambda: gate.wait(20), done=lambda _: None, failed=lambda _: None
    )
    assert screen._intervention is not None
    screen._intervention.day.setText("1.3.2026")
    record = inside.button("Record the intervention", sheet)
    QTest.mouseClick(record, Qt.MouseButton.LeftButton)
    QTest.mouseClick(inside.button("Close", sheet), Qt.MouseButton.LeftButton)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    inside.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    gate.set()
    inside.settle()
    inside.clinic.store.commit_fails_with = None
    assert "The disk is full." in inside.words(inside.window.notices)


def _locked_while_the_store_is_busy(driver: Driver, record: str) -> None:
    """``record`` is pressed, and the lock comes before the store has answered."""
    gate = Event()
    driver.jobs.submit(
        Lane.DATABASE, lambda: gate.wait(20), done=lambda _: None, failed=lambda _: None
    )
    QTest.mouseClick(driver.button(record, driver.sheet), Qt.MouseButton.LeftButton)
    driver.window.lock()
    gate.set()
    driver.settle()
    driver.unlock()


def test_an_intervention_that_is_refused_behind_the_lock_can_be_recorded_after_it(
    inside: Driver,
) -> None:
    inside.clinic.add_patient()
    screen = open_page(inside)
    inside.click("Add an intervention")
    assert screen._intervention is not None
    screen._intervention.day.setText("1.3.2046")
    _locked_while_the_store_is_busy(inside, "Record the intervention")
    assert "future" in inside.words(inside.sheet)
    screen._intervention.day.setText("1.3.2026")
    inside.click("Record the intervention", inside.sheet)
    assert inside.desk.sheet is None
    assert len(inside.clinic.store.tables.interventions) == 1


def test_a_correction_that_is_refused_behind_the_lock_can_be_saved_after_it(
    inside: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = inside.clinic.add_patient()
    screen = open_page(inside)
    inside.click("Correct")
    assert screen._correction is not None
    screen._correction.form.phone.setText("0301234")

    def refuse(*_: object, **__: object) -> None:
        raise StoreFull("The disk is full.")

    with monkeypatch.context() as context:
        context.setattr(inside.clinic.services.patients, "correct", refuse)
        _locked_while_the_store_is_busy(inside, "Save")
    assert "The disk is full." in inside.words(inside.sheet)
    inside.click("Save", inside.sheet)
    assert inside.desk.sheet is None
    assert inside.clinic.services.patients.get(patient.id).phone == "0301234"


def test_words_typed_on_while_another_kind_of_note_is_chosen_are_kept(inside: Driver) -> None:
    inside.clinic.add_patient()
    notes, gate = open_page(inside).notes, Event()
    inside.type(notes.editor, "Sleeps better")
    notes._pause.timeout.emit()
    inside.settle()
    inside.jobs.submit(
        Lane.DATABASE, lambda: gate.wait(20), done=lambda _: None, failed=lambda _: None
    )
    notes.kind.setCurrentIndex(1)
    notes.kind.activated.emit(1)
    inside.type(notes.editor, " and eats")
    gate.set()
    inside.settle()
    kept = [one.text for one in inside.clinic.store.tables.notes.values()]
    assert kept == ["Sleeps better and eats"]
    assert notes.writer.kind == notes.kind.currentData()


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
