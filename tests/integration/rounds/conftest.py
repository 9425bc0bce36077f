from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.centre import FakeCentre
from tests.integration.rounds.clinics import Workstation

Make = Callable[[str], Workstation]


@pytest.fixture
def centre() -> FakeCentre:
    return FakeCentre()


@pytest.fixture
def workstation(centre: FakeCentre, tmp_path: Path) -> Iterator[Make]:
    """Makes workstations that have joined the centre."""
    made: list[Workstation] = []

    def make(name: str) -> Workstation:
        one = Workstation(centre, tmp_path / name, name, centre.enrol(name)).set_up()
        made.append(one)
        return one.join()

    yield make
    for one in made:
        one.store.close()


@pytest.fixture
def north(workstation: Make) -> Workstation:
    return workstation("north")


@pytest.fixture
def south(workstation: Make, north: Workstation) -> Workstation:
    return workstation("south")
