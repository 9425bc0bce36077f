"""Learning: how long a fit takes and whether it holds the window up, and what made-up clinics
promote."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np

from clinic_app.domain.face_case import FaceCase
from clinic_app.domain.finding import Band
from clinic_app.inference.learning.federated import Course, SitesFit, shared
from clinic_app.inference.learning.fitting import Cases, fit
from clinic_app.inference.learning.watch import drift
from clinic_app.services.learning_cases import compared_embeddings
from tests.bench.learning_store import RUNS, ServiceFit, measure_service_fit
from tests.bench.promotions import CLINICS, LOOKS, PEOPLE_AT_LAST, promotions
from tests.support.sites import pooled
from tests.unit.inference.learning.made_up import clinic

CASES, DIMENSIONS = 10_000, 512
SETTLED = 14_400
"""Of which some 10,000 are not locked away."""
SITES, MONTHS = 4, 24
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
BEGIN, END = "<!-- learning: begin -->", "<!-- learning: end -->"
TICK = 0.005
"""How often the stand-in of the window's loop looks, in seconds."""


@dataclass(frozen=True)
class LearningFigures:
    """Seconds of the wall and of the processors; ``longest_gap`` is the longest time for which
    another thread of the program was kept from running while the fit ran, ``idle_gap`` without."""

    fit_wall: float
    fit_processor: float
    longest_gap: float
    idle_gap: float
    load: float
    promotions: tuple[str, ...]
    federated_difference: float
    federated_wall: float
    drift_wall: float
    service: ServiceFit


def large_clinic(cases: int = CASES) -> Cases:
    """Embeddings of a few strong directions in noise, as a net's are, and doctors' bands."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(cases, 40)) @ rng.normal(size=(40, DIMENSIONS)) / 6.0
    x += rng.normal(size=x.shape)
    state = x @ rng.normal(size=DIMENSIONS) / 30.0 + rng.logistic(size=cases)
    return Cases(x, np.digitize(state, [-1.0, 0.5, 2.0]), np.arange(cases))


def measure_learning() -> LearningFigures:
    cases = large_clinic()
    idle = longest_gap(lambda: time.sleep(1.0))
    begun, used = time.perf_counter(), time.process_time()
    gap = longest_gap(lambda: fit(cases))
    wall, processor = time.perf_counter() - begun, time.process_time() - used
    return LearningFigures(
        fit_wall=wall,
        fit_processor=processor,
        longest_gap=gap,
        idle_gap=idle,
        load=os.getloadavg()[0],
        promotions=promotions(),
        federated_difference=federated_difference(),
        federated_wall=federated_seconds(cases),
        drift_wall=drift_seconds(cases.x),
        service=measure_service_fit(large_clinic(SETTLED)),
    )


def longest_gap(work: Callable[[], object]) -> float:
    """Seconds that a loop beside ``work`` was late by at the most."""
    runner = threading.Thread(target=work)
    runner.start()
    longest, last = 0.0, time.perf_counter()
    while runner.is_alive():
        time.sleep(TICK)
        now = time.perf_counter()
        longest, last = max(longest, now - last - TICK), now
    return longest


def federated_seconds(cases: Cases, sites: int = SITES) -> float:
    """Of a fit over these cases in equal parts, all sites in this process one after the other; what
    masks, messages and the way between the sites take comes on top."""
    begun = time.perf_counter()
    together(
        [
            Cases(
                shared(cases.x[place::sites]), cases.bands[place::sites], cases.people[place::sites]
            )
            for place in range(sites)
        ]
    )
    return time.perf_counter() - begun


def together(parts: list[Cases]) -> SitesFit:
    """The head of the sums of all parts."""
    course = Course(parts[0].x.shape[1])
    while not isinstance(course.asked, SitesFit):
        course.add(np.sum([course.contribution(one) for one in parts], axis=0))
    return course.asked


def drift_seconds(x: np.ndarray) -> float:
    """Of the drift page over as many readings, spread evenly over ``MONTHS`` months, with the
    embeddings that it asks the store for."""
    made = [(_reading(number, len(x)), _month(number, len(x))) for number in range(len(x))]
    chosen = set(compared_embeddings(made))
    filled = [
        (replace(case, embedding=x[number].astype("<f4").tobytes()), month)
        if case.screening_id in chosen
        else (case, month)
        for number, (case, month) in enumerate(made)
    ]
    begun = time.perf_counter()
    (version,) = drift(filled)
    took = time.perf_counter() - begun
    assert len(version.months) == MONTHS
    return took


def _reading(number: int, of: int) -> FaceCase:
    shares = tuple(np.random.default_rng(number).dirichlet(np.ones(4)))
    return FaceCase(
        screening_id=UUID(int=number),
        patient_id=UUID(int=number),
        taken_by=UUID(int=0),
        judged_by=UUID(int=0),
        finished_at=FIRST + timedelta(days=30 * MONTHS * number / of),
        base="made up",
        accepted=True,
        usable=True,
        band=Band(int(np.argmax(shares))),
        shares=shares,
        local_shares=None,
        phq9_total=number % 28,
    )


def _month(number: int, of: int) -> str:
    place = MONTHS * number // of
    return f"{2024 + place // 12}-{place % 12 + 1:02}"


def federated_difference() -> float:
    """The largest difference of a weight between four sites' sums and their pooled cases."""
    parts = [clinic(seed, people=480, size=32).cases for seed in range(4)]
    found = together(parts)
    _, weights = pooled(parts, found.penalty)
    return float(np.abs(found.weights - weights).max())


def learning_section(found: LearningFigures) -> str:
    """The section as Markdown, between its marks."""
    lines = [
        BEGIN,
        "",
        "## Learning from the clinic",
        "",
        f"The fit: {CASES:,} cases of {DIMENSIONS} numbers, with the penalty chosen by"
        f" cross-validation, once, at a load average of {found.load:.1f}.",
        "",
        "| what | measured | goal |",
        "|---|---|---|",
        f"| fitting {CASES:,} cases | {found.fit_wall:.1f} s (processors {found.fit_processor:.1f}"
        " s) | < 5 s |",
        f"| the same through the service on an encrypted store: {found.service.fitted:,} of"
        f" {found.service.settled:,} settled cases, consents, labels and embeddings read; quickest"
        f" of {RUNS}, at a load average of {found.service.load:.1f} | {found.service.wall:.1f} s"
        f" (processors {found.service.processor:.1f} s) | < 5 s |",
        f"| longest time another thread waited meanwhile | {1000 * found.longest_gap:.0f} ms"
        f" (without a fit {1000 * found.idle_gap:.0f} ms) | < 50 ms |",
        f"| four sites' sums against their pooled cases, largest difference of a weight |"
        f" {found.federated_difference:.1e} | ≤ 1e-6 |",
        f"| a fit over {SITES} sites of {CASES // SITES:,} cases each, without masks and the way"
        f" between them | {found.federated_wall:.1f} s | |",
        f"| the drift page over {CASES:,} readings in {MONTHS} months |"
        f" {found.drift_wall:.1f} s | |",
        "",
        f"Made-up clinics, {CLINICS} a row: 400 people, 280 fitted on and 120 locked away (with"
        f" {LOOKS} looks up to {PEOPLE_AT_LAST} people), embeddings of 6 unrelated numbers where"
        " nothing else is said.",
        "",
        "| clinics that may promote | measured | goal |",
        "|---|---|---|",
        *found.promotions,
        "",
        END,
    ]
    return "\n".join(lines) + "\n"
