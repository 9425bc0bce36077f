"""How long the lists of a large clinic take, asked as the screens ask: services, audit and all."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clinic_app.domain.worklist import PHQ_RANKS, WorklistFilter, WorklistReason
from clinic_app.services.front_door import ClinicServices, FrontDoor
from tests.bench.large_clinic import LargeClinic, make_large_clinic, open_vault
from tests.bench.measure import Timing, in_turn
from tests.fakes.clinic import PASSWORD, USER
from tests.fakes.reading import FakeFaceReader, FakeModelShelf
from tests.fakes.reports import FakeRenderer

PATIENTS, SCREENINGS = 100_000, 1_000_000
GOAL_MS = 50
BEGIN, END = "<!-- large clinic -->", "<!-- end of large clinic -->"


@dataclass(frozen=True)
class StoreFigures:
    """``megabytes`` of the encrypted file, ``seconds`` to fill it."""

    patients: int
    screenings: int
    megabytes: float
    seconds: float
    timings: dict[str, Timing]
    rounds: int = 0


def measure_store(
    rounds: int, patients: int = PATIENTS, screenings: int = SCREENINGS
) -> StoreFigures:
    """Fill a clinic, sign in and ask; the file is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="clinic-app-bench-") as temporary:
        begun = time.perf_counter()
        made = make_large_clinic(Path(temporary) / "store", patients, screenings)
        seconds = time.perf_counter() - begun
        size = sum(one.stat().st_size for one in made.folder.iterdir()) / 1e6
        door = open_door(made.folder)
        services = door.sign_in(USER, PASSWORD)
        try:
            timings = in_turn(questions(services, made), rounds)
        finally:
            door.sign_out(services)
    return StoreFigures(patients, screenings, size, seconds, timings, rounds)


def open_door(folder: Path) -> FrontDoor:
    """The way into such a clinic."""
    return FrontDoor(open_vault(folder), FakeFaceReader(), FakeModelShelf(), FakeRenderer())


def questions(services: ClinicServices, made: LargeClinic) -> dict[str, Callable[[], object]]:
    """What the screens ask, by what the table calls it."""
    worklist, timeline, patients = services.worklist, services.timeline, services.patients
    deep = worklist.page(limit=1000).next
    for _ in range(49):
        deep = (deep and worklist.page(limit=1000, after=deep).next) or deep
    flagged = WorklistFilter(flagged=True, lowest_rank=PHQ_RANKS["moderate"])
    unseen = WorklistFilter(reason=WorklistReason.NOT_ASSESSED)
    some = made.full[len(made.full) // 2] if made.full else made.longest
    return {
        "search: beginning of a name": lambda: patients.search("okafor"),
        "search: part of two names": lambda: patients.search("müll bak"),
        "search: part of a phone number": lambda: patients.search("700 123"),
        "search: birth date": lambda: patients.search("1961-07-30"),
        "search: nobody found": lambda: patients.search("nobody at all"),
        "worklist: first page": worklist.page,
        "worklist: page after 50,000 people": lambda: worklist.page(after=deep),
        "worklist: flagged, moderate or above": lambda: worklist.page(flagged),
        "worklist: not assessed": lambda: worklist.page(unseen),
        "worklist: with an overdue task": lambda: worklist.page(worklist.overdue()),
        "worklist: how many people": worklist.count,
        "safety steps to finish": services.safety.unfinished,
        "timeline: 11 screenings with readings": lambda: timeline.of_patient(some),
        "timeline: 200 screenings with readings": lambda: timeline.of_patient(made.longest),
    }


def store_section(figures: StoreFigures) -> str:
    """The section of the page, between its marks."""
    worst = max(one.median for one in figures.timings.values())
    lines = [
        BEGIN,
        "## A large clinic",
        "",
        "`.venv/bin/python -m tests.bench --only-store` (part of `make bench`):"
        f" {figures.patients:,} patients and {figures.screenings:,}",
        f"screenings on an encrypted store of {figures.megabytes:,.0f} MB, filled in"
        f" {figures.seconds:.0f} s; every question goes through the",
        f"services, with its entry in the audit trail on disk. The goal is {GOAL_MS} ms each; the"
        f" slowest takes {worst:.0f} ms.",
        "",
        f"| asked, {figures.rounds} rounds in turn | ms |",
        "|---|---|",
        *(
            f"| {name} | {one.median:.1f} [{one.tenth:.1f}] |"
            for name, one in figures.timings.items()
        ),
        END,
        "",
    ]
    return "\n".join(lines)


def kept_section_between(page: str, begin: str, end: str) -> str:
    """The section as it stands in a page, with its marks; empty when there is none."""
    first, last = page.find(begin), page.find(end)
    return page[first : last + len(end) + 1] if 0 <= first < last else ""


def with_section(page: str, section: str, begin: str = BEGIN, end: str = END) -> str:
    """The page with the section in the place of the one before, or at the end."""
    before = kept_section_between(page, begin, end)
    return page.replace(before, section) if before else f"{page.rstrip()}\n\n{section}"
