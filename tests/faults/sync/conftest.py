"""Servers that are killed on purpose, one for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.central import Server
from tests.support.certificates import Authority
from tests.support.mysqld import MYSQL

collect_ignore = ["test_group.py"] if MYSQL is None else []
"""A group is MySQL's: `make test-mysql`."""


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "central", Authority())
    try:
        yield server.open()
    finally:
        server.stop()
