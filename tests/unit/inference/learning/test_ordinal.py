"""The proportional-odds model: derivatives, the minimum, and that it is deterministic."""

from __future__ import annotations

import numpy as np
import pytest

from clinic_app.inference.learning.fitting import FOLDS, Cases, fit, folds_of, people_by_band
from clinic_app.inference.learning.ordinal import (
    base_rates,
    median_band,
    newton,
    probabilities,
    sums,
)
from clinic_app.inference.metrics import FloatArray
from tests.unit.inference.learning.made_up import clinic, read


def test_gradient_and_hessian_are_those_of_the_loss() -> None:
    made = clinic(1, people=150, size=4).cases
    here = np.array([-1.0, 0.3, 1.4, 0.4, -0.3, 0.2, 0.1])
    found = sums(made.x, made.bands, here)
    assert found.hessian is not None
    steps = 1e-5 * np.eye(here.size)

    def loss(at: FloatArray) -> float:
        return sums(made.x, made.bands, at, curvature=False).loss

    slopes = [(loss(here + step) - loss(here - step)) / 2e-5 for step in steps]
    assert found.gradient == pytest.approx(slopes, abs=1e-5)
    bends = [
        (sums(made.x, made.bands, here + s).gradient - sums(made.x, made.bands, here - s).gradient)
        / 2e-5
        for s in steps
    ]
    assert found.hessian == pytest.approx(np.array(bends), abs=1e-4)


def test_the_loss_is_minus_the_log_of_the_probabilities() -> None:
    made = clinic(2, people=60, size=3).cases
    here = np.array([-0.5, 0.2, 1.0, 0.3, -0.2, 0.1])
    said = probabilities(made.x @ here[3:], here[:3])
    assert said.sum(axis=1) == pytest.approx(np.ones(60))
    seen = -np.log(said[np.arange(60), made.bands]).sum()
    assert sums(made.x, made.bands, here).loss == pytest.approx(seen)


def test_newton_ends_where_the_penalised_gradient_vanishes() -> None:
    made = clinic(3).cases
    start = base_rates(np.bincount(made.bands, minlength=4), made.x.shape[1])
    found = newton(
        lambda at, *, curvature: sums(made.x, made.bands, at, curvature=curvature), start, 5.0
    ).parameters
    at_start, gradient = (sums(made.x, made.bands, at).gradient for at in (start, found))
    gradient[3:] += 5.0 * found[3:]
    assert np.abs(gradient).max() < 1e-6 * np.abs(at_start).max()


def test_known_weights_are_found_again() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(20_000, 3))
    true = np.array([1.0, -0.5, 0.25])
    bands = np.digitize(x @ true + rng.logistic(size=20_000), [-1.0, 0.5, 2.0])
    found = fit(Cases(x, bands, np.arange(20_000)))
    assert found.weights == pytest.approx(true, abs=0.06)
    assert found.cuts == pytest.approx([-1.0, 0.5, 2.0], abs=0.06)


def test_a_missing_band_is_said_and_not_guessed() -> None:
    with pytest.raises(ValueError, match="Every band"):
        base_rates(np.array([10, 0, 5, 3]), 2)


def test_the_same_cases_give_the_same_head_and_the_scale_of_a_dimension_does_not_matter() -> None:
    made = clinic(5, people=300).cases
    first, again = fit(made), fit(made)
    assert first.weights.tobytes() == again.weights.tobytes()
    scaled = Cases(made.x * 1000.0, made.bands, made.people)
    assert fit(scaled).weights * 1000.0 == pytest.approx(first.weights, rel=1e-6)


def test_fewer_cases_than_dimensions_are_fitted_as_well() -> None:
    made = clinic(6, people=240, size=400).cases
    found = fit(made)
    assert found.weights.shape == (400,)
    assert found.freedom <= found.effective / 15.0 + 1e-6


def test_the_penalty_keeps_fifteen_effective_cases_for_each_weight() -> None:
    found = fit(clinic(7, people=300, size=60).cases)
    assert found.effective / found.freedom >= 15.0 - 1e-6


def test_a_person_is_never_on_both_sides_of_a_fold() -> None:
    made = clinic(8, people=200).cases
    twice = Cases(np.vstack((made.x, made.x)), np.tile(made.bands, 2), np.tile(made.people, 2))
    fold = folds_of(twice)
    assert all(len(set(fold[twice.people == one])) == 1 for one in made.people)
    assert set(fold) == set(range(FOLDS))
    assert people_by_band(twice).tolist() == np.bincount(made.bands).tolist()


def test_probabilities_of_the_fit_are_calibrated_on_new_people() -> None:
    made = clinic(9, people=6000).cases
    found = fit(made.part(np.arange(4000)))
    new = made.part(np.arange(4000, 6000))
    said = read(found, new.x)
    for band in range(4):
        assert said[:, band].mean() == pytest.approx((new.bands == band).mean(), abs=0.03)
    assert (median_band(said) == new.bands).mean() > 0.4


def test_a_fit_can_be_stopped_between_its_steps() -> None:
    class Stopped(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.3:
            raise Stopped

    with pytest.raises(Stopped):
        fit(clinic(10, people=200).cases, stop)
