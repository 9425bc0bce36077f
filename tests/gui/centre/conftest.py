"""The central database that the window meets here is a real MariaDB."""

from __future__ import annotations

from functools import partial

import pytest

from clinic_app.db.vault import FolderVault
from tests.integration.cli.clinic import QUICK_ROUNDS
from tests.integration.sync.conftest import authority, centre, data_template, mariadb

__all__ = ["authority", "centre", "data_template", "mariadb"]


@pytest.fixture(autouse=True)
def _quick_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are derived with few rounds: enough to test what comes after signing in."""
    quick = partial(FolderVault, rounds=QUICK_ROUNDS)
    monkeypatch.setattr("clinic_app.db.vault.open_vault", quick)
