"""Backups that are not written, drilled or brought back, and why; nothing is lost by it."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock

from clinic_app.db import backup_file
from clinic_app.domain.errors import (
    StoreAlreadySetUp,
    StoreInUse,
    StoreTooNew,
    WrongPassword,
    WrongState,
)
from clinic_app.services.backup_data import BackupFile, BackupRejected, RecoveryKey, StaffPassword
from tests.integration.db.backup.copies import OWN, fresh
from tests.integration.db.raw import raw_connection
from tests.integration.db.records import PASSWORD, USER, Clinic, set_up


def test_a_backup_of_other_records_is_no_drill_of_these(
    filled: Clinic, backup: BackupFile, tmp_path: Path
) -> None:
    other = set_up(tmp_path / "other clinic")
    with pytest.raises(BackupRejected, match="other records"):
        other.vault.backups.drill(backup.path, OWN)
    other.store.close()


def test_a_backup_never_replaces_a_file_and_never_lies_in_the_clinics_own_folder(
    filled: Clinic, backup: BackupFile, place: Path
) -> None:
    before = backup.path.read_bytes()
    for target, word in (
        (backup.path, "there already"),
        (filled.folder / "b", "own folder"),
        (place / "missing" / "b", "does not exist"),
        (place / ("n" * 300), "cannot be the name"),
    ):
        with pytest.raises(BackupRejected, match=word):
            filled.vault.backups.write(target)
    assert backup.path.read_bytes() == before


def test_a_clinic_is_never_restored_over_and_a_folder_has_to_be_empty(
    filled: Clinic, backup: BackupFile, tmp_path: Path
) -> None:
    filled.store.close()
    before = {path.name: path.read_bytes() for path in filled.folder.iterdir()}
    with pytest.raises(StoreAlreadySetUp, match="already"):
        filled.vault.backups.restore(backup.path, OWN)
    assert {path.name: path.read_bytes() for path in filled.folder.iterdir()} == before
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("dear")
    with pytest.raises(StoreAlreadySetUp, match="empty"):
        fresh(tmp_path, "letters").backups.restore(backup.path, OWN)
    assert (tmp_path / "letters" / "one.txt").read_text() == "dear"


@pytest.mark.parametrize(
    "opening",
    [
        StaffPassword(USER, "correct horse batters"),
        StaffPassword("nobody", PASSWORD),
        RecoveryKey("AAAA"),
    ],
    ids=["password", "user", "recovery key"],
)
def test_a_wrong_password_opens_no_backup_and_makes_no_folder(
    backup: BackupFile, tmp_path: Path, opening: StaffPassword | RecoveryKey
) -> None:
    with pytest.raises(WrongPassword, match="the day it was made"):
        fresh(tmp_path).backups.restore(backup.path, opening)
    assert not (tmp_path / "brought back").exists()


def test_only_one_piece_of_work_at_a_time(filled: Clinic, place: Path) -> None:
    refused: list[type[Exception]] = []

    def another(_share: float) -> None:
        try:
            filled.vault.backups.write(place / "second")
        except StoreInUse:
            refused.append(StoreInUse)

    filled.vault.backups.write(place / "first", another)
    assert refused
    assert not (place / "second").exists()


def test_a_closed_store_is_neither_backed_up_nor_drilled(filled: Clinic, place: Path) -> None:
    made = filled.vault.backups.write(place / "b")
    filled.store.close()
    for work in (
        lambda: filled.vault.backups.write(place / "c"),
        lambda: filled.vault.backups.drill(made.path, OWN),
    ):
        with pytest.raises(WrongState):
            work()


def test_a_folder_that_is_open_elsewhere_takes_no_backup(
    backup: BackupFile, tmp_path: Path
) -> None:
    (tmp_path / "brought back").mkdir()
    with FileLock(tmp_path / "brought back" / "store.lock"), pytest.raises(StoreInUse):
        fresh(tmp_path).backups.restore(backup.path, OWN)


def test_a_newer_backup_asks_for_an_update(
    filled: Clinic, backup: BackupFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(backup_file, "FORMAT", 0)
    with pytest.raises(BackupRejected, match="newer version"):
        fresh(tmp_path).backups.restore(backup.path, OWN)
    monkeypatch.undo()


def test_records_of_a_newer_program_are_not_restored(
    filled: Clinic, place: Path, tmp_path: Path
) -> None:
    with raw_connection(filled.folder) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    made = filled.vault.backups.write(place / "newer")
    with pytest.raises(StoreTooNew):
        fresh(tmp_path).backups.restore(made.path, OWN)
    assert not (tmp_path / "brought back").exists()
