"""The settings on a real encrypted store: backup, drill, chain, a new colleague."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt

from clinic_app.app import open_front_door
from clinic_app.domain.people import CrisisContact, DeploymentContext, Role
from clinic_app.services.backup_data import StaffPassword
from clinic_app.services.front_door import SetUpAnswers
from clinic_app.services.staff import NewStaff
from clinic_app.ui.screens.admin.audit.view import AuditSection
from clinic_app.ui.screens.admin.backup.view import BackupSection
from clinic_app.ui.screens.admin.users.view import UsersSection
from clinic_app.ui.screens.admin.view import AdminScreen
from clinic_app.ui.shell.doors import Doors, Opened
from tests.gui.admin.conftest import open_section
from tests.gui.conftest import Driver

PASSWORD = "quiet harbour lamp"


def test_backup_drill_and_audit_work_on_a_real_store(
    drive: Callable[[Doors], Driver], tmp_path: Path
) -> None:
    door = open_front_door(tmp_path / "store")
    contacts = (CrisisContact("Night line", "0800 111 222"),)
    answers = SetUpAnswers("Harbour", contacts, DeploymentContext.CLINIC, "amina", PASSWORD)
    services = door.set_up(answers).services
    services.staff.add(NewStaff("tomas", "Tomas Vaz", Role.DOCTOR, "violet ladder song"), PASSWORD)

    def again() -> Opened:
        raise AssertionError("the demo was not asked for")

    driver = drive(Doors(lambda: door, again))
    driver.window.entry.entered.emit(Opened(door, services))
    driver.until(lambda: driver.window.desk is not None)
    driver.settle()
    driver.shortcut(Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    settings = driver.desk.present
    assert isinstance(settings, AdminScreen)
    users = open_section(driver, settings, "users", UsersSection)
    assert "Tomas Vaz\nDoctor" in driver.words(users)

    backup = open_section(driver, settings, "backup", BackupSection)
    place = tmp_path / "monday.clinicbackup"
    backup.presenter.write(place)
    driver.settle()
    assert "“monday.clinicbackup” is made" in driver.words(backup)
    assert b"Harbour" not in place.read_bytes()
    backup.presenter.drill(place, StaffPassword("amina", PASSWORD))
    driver.settle()
    assert "The drill passed" in driver.words(backup)
    assert services.backups.standing().last_drill_passed

    audit = open_section(driver, settings, "audit", AuditSection)
    driver.click("Check the chain", audit)
    assert audit.state.text().startswith("The chain is whole")
    assert "Exported" in [audit.rows.index(row, 3).data() for row in range(audit.rows.rowCount())]
