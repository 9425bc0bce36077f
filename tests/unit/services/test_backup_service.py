"""Backups as an administrator sees them: made, listed, tried out, and when that was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, StoreAlreadySetUp, WrongPassword
from clinic_app.domain.people import Role
from clinic_app.services.backup_data import (
    BackupRejected,
    BackupStopped,
    RecoveryKey,
    StaffPassword,
)
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, USER, FakeClinic

OWN = StaffPassword(USER, PASSWORD)


def test_before_the_first_backup_there_is_nothing_to_tell(clinic: FakeClinic) -> None:
    standing = clinic.services.backups.standing()
    assert (standing.last_backup_at, standing.last_drill_at) == (None, None)
    assert standing.last_drill_passed is None


def test_a_backup_is_audited_and_its_time_is_told(clinic: FakeClinic, tmp_path: Path) -> None:
    backups = clinic.services.backups
    name = backups.suggested_name()
    assert name.startswith("harbour-clinic-2026-03-02-")
    made = backups.write(tmp_path / name)
    entry = clinic.store.tables.audit[-1]
    assert (entry.kind, entry.subject) == (AuditKind.EXPORTED, "backup")
    assert str(tmp_path) not in entry.detail
    assert backups.standing().last_backup_at == entry.at
    (tmp_path / "letter.txt").write_text("dear")
    assert backups.files(tmp_path) == (made,)
    with pytest.raises(BackupRejected):
        backups.files(tmp_path / "missing")


def test_a_drill_that_passed_is_kept_with_the_clinics_records(
    clinic: FakeClinic, tmp_path: Path
) -> None:
    backups = clinic.services.backups
    made = backups.write(tmp_path / "b")
    assert backups.drill(made.path, RecoveryKey(clinic.recovery_key)).rebuilt == 7
    standing = backups.standing()
    assert standing.last_drill_passed is True
    drilled = clinic.services.clinic.profile().restore_drill_at
    assert drilled is not None
    assert standing.last_drill_at is not None
    assert drilled >= standing.last_backup_at


def test_a_drill_that_failed_is_told_and_a_mistyped_password_is_no_failure(
    clinic: FakeClinic, tmp_path: Path
) -> None:
    backups = clinic.services.backups
    made = backups.write(tmp_path / "b")
    with pytest.raises(WrongPassword):
        backups.drill(made.path, StaffPassword(USER, "not the password"))
    assert clinic.store.tables.audit[-1].kind is AuditKind.SIGN_IN_FAILED
    with pytest.raises(BackupStopped):
        backups.drill(made.path, OWN, stop=lambda: True)
    assert backups.standing().last_drill_passed is None
    clinic.vault.backups.damaged.add(made.path)
    with pytest.raises(BackupRejected):
        backups.drill(made.path, OWN)
    assert backups.standing().last_drill_passed is False
    assert clinic.services.clinic.profile().restore_drill_at is None


def test_only_administrators_back_up_and_drill(clinic: FakeClinic, tmp_path: Path) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)
    backups = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).backups
    for work in (
        lambda: backups.write(tmp_path / "b"),
        lambda: backups.drill(tmp_path / "b", OWN),
        lambda: backups.files(tmp_path),
        lambda: backups.look(tmp_path / "b"),
        backups.standing,
        backups.suggested_name,
    ):
        with pytest.raises(AccessDenied):
            work()
    assert list(tmp_path.iterdir()) == []


def test_the_front_door_never_restores_over_a_clinic(clinic: FakeClinic, tmp_path: Path) -> None:
    made = clinic.services.backups.write(tmp_path / "b")
    with pytest.raises(StoreAlreadySetUp):
        clinic.front_door.restore(made.path, OWN)


def test_devices_are_listed_for_administrators(clinic: FakeClinic) -> None:
    (own,) = clinic.services.devices.devices()
    assert own.own
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)
    with pytest.raises(AccessDenied):
        clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).devices.devices()


def test_a_backup_is_not_made_unheard_of(
    clinic: FakeClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As a kill, once the file is there."""

    write = clinic.vault.backups.write

    def die(*args: Any) -> None:
        write(*args)
        raise Killed

    monkeypatch.setattr(clinic.vault.backups, "write", die)
    with pytest.raises(Killed):
        clinic.services.backups.write(tmp_path / "b")
    entry = clinic.store.tables.audit[-1]
    assert (entry.kind, entry.subject, entry.detail) == (AuditKind.CHANGED, "backup", "begun")
    assert clinic.services.backups.standing().last_backup_at is None
