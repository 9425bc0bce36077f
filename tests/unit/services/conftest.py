"""A clinic in memory for every test, and three that learn together."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.domain.ids import new_id
from clinic_app.domain.local_head import LocalHead
from clinic_app.domain.screening import Draft
from tests.fakes.clinic import FakeClinic
from tests.fakes.labelled import fill
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


@pytest.fixture
def filled(clinic: FakeClinic) -> FakeClinic:
    """With enough settled cases for a head."""
    fill(clinic.store.unit_of_work, new_id())
    return clinic


@pytest.fixture
def compared(filled: FakeClinic) -> LocalHead:
    """A head that was compared once."""
    head = filled.services.learning.fit()
    filled.services.learning.compare(head.id)
    return head
