"""Backups in the settings: made, tried out, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

from clinic_app.services.backup_data import StaffPassword
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.admin.backup.presenter import BackupPresenter, Work
from clinic_app.ui.screens.admin.backup.view import BackupSection, size_words
from clinic_app.ui.screens.admin.view import AdminScreen
from tests.fakes.clinic import PASSWORD, USER, FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView
from tests.gui.admin.conftest import open_section
from tests.gui.conftest import Driver


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
