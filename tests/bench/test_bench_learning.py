"""The figures of learning are real, and their section replaces the one before."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from clinic_app.services.learning_cases import learning_key, pool_of
from tests.bench.learning import (
    SETTLED,
    LearningFigures,
    drift_seconds,
    federated_difference,
    federated_seconds,
    large_clinic,
    learning_section,
    longest_gap,
)
from tests.bench.learning_store import ServiceFit, make_learning_clinic, measure_service_fit
from tests.bench.promotions import Row
from tests.bench.store import placed
from tests.fakes.clock import START
from tests.integration.cli.clinic import open_store
from tests.unit.inference.learning.made_up import clinic as made_up_clinic

FIGURES = LearningFigures(
    3.21,
    4.5,
    0.012,
    0.001,
    1.5,
    ("| chance | 2 of 200 | |",),
    2e-12,
    7.5,
    4.2,
    ServiceFit(8.1, 7.9, 2.2, 10_056, 14_404),
)


def test_a_thread_that_sleeps_holds_nobody_up() -> None:
    assert longest_gap(lambda: time.sleep(0.05)) < 10.0


def test_sites_and_pool_agree() -> None:
    assert federated_difference() < 1e-6


def test_a_fit_over_sites_and_the_drift_page_can_be_timed() -> None:
    few = made_up_clinic(5, people=800, size=64).cases
    assert 0 < federated_seconds(few, sites=2) < 60
    assert 0 < drift_seconds(few.x) < 60


def test_a_clinic_that_is_filled_quickly_is_one_of_settled_cases_of_people_who_agree(
    tmp_path: Path,
) -> None:
    """As if the program had added each case itself."""
    cases = large_clinic(40)
    make_learning_clinic(tmp_path / "store", cases)
    store = open_store(tmp_path / "store")
    with store.unit_of_work() as work:
        pool = pool_of(work, learning_key(work, START))
        read = work.face_cases.embeddings([one.case.screening_id for one in pool.labelled])
        slow, *_, quick = sorted(pool.labelled, key=lambda one: one.case.finished_at)
        told = {one.screening_id: one for one in work.adjudications.all()}
    store.close()
    assert (len(pool.labelled), pool.waiting) == (44, 0)
    assert len({one.person for one in pool.labelled}) == 44
    kept = {read[one.case.screening_id]: int(one.band) for one in pool.labelled}
    for x, band in zip(cases.x, cases.bands, strict=True):
        assert kept[x.astype("<f4").tobytes()] == band
    same = {"screening_id": quick.case.screening_id, "patient_id": quick.case.patient_id}
    assert replace(slow.case, **same, finished_at=quick.case.finished_at) == quick.case
    first, last = told[slow.case.screening_id], told[quick.case.screening_id]
    assert [one.by for one in last.readings] == [one.by for one in first.readings]
    assert last.patient_id == quick.case.patient_id


@pytest.mark.long
def test_ten_thousand_cases_are_fitted_through_the_service_and_the_time_is_told() -> None:
    found = measure_service_fit(large_clinic(SETTLED))
    assert found.settled == SETTLED + 4
    assert 10_000 <= found.fitted < 10_300
    assert found.processor > 0
    assert found.wall > 0


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
    assert "10,056 of 14,404 settled cases" in section
    assert "at a load average of 2.2 | 8.1 s (processors 7.9 s)" in section
    assert "readings in 24 months | 4.2 s" in section
    once = placed("# Page\n", section)
    changed = learning_section(
        LearningFigures(9.0, 9.0, 0.1, 0.1, 9.0, (), 1.0, 1.0, 1.0, ServiceFit(1.0, 1.0, 0.0, 1, 1))
    )
    twice = placed(once + "after\n", changed)
    assert twice.count("Learning from the clinic") == 1
    assert "9.0 s" in twice
    assert twice.endswith("after\n")
