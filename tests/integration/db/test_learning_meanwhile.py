"""What is read of the encrypted store again when a fit is done, and what came in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from clinic_app.db.transaction import Transaction
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Patient
from clinic_app.inference.learning.learner import NumpyLearner
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.learning import LearningService
from clinic_app.services.storage import UnitOfWork
from tests.bench.large_clinic import open_vault
from tests.bench.learning import large_clinic
from tests.bench.learning_store import make_learning_clinic
from tests.fakes.clinic import PASSWORD, USER
from tests.fakes.labelled import withdraw
from tests.fakes.reading import FakeFaceReader, FakeModelShelf
from tests.fakes.reports import FakeRenderer


@pytest.fixture
def learning(tmp_path: Path) -> Iterator[LearningService]:
    make_learning_clinic(tmp_path / "store", large_clinic(300))
    door = FrontDoor(
        open_vault(tmp_path / "store"),
        FakeFaceReader(),
        FakeModelShelf(),
        FakeRenderer(),
        learner=NumpyLearner(),
    )
    services = door.sign_in(USER, PASSWORD)
    yield services.learning
    door.sign_out(services)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each time the answers of everybody are read."""
    found: list[str] = []
    plain = Transaction.plain

    def counted(self: Transaction, statement: Any) -> list[tuple[Any, ...]]:
        found.extend(["consents"] * ("FROM consent" in str(statement)))
        return plain(self, statement)

    monkeypatch.setattr(Transaction, "plain", counted)
    return found


class Meanwhile:
    """Something that is written once, while a head is fitted."""

    def __init__(self, learning: LearningService) -> None:
        self._learning = learning
        self._done = False

    def __call__(self, share: float) -> None:
        if not self._done:
            self._done = True
            with self._learning._desk.unit_of_work() as work:
                self.write(work)
                work.commit()

    def write(self, work: UnitOfWork) -> None:
        work.audit.record(AuditKind.READ, new_id(), "worklist")


class Withdrawal(Meanwhile):
    def write(self, work: UnitOfWork) -> None:
        for case in work.face_cases.all()[-20:]:
            work.patients.add(Patient(case.patient_id, "Late", "", date(1990, 1, 1)))
            withdraw(work, case.patient_id, new_id())


def test_nothing_is_read_again_where_nothing_was_written(
    learning: LearningService, readings: list[str]
) -> None:
    head = learning.fit()
    assert len(readings) == 1
    again = learning.fit()
    assert len(readings) == 2
    assert (again.cases, again.weights) == (head.cases, head.weights)


def test_whatever_was_written_everything_is_read_again(
    learning: LearningService, readings: list[str]
) -> None:
    first = learning.fit(Meanwhile(learning))
    assert len(readings) == 2
    assert learning.fit().cases == first.cases


def test_a_withdrawal_meanwhile_is_seen(learning: LearningService) -> None:
    with pytest.raises(WrongState, match="changed while it was fitted"):
        learning.fit(Withdrawal(learning))
    assert learning.state().rows == ()
    assert learning.fit().cases
