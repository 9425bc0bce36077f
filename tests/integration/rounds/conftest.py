from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinic_app.sync.snapshot import load
from tests.fakes.centre import FakeCentre
from tests.integration.rounds.clinics import Workstation
from tests.integration.rounds.snapshots import PART

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


@pytest.fixture
def of_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs of a few operations, in parts of a few pages."""
    monkeypatch.setattr(load, "WORTH_FROM", 1)
    for module in ("make", "fetch", "manifest"):
        monkeypatch.setattr(f"clinic_app.sync.snapshot.{module}.BLOB_PART_BYTES", PART)


@pytest.fixture
def busy(north: Workstation) -> Workstation:
    """A clinic with some of everything that a fold can make."""
    first, second = north.registers("Okafor"), north.registers("Sato")
    note = north.writes_note(first, "Sleeping better")
    north.edits(note, "Sleeping well")
    north.signs(north.writes_note(second, "Signed"))
    north.renames(first, phone="112")
    north.sync()
    return north
