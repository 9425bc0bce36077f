"""Comparing heads: the figures, the intervals, and what chance and a real shift lead to."""

from __future__ import annotations

from statistics import NormalDist

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
from tests.unit.inference.learning.made_up import (
    as_shipped,
    clinic,
    head_of,
    is_promotable,
    judged,
    promoted_within,
)

CHANCE, SHIFT = {"knows": 0.0}, {"knows": 0.9, "shipped": 0.4}
SAME = {"knows": 0.9, "shipped": 1.0}
"""Both heads read all that there is to read: only chance could tell them apart."""


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


def test_the_head_in_use_is_judged_on_the_same_cases_and_draws() -> None:
    made, locked = clinic(1, shipped=0.5), np.arange(280, 400)
    few, many = (made.cases.part(np.arange(count)) for count in (60, 280))
    worse, better = fit(few), fit(many)
    told = judged(made, better, locked, in_use=head_of(worse, few, number=4))
    met, alone = told.champion, judged(made, worse, locked)
    assert met is not None
    assert met.version.startswith("local-4-")
    assert met.kappa == alone.kappa_local
    assert (met.score_loss, met.calibration_error) == (
        alone.score_loss_local,
        alone.calibration_error_local,
    )
    assert met.kappa_gain.value == pytest.approx(told.kappa_local.value - met.kappa.value)
    assert met.score_loss_gain.value == pytest.approx(met.score_loss - told.score_loss_local)
    itself = judged(made, better, locked, in_use=head_of(better, many)).champion
    assert itself is not None
    assert (itself.kappa_gain.low, itself.kappa_gain.high) == (0.0, 0.0)


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


def test_the_interval_of_a_late_look_reaches_as_far_as_its_coverage_asks() -> None:
    """Not only to the outermost of the draws, which are the same at every look."""
    made, locked = clinic(1, shipped=0.5), np.arange(280, 400)
    head = fit(made.cases.part(np.arange(280)))
    gains = [judged(made, head, locked, look=look).kappa_gain for look in (1, 100)]
    first, late = (one.value - one.low for one in gains)
    asked = [NormalDist().inv_cdf((1 + look_coverage(look)) / 2) for look in (1, 100)]
    assert late / first > 0.95 * asked[1] / asked[0]


def test_no_interval_reaches_beyond_what_a_kappa_can_be() -> None:
    truth = np.arange(60) % 4
    said = np.eye(4)[truth]
    said[0] = said[0, ::-1]  # right but for one
    other = np.zeros(60, dtype=np.int64)  # of no use
    found = compare(
        Judged(truth, np.arange(60), other, np.eye(4)[other], said.argmax(axis=1), said),
        100,
        0.99999,
    )
    assert found.kappa_local.low < found.kappa_local.value < found.kappa_local.high <= 1.0
    assert found.kappa_gain.high <= 2.0
    assert found.score_loss_gain.high <= 1.0


def test_labels_of_chance_are_not_promoted() -> None:
    assert sum(is_promotable(clinic(seed, **CHANCE)) for seed in range(12)) == 0


def test_a_real_shift_is_promoted() -> None:
    assert sum(is_promotable(clinic(seed, **SHIFT)) for seed in range(12)) >= 11


def test_a_real_shift_in_embeddings_like_the_shipped_nets_is_promoted() -> None:
    """512 numbers that hang together: few directions carry nearly all of their spread."""
    made = (clinic(seed, spectrum=as_shipped(), **SHIFT) for seed in range(6))
    assert sum(map(is_promotable, made)) >= 5


def test_embeddings_like_the_shipped_nets_have_its_spectrum() -> None:
    x = clinic(1, spectrum=as_shipped(), people=4000).cases.x
    spread = np.linalg.svd(x - x.mean(axis=0), compute_uv=False) ** 2
    assert x.shape == (4000, 512)
    assert spread[:3].sum() / spread.sum() == pytest.approx(0.62, abs=0.02)
    assert spread[:20].sum() / spread.sum() == pytest.approx(0.94, abs=0.02)


@pytest.mark.long
def test_labels_of_chance_are_not_promoted_in_two_hundred_clinics() -> None:
    assert sum(is_promotable(clinic(seed, **CHANCE)) for seed in range(1000, 1200)) <= 10


@pytest.mark.long
def test_a_real_shift_is_promoted_in_nine_of_ten_clinics() -> None:
    assert sum(is_promotable(clinic(seed, **SHIFT)) for seed in range(2000, 2200)) >= 180


@pytest.mark.long
def test_a_real_shift_in_512_numbers_is_promoted_in_nine_of_ten_clinics() -> None:
    made = (clinic(seed, spectrum=as_shipped(), **SHIFT) for seed in range(5000, 5050))
    assert sum(map(is_promotable, made)) >= 45


@pytest.mark.long
def test_labels_of_chance_are_not_promoted_in_512_numbers() -> None:
    made = (clinic(seed, spectrum=as_shipped(), **CHANCE) for seed in range(7000, 7050))
    assert sum(map(is_promotable, made)) <= 2


@pytest.mark.long
def test_a_head_that_is_no_better_than_the_shipped_one_is_not_promoted() -> None:
    same = [clinic(seed, **SAME) for seed in range(3000, 3200)]
    assert sum(map(is_promotable, same)) <= 10


@pytest.mark.long
@pytest.mark.parametrize("nothing_to_gain", [CHANCE, SAME])
def test_five_fits_and_looks_each_err_no_oftener_together(
    nothing_to_gain: dict[str, float],
) -> None:
    """More people from one fit to the next, on either side of the lock, and a look each time."""
    made = (clinic(seed, people=600, **nothing_to_gain) for seed in range(4000, 4060))
    assert sum(promoted_within(one, looks=5) for one in made) <= 3
