"""Backups that were altered: found out, and never brought back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from clinic_app.domain.errors import WrongPassword
from clinic_app.services.backup_data import BackupFile, BackupRejected
from clinic_app.services.vault_storage import VaultState
from tests.integration.db.backup.copies import OWN, fresh
from tests.integration.db.raw import raw_connection
from tests.integration.db.records import PASSWORD, USER, Clinic


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
