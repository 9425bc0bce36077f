"""Backups on a real encrypted store: written while it is open, drilled, and brought back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import text

from clinic_app.db import backup_file
from clinic_app.db.files import KEY_FILE, STORE_FILE
from clinic_app.db.store import EncryptedStore
from clinic_app.db.vault import FolderVault
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import (
    StoreAlreadySetUp,
    StoreInUse,
    StoreTooNew,
    WrongPassword,
    WrongState,
)
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.ids import new_id
from clinic_app.services.backup_data import (
    BackupFile,
    BackupRejected,
    BackupStopped,
    RecoveryKey,
    StaffPassword,
)
from clinic_app.services.storage import VaultState
from tests.integration.db.raw import decrypted_pages, raw_connection, transaction_of
from tests.integration.db.records import (
    PASSWORD,
    ROUNDS,
    USER,
    Clinic,
    a_draft,
    a_finding,
    a_note,
    a_patient,
    a_screening,
    set_up,
)

OWN = StaffPassword(USER, PASSWORD)
PATIENTS = 12


@pytest.fixture
def filled(clinic: Clinic) -> Clinic:
    with clinic.store.unit_of_work() as work:
        for _ in range(PATIENTS):
            patient = a_patient()
            work.patients.add(patient)
            work.screenings.add(a_screening(patient.id, clinic.user.id, finding=a_finding()))
            work.notes.add(a_note(patient.id, clinic.user.id))
        draft = a_draft(patient.id, clinic.user.id)
        work.drafts.save(draft)
        work.images.put(draft.id, FaceImages(b"face" * 900, b"even" * 900), kept=True)
        work.audit.record(AuditKind.CREATED, clinic.user.id, "patients")
        work.commit()
    return clinic


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "usb stick"
    folder.mkdir()
    return folder


@pytest.fixture
def backup(filled: Clinic, place: Path) -> BackupFile:
    return filled.vault.backups.write(place / "march.clinicbackup")


def fresh(tmp_path: Path, name: str = "brought back") -> FolderVault:
    return FolderVault(tmp_path / name, rounds=ROUNDS)


def rows(clinic_store: EncryptedStore, table: str) -> list[tuple[object, ...]]:
    with transaction_of(clinic_store) as db:
        return sorted(map(tuple, db.rows(text(f"SELECT * FROM {table}"))))


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


def test_a_backup_of_other_records_is_no_drill_of_these(
    filled: Clinic, backup: BackupFile, tmp_path: Path
) -> None:
    other = set_up(tmp_path / "other clinic")
    with pytest.raises(BackupRejected, match="other records"):
        other.vault.backups.drill(backup.path, OWN)
    other.store.close()


def test_a_row_that_the_log_does_not_explain_fails_the_drill(
    filled: Clinic, place: Path, tmp_path: Path
) -> None:
    filled.store.close()
    with raw_connection(filled.folder) as connection:
        connection.execute("UPDATE patient SET family_key = 'somebody else'")
    filled.store = filled.vault.unlock(USER, PASSWORD)
    made = filled.vault.backups.write(place / "b")
    with pytest.raises(BackupRejected):
        filled.vault.backups.drill(made.path, OWN)


def test_an_operation_altered_before_the_backup_is_never_restored(
    filled: Clinic, place: Path, tmp_path: Path
) -> None:
    filled.store.close()
    with raw_connection(filled.folder) as connection:
        connection.execute("DROP TRIGGER oplog_no_update")
        connection.execute("UPDATE oplog SET hlc = hlc + 1 WHERE seq = 5")
    filled.store = filled.vault.unlock(USER, PASSWORD)
    made = filled.vault.backups.write(place / "b")
    with pytest.raises(BackupRejected):
        fresh(tmp_path).backups.restore(made.path, OWN)
    assert not (tmp_path / "brought back").exists()


def test_a_broken_audit_trail_is_backed_up_as_evidence_and_told(
    filled: Clinic, place: Path, tmp_path: Path
) -> None:
    filled.store.close()
    with raw_connection(filled.folder) as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET detail = 'nothing' WHERE number = 1")
    filled.store = filled.vault.unlock(USER, PASSWORD)
    made = filled.vault.backups.write(place / "b")
    assert made.content is not None
    assert not made.content.audit_intact
    vault = fresh(tmp_path)
    assert not vault.backups.restore(made.path, OWN).audit_intact
    with vault.unlock(USER, PASSWORD).unit_of_work() as work:
        assert work.audit.verify().broken_at == 1


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


def _cut(content: bytes) -> bytes:
    return content[:-1]


def _cut_in_half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _emptied(_content: bytes) -> bytes:
    return b""


def _longer(content: bytes) -> bytes:
    return content + b"\0"


def _flipped(where: Callable[[int], int]) -> Callable[[bytes], bytes]:
    def flip(content: bytes) -> bytes:
        place = where(len(content))
        return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]

    return flip


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut by a byte": _cut,
    "cut in half": _cut_in_half,
    "empty": _emptied,
    "longer": _longer,
    "first byte": _flipped(lambda size: 0),
    "first page": _flipped(lambda size: 100),
    "a page": _flipped(lambda size: size // 2),
    "last page": _flipped(lambda size: size // 4096 * 4096 - 5000),
    "trailer": _flipped(lambda size: size - 700),
    "sealed": _flipped(lambda size: size - 40),
    "lengths": _flipped(lambda size: size - 20),
    "magic": _flipped(lambda size: size - 1),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_backup_is_refused_before_anything_is_in_place(
    filled: Clinic, backup: BackupFile, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    backup.path.write_bytes(damage(backup.path.read_bytes()))
    vault = fresh(tmp_path)
    with pytest.raises((BackupRejected, WrongPassword)):
        vault.backups.restore(backup.path, OWN)
    assert not (tmp_path / "brought back").exists()
    assert vault.state() is VaultState.EMPTY
    with pytest.raises((BackupRejected, WrongPassword)):
        filled.vault.backups.drill(backup.path, OWN)
    assert not (filled.folder / "drill.part").exists()


def test_any_byte_that_was_changed_is_found(filled: Clinic, backup: BackupFile) -> None:
    whole = backup.path.read_bytes()
    for place in range(7, len(whole), len(whole) // 31):
        backup.path.write_bytes(_flipped(lambda size, at=place: at)(whole))
        with pytest.raises((BackupRejected, WrongPassword)):
            filled.vault.backups.drill(backup.path, OWN)
    backup.path.write_bytes(whole)
    filled.vault.backups.drill(backup.path, OWN)
