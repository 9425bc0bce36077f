"""A clinic in memory for every test, and three that learn together."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.domain.screening import Draft
from tests.fakes.clinic import FakeClinic
from tests.support.town import Town, let_few_suffice


@pytest.fixture
def clinic() -> FakeClinic:
    return FakeClinic()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    let_few_suffice(monkeypatch)


@pytest.fixture
def town(tmp_path: Path, few: None) -> Town:
    """They have joined one group."""
    made = Town(tmp_path)
    made.join()
    return made


@pytest.fixture
def draft(clinic: FakeClinic) -> Draft:
    """A begun screening of somebody who is new here."""
    return clinic.services.screenings.start(clinic.add_patient().id)
