from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.inference import metrics

VOTES = np.array(
    [
        [0, 0, 0, 10, 0, 0, 0, 0, 0, 0],
        [5, 0, 0, 3, 0, 0, 0, 0, 2, 0],
        [6, 0, 0, 1, 0, 0, 0, 0, 0, 3],
        [0, 0, 0, 0, 0, 0, 0, 0, 6, 4],
    ]
)


def test_share_counts_only_the_eight_emotion_columns() -> None:
    np.testing.assert_allclose(metrics.sadness_share(VOTES), [1.0, 3 / 8, 1 / 7, 0.0])
    np.testing.assert_array_equal(metrics.valid_votes(VOTES), [10, 8, 7, 0])


def test_shares_of_a_face_with_votes_sum_to_one_and_of_one_without_to_zero() -> None:
    np.testing.assert_allclose(metrics.emotion_shares(VOTES).sum(axis=1), [1, 1, 1, 0])


def test_bands_open_exactly_at_their_edges() -> None:
    share = np.array([0.0, 0.1499, 0.15, 3 / 20, 0.3499, 7 / 20, 0.35, 0.6499, 13 / 20, 1.0])
    assert metrics.severity_band(share).tolist() == [0, 0, 1, 1, 1, 2, 2, 2, 3, 3]


@given(st.integers(5, 10), st.data())
def test_bands_agree_with_exact_fractions(total: int, data: st.DataObject) -> None:
    sad = data.draw(st.integers(0, total))
    exact = sum(100 * sad >= edge * total for edge in (15, 35, 65))
    votes = np.array([[total - sad, 0, 0, sad, 0, 0, 0, 0]])
    assert metrics.severity_band(metrics.sadness_share(votes)).tolist() == [exact]


def test_correlations_agree_with_scipy() -> None:
    # The figures of scipy.stats 1.17 (pearsonr, spearmanr) on the same numbers, which hold ties.
    rng = np.random.default_rng(0)
    a = rng.normal(size=200).round(1)
    b = (a + rng.normal(size=200)).round(1)
    assert metrics.pearson(a, b) == pytest.approx(0.6575426898389828)
    assert metrics.spearman(a, b) == pytest.approx(0.6684174951320089)


def test_a_constant_answer_correlates_with_nothing() -> None:
    assert metrics.pearson(np.full(5, 0.3), np.arange(5.0)) == 0.0


def test_auc_counts_ordered_pairs_and_halves_ties() -> None:
    positive = np.array([True, True, False, False])
    assert metrics.roc_auc(positive, np.array([0.9, 0.4, 0.4, 0.1])) == pytest.approx(3.5 / 4)
    assert metrics.roc_auc(positive, np.array([0.1, 0.2, 0.8, 0.9])) == 0.0
    assert np.isnan(metrics.roc_auc(np.ones(4, bool), np.arange(4.0)))


def test_binary_rates_by_hand() -> None:
    truth = np.array([1, 1, 1, 0, 0, 0, 0, 0], bool)
    said = np.array([1, 1, 0, 1, 0, 0, 0, 0], bool)
    rates = metrics.binary_scores(truth, said)
    assert rates.recall == pytest.approx(2 / 3)
    assert rates.specificity == pytest.approx(4 / 5)
    assert rates.balanced_accuracy == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert rates.precision == pytest.approx(2 / 3)
    assert rates.f1 == pytest.approx(2 / 3)
    assert rates.accuracy == pytest.approx(6 / 8)


def test_chosen_threshold_is_the_best_of_all() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random(300) < 0.3
    scores = (0.4 * truth + rng.random(300)).round(2)
    cut = metrics.best_balanced_threshold(truth, scores)
    best = max(
        metrics.binary_scores(truth, scores >= value).balanced_accuracy
        for value in np.unique(scores)
    )
    assert metrics.binary_scores(truth, scores >= cut).balanced_accuracy == pytest.approx(best)


def test_kappa_by_hand() -> None:
    truth, said = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    # Two classes: weighted and plain kappa agree. Observed 3/4, by chance 1/2.
    assert metrics.quadratic_weighted_kappa(truth, said, 2) == pytest.approx(0.5)


def test_kappa_is_one_for_agreement_zero_for_a_constant_and_worse_for_far_misses() -> None:
    truth = np.array([0, 1, 2, 3, 0, 1, 2, 3])
    assert metrics.quadratic_weighted_kappa(truth, truth) == 1.0
    assert metrics.quadratic_weighted_kappa(truth, np.zeros(8, int)) == pytest.approx(0.0)
    near, far = truth.copy(), truth.copy()
    near[0], far[0] = 1, 3
    assert metrics.quadratic_weighted_kappa(truth, near) > metrics.quadratic_weighted_kappa(
        truth, far
    )


def test_calibration_error_of_honest_and_boastful_answers() -> None:
    labels = np.array([0] * 8 + [1] * 2)
    honest = np.tile([0.8, 0.2], (10, 1))
    boastful = np.tile([1.0, 0.0], (10, 1))
    assert metrics.expected_calibration_error(honest, labels) == pytest.approx(0.0)
    assert metrics.expected_calibration_error(boastful, labels) == pytest.approx(0.2)


def test_brier_of_certainty() -> None:
    right = np.array([[1.0, 0.0]])
    assert metrics.brier_score(right, np.array([0])) == 0.0
    assert metrics.brier_score(right, np.array([1])) == 2.0


def test_spread_is_the_mean_of_the_subjects_own_deviations() -> None:
    scores = np.array([0.0, 0.2, 0.5, 0.5])
    assert metrics.per_subject_spread(scores, np.array([1, 1, 2, 2])) == pytest.approx(0.05)


def test_confusion_matrix_has_truth_in_rows() -> None:
    matrix = metrics.confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    assert matrix.tolist() == [[1, 1], [0, 1]]


def test_bootstrap_interval_holds_the_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(100):
        values = rng.normal(size=60)
        interval = metrics.bootstrap(lambda rows, v=values: float(v[rows].mean()), 60, rounds=200)
        held += interval.low <= 0.0 <= interval.high
    assert 86 <= held <= 100


def test_bootstrap_repeats_with_its_seed() -> None:
    values = np.arange(20.0)

    def mean(rows: np.ndarray) -> float:
        return float(values[rows].mean())

    assert metrics.bootstrap(mean, 20, seed=3) == metrics.bootstrap(mean, 20, seed=3)
    assert str(metrics.Interval(0.5, 0.25, 0.75)) == "0.500 [0.250, 0.750]"


@pytest.mark.parametrize(
    "call",
    [
        lambda: metrics.pearson(np.array([]), np.array([])),
        lambda: metrics.pearson(np.zeros(3), np.zeros(4)),
        lambda: metrics.brier_score(np.zeros((2, 4)), np.zeros(3, int)),
        lambda: metrics.bootstrap(lambda rows: 0.0, 0),
    ],
)
def test_empty_or_unequal_input_is_refused(call: object) -> None:
    with pytest.raises(ValueError, match=r"expected|nothing"):
        call()  # type: ignore[operator]


def test_a_statistic_that_is_never_defined_has_no_interval() -> None:
    found = metrics.bootstrap(lambda rows: float("nan"), 20, rounds=10)
    assert np.isnan([found.value, found.low, found.high]).all()


def test_draws_without_a_defined_statistic_do_not_count() -> None:
    found = metrics.bootstrap(lambda rows: 2.0 if rows[0] % 2 else float("nan"), 20, rounds=50)
    assert (found.low, found.high) == (2.0, 2.0)
