"""The reports of a person and of the clinic: choosing a kind, the password, checking a printout."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from clinic_app.domain.people import Patient, Role
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.report_data import PersonReport, ReportKind, WorklistReport
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.report.presenter import About, ReportPresenter
from clinic_app.ui.screens.report.printout import PrintoutCheck
from clinic_app.ui.screens.report.view import ReportScreen
from clinic_app.ui.widgets.states import Failure
from clinic_app.ui.workspace import Workspace
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.fakes.reading import png
from tests.fakes.steps import NowJobs, RecordedNavigator, RecordedNotices, RecordedView
from tests.gui.screening.conftest import Window


@pytest.fixture
def screen(window: Window, clinic: FakeClinic, patient: Patient) -> ReportScreen:
    """The reports as they are opened from the patient's page."""
    clinic.renderer.preview = lambda pdf, page, width: (1, png(60, 85, 100))
    screenings = clinic.services.screenings
    draft = screenings.start(patient.id)
    screenings.judge(draft.id, ClinicianSeverity.MILD)
    screenings.finish(draft.id)
    window.desk.show_reports(patient.id)
    shown = window.desk.present
    assert isinstance(shown, ReportScreen)
    window.until(lambda: shown.place.text() != "")
    return shown


def test_a_report_begins_in_the_language_of_the_window_and_another_can_be_chosen(
    window: Window, clinic: FakeClinic, screen: ReportScreen
) -> None:
    assert screen.languages.currentData() == "en"
    choose(window, screen, ReportKind.PATIENT)
    index = screen.languages.findData("hi")
    screen.languages.setCurrentIndex(index)
    screen.languages.activated.emit(index)
    window.settle()
    assert clinic.renderer.languages[-2:] == ["en", "hi"]
    assert screen.languages.currentText() == "हिन्दी"
    assert screen.kinds.currentData() == ReportKind.PATIENT


def choose(window: Window, screen: ReportScreen, kind: ReportKind) -> None:
    index = screen.kinds.findData(kind)
    screen.kinds.setCurrentIndex(index)
    screen.kinds.activated.emit(index)
    window.settle()


def test_the_history_comes_first_and_every_kind_can_be_chosen(
    window: Window, clinic: FakeClinic, screen: ReportScreen, patient: Patient
) -> None:
    assert screen.kinds.currentData() == ReportKind.HISTORY
    for kind in (ReportKind.SUMMARY, ReportKind.REFERRAL, ReportKind.PATIENT):
        choose(window, screen, kind)
        report = clinic.renderer.others[-1]
        assert isinstance(report, PersonReport)
        assert (report.kind, report.patient.id) == (kind, patient.id)
        assert screen.save.isEnabled()
    choose(window, screen, ReportKind.SCREENING)
    assert clinic.renderer.rendered[-1].patient.id == patient.id
    choose(window, screen, ReportKind.WORKLIST)
    assert isinstance(clinic.renderer.others[-1], WorklistReport)


def test_an_extract_of_the_audit_trail_asks_for_the_password(
    window: Window, clinic: FakeClinic, screen: ReportScreen
) -> None:
    before = len(clinic.renderer.others)
    choose(window, screen, ReportKind.AUDIT)
    assert len(clinic.renderer.others) == before
    assert not screen.save.isEnabled()
    window.take_back()
    assert len(clinic.renderer.others) == before + 1
    assert screen.save.isEnabled()


@pytest.mark.parametrize("role", list(Role)[:3])
def test_kinds_are_offered_by_role(role: Role) -> None:
    clinic, view = FakeClinic(), RecordedView()
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
    services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    navigator = RecordedNavigator(clinic)
    workspace = Workspace(services, NowJobs(), RecordedNotices(), navigator)
    presenter = ReportPresenter(workspace, About(ReportKind.WORKLIST), view)
    offered = {ReportKind.WORKLIST, ReportKind.FEEDBACK}
    if role is Role.ADMINISTRATOR:
        offered.add(ReportKind.AUDIT)
    assert set(presenter.kinds) == offered


def test_somebody_without_a_screening_gets_a_sentence_and_can_choose_again(
    window: Window, clinic: FakeClinic
) -> None:
    person = clinic.add_patient("Haddad", "Rana")
    window.desk.show_reports(person.id)
    window.settle()
    shown = window.desk.present
    assert isinstance(shown, ReportScreen)
    choose(window, shown, ReportKind.SCREENING)
    failure = shown.findChild(Failure)
    assert failure is not None
    assert "no finished screening" in failure.sentence.text()
    choose(window, shown, ReportKind.SUMMARY)
    assert shown.save.isEnabled()


def test_the_page_of_a_person_leads_to_the_reports(
    window: Window, clinic: FakeClinic, patient: Patient
) -> None:
    window.desk.show_patient(patient.id)
    window.settle()
    page = window.desk.present
    assert isinstance(page, PatientScreen)
    window.click(page.documents.reports)
    window.settle()
    shown = window.desk.present
    assert isinstance(shown, ReportScreen)
    report = clinic.renderer.others[-1]
    assert isinstance(report, PersonReport)
    assert report.patient.id == patient.id
    shown.go_back()
    window.settle()
    assert isinstance(window.desk.present, PatientScreen)


def test_without_a_person_the_worklist_is_printed(window: Window, clinic: FakeClinic) -> None:
    window.desk.show_reports()
    window.settle()
    shown = window.desk.present
    assert isinstance(shown, ReportScreen)
    assert shown.kinds.findData(ReportKind.HISTORY) == -1
    assert isinstance(clinic.renderer.others[-1], WorklistReport)


def test_a_printout_is_checked_by_the_first_digits(
    window: Window, clinic: FakeClinic, screen: ReportScreen, patient: Patient
) -> None:
    (issued,) = clinic.services.reports.verify(
        clinic.services.reports.person(ReportKind.HISTORY, patient.id).issued.data_sha256
    )
    window.click(screen.check)
    sheet = window.desk.sheet
    assert sheet is not None
    check = sheet.findChild(PrintoutCheck)
    assert check is not None
    for typed, expected in (
        ("12", "8 digits"),
        ("ffffffff0000", "issued no report"),
        (issued.issued.data_sha256[:12], patient.display_name),
    ):
        check.edit.setText(typed)
        window.click(check.look)
        window.settle()
        words = " ".join(label.text() for label in check.findChildren(QLabel))
        assert expected in words
    assert check.findChildren(QPushButton)


def test_a_check_that_was_answered_goes_with_escape_and_asks_nothing(
    window: Window, screen: ReportScreen
) -> None:
    window.click(screen.check)
    sheet = window.desk.sheet
    assert sheet is not None
    check = sheet.findChild(PrintoutCheck)
    assert check is not None
    QTest.keyClicks(check.edit, "ffffffff0000")
    window.click(check.look)
    window.settle()
    QTest.keyClick(check.edit, Qt.Key.Key_Escape)
    assert window.desk.sheet is None
