"""A screening at its first step, for somebody of a clinic in memory."""

from __future__ import annotations

import pytest

from tests.fakes.clinic import FakeClinic
from tests.fakes.steps import Bench


@pytest.fixture
def clinic() -> FakeClinic:
    return FakeClinic()


@pytest.fixture
def bench(clinic: FakeClinic) -> Bench:
    return Bench(clinic, clinic.add_patient())
