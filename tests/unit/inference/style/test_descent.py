"""How a transfer moves its picture: near in a few steps, within black and white, and told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from clinic_app.inference.arrays import FloatArray
from clinic_app.inference.style.descent import (
    ADAM,
    LONGEST_MOVE,
    PAIRS,
    QUICK_THEN_ADAM,
    RATE,
    Place,
    Way,
)

SHAPE = (1, 3, 16, 16)
Gradient = Callable[[FloatArray], FloatArray]


@pytest.fixture
def aim() -> FloatArray:
    return np.random.default_rng(0).uniform(0.2, 0.8, SHAPE).astype(np.float32)


@pytest.fixture
def valley(aim: FloatArray) -> Gradient:
    """Of a loss that is a hundred times steeper across than along."""
    steep = np.geomspace(1, 100, aim.size, dtype=np.float32).reshape(SHAPE)
    return lambda picture: steep * (picture - aim)


def after(steps: int, gradient: Gradient, way: Way, begin: float = 0.5) -> list[Place]:
    places = [Place.at(np.full(SHAPE, begin, np.float32))]
    for _ in range(steps):
        places.append(places[-1].moved(gradient(places[-1].picture), way))
    return places


def test_quick_steps_are_nearer_than_as_many_of_adam(aim: FloatArray, valley: Gradient) -> None:
    def distance(way: Way) -> float:
        picture = after(QUICK_THEN_ADAM.quick_steps, valley, way)[-1].picture
        return float((valley(picture) * (picture - aim)).sum())

    assert distance(QUICK_THEN_ADAM) < 0.1 * distance(ADAM)


def test_a_place_that_was_handed_out_stays_and_steps_are_the_same_again(valley: Gradient) -> None:
    first, again = (after(25, valley, QUICK_THEN_ADAM) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert one.step == other.step
        assert np.array_equal(one.picture, other.picture)
    assert len({one.picture.tobytes() for one in first}) == 26


def test_it_remembers_a_few_moves_and_none_once_adam_has_begun(valley: Gradient) -> None:
    places = after(20, valley, QUICK_THEN_ADAM)
    quick = QUICK_THEN_ADAM.quick_steps
    assert [len(one.pictures) for one in places[: quick + 1]] == [
        min(step, PAIRS + 1) for step in range(quick + 1)
    ]
    assert {len(one.gradients) for one in places[quick + 1 :]} == {0}
    assert not places[quick].first.any()
    assert places[quick + 1].first.any()


def test_no_quick_move_is_long_and_pictures_stay_between_black_and_white() -> None:
    """Also where the ground falls away ever more steeply, and curvature tells nothing."""
    places = after(15, lambda picture: -np.exp(9 * picture), QUICK_THEN_ADAM)
    moves = np.diff(np.concatenate([one.picture for one in places]), axis=0)
    assert np.sqrt((moves**2).mean(axis=(1, 2, 3))).max() <= LONGEST_MOVE * 1.001
    assert places[-1].picture.max() <= 1
    assert places[-1].picture.mean() > 0.7


def test_nothing_moves_where_nothing_pulls() -> None:
    place = after(20, np.zeros_like, QUICK_THEN_ADAM)[-1]
    assert np.array_equal(place.picture, np.full(SHAPE, 0.5, np.float32))


def test_adam_is_that_of_the_paper() -> None:
    """Kingma & Ba 2015, algorithm 1, in double precision."""
    rng = np.random.default_rng(1)
    pulls = rng.standard_normal((6, *SHAPE)).astype(np.float32)
    place = Place.at(np.full(SHAPE, 0.5, np.float32))
    wanted, first, second = np.full(SHAPE, 0.5), 0.0, 0.0
    for step, pull in enumerate(pulls.astype(np.float64), 1):
        place = place.moved(pull.astype(np.float32), ADAM)
        first = 0.9 * first + 0.1 * pull
        second = 0.999 * second + 0.001 * pull**2
        mean, spread = first / (1 - 0.9**step), second / (1 - 0.999**step)
        wanted = np.clip(wanted - 0.03 * mean / (np.sqrt(spread) + 1e-8), 0, 1)
    assert np.abs(place.picture - wanted).max() < 1e-4


def test_adams_moves_become_shorter_after_its_even_steps() -> None:
    """As one over the step, so that a long transfer comes to rest; until then, and alone, not."""
    pull = np.full(SHAPE, 1e-3, np.float32)

    def moves(way: Way) -> list[float]:
        place, found = Place.at(np.ones(SHAPE, np.float32)), []
        for _ in range(8):
            before, place = place, place.moved(pull, way)
            found.append(float((before.picture - place.picture).mean()) / RATE)
        return found

    falling = moves(Way("falling", 0, 4))
    assert falling == pytest.approx([1, 1, 1, 1, 4 / 5, 4 / 6, 4 / 7, 4 / 8], rel=1e-3)
    assert moves(ADAM) == pytest.approx([1] * 8, rel=1e-3)


def test_adam_begins_anew_after_the_quick_steps(valley: Gradient) -> None:
    """Its first moves are not shortened by steps that it did not make."""
    quick = after(QUICK_THEN_ADAM.quick_steps, valley, QUICK_THEN_ADAM)[-1]
    pull = np.ones(SHAPE, np.float32)
    moved = quick.moved(pull, QUICK_THEN_ADAM)
    alone = Place.at(quick.picture).moved(pull, replace(QUICK_THEN_ADAM, quick_steps=0))
    assert np.array_equal(moved.picture, alone.picture)
