"""How many made-up clinics may promote a local head: by chance, and where there is something to
gain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.unit.inference.learning.made_up import (
    DIMENSIONS,
    MadeUp,
    as_shipped,
    clinic,
    is_promotable,
    promoted_within,
)

CLINICS = 200
LOOKS, PEOPLE_AT_LAST = 5, 600


@dataclass(frozen=True)
class Row:
    """``made`` gives the clinic of a seed, ``goal`` is "" where none is set."""

    what: str
    goal: str
    first_seed: int
    made: Callable[[int], MadeUp]
    promotes: Callable[[MadeUp], bool] = is_promotable

    def counted(self, clinics: int = CLINICS) -> str:
        """As a line of the page's table."""
        seeds = range(self.first_seed, self.first_seed + clinics)
        promoted = sum(self.promotes(self.made(seed)) for seed in seeds)
        return f"| {self.what} | {promoted} of {clinics} | {self.goal} |"


def _after_looks(made: MadeUp) -> bool:
    return promoted_within(made, looks=LOOKS)


ROWS = (
    Row("labels of chance", "≤ 5 %", 1000, lambda seed: clinic(seed, knows=0.0)),
    Row(
        "a head no better than the shipped one",
        "≤ 5 %",
        3000,
        lambda seed: clinic(seed, knows=0.9, shipped=1.0),
    ),
    Row("a real shift", "≥ 90 %", 2000, lambda seed: clinic(seed, knows=0.9, shipped=0.4)),
    Row(
        "labels of chance, 512 numbers that hang together",
        "≤ 5 %",
        7000,
        lambda seed: clinic(seed, spectrum=as_shipped(), knows=0.0),
    ),
    Row(
        "a real shift, 512 numbers that hang together",
        "≥ 90 %",
        5000,
        lambda seed: clinic(seed, spectrum=as_shipped(), knows=0.9, shipped=0.4),
    ),
    Row(
        "a real shift spread evenly over 512 unrelated numbers",
        "",
        6000,
        lambda seed: clinic(seed, size=DIMENSIONS, knows=0.9, shipped=0.4),
    ),
    Row(
        f"labels of chance, in any of {LOOKS} fits and looks",
        "≤ 5 %",
        4000,
        lambda seed: clinic(seed, people=PEOPLE_AT_LAST, knows=0.0),
        _after_looks,
    ),
    Row(
        f"a head no better than the shipped one, in any of {LOOKS} fits and looks",
        "≤ 5 %",
        4000,
        lambda seed: clinic(seed, people=PEOPLE_AT_LAST, knows=0.9, shipped=1.0),
        _after_looks,
    ),
)


def promotions() -> tuple[str, ...]:
    """The lines of the table, without its head."""
    return tuple(row.counted() for row in ROWS)
