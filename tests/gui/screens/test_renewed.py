"""A page that lies open follows what a round brings, wherever it is read again without harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit

from clinic_app.domain.finding import Band
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Patient, Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.reviews import ReviewEvent, ReviewEventKind, Verdict
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.appointments import NewAppointment
from clinic_app.services.feedback import NewIncident
from clinic_app.services.sync_data import RoundResult
from clinic_app.services.tasks import NewTask
from clinic_app.ui.moments import day_text
from clinic_app.ui.screens.admin.audit.view import AuditSection
from clinic_app.ui.screens.admin.profile.clinic import ClinicSection
from clinic_app.ui.screens.admin.retention.view import RetentionSection
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.screens.admin.view import AdminScreen
from clinic_app.ui.screens.models.view import ModelsScreen
from clinic_app.ui.screens.report.view import ReportScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD
from tests.gui.conftest import Driver
from tests.gui.screens.centre import centre_of, sync_now
from tests.gui.screens.person_page import screened


def _section(driver: Driver, name: str) -> Section:
    driver.desk.go_to("admin")
    driver.settle()
    settings = driver.desk.present
    assert isinstance(settings, AdminScreen)
    settings.open(name)
    driver.settle()
    return settings.section


def _round(driver: Driver) -> None:
    """A round that has brought records."""
    centre_of(driver).result = RoundResult(1, 0, 0, 4, 0.1)
    sync_now(driver)


def test_agreement_with_doctors_counts_a_review_from_another_laptop(joined: Driver) -> None:
    joined.desk.go_to("models")
    joined.settle()
    screen = joined.desk.present
    assert isinstance(screen, ModelsScreen)
    focused = QApplication.focusWidget()
    assert "No review is concluded yet." in joined.words(screen.agreement)
    _review_elsewhere(joined)
    _round(joined)
    assert "1 agreed" in joined.words(screen.agreement)
    assert QApplication.focusWidget() is focused


def _review_elsewhere(driver: Driver) -> None:
    """A doctor agrees with an estimate on another laptop."""
    clinic = driver.clinic
    screening = screened(clinic)[-1]
    judged = ReviewEvent(
        id=new_id(),
        review_id=new_id(),
        screening_id=screening.id,
        patient_id=screening.patient_id,
        kind=ReviewEventKind.JUDGED,
        at=clinic.clock(),
        by=new_id(),
        severity=ClinicianSeverity.MILD,
    )
    concluded = replace(
        judged,
        id=new_id(),
        kind=ReviewEventKind.CONCLUDED,
        severity=None,
        verdict=Verdict.AGREE,
        model_version="1.2.0",
        estimate_band=Band.MILD,
    )
    with clinic.store.unit_of_work() as work:
        for event in (judged, concluded):
            work.reviews.add(event)
        work.commit()


# --- the settings ---------------------------------------------------------------------------------


def test_a_colleague_from_another_laptop_is_listed_and_the_keyboard_stays(joined: Driver) -> None:
    section = _section(joined, "users")
    name = "Edit Amina Diallo"
    joined.button(name, section).setFocus()
    before = joined.button(name, section)
    joined.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    assert "1 account" in joined.words(section)
    _round(joined)
    assert "2 accounts" in joined.words(section)
    after = joined.button(name, section)
    assert after is not before
    assert QApplication.focusWidget() is after


def test_a_request_for_erasure_from_another_laptop_is_listed(joined: Driver) -> None:
    section = _section(joined, "erasures")
    somebody = joined.clinic.add_patient()
    joined.clinic.services.erasures.ask(somebody.id, "Moves abroad")
    _round(joined)
    assert "waits for a decision" in joined.words(section)


def test_settings_from_another_laptop_stand_in_the_form_that_is_open(joined: Driver) -> None:
    section = _section(joined, "clinic")
    assert isinstance(section, ClinicSection)
    _save_elsewhere(joined, phone="+49 30 1234")
    _round(joined)
    assert section.texts["phone"].text() == "+49 30 1234"


def test_what_is_typed_over_a_setting_stays(joined: Driver) -> None:
    section = _section(joined, "clinic")
    assert isinstance(section, ClinicSection)
    section.texts["email"].setText("desk@example.org")
    _save_elsewhere(joined, phone="+49 30 1234")
    _round(joined)
    assert section.texts["email"].text() == "desk@example.org"


def test_saving_one_setting_puts_none_back_that_another_laptop_has_changed(
    joined: Driver,
) -> None:
    section = _section(joined, "clinic")
    assert isinstance(section, ClinicSection)
    section.texts["email"].setText("desk@example.org")
    _save_elsewhere(joined, phone="+49 30 1234")
    joined.click("Save…", section)
    field = next(one for one in joined.sheet.findChildren(QLineEdit) if one.isVisible())
    joined.type(field, PASSWORD)
    joined.click("Save", joined.sheet)
    profile = joined.clinic.services.clinic.profile()
    assert profile.email == "desk@example.org"
    assert profile.phone == "+49 30 1234"


def _save_elsewhere(driver: Driver, *, phone: str) -> None:
    with driver.clinic.store.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), phone=phone))
        work.commit()


def test_a_dry_run_is_not_shown_as_todays_once_records_have_come_in(joined: Driver) -> None:
    section = _section(joined, "retention")
    assert isinstance(section, RetentionSection)
    joined.click("Dry run", section)
    assert "Nothing is due." in joined.words(section)
    _round(joined)
    assert "Nothing is due." not in joined.words(section)
    assert "Not looked at yet." in joined.words(section)


def test_no_more_is_removed_than_was_shown(joined: Driver) -> None:
    clinic = joined.clinic
    first, second = clinic.add_patient(), clinic.add_patient("Aalto", "Bo", date(1970, 1, 1))
    section = _section(joined, "retention")
    assert isinstance(section, RetentionSection)
    with clinic.store.unit_of_work() as work:
        profile = work.clinic.get()
        work.clinic.save(replace(profile, retention=replace(profile.retention, draft_days=30)))
        work.commit()
    section = _section(joined, "retention")
    clinic.services.screenings.record_questionnaire(
        first.id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT
    )
    clinic.clock.moment += timedelta(days=20)
    clinic.services.screenings.record_questionnaire(
        second.id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT
    )
    clinic.clock.moment += timedelta(days=20)
    joined.click("Dry run", section)
    assert "1 · Unfinished screenings that were left alone" in joined.words(section)
    clinic.clock.moment += timedelta(days=20)  # it lay open over a holiday
    joined.click("Remove what is due…", section)
    field = next(one for one in joined.sheet.findChildren(QLineEdit) if one.isVisible())
    joined.type(field, PASSWORD)
    joined.click("Remove for good", joined.sheet)
    assert [one.patient_id for one in clinic.store.tables.drafts.values()] == [second.id]


def test_the_trail_offers_a_colleague_who_came_from_another_laptop(joined: Driver) -> None:
    section = _section(joined, "audit")
    assert isinstance(section, AuditSection)
    offered = section.filters.who.count()
    joined.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    _round(joined)
    assert section.filters.who.count() == offered + 1


def test_a_likely_duplicate_from_another_laptop_is_listed(joined: Driver) -> None:
    joined.clinic.add_patient("Okafor", "Chidi", date(1990, 5, 17))
    joined.desk.show_duplicates()
    joined.settle()
    assert "No likely duplicates" in joined.words()
    joined.clinic.add_patient("Okafor", "Chidy", date(1990, 5, 17))
    _round(joined)
    assert "same birth date, similar name" in joined.words()


# --- a report -------------------------------------------------------------------------------------


def _history(driver: Driver) -> tuple[ReportScreen, Patient]:
    clinic = driver.clinic
    patient = clinic.add_patient()
    draft = clinic.services.screenings.start(patient.id)
    clinic.services.screenings.judge(draft.id, ClinicianSeverity.MILD)
    clinic.services.screenings.finish(draft.id)
    driver.desk.show_reports(patient.id)
    driver.settle()
    screen = driver.desk.present
    assert isinstance(screen, ReportScreen)
    return screen, patient


def test_a_report_says_when_records_came_in_that_change_it(joined: Driver) -> None:
    screen, patient = _history(joined)
    renderer, notes = joined.clinic.renderer, joined.clinic.services.notes
    written, focus = len(renderer.others), QApplication.focusWidget()
    _round(joined)
    assert not screen.outdated.isVisible()  # it was about others
    notes.sign(notes.write(patient.id, "Seen on another laptop").id, PASSWORD)
    _round(joined)
    assert screen.outdated.isVisible()
    assert "change what it says" in joined.words(screen.outdated)
    assert len(renderer.others) == written  # nobody has asked for another document
    assert QApplication.focusWidget() is focus
    joined.click("Write it anew", screen)
    assert not screen.outdated.isVisible()
    assert len(renderer.others) == written + 1


def test_a_report_about_the_clinic_says_that_records_came_in(joined: Driver) -> None:
    joined.desk.show_reports()
    joined.settle()
    screen = joined.desk.present
    assert isinstance(screen, ReportScreen)
    assert not screen.outdated.isVisible()
    _round(joined)
    assert "Records have come in since" in joined.words(screen.outdated)


# --- the keyboard stays on its button -------------------------------------------------------------


def _stays(driver: Driver, name: str) -> None:
    """The button is made anew, and has the keyboard again."""
    before = driver.button(name)
    before.setFocus()
    _round(driver)
    after = driver.button(name)
    assert after is not before
    assert QApplication.focusWidget() is after


def test_on_a_persons_page_the_keyboard_stays_on_its_button(joined: Driver) -> None:
    services, patient = joined.clinic.services, joined.clinic.add_patient()
    services.tasks.add(NewTask("Call the sister", patient_id=patient.id))
    services.appointments.request(NewAppointment(patient.id, "any day"))
    joined.desk.show_patient(patient.id)
    joined.settle()
    _stays(joined, "“Call the sister” is done")
    _stays(joined, "Open the appointment: No time yet")


def test_among_the_incidents_the_keyboard_stays_on_its_button(joined: Driver) -> None:
    made = joined.clinic.services.feedback.report_incident(NewIncident("A chair broke."))
    joined.desk.show_feedback()
    joined.settle()
    day = day_text(made.opened_on)
    _stays(joined, f"Close the incident of {day}: A chair broke.")


def test_of_two_tasks_of_one_name_the_keyboard_stays_on_its_own_or_on_none(joined: Driver) -> None:
    tasks, patient = joined.clinic.services.tasks, joined.clinic.add_patient()
    for _ in range(2):
        tasks.add(NewTask("Call back", patient_id=patient.id))
    joined.desk.show_patient(patient.id)
    joined.settle()
    before = _done(joined)
    before[1].setFocus()
    _round(joined)
    after = _done(joined)
    assert len(after) == 2
    assert not set(before) & set(after)
    assert QApplication.focusWidget() is after[1]
    tasks.add(NewTask("Call back", patient_id=patient.id))
    _round(joined)
    assert len(_done(joined)) == 3
    assert QApplication.focusWidget() not in _done(joined)


def _done(driver: Driver) -> list[QAbstractButton]:
    found = driver.window.findChildren(QAbstractButton)
    return [one for one in found if one.accessibleName() == "“Call back” is done"]
