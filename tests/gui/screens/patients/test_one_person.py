"""One person's page, by hand: consent, details, notes and the course."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from clinic_app.domain.consent import GivenBy, Purpose
from clinic_app.domain.errors import StoreFull
from clinic_app.domain.people import DeploymentContext
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.widgets.course_chart import CourseChart
from tests.fakes.clinic import PASSWORD
from tests.fakes.sites import join
from tests.gui.conftest import Driver


def open_patient(driver: Driver) -> PatientScreen:
    if not driver.clinic.store.tables.patients:
        driver.clinic.add_patient()
    driver.desk.show_patient(next(iter(driver.clinic.store.tables.patients)))
    driver.settle()
    screen = driver.desk.present
    assert isinstance(screen, PatientScreen)
    return screen


def test_consent_is_recorded_on_purpose_only(inside: Driver) -> None:
    screen = open_patient(inside)
    panel = screen.consent
    panel.switch_of(Purpose.SHARING).click()
    assert panel.pending.isVisible()
    inside.click("Undo")
    assert not panel.pending.isVisible()
    panel.switch_of(Purpose.SHARING).click()
    panel.given_by.setCurrentIndex(1)
    inside.click("Record the consent")
    newest = inside.clinic.store.tables.consents[-1]
    assert (newest.purpose, newest.granted, newest.given_by) == (
        Purpose.SHARING,
        True,
        GivenBy.GUARDIAN,
    )
    assert not panel.pending.isVisible()


def test_withdrawing_says_what_it_means_before_it_is_recorded(inside: Driver) -> None:
    screen = open_patient(inside)
    count = len(inside.clinic.store.tables.consents)
    screen.consent.switch_of(Purpose.CAPTURE).click()
    assert "No more pictures are taken." in inside.words(screen.consent)
    assert len(inside.clinic.store.tables.consents) == count
    inside.click("Record the consent")
    assert not inside.clinic.store.tables.consents[-1].granted


def test_where_faces_are_off_no_picture_is_asked_for(inside: Driver) -> None:
    clinic = inside.clinic
    with clinic.store.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), deployment_context=DeploymentContext.SCHOOL))
        work.commit()
    screen = open_patient(inside)
    assert not screen.consent.switch_of(Purpose.CAPTURE).isVisible()
    assert screen.consent.switch_of(Purpose.SHARING).isVisible()
    assert "switched off for this place" in inside.words(screen.consent)


def test_other_clinics_are_asked_about_where_this_one_learns_with_some(inside: Driver) -> None:
    clinic = inside.clinic
    screen = open_patient(inside)
    assert not screen.consent.switch_of(Purpose.JOINT_LEARNING).isVisible()
    with clinic.store.unit_of_work() as work:
        join(work, clinic.services.session.user.id)
        work.commit()
    screen = open_patient(inside)
    switch = screen.consent.switch_of(Purpose.JOINT_LEARNING)
    assert switch.isVisible()
    assert not switch.isChecked(), "presupposed by nothing"
    assert "sums that were joined already cannot be taken out" in switch.accessibleDescription()


def test_the_person_can_be_corrected(inside: Driver) -> None:
    open_patient(inside)
    inside.click("Correct")
    sheet = inside.sheet
    family = sheet.findChildren(QLineEdit)[0]
    family.clear()
    inside.click("Save", sheet)
    assert "Please enter the family name." in inside.words(sheet)
    inside.type(family, "Okafor-Baker")
    inside.press(Qt.Key.Key_Return, family)
    assert inside.desk.sheet is None
    assert inside.desk.header.title.text() == "Okafor-Baker, Chidi"


def test_a_note_is_kept_signed_and_added_to(inside: Driver) -> None:
    screen = open_patient(inside)
    inside.type(screen.notes.editor, "Sleeps better")
    assert screen.notes.state.text() == "Not kept yet…"
    screen.notes._pause.timeout.emit()
    inside.settle()
    assert screen.notes.state.text().startswith("Kept as a draft at ")
    inside.click("Sign the note")
    sheet = inside.sheet
    field = sheet.findChild(QLineEdit)
    inside.type(field, "not the password")
    inside.press(Qt.Key.Key_Return, field)
    assert "This password is not right." in inside.words(sheet)
    inside.type(field, PASSWORD)
    inside.press(Qt.Key.Key_Return, field)
    assert "Signed by Amina Diallo" in inside.words(screen.timeline)
    assert screen.notes.editor.toPlainText() == ""
    inside.click("Add to it")
    sheet = inside.sheet
    inside.type(sheet.findChild(QPlainTextEdit), "Back at work")
    inside.type(sheet.findChild(QLineEdit), PASSWORD)
    inside.click("Sign", sheet)
    notes = list(inside.clinic.store.tables.notes.values())
    assert [note.text for note in notes] == ["Sleeps better", "Back at work"]
    assert notes[1].addendum_to == notes[0].id
    assert all(note.signed_at for note in notes)


def test_an_addendum_with_a_wrong_password_is_made_once(inside: Driver) -> None:
    screen = open_patient(inside)
    services = inside.clinic.services
    patient = next(iter(inside.clinic.store.tables.patients))
    services.notes.sign(services.notes.write(patient, "First").id, PASSWORD)
    screen.presenter.look()
    inside.settle()
    inside.click("Add to it")
    sheet = inside.sheet
    inside.type(sheet.findChild(QPlainTextEdit), "Back at work")
    for password in ("not the password", PASSWORD):
        inside.type(sheet.findChild(QLineEdit), password)
        inside.click("Sign", sheet)
    assert len(inside.clinic.store.tables.notes) == 2


def test_an_addendum_that_is_being_signed_is_waited_for(inside: Driver) -> None:
    screen = open_patient(inside)
    services = inside.clinic.services
    (patient,) = inside.clinic.store.tables.patients
    note = services.notes.write(patient, "Sleeps better.")
    services.notes.sign(note.id, PASSWORD)
    screen.presenter.look()
    inside.settle()
    inside.click("Add to it")
    sheet = inside.sheet
    editor, password = sheet.findChild(QPlainTextEdit), sheet.findChild(QLineEdit)
    inside.type(editor, "Eats better too.")
    inside.type(password, "not the password")
    gate = inside.hold_the_store()
    inside.strike(inside.button("Sign", sheet), inside.button("Close", sheet))
    QTest.keyClicks(editor, " And more.")
    left, shown = inside.desk.sheet is None, editor.toPlainText()
    gate.set()
    inside.settle()
    assert not left
    assert shown == "Eats better too."
    assert "This password is not right." in inside.words(sheet)
    inside.type(editor, " And more.")
    inside.type(password, PASSWORD)
    inside.click("Sign", sheet)
    assert inside.desk.sheet is None
    signed = [one for one in inside.clinic.store.tables.notes.values() if one.signed_at]
    assert signed[-1].text.count("more") == 1
    assert signed[-1].addendum_to == note.id


def test_an_addendum_survives_closing_and_the_lock(inside: Driver) -> None:
    screen = open_patient(inside)
    services = inside.clinic.services
    patient = next(iter(inside.clinic.store.tables.patients))
    note = services.notes.sign(services.notes.write(patient, "First").id, PASSWORD)
    screen.presenter.look()
    inside.settle()
    inside.click("Add to it")
    sheet = inside.sheet
    inside.type(sheet.findChild(QPlainTextEdit), "Back at work")
    inside.window.lock()  # before the pause in the typing
    inside.settle()
    with inside.clinic.store.unit_of_work() as work:
        assert [one.text for one in work.notes.of_patient(patient)] == ["Back at work", "First"]
    inside.unlock()
    assert inside.desk.sheet is sheet
    inside.type(sheet.findChild(QPlainTextEdit), ", sleeps")
    inside.press(Qt.Key.Key_Escape, sheet)
    assert inside.desk.sheet is None
    draft = services.notes.draft_addendum(note.id)
    assert draft is not None
    assert draft.text == "Back at work, sleeps"
    assert screen.notes.editor.toPlainText() == "Back at work, sleeps"


def test_a_note_that_was_signed_twice_shows_both_texts(inside: Driver) -> None:
    screen = open_patient(inside)
    store, services = inside.clinic.store, inside.clinic.services
    note = services.notes.write(next(iter(store.tables.patients)), "Sleeps better")
    signed = services.notes.sign(note.id, PASSWORD)
    store.tables.signed_beside = {note.id: (replace(signed, text="Sleeps worse"),)}
    screen.renew()
    inside.settle()
    words = inside.words(screen.timeline)
    assert "Sleeps better" in words
    assert "Sleeps worse" in words
    assert "Signed twice" in words
    assert words.count("Signed by Amina Diallo") == 2


def test_an_unsigned_note_of_mine_is_offered_again(inside: Driver) -> None:
    inside.clinic.add_patient()
    patient = next(iter(inside.clinic.store.tables.patients))
    inside.clinic.services.notes.write(patient, "Begun yesterday")
    screen = open_patient(inside)
    assert screen.notes.editor.toPlainText() == "Begun yesterday"


def test_a_note_that_cannot_be_kept_says_so_and_stays(inside: Driver) -> None:
    screen = open_patient(inside)
    inside.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    inside.type(screen.notes.editor, "Sleeps better")
    screen.notes._pause.timeout.emit()
    inside.settle()
    assert screen.notes.state.text() == "The disk is full."
    assert screen.notes.editor.toPlainText() == "Sleeps better"
    inside.clinic.store.commit_fails_with = None


def with_two_totals(inside: Driver) -> PatientScreen:
    inside.clinic.add_patient()
    patient = next(iter(inside.clinic.store.tables.patients))
    screenings = inside.clinic.services.screenings
    for answers in ((2,) * 8 + (0,), (1,) * 8 + (0,)):
        draft = screenings.record_questionnaire(
            patient, InstrumentName.PHQ9, answers, AnsweredBy.PATIENT
        )
        screenings.judge(draft.id, ClinicianSeverity.MILD)
        screenings.finish(draft.id)
        inside.clinic.clock.advance(days=30)
    return open_patient(inside)


def test_pages_that_were_left_do_not_pile_up(inside: Driver) -> None:
    for _ in range(5):
        open_patient(inside)
        inside.desk.show_today()
        inside.settle()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert inside.window.findChildren(PatientScreen) == []


def test_two_totals_make_a_course(inside: Driver) -> None:
    screen = with_two_totals(inside)
    charts = screen.findChildren(CourseChart)
    assert [one.accessibleName() for one in charts] == ["Course over time. PHQ-9: 2 points"]
    words = inside.words(screen.timeline)
    assert "PHQ-9  16 of 27 · moderately severe" in words
    assert "Clinician's judgement: mild" in words


def test_a_record_that_cannot_be_read_can_be_tried_again(inside: Driver) -> None:
    inside.clinic.add_patient()
    inside.clinic.store.closed = True
    open_patient(inside)
    assert "The store is closed." in inside.words()
    inside.clinic.store.closed = False
    inside.click("Try again")
    assert inside.desk.header.title.text() == "Okafor, Chidi"


def test_markup_in_a_name_or_note_is_shown_as_it_was_typed(inside: Driver) -> None:
    clinic = inside.clinic
    patient = clinic.add_patient("<b>Bold</b>", "<img src=x>")
    clinic.services.notes.write(patient.id, "<h1>Loud</h1> & more")
    inside.desk.show_patient(patient.id)
    inside.settle()
    assert inside.desk.header.title.text() == "<b>Bold</b>, <img src=x>"
    assert inside.desk.header.title.textFormat() is Qt.TextFormat.PlainText
    assert "<h1>Loud</h1> & more" in inside.words()


def test_consent_that_is_being_recorded_cannot_be_taken_back_or_changed(inside: Driver) -> None:
    patient = inside.clinic.add_patient()
    screen = open_patient(inside)
    consent = screen.consent
    switch = consent.switch_of(Purpose.SHARING)
    agreed = switch.isChecked()
    switch.click()
    gate = inside.hold_the_store()
    QTest.mouseClick(consent.record, Qt.MouseButton.LeftButton)
    for late in (consent.undo, switch):
        QTest.mouseClick(late, Qt.MouseButton.LeftButton)
    QTest.keyClicks(consent.note, "More")
    shown = switch.isChecked(), consent.note.text()
    gate.set()
    inside.settle()
    assert shown == (not agreed, "")
    assert inside.clinic.services.consents.current(patient.id)[Purpose.SHARING] is not agreed
    assert not consent.pending.isVisible()
    assert switch.isEnabled()


def test_consent_that_could_not_be_recorded_stays_chosen(inside: Driver) -> None:
    inside.clinic.add_patient()
    screen = open_patient(inside)
    consent = screen.consent
    switch = consent.switch_of(Purpose.SHARING)
    agreed = switch.isChecked()
    switch.click()
    inside.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    inside.click("Record the consent")
    inside.clinic.store.commit_fails_with = None
    assert inside.window.notices.texts == ["The disk is full."]
    assert switch.isChecked() is not agreed
    inside.click("Undo", consent)
    assert switch.isChecked() is agreed
