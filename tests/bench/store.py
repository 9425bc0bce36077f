"""How long the lists of a large clinic take, asked as the screens ask: services, audit and all."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.worklist import PHQ_RANKS, WorklistFilter, WorklistReason
from clinic_app.reports.renderer import open_report_renderer
from clinic_app.services.audit_data import AuditQuery
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.report_data import ReportKind
from tests.bench.large_clinic import LONGEST, LargeClinic, make_large_clinic, open_vault
from tests.bench.measure import Timing, in_turn
from tests.fakes.clinic import PASSWORD, USER
from tests.fakes.reading import FakeFaceReader, FakeModelShelf

PATIENTS, SCREENINGS = 100_000, 1_000_000
GOAL_MS = 50
REPORT_GOAL_MS = 1_000
REPORT_ROUNDS = 5
RATINGS = 1_000
"""With a text each, for the analysis of feedback."""
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
    reports: dict[str, Timing] = field(default_factory=dict)


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
            give_feedback(services, RATINGS)
            reports = in_turn(printouts(services, made), min(rounds, REPORT_ROUNDS))
        finally:
            door.sign_out(services)
    return StoreFigures(patients, screenings, size, seconds, timings, rounds, reports)


def open_door(folder: Path) -> FrontDoor:
    """The way into such a clinic."""
    return FrontDoor(open_vault(folder), FakeFaceReader(), FakeModelShelf(), open_report_renderer())


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


def give_feedback(services: ClinicServices, ratings: int) -> None:
    """So many ratings with a text, over all stars."""
    texts = ("Kind staff, calm room", "I waited too long", "Everything was explained well", "Fine")
    for number in range(ratings):
        services.feedback.rate(1 + number % 5, texts[number % len(texts)])


def printouts(services: ClinicServices, made: LargeClinic) -> dict[str, Callable[[], object]]:
    """Reports as PDF, by what the table calls them; gathering, drawing and keeping the issue."""
    reports = services.reports
    read = AuditQuery(kinds=(AuditKind.READ,))
    return {
        f"history of {LONGEST} screenings": lambda: reports.person(
            ReportKind.HISTORY, made.longest
        ),
        "doctor's summary": lambda: reports.person(ReportKind.SUMMARY, made.longest),
        "feedback analysis": reports.feedback,
        "audit extract": lambda: reports.audit(read, PASSWORD),
        "worklist, 200 people": reports.worklist,
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
        *_report_lines(figures.reports),
        END,
        "",
    ]
    return "\n".join(lines)


def _report_lines(reports: dict[str, Timing]) -> list[str]:
    if not reports:
        return []
    return [
        "",
        f"Reports as PDF from the same clinic (goal {REPORT_GOAL_MS:,} ms each):",
        "",
        f"| report, {REPORT_ROUNDS} rounds in turn | ms |",
        "|---|---|",
        *(f"| {name} | {one.median:.0f} [{one.tenth:.0f}] |" for name, one in reports.items()),
    ]


def kept_section_between(page: str, begin: str, end: str) -> str:
    """The section as it stands in a page, with its marks; empty when there is none."""
    first, last = page.find(begin), page.find(end)
    return page[first : last + len(end) + 1] if 0 <= first < last else ""


def placed(page: str, section: str) -> str:
    """The page with the section in the place of the one before, or at the end.

    A section begins and ends with a line that marks it.
    """
    begin, *_, end = section.splitlines()
    before = kept_section_between(page, begin, end)
    return page.replace(before, section) if before else f"{page.rstrip()}\n\n{section}"
