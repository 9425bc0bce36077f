"""Devices, retention, audit trail, backups, models and erasure requests in the settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QPushButton

from clinic_app.domain.audit import AuditCheck, AuditKind
from clinic_app.domain.audit_heads import AuditGap, AuditHead
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.services.audit import AuditService
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.backup_data import StaffPassword
from clinic_app.services.translations import catalogue
from clinic_app.ui.appearance import Choice, Look
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.admin.audit.presenter import AuditPresenter
from clinic_app.ui.screens.admin.audit.view import AuditSection
from clinic_app.ui.screens.admin.backup.presenter import BackupPresenter, Work
from clinic_app.ui.screens.admin.backup.view import BackupSection, size_words
from clinic_app.ui.screens.admin.devices import DevicesSection
from clinic_app.ui.screens.admin.erasures.view import ErasuresSection
from clinic_app.ui.screens.admin.languages import LanguagesSection
from clinic_app.ui.screens.admin.models import ModelsSection
from clinic_app.ui.screens.admin.retention.view import RetentionSection
from clinic_app.ui.screens.admin.view import AdminScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, USER, FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView
from tests.gui.admin.conftest import fill, open_section, prove
from tests.gui.conftest import Driver

# --- who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.DOCTOR])
def test_nobody_but_administrators_reaches_the_settings(outside: Driver, role: Role) -> None:
    outside.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    assert not outside.desk.navigation.offers("admin")
    outside.shortcut(Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    outside.desk.go_to("admin")
    outside.settle()
    assert outside.desk.header.title.text() == "Today"
    assert AdminScreen(outside.desk.workspace).offered == ()


def test_an_administrator_is_offered_every_section_and_each_opens(
    inside: Driver, settings: AdminScreen
) -> None:
    assert len(settings.offered) == 17
    for name in settings.offered:
        settings.open(name)
        inside.settle()
        assert settings.section.heading.isVisible()
        assert "Try again" not in inside.words(settings.section)


def test_twice_as_large_text_fits_every_section(inside: Driver, settings: AdminScreen) -> None:
    inside.appearance.choice = Choice(Look.LIGHT, 2.0)
    inside.appearance.apply()
    beyond = []
    for name in settings.offered:
        settings.open(name)
        inside.settle()
        section = settings.section
        beyond += [
            f"{name}: {type(one).__name__} {one.accessibleName()}"
            for kind in (QPushButton, QLineEdit, QComboBox, QPlainTextEdit)
            for one in section.findChildren(kind)
            if one.isVisible()
            and one.mapTo(inside.window, one.rect().topRight()).x() > inside.window.width()
        ]
    assert beyond == []


def test_controls_of_every_section_have_names_of_their_own(
    inside: Driver, settings: AdminScreen
) -> None:
    for name in settings.offered:
        settings.open(name)
        inside.settle()
        section = settings.section
        names = [
            one.accessibleName() or one.text()
            for one in section.findChildren(QPushButton)
            if one.isVisible()
        ]
        assert all(names)
        assert len(set(names)) == len(names), name
        for kind in (QLineEdit, QComboBox, QPlainTextEdit):
            for one in section.findChildren(kind):
                inner = isinstance(one.parentWidget(), QComboBox)
                assert one.accessibleName() or inner or not one.isVisible(), name


def test_a_narrow_window_chooses_the_section_from_a_list(
    inside: Driver, settings: AdminScreen
) -> None:
    assert not settings.choose.isVisible()
    inside.window.resize(960, 700)
    inside.settle()
    assert settings.choose.isVisible()
    settings.choose.setCurrentIndex(settings.choose.findData("devices"))
    settings.choose.activated.emit(settings.choose.currentIndex())
    inside.settle()
    assert isinstance(settings.section, DevicesSection)


def test_the_section_in_front_is_in_view_in_the_list_beside_it(
    inside: Driver, settings: AdminScreen
) -> None:
    inside.window.resize(1280, 700)
    inside.settle()
    for name in (settings.offered[-1], settings.offered[0]):
        settings.open(name)
        inside.settle()
        chosen = next(
            one
            for one in settings.findChildren(QPushButton)
            if one.isCheckable() and one.isChecked() and one.isVisible()
        )
        assert chosen.visibleRegion().boundingRect().size() == chosen.size(), name


# --- devices, models ------------------------------------------------------------------------------


def test_this_laptop_is_marked_among_the_devices(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "devices", DevicesSection)
    assert "this laptop" in inside.words(section)


def test_models_are_checked_and_lead_to_their_cards(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "models", ModelsSection)
    inside.click("Check the files", section)
    assert "as they were shipped" in section.result.text()
    inside.click("Read the cards", section)
    assert inside.desk.header.title.text() == "Models & about"


# --- retention ------------------------------------------------------------------------------------


def test_what_is_due_is_shown_before_it_is_removed(inside: Driver, settings: AdminScreen) -> None:
    clinic = inside.clinic
    assert clinic is not None
    somebody = clinic.add_patient()
    clinic.services.screenings.record_questionnaire(
        somebody.id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT
    )
    clinic.clock.moment += timedelta(days=40)
    section = open_section(inside, settings, "retention", RetentionSection)
    inside.click("Dry run")
    assert "Nothing is due." in inside.words(section)
    fill(section.edits["draft_days"], "30")
    inside.click("Dry run")
    assert "1 · Unfinished screenings that were left alone" in inside.words(section)
    assert "not saved" in inside.words(section)
    assert not section.remove.isEnabled()
    inside.click("Save…", section)
    prove(inside, PASSWORD)
    assert clinic.services.retention.settings().draft_days == 30
    inside.click("Dry run")
    inside.click("Remove what is due…")
    assert "cannot be undone" in inside.words(inside.desk.sheet)
    assert len(clinic.store.tables.drafts) == 1
    prove(inside, PASSWORD)
    assert len(clinic.store.tables.drafts) == 0
    assert "1 removed." in inside.words(section)
    assert not section.remove.isEnabled()


@pytest.mark.parametrize(("field", "text"), [("draft_image_days", ""), ("kept_image_days", "0")])
def test_days_that_cannot_be_are_told_at_their_field(
    inside: Driver, settings: AdminScreen, field: str, text: str
) -> None:
    section = open_section(inside, settings, "retention", RetentionSection)
    fill(section.edits[field], text)
    inside.click("Save…", section)
    assert inside.desk.sheet is None
    assert section.fields[field].invalid
    assert "Retention" in section.unfinished()


# --- audit ----------------------------------------------------------------------------------------


@pytest.fixture
def busy_clinic(inside: Driver) -> FakeClinic:
    for number in range(120):
        inside.clinic.services.patients.search(f"nobody {number}")
    return inside.clinic


@pytest.mark.usefixtures("busy_clinic")
def test_the_trail_is_read_page_by_page(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "audit", AuditSection)
    assert section.rows.rowCount() == 100
    first = section.rows.index(0, 0).data()
    assert not section.newer.isEnabled()
    inside.click("Older", section)
    assert 0 < section.rows.rowCount() < 100
    assert int(section.rows.index(0, 0).data()) == int(first) - 100
    assert not section.older.isEnabled()
    inside.click("Newer", section)
    assert int(section.rows.index(0, 0).data()) == int(first) + 1  # that page one was read


@pytest.mark.usefixtures("busy_clinic")
def test_filters_narrow_what_is_shown(inside: Driver, settings: AdminScreen) -> None:
    section = open_section(inside, settings, "audit", AuditSection)
    filters = section.filters
    filters.kind.setCurrentIndex(filters.kind.findData(AuditKind.SET_UP))
    inside.click("Search", section)
    assert section.rows.rowCount() == 1
    assert section.rows.index(0, 3).data() == "Set up"
    assert section.rows.index(0, 2).data() == "Amina Diallo"
    filters.until.setText("1.1.1999")
    inside.click("Search", section)
    assert section.rows.rowCount() == 0
    assert "No entry fits" in inside.words(section)
    inside.click("Clear the filters", section)
    assert section.rows.rowCount() == 100


@pytest.mark.parametrize(
    ("field", "text"), [("since", "soon"), ("patient", "Okafor"), ("until", "31.2.2026")]
)
def test_a_filter_that_cannot_be_read_is_told_at_its_field(
    inside: Driver, settings: AdminScreen, field: str, text: str
) -> None:
    section = open_section(inside, settings, "audit", AuditSection)
    getattr(section.filters, field).setText(text)
    inside.click("Search", section)
    assert section.filters.fields[field].invalid


def test_a_whole_chain_and_an_altered_one_are_told_apart(
    inside: Driver, settings: AdminScreen
) -> None:
    section = open_section(inside, settings, "audit", AuditSection)
    inside.click("Check the chain", section)
    assert section.state.text().startswith("The chain is whole")
    trail = inside.clinic.store.tables.audit
    trail[2] = replace(trail[2], detail="nothing to see")
    inside.click("Check the chain", section)
    assert "entry 3 does not fit" in section.state.text()
    assert section.state.property("role") == "alarm"


def test_a_trail_that_lacks_what_was_told_of_it_is_said(
    inside: Driver, settings: AdminScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    head = AuditHead(new_id(), 2, 120, "ab" * 32, told)
    monkeypatch.setattr(AuditService, "told", lambda service: {"North": head})
    section = open_section(inside, settings, "audit", AuditSection)
    assert "North: 120 entries, 2 Mar 2026" in inside.words(section)
    short = AuditGap("North", False, 120, told, 12, False)
    monkeypatch.setattr(
        AuditService, "verify", lambda service: AuditCheck(9, "cd" * 32, gaps=(short,))
    )
    inside.click("Check the chain", section)
    assert "“North” is shorter than what it told on 2 Mar 2026" in section.state.text()
    assert "12 entries of 120" in section.state.text()
    assert section.state.property("role") == "caution"
    own = replace(short, own=True, workstation="South")
    monkeypatch.setattr(
        AuditService, "verify", lambda service: AuditCheck(9, "cd" * 32, gaps=(own,))
    )
    inside.click("Check the chain", section)
    assert section.state.property("role") == "alarm"
    assert "not the one that this workstation told" in section.state.text()


def test_an_extract_asks_for_the_password_and_is_written_whole(
    inside: Driver, settings: AdminScreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = open_section(inside, settings, "audit", AuditSection)
    asked = []
    monkeypatch.setattr(section, "ask_place", asked.append)
    inside.click("Save an extract…", section)
    prove(inside, "not the password")
    assert asked == []
    prove(inside, PASSWORD)
    (extract,) = asked
    section.presenter.save(extract, tmp_path / "audit")
    inside.settle()
    text = (tmp_path / "audit.csv").read_text(encoding="utf-8-sig")
    assert "Chain of the whole trail,intact" in text
    assert f"Entries in this extract,{len(extract.rows)}" in text
    assert extract.rows[0].entry.mac in text


def test_an_older_slower_page_is_dropped() -> None:
    clinic, jobs, view = FakeClinic(), HeldJobs(), RecordedView()
    presenter = AuditPresenter(view, clinic.services.audit, jobs)
    presenter.search(AuditQuery())
    presenter.search(AuditQuery(kinds=(AuditKind.SET_UP,)))
    jobs.run(1)
    jobs.run(0)
    assert view.names().count("show_rows") == 1
    assert [row.entry.kind for row in view.last("show_rows")[0]] == [AuditKind.SET_UP]


# --- backup ---------------------------------------------------------------------------------------


def test_a_backup_is_made_tried_out_and_dated(
    inside: Driver, settings: AdminScreen, tmp_path: Path
) -> None:
    section = open_section(inside, settings, "backup", BackupSection)
    assert "never: make one today" in inside.words(section)
    assert "never: try a backup out" in inside.words(section)
    section.presenter.write(tmp_path / "monday")
    inside.settle()
    assert "“monday.clinicbackup” is made" in inside.words(section)
    inside.click("Try out monday.clinicbackup")
    assert section.sheet is not None
    assert section.sheet.user_name.text() == USER
    inside.type(section.sheet.password.edit, PASSWORD)
    inside.click("Start the drill")
    words = inside.words(section)
    assert "The drill passed" in words
    assert "3 patients" in words
    assert ", passed" in words
    assert inside.clinic.services.clinic.profile().restore_drill_at is not None


def test_a_drill_with_a_wrong_password_or_a_damaged_file_is_told(
    inside: Driver, settings: AdminScreen, tmp_path: Path
) -> None:
    section = open_section(inside, settings, "backup", BackupSection)
    place = tmp_path / "monday.clinicbackup"
    section.presenter.write(place)
    inside.settle()
    section.presenter.drill(place, StaffPassword(USER, "not the password"))
    inside.settle()
    words = inside.words(section)
    assert "This password is not right." in words
    assert "The drill failed" not in words, "nothing was tried"
    inside.clinic.vault.backups.damaged.add(place)
    section.presenter.drill(place, StaffPassword(USER, PASSWORD))
    inside.settle()
    assert "not a complete backup" in inside.words(section)
    assert "FAILED" in inside.words(section)


def test_the_recovery_key_opens_a_backup_too(
    inside: Driver, settings: AdminScreen, tmp_path: Path
) -> None:
    section = open_section(inside, settings, "backup", BackupSection)
    section.presenter.write(tmp_path / "monday")
    inside.settle()
    inside.click("Try out monday.clinicbackup")
    assert section.sheet is not None
    inside.click("Recovery key")
    inside.click("Start the drill")
    assert section.sheet.key.invalid
    inside.type(section.sheet.key.edit, inside.clinic.recovery_key)
    inside.click("Start the drill")
    assert "The drill passed" in inside.words(section)


def test_long_work_runs_beside_the_records_can_be_stopped_and_is_not_begun_twice() -> None:
    clinic, jobs, view = FakeClinic(), HeldJobs(), RecordedView()
    presenter = BackupPresenter(view, clinic.services.backups, jobs)
    presenter.write(Path("monday"))
    presenter.write(Path("tuesday"))
    presenter.choose_place()
    assert [job.lane for job in jobs.held] == [Lane.FILES]
    assert presenter.working
    presenter.stop()
    jobs.run()
    work, error = view.last("show_ended")
    assert work is Work.BACKUP
    assert "stopped" in str(error)
    assert not presenter.working


def test_sizes_are_told_in_words() -> None:
    assert size_words(594_100) == "594.1 kB"
    assert size_words(4_200_000) == "4.2 MB"


# --- erasure --------------------------------------------------------------------------------------


def _decide_button(section: ErasuresSection) -> QPushButton:
    return next(one for one in section.findChildren(QPushButton) if one.text() == "Decide…")


def test_requests_are_listed_and_decided(inside: Driver, settings: AdminScreen) -> None:
    clinic = inside.clinic
    assert clinic is not None
    section = open_section(inside, settings, "erasures", ErasuresSection)
    assert "Nobody has asked for erasure" in inside.words(section)
    somebody = clinic.add_patient()
    clinic.services.erasures.ask(somebody.id, "Moves abroad")
    section = open_section(inside, settings, "erasures", ErasuresSection)
    assert "Okafor, Chidi\nwaits for a decision" in inside.words(section)
    QTest.mouseClick(_decide_button(section), Qt.MouseButton.LeftButton)
    inside.settle()
    sheet = section.sheet
    assert sheet is not None
    inside.click("Refuse…", sheet.sheet)
    assert sheet._field.invalid
    inside.type(sheet.reason, "The law asks us to keep it.")
    inside.click("Refuse…", sheet.sheet)
    prove(inside, PASSWORD)
    assert "refused" in inside.words(sheet.sheet)
    inside.click("Close", sheet.sheet)
    assert "The law asks us to keep it." in inside.words(section)


# --- languages ------------------------------------------------------------------------------------


def test_the_administrator_reads_the_wording_that_awaits_a_clinician(
    inside: Driver, settings: AdminScreen
) -> None:
    section = open_section(inside, settings, "languages", LanguagesSection)
    assert "Not reviewed by a professional translator or a clinician yet." in inside.words(section)
    hindi = catalogue("hi")
    model = section.tables["hi"].model()
    rows = {
        model.index(row, 0).data(): model.index(row, 1).data() for row in range(model.rowCount())
    }
    assert rows == {one: hindi.texts[one] for one in hindi.clinical}
    find = section.findChild(QLineEdit)
    inside.type(find, "keeping the picture")
    assert model.index(0, 0).data() == "Keeping the picture"
    assert model.rowCount() < len(rows)
