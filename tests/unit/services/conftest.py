"""A clinic in memory for every test."""

from __future__ import annotations

import pytest

from tests.fakes.clinic import FakeClinic


@pytest.fixture
def clinic() -> FakeClinic:
    return FakeClinic()
