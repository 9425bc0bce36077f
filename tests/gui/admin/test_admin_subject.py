"""What a person may ask for, from the page of that person: the records in files, and erasure."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from clinic_app.domain.erasure import ErasureState
from clinic_app.domain.errors import StoreFull
from clinic_app.domain.people import Patient, Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.services.export import ExportReason
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.subject.erase_sheet import EraseSheet
from clinic_app.ui.screens.subject.export_presenter import ExportPresenter
from clinic_app.ui.screens.subject.export_sheet import ExportSheet
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView
from tests.gui.admin.conftest import prove
from tests.gui.conftest import Driver


@pytest.fixture
def somebody(inside: Driver) -> Patient:
    return inside.clinic.add_patient()


def page(driver: Driver, patient: Patient) -> PatientScreen:
    driver.desk.show_patient(patient.id)
    driver.settle()
    screen = driver.desk.present
    assert isinstance(screen, PatientScreen)
    return screen


def erase(driver: Driver, patient: Patient) -> EraseSheet:
    screen = page(driver, patient)
    screen.rights.erase.click()
    driver.settle()
    assert isinstance(screen.rights.sheet, EraseSheet)
    return screen.rights.sheet


def export(driver: Driver, patient: Patient) -> ExportSheet:
    screen = page(driver, patient)
    screen.rights.export.click()
    driver.settle()
    assert isinstance(screen.rights.sheet, ExportSheet)
    return screen.rights.sheet


def test_an_export_needs_the_warning_read_and_the_password(
    inside: Driver, somebody: Patient, tmp_path: Path
) -> None:
    sheet = export(inside, somebody)
    assert "not encrypted" in inside.words(sheet.sheet)
    assert not sheet.confirm.isEnabled()
    inside.type(sheet.password.edit, "not the password")
    assert not sheet.confirm.isEnabled()
    sheet.accepts.setChecked(True)
    assert sheet.confirm.isEnabled()
    sheet.write_to(tmp_path / "record.zip")
    inside.settle()
    assert sheet.password.message == "This password is not right."
    assert list(tmp_path.iterdir()) == []
    inside.type(sheet.password.edit, PASSWORD)
    sheet.reason.setCurrentIndex(sheet.reason.findData(ExportReason.CARE_ELSEWHERE))
    sheet.write_to(tmp_path / "record.zip")
    inside.settle()
    assert "Made: “record.zip”" in inside.words(sheet.sheet)
    with zipfile.ZipFile(tmp_path / "record.zip") as archive:
        assert "fhir/bundle.json" in archive.namelist()
    details = [one.detail for one in inside.clinic.store.tables.audit]
    assert ExportReason.CARE_ELSEWHERE.value in details
    inside.click("Close", sheet.sheet)
    assert inside.desk.sheet is None


def test_an_export_to_a_taken_name_is_told_and_leaves_what_is_there(
    inside: Driver, somebody: Patient, tmp_path: Path
) -> None:
    taken = tmp_path / "record.zip"
    taken.write_bytes(b"kept")
    sheet = export(inside, somebody)
    sheet.accepts.setChecked(True)
    inside.type(sheet.password.edit, PASSWORD)
    sheet.write_to(taken)
    inside.settle()
    assert "is there already" in inside.words(sheet.sheet)
    assert taken.read_bytes() == b"kept"


def test_an_export_runs_beside_the_records_and_can_be_stopped(tmp_path: Path) -> None:
    clinic, jobs, view = FakeClinic(), HeldJobs(), RecordedView()
    somebody = clinic.add_patient()
    for name in InstrumentName:
        clinic.services.screenings.record_questionnaire(
            somebody.id, name, (0,) * (9 if name is InstrumentName.PHQ9 else 7), AnsweredBy.PATIENT
        )
    draft = clinic.services.screenings.start(somebody.id)
    clinic.services.screenings.finish(draft.id)
    presenter = ExportPresenter(view, clinic.services.exports, jobs, somebody.id)
    place = tmp_path / "record.zip"
    presenter.write(place, ExportReason.PERSON_ASKED, PASSWORD, accepts=True)
    presenter.write(place, ExportReason.PERSON_ASKED, PASSWORD, accepts=True)
    assert [job.lane for job in jobs.held] == [Lane.FILES]
    presenter.stop()
    jobs.run()
    assert "stopped" in str(view.last("show_stopped")[0])
    assert list(tmp_path.iterdir()) == []


def test_erasure_is_asked_for_decided_and_leaves_its_record(
    inside: Driver, somebody: Patient
) -> None:
    clinic = inside.clinic
    assert clinic is not None
    clinic.services.notes.write(somebody.id, "Begun and never signed")
    sheet = erase(inside, somebody)
    inside.type(sheet.reason, "Moves abroad")
    inside.click("Record the request", sheet.sheet)
    words = inside.words(sheet.sheet)
    assert "waits for a decision" in words
    assert "unsigned notes: 1" in words
    inside.click("Carry out…", sheet.sheet)
    asked = inside.words(inside.desk.sheet)
    assert "What goes, for good: unsigned notes: 1; the consent to “" in asked
    assert "cannot be undone" in asked
    assert not re.search(r"\b0\b", words + asked), "only what there is is listed"
    prove(inside, "not the password")
    assert clinic.services.erasures.of_patient(somebody.id)[0].state is ErasureState.ASKED
    prove(inside, PASSWORD)
    assert clinic.services.erasures.of_patient(somebody.id)[0].state is ErasureState.COMPLETED
    words = inside.words(sheet.sheet)
    assert "carried out" in words
    assert "Moves abroad" in words
    assert "Removed:" in words


def test_a_request_that_is_being_stored_cannot_be_left_without_a_word(
    inside: Driver, somebody: Patient
) -> None:
    sheet = erase(inside, somebody)
    inside.type(sheet.reason, "Moves abroad")
    inside.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    inside.click("Record the request", sheet.sheet)
    inside.clinic.store.commit_fails_with = None
    assert "The disk is full." in inside.words(sheet.sheet)
    assert sheet.reason.hasFocus()
    gate = inside.hold_the_store()
    inside.strike(inside.button("Record the request", sheet.sheet), sheet.close)
    left, said = inside.desk.sheet is None, inside.words(sheet.sheet)
    gate.set()
    inside.settle()
    assert not left
    assert "Recording the request…" in said
    assert "Moves abroad" in inside.words(sheet.sheet)
    inside.click("Close", sheet.sheet)
    assert inside.desk.sheet is None


def test_open_safety_steps_keep_a_record_from_being_erased(
    inside: Driver, somebody: Patient
) -> None:
    clinic = inside.clinic
    assert clinic is not None
    clinic.services.screenings.record_questionnaire(
        somebody.id, InstrumentName.PHQ9, (1,) * 9, AnsweredBy.PATIENT
    )
    sheet = erase(inside, somebody)
    inside.click("Record the request", sheet.sheet)
    assert "complete them before erasing" in inside.words(sheet.sheet)
    assert not sheet.complete.isEnabled()
    assert sheet.refuse.isEnabled()


def test_a_counselor_records_a_request_and_can_neither_decide_nor_export(outside: Driver) -> None:
    clinic = outside.clinic
    assert clinic is not None
    somebody = clinic.add_patient()
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    sheet = erase(outside, somebody)
    assert outside.desk.present.rights.export.isHidden()  # type: ignore[union-attr]
    outside.click("Record the request", sheet.sheet)
    words = outside.words(sheet.sheet)
    assert "An administrator decides." in words
    assert not hasattr(sheet, "complete")
