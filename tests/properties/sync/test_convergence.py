"""Workstations of one centre converge, whatever happens to them: some examples, and thousands."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.properties.sync.convergence import Convergence
from tests.properties.sync.joined import prepare


@pytest.fixture(autouse=True)
def _of_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic_app.sync.snapshot.load.WORTH_FROM", 1)


@pytest.fixture(scope="module", autouse=True)
def _template(tmp_path_factory: pytest.TempPathFactory) -> None:
    Convergence.template = prepare(tmp_path_factory.mktemp("joined"))


quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


class TestConvergence(Convergence.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(
        max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=quiet
    )


@pytest.mark.long
class TestThousandsOfSteps(Convergence.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(
        max_examples=150, stateful_step_count=50, deadline=None, suppress_health_check=quiet
    )
