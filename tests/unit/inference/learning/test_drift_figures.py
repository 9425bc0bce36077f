"""Distances from the reference: quiet without a shift, loud with one, honest about few cases."""

from __future__ import annotations

import numpy as np
import pytest

from clinic_app.inference.learning.drift import (
    energy_distance,
    kolmogorov_smirnov,
    rank_agreement,
    share,
    stability_index,
)
from clinic_app.inference.metrics import FloatArray


def scores(seed: int, size: int, middle: float = 40.0) -> FloatArray:
    return np.random.default_rng(seed).normal(middle, 15.0, size)


@pytest.mark.parametrize("measure", [stability_index, kolmogorov_smirnov])
def test_chance_alone_seldom_passes_the_limit(measure) -> None:
    beyond = [
        measure(scores(2 * seed, 200), scores(2 * seed + 1, 60)).beyond for seed in range(200)
    ]
    assert sum(beyond) <= 20


@pytest.mark.parametrize("measure", [stability_index, kolmogorov_smirnov])
def test_a_shift_of_one_spread_passes_the_limit(measure) -> None:
    beyond = [
        measure(scores(2 * seed, 200), scores(2 * seed + 1, 60, 55.0)).beyond for seed in range(50)
    ]
    assert sum(beyond) >= 48


def test_the_energy_distance_tells_another_camera_from_the_same_one() -> None:
    same, other = 0, 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        reference, present = rng.normal(size=(120, 32)), rng.normal(size=(40, 32))
        same += energy_distance(reference, present).beyond
        other += energy_distance(reference, present * 1.3 + 0.4).beyond
    assert same <= 2
    assert other == 8


def test_shares_and_correlations_carry_their_interval() -> None:
    few, many = share(3, 10), share(300, 1000)
    assert few.low < 0.3 < few.high
    assert many.high - many.low < few.high - few.low
    assert share(0, 20).low == 0.0
    rng = np.random.default_rng(1)
    totals = rng.integers(0, 28, 100).astype(float)
    found = rank_agreement(totals + rng.normal(0, 6, 100), totals)
    assert found is not None
    assert 0.5 < found.low < found.value < found.high < 1.0
    assert rank_agreement(totals, np.full(100, 3.0)) is None
