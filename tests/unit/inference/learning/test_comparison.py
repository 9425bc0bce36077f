"""Comparing heads: the figures, the intervals, and what chance and a real shift lead to."""

from __future__ import annotations

import numpy as np
import pytest

from clinic_app.domain.local_head import look_coverage
from clinic_app.inference.learning.comparison import (
    Judged,
    calibration_error,
    compare,
    ranked_score,
)
from clinic_app.inference.learning.fitting import fit
from clinic_app.inference.metrics import quadratic_weighted_kappa
from tests.unit.inference.learning.made_up import clinic, is_promotable, judged

CHANCE, SHIFT = {"knows": 0.0}, {"knows": 0.9, "shipped": 0.4}


def test_the_kappas_are_those_of_the_cases_themselves() -> None:
    made = clinic(1, shipped=0.5)
    locked = np.arange(280, 400)
    found = judged(made, fit(made.cases.part(np.arange(280))), locked)
    assert found.kappa_gain.value == pytest.approx(
        found.kappa_local.value - found.kappa_shipped.value
    )
    assert found.kappa_gain.low < found.kappa_gain.value < found.kappa_gain.high
    assert (found.cases, found.people, sum(found.people_by_band)) == (120, 120, 120)


def test_equal_heads_differ_by_nothing() -> None:
    rng = np.random.default_rng(2)
    truth, said = rng.integers(0, 4, 80), rng.dirichlet(np.ones(4), 80)
    bands = said.argmax(axis=1)
    found = compare(Judged(truth, np.arange(80), bands, said, bands, said), 1, 0.975)
    assert (found.kappa_gain.low, found.kappa_gain.high) == (0.0, 0.0)
    assert found.kappa_local.value == pytest.approx(quadratic_weighted_kappa(truth, bands))


def test_cases_of_one_person_are_one_witness() -> None:
    made = clinic(3, shipped=0.5)
    found = fit(made.cases.part(np.arange(280)))
    once = judged(made, found, np.arange(280, 400))
    many = judged(made, found, np.tile(np.arange(280, 400), 4))
    assert many.kappa_gain.value == pytest.approx(once.kappa_gain.value)
    assert many.kappa_gain.low == pytest.approx(once.kappa_gain.low, abs=1e-9)


def test_scores_of_probabilities_are_right_at_their_ends() -> None:
    truth = np.array([0, 3])
    sure, wrong = np.eye(4)[truth], np.eye(4)[3 - truth]
    assert ranked_score(truth, sure).tolist() == [0.0, 0.0]
    assert ranked_score(truth, wrong).tolist() == [1.0, 1.0]
    assert calibration_error(truth, sure) == 0.0
    assert calibration_error(truth, wrong) == pytest.approx(1.0)


def test_every_further_look_at_the_locked_part_asks_for_more() -> None:
    spent = [1.0 - look_coverage(look) for look in range(1, 1000)]
    assert spent == sorted(spent, reverse=True)
    assert sum(spent) < 0.05


def test_labels_of_chance_are_not_promoted() -> None:
    assert sum(is_promotable(clinic(seed, **CHANCE)) for seed in range(12)) == 0


def test_a_real_shift_is_promoted() -> None:
    assert sum(is_promotable(clinic(seed, **SHIFT)) for seed in range(12)) >= 11


@pytest.mark.long
def test_labels_of_chance_are_not_promoted_in_two_hundred_clinics() -> None:
    assert sum(is_promotable(clinic(seed, **CHANCE)) for seed in range(1000, 1200)) <= 10


@pytest.mark.long
def test_a_real_shift_is_promoted_in_nine_of_ten_clinics() -> None:
    assert sum(is_promotable(clinic(seed, **SHIFT)) for seed in range(2000, 2200)) >= 180


@pytest.mark.long
def test_a_head_that_is_no_better_than_the_shipped_one_is_not_promoted() -> None:
    """Both read all that there is to read: only chance could tell them apart."""
    same = [clinic(seed, knows=0.9, shipped=1.0) for seed in range(3000, 3200)]
    assert sum(map(is_promotable, same)) <= 10
