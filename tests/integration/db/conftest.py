"""A set-up clinic on a real encrypted file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.db.records import Clinic, set_up


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    made = set_up(tmp_path / "store")
    yield made
    made.store.close()
