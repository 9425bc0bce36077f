from __future__ import annotations

import numpy as np
import pytest

from clinic_app.inference import metrics
from clinic_app.training import calibrate

pytestmark = pytest.mark.training


@pytest.fixture
def overconfident() -> tuple[np.ndarray, np.ndarray]:
    """Logits three times too large, and labels drawn from the honest probabilities."""
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 1.2, (4000, 4))
    p = calibrate.softmax(honest)
    labels = np.array([rng.choice(4, p=row) for row in p])
    return 3 * honest, labels


def test_temperature_finds_the_factor(overconfident: tuple[np.ndarray, np.ndarray]) -> None:
    logits, labels = overconfident
    assert calibrate.temperature(logits[None], np.eye(4)[labels]) == pytest.approx(3.0, rel=0.07)


def test_views_that_differ_are_made_surer_than_one_alone(
    overconfident: tuple[np.ndarray, np.ndarray],
) -> None:
    logits, labels = overconfident
    one = calibrate.temperature(logits[None], np.eye(4)[labels])
    apart = 2.0 * np.random.default_rng(3).normal(size=logits.shape)
    views = np.stack([logits + apart, logits - apart])
    assert calibrate.temperature(np.stack([logits, logits]), np.eye(4)[labels]) == pytest.approx(
        one
    )
    assert calibrate.temperature(views, np.eye(4)[labels]) < one


def test_temperature_lowers_the_calibration_error_and_keeps_every_ranking(
    overconfident: tuple[np.ndarray, np.ndarray],
) -> None:
    logits, labels = overconfident
    t = calibrate.temperature(logits[None], np.eye(4)[labels])
    before, after = calibrate.softmax(logits), calibrate.softmax(logits / t)
    assert metrics.expected_calibration_error(after, labels) < 0.03
    assert metrics.expected_calibration_error(before, labels) > 0.1
    assert (np.argsort(before, axis=1) == np.argsort(after, axis=1)).all()


def test_cuts_beat_equal_ones_and_rise() -> None:
    rng = np.random.default_rng(1)
    band = rng.choice(4, 3000, p=[0.7, 0.15, 0.1, 0.05])
    score = np.clip(band / 4 + rng.normal(0, 0.12, 3000), 0, 1)
    cuts = calibrate.ordinal_cuts(score, band)
    assert cuts == sorted(cuts)
    chosen = metrics.quadratic_weighted_kappa(band, calibrate.decide(score, cuts))
    equal = metrics.quadratic_weighted_kappa(band, calibrate.decide(score, [0.25, 0.5, 0.75]))
    assert chosen > equal


def test_interval_holds_the_stated_share_of_new_faces() -> None:
    rng = np.random.default_rng(2)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        p = calibrate.softmax(rng.normal(0, 2.0, (n, 4)))
        return calibrate.percent(p), np.array([rng.choice(4, p=row) for row in p])

    table = calibrate.interval_table(*draw(5000), coverage=0.9)
    assert calibrate.covered(*draw(5000), table).mean() > 0.88
    assert all(row.low <= 0 <= row.high for row in table)


def test_refusing_the_least_certain_lowers_the_error_of_the_rest(
    overconfident: tuple[np.ndarray, np.ndarray],
) -> None:
    logits, labels = overconfident
    p = calibrate.softmax(logits / 3)
    curve = calibrate.risk_coverage(p, p.argmax(axis=1) == labels)
    errors = [error for coverage, error in curve if coverage >= 0.2]
    assert errors[0] < errors[-1]
    assert curve[-1][0] == 1.0


def test_the_threshold_refuses_the_fewest_whose_error_is_worth_it() -> None:
    """A hundred faces; the three least certain are wrong, and two others."""
    certain = np.linspace(0.9, 0.4, 100)
    p = np.column_stack([certain, (1 - certain)[:, None] / 3 * np.ones((1, 3))])
    right = np.ones(100, dtype=bool)
    right[[10, 20, 97, 98, 99]] = False
    # 5 of 100 are wrong; of 99, 98 and 97 that are read 4, 3 and 2.
    assert calibrate.abstention_threshold(p, right, gain=0.015) == pytest.approx(certain[97])
    assert calibrate.abstention_threshold(p, right, gain=0.04) == 0.0
    assert calibrate.abstention_threshold(p, right, gain=0.015, coverage=0.99) == 0.0


def test_faces_that_are_equally_certain_are_refused_together() -> None:
    certain = np.repeat([0.9, 0.5], [90, 10])
    p = np.column_stack([certain, (1 - certain)[:, None] / 3 * np.ones((1, 3))])
    right = np.arange(100) < 96
    assert calibrate.abstention_threshold(p, right, gain=0.03) == pytest.approx(0.9)
    assert calibrate.abstention_threshold(p, right, gain=0.03, coverage=0.91) == 0.0
