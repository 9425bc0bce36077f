"""The figures of learning are real, and their section replaces the one before."""

from __future__ import annotations

import time

from tests.bench.learning import (
    LearningFigures,
    drift_seconds,
    federated_difference,
    federated_seconds,
    learning_section,
    longest_gap,
)
from tests.bench.promotions import Row
from tests.bench.store import placed
from tests.unit.inference.learning.made_up import clinic as made_up_clinic

FIGURES = LearningFigures(
    3.21, 4.5, 0.012, 0.001, 1.5, ("| chance | 2 of 200 | |",), 2e-12, 7.5, 4.2
)


def test_a_thread_that_sleeps_holds_nobody_up() -> None:
    assert longest_gap(lambda: time.sleep(0.05)) < 10.0


def test_sites_and_pool_agree() -> None:
    assert federated_difference() < 1e-6


def test_a_fit_over_sites_and_the_drift_page_can_be_timed() -> None:
    few = made_up_clinic(5, people=800, size=64).cases
    assert 0 < federated_seconds(few, sites=2) < 60
    assert 0 < drift_seconds(few.x) < 60


def test_promotions_are_counted() -> None:
    row = Row(
        "clinics",
        "most",
        first_seed=101,
        made=lambda seed: made_up_clinic(1, people=seed),
        promotes=lambda made: len(made.cases) > 102,
    )
    assert row.counted(clinics=5) == "| clinics | 3 of 5 | most |"


def test_the_section_says_what_was_measured_and_is_put_in_once() -> None:
    section = learning_section(FIGURES)
    assert "3.2 s" in section
    assert "2 of 200" in section
    assert "| a fit over 4 sites of 2,500 cases each" in section
    assert "7.5 s" in section
    assert "readings in 24 months | 4.2 s" in section
    once = placed("# Page\n", section)
    changed = learning_section(LearningFigures(9.0, 9.0, 0.1, 0.1, 9.0, (), 1.0, 1.0, 1.0))
    twice = placed(once + "after\n", changed)
    assert twice.count("Learning from the clinic") == 1
    assert "9.0 s" in twice
    assert twice.endswith("after\n")
