"""Draws of human raters: counted right, and right where the right answer is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from clinic_app.inference import metrics, panel


def test_a_draw_takes_k_raters_and_leaves_the_rest() -> None:
    votes = np.array([[4, 0, 0, 6, 0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 0, 0, 0, 0, 3, 0]])
    sides = panel.draw(votes, 3, np.random.default_rng(0))
    assert (sides.panel.sum(axis=1) == 3).all()
    assert (sides.panel + sides.others == votes).all()
    assert (sides.panel >= 0).all()
    assert (sides.others >= 0).all()


def test_draws_follow_the_hypergeometric_distribution() -> None:
    votes = np.tile([7, 0, 0, 3, 0, 0, 0, 0, 0, 0], (40_000, 1))
    sad = panel.draw(votes, 5, np.random.default_rng(1)).panel[:, 3]
    for count in range(4):
        expected = math.comb(3, count) * math.comb(7, 5 - count) / math.comb(10, 5)
        assert (sad == count).mean() == pytest.approx(expected, abs=0.01)


def test_a_panel_needs_somebody_left_to_compare_with() -> None:
    with pytest.raises(ValueError, match="more raters"):
        panel.draw(np.array([[2, 0, 0, 1, 0, 0, 0, 0, 0, 0]]), 3, np.random.default_rng(0))


def test_raters_who_always_agree_score_one() -> None:
    votes = np.zeros((60, 10), dtype=int)
    votes[:40, 0], votes[40:, 3] = 10, 10
    for k in panel.SIZES:
        said = panel.panel_figures(votes, k, rounds=10)
        assert said.pearson.value == pytest.approx(1.0)
        assert said.balanced_accuracy.value == 1.0
        assert said.band_kappa.value == pytest.approx(1.0)
        assert said.emotion_accuracy.value == 1.0
    assert panel.reliability(votes, rounds=3)["ceiling"] == pytest.approx(1.0)


@pytest.fixture(scope="module")
def noisy() -> tuple[np.ndarray, np.ndarray]:
    """True shares, and ten raters who see sadness with that chance, else a neutral face."""
    rng = np.random.default_rng(4)
    true = rng.beta(0.5, 2.0, 3000)
    sad = rng.binomial(10, true)
    votes = np.zeros((3000, 10), dtype=int)
    votes[:, 3], votes[:, 0] = sad, 10 - sad
    return true, votes


def test_larger_panels_agree_better_and_intervals_hold_the_value(
    noisy: tuple[np.ndarray, np.ndarray],
) -> None:
    _, votes = noisy
    one, three, five = (panel.panel_figures(votes, k, rounds=30) for k in panel.SIZES)
    assert one.pearson.value < three.pearson.value < five.pearson.value
    for said in (one, three, five):
        assert said.pearson.low < said.pearson.value < said.pearson.high


def test_the_ceiling_is_what_the_true_share_reaches(
    noisy: tuple[np.ndarray, np.ndarray],
) -> None:
    true, votes = noisy
    reached = metrics.pearson(true, metrics.sadness_share(votes))
    found = panel.reliability(votes)
    assert found["ceiling"] == pytest.approx(reached, abs=0.01)
    assert found["half"] < found["ten"] < found["ceiling"]


def test_a_model_that_knows_the_true_share_beats_every_panel(
    noisy: tuple[np.ndarray, np.ndarray],
) -> None:
    true, votes = noisy
    band = metrics.severity_band(true)
    said = panel.Said(true, band >= 2, band, np.where(true > 0.5, 3, 0))
    for k in panel.SIZES:
        human = panel.panel_figures(votes, k, rounds=10)
        model = panel.model_figures(said, votes, k, rounds=10)
        assert model.pearson.value > human.pearson.value


def test_a_model_is_held_against_exactly_the_raters_of_the_panels(
    noisy: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    true, votes = noisy[0][:50], noisy[1][:50]
    drawn: list[panel.Sides] = []
    draw = panel.draw

    def remember(*given: Any) -> panel.Sides:
        drawn.append(draw(*given))
        return drawn[-1]

    monkeypatch.setattr(panel, "draw", remember)
    panel.panel_figures(votes, 3, rounds=4)
    band = metrics.severity_band(true)
    panel.model_figures(panel.Said(true, band >= 2, band, band), votes, 3, rounds=4)
    for people, model in zip(drawn[:4], drawn[4:], strict=True):
        np.testing.assert_array_equal(people.panel, model.panel)


def test_the_same_seed_draws_the_same_panel(noisy: tuple[np.ndarray, np.ndarray]) -> None:
    votes = noisy[1][:200]
    assert panel.panel_figures(votes, 3, rounds=5) == panel.panel_figures(votes, 3, rounds=5)
    other = panel.panel_figures(votes, 3, rounds=5, seed=9)
    assert other != panel.panel_figures(votes, 3, rounds=5)
