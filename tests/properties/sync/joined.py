"""Three workstations that have joined a centre, to cut their lines and to compare their rows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clinic_app.services.sync_data import CentreUnreachable
from tests.fakes.centre import FakeCentre
from tests.integration.rounds.clinics import Workstation, rows


@dataclass
class Prepared:
    """A centre with three workstations that have joined it, to be copied for each example."""

    centre: FakeCentre
    workstations: list[Workstation]


def prepare(folder: Path) -> Prepared:
    centre = FakeCentre()
    made = []
    for name in ("north", "south", "east"):
        one = Workstation(centre, folder / name, name, centre.enrol(name)).set_up().join()
        made.append(one)
    for one in (*made, *made):
        one.sync()
    for one in made:
        one.store.close()
    return Prepared(centre, made)


@contextlib.contextmanager
def cut(one: Workstation, place: Any, instead: Any = None) -> Iterator[None]:
    """Let a statement of this workstation fail at a place, or something else happen there."""
    left = [0 if place is None else place[2]]

    def at(here: str) -> None:
        if place is not None and here == f"{place[0]} {place[1]}":
            left[0] -= 1
            if left[0] == 0:
                if instead is None:
                    raise CentreUnreachable("The line was cut.")
                instead()

    one.cut = at
    try:
        yield
    finally:
        one.cut = lambda here: None


def difference(workstations: list[Workstation]) -> str:
    """The first rows in which two workstations differ."""
    first = rows(workstations[0])
    for one in workstations[1:]:
        for table, found in rows(one).items():
            if found != first[table]:
                return (
                    f"{table}:\n{set(first[table]) - set(found)}\n{set(found) - set(first[table])}"
                )
    return ""
