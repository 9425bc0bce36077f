"""What backups are made of and brought back to."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from clinic_app.db.store import EncryptedStore
from clinic_app.db.vault import FolderVault
from clinic_app.services.backup_data import StaffPassword
from tests.integration.db.raw import transaction_of
from tests.integration.db.records import PASSWORD, ROUNDS, USER

OWN = StaffPassword(USER, PASSWORD)
PATIENTS = 12


def fresh(tmp_path: Path, name: str = "brought back") -> FolderVault:
    return FolderVault(tmp_path / name, rounds=ROUNDS)


def rows(clinic_store: EncryptedStore, table: str) -> list[tuple[object, ...]]:
    with transaction_of(clinic_store) as db:
        return sorted(map(tuple, db.rows(text(f"SELECT * FROM {table}"))))
