"""Backups on a real encrypted store: written while it is open, drilled, and brought back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from clinic_app.db.files import KEY_FILE, STORE_FILE
from clinic_app.db.store import EncryptedStore
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import WrongPassword
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role, StaffUser
from clinic_app.services.backup_data import BackupFile, BackupStopped, RecoveryKey, StaffPassword
from tests.integration.db.backup.copies import OWN, PATIENTS, fresh, rows
from tests.integration.db.raw import decrypted_pages
from tests.integration.db.records import PASSWORD, USER, Clinic, a_patient, set_up


def test_a_backup_tells_what_it_holds(filled: Clinic, backup: BackupFile, place: Path) -> None:
    content = backup.content
    assert content is not None
    assert (content.clinic_name, content.patients, content.screenings) == (
        "Harbour clinic",
        PATIENTS,
        PATIENTS,
    )
    assert (content.records["note"], content.records["draft"], content.records["image"]) == (
        PATIENTS,
        1,
        1,
    )
    assert content.audit_intact
    with filled.store.unit_of_work() as work:
        assert (content.audit_entries, content.audit_head) == work.audit.head()
    assert sum(head.seq for head in content.heads) == content.operations == 3 * PATIENTS + 2
    assert backup.size == (place / "march.clinicbackup").stat().st_size
    assert filled.vault.backups.look(backup.path) == backup
    assert [path.name for path in place.iterdir()] == ["march.clinicbackup"]


def test_nothing_in_a_backup_can_be_read_without_a_key(backup: BackupFile) -> None:
    content = backup.path.read_bytes()
    for secret in ("García", "Harbour", "Sleeping better", "SQLite format", "patient", PASSWORD):
        assert secret.encode() not in content
    assert backup.path.stat().st_mode & 0o077 == 0


def test_a_backup_comes_back_with_every_row_under_a_new_epoch(
    filled: Clinic, backup: BackupFile, tmp_path: Path
) -> None:
    vault = fresh(tmp_path)
    assert vault.backups.restore(backup.path, OWN) == backup.content
    store = vault.unlock(USER, PASSWORD)
    assert isinstance(store, EncryptedStore)
    for table in backup.content.records if backup.content else ():
        before, after = rows(filled.encrypted, table), rows(store, table)
        if table == "audit":
            assert after[:-1] == before
        elif table == "meta":
            assert [row for row in after if row[0] != "epoch"] == [
                row for row in before if row[0] != "epoch"
            ]
        else:
            assert after == before
    with store.unit_of_work() as work:
        assert work.audit.verify().intact
        entry = work.audit.entries()[-1]
        assert (entry.subject, entry.by) == ("restore", filled.user.id)
        work.patients.add(a_patient())
        work.commit()
    epochs = {row[1]: row[2] for row in rows(store, "log_head")}
    assert sorted(epochs.values()) == [1, 3 * PATIENTS + 2]
    assert epochs[max(epochs)] == 1
    store.close()
    names = {path.name for path in (tmp_path / "brought back").iterdir()}
    assert names <= {STORE_FILE, KEY_FILE, "audit.head", "store.lock", "signin.json"}


def test_the_key_of_an_open_round_with_other_clinics_is_in_no_backup(
    filled: Clinic, place: Path, tmp_path: Path
) -> None:
    """It would take the masks off sums that were sent; a restored store could not use it."""
    round_id, secret, own = new_id(), b"secret of a round" * 2, b"key of this clinic" * 2
    with filled.store.unit_of_work() as work:
        work.site_desk.put_own("key", own)
        work.site_desk.begin(round_id, secret)
        work.commit()
    made = filled.vault.backups.write(place / "b")
    vault = fresh(tmp_path)
    vault.backups.restore(made.path, OWN)
    pages = decrypted_pages(tmp_path / "brought back")
    assert own in pages
    assert secret not in pages
    store = vault.unlock(USER, PASSWORD)
    assert isinstance(store, EncryptedStore)
    ((number, _, kept),) = rows(store, "site_round")
    assert (number, kept) == (round_id.bytes, None)
    store.close()
    with filled.store.unit_of_work() as work:
        assert work.site_desk.secret(round_id) == secret


def test_the_recovery_key_and_every_colleague_open_a_backup(
    filled: Clinic, tmp_path: Path, place: Path
) -> None:
    filled.vault.add_slot("second", "violet ladder song")
    made = filled.vault.backups.write(place / "b")
    for number, opening in enumerate(
        (RecoveryKey(filled.recovery_key), StaffPassword("SECOND", "violet ladder song"))
    ):
        vault = fresh(tmp_path, str(number))
        vault.backups.restore(made.path, opening)
        vault.unlock(USER, PASSWORD).close()


def test_a_backup_is_of_one_moment_while_others_write(filled: Clinic, place: Path) -> None:
    done, written = threading.Event(), [0]

    def write() -> None:
        while not done.is_set():
            with filled.store.unit_of_work() as work:
                work.patients.add(a_patient())
                work.audit.record(AuditKind.CREATED, filled.user.id, "patient")
                work.commit()
            written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = filled.vault.backups.write(place / "b")
    finally:
        done.set()
        writer.join()
    content = made.content
    assert content is not None
    assert content.audit_intact
    # Every patient since the first twelve came with one audit entry and one operation.
    assert content.patients - PATIENTS == content.audit_entries - 2
    assert content.patients - PATIENTS == content.operations - (3 * PATIENTS + 2)
    assert written[0] >= content.patients - PATIENTS
    assert filled.vault.backups.drill(made.path, OWN).rebuilt == content.operations


def test_a_drill_rebuilds_every_row_and_leaves_nothing(filled: Clinic, backup: BackupFile) -> None:
    before = {path.name: path.stat().st_size for path in filled.folder.iterdir()}
    told: list[float] = []
    result = filled.vault.backups.drill(backup.path, OWN, told.append)
    assert result.content == backup.content
    assert result.rebuilt == 3 * PATIENTS + 2
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert {path.name: path.stat().st_size for path in filled.folder.iterdir()} == before


def test_a_backup_keeps_the_passwords_of_its_day(
    filled: Clinic, backup: BackupFile, tmp_path: Path
) -> None:
    filled.vault.add_slot(USER, "a new pass phrase")
    with pytest.raises(WrongPassword):
        filled.vault.backups.drill(backup.path, StaffPassword(USER, "a new pass phrase"))
    assert filled.vault.backups.drill(backup.path, OWN).content == backup.content


def test_another_clinics_backup_is_listed_without_its_content(
    backup: BackupFile, tmp_path: Path
) -> None:
    other = set_up(tmp_path / "other")
    found = other.vault.backups.look(backup.path)
    assert (found.made_at, found.content) == (backup.made_at, None)
    other.store.close()


def test_a_backup_can_be_stopped_and_leaves_nothing(filled: Clinic, place: Path) -> None:
    with pytest.raises(BackupStopped):
        filled.vault.backups.write(place / "b", stop=lambda: True)
    assert list(place.iterdir()) == []


def test_a_restore_can_be_stopped_and_leaves_nothing(backup: BackupFile, tmp_path: Path) -> None:
    with pytest.raises(BackupStopped):
        fresh(tmp_path).backups.restore(backup.path, OWN, stop=lambda: True)
    assert not (tmp_path / "brought back").exists()


def test_of_two_accounts_of_one_name_the_restore_is_written_down_for_whose_key_it_was(
    filled: Clinic, tmp_path: Path, place: Path
) -> None:
    first, second = (
        StaffUser(new_id(), "second", "Second Namesake", Role.DOCTOR) for _ in range(2)
    )
    with filled.store.unit_of_work() as work:
        work.users.add(first)
        work.users.add(second)
        work.commit()
    for number, account in enumerate((first, second)):
        filled.vault.add_slot("second", "violet ladder song", account.id)
        made = filled.vault.backups.write(place / f"b{number}")
        vault = fresh(tmp_path, str(number))
        vault.backups.restore(made.path, StaffPassword("second", "violet ladder song"))
        store = vault.unlock("second", "violet ladder song")
        with store.unit_of_work() as work:
            entries = work.audit.entries()
        store.close()
        assert [one.by for one in entries if one.subject == "restore"] == [account.id]
