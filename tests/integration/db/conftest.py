"""A set-up clinic on a real encrypted file: made once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clinic_app.db.vault import FolderVault
from tests.integration.db.records import PASSWORD, ROUNDS, USER, Clinic, set_up


@pytest.fixture(scope="session")
def made_clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """Closed; never opened again."""
    made = set_up(tmp_path_factory.mktemp("clinic") / "store")
    made.store.close()
    return made


@pytest.fixture
def clinic(made_clinic: Clinic, tmp_path: Path) -> Iterator[Clinic]:
    folder = tmp_path / "store"
    shutil.copytree(made_clinic.folder, folder)
    vault = FolderVault(folder, rounds=ROUNDS)
    copied = replace(made_clinic, folder=folder, vault=vault, store=vault.unlock(USER, PASSWORD))
    yield copied
    copied.store.close()
