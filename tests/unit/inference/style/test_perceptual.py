"""The exported step: its gradient is that of its losses."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import pytest

from clinic_app.inference.arrays import FloatArray
from clinic_app.inference.manifest import load_manifest
from clinic_app.inference.sessions import session_opener
from clinic_app.inference.style.perceptual import STYLE_LAYERS, Aim, PerceptualStep
from clinic_app.paths import MODELS

STEP = 0.01
WEIGHTS = np.array([1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 3.0], np.float32)


@pytest.fixture(scope="module")
def picture() -> FloatArray:
    return np.random.default_rng(1).random((1, 3, 48, 64), np.float32)


@pytest.fixture(scope="module")
def aim(net: PerceptualStep) -> Aim:
    rng = np.random.default_rng(2)
    return net.aim(rng.random((1, 3, 48, 64), np.float32), rng.random((1, 3, 32, 80), np.float32))


@pytest.mark.parametrize("place", [*range(7), None])
def test_the_gradient_agrees_with_finite_differences(
    net: PerceptualStep, picture: FloatArray, aim: Aim, place: int | None
) -> None:
    """For every loss by itself, and for all together; along the gradient and across it."""
    weights = WEIGHTS.copy()
    if place is not None:
        weights[:] = 0
        weights[place] = 1
    gradient = net.step(picture, aim, weights)[1]
    across = np.random.default_rng(3).standard_normal(picture.shape).astype(np.float32)
    for direction in (gradient, gradient + 0.3 * np.linalg.norm(gradient) * unit(across)):
        move = unit(direction) * np.float32(STEP)
        low, high = (
            float(np.dot(weights.astype(float), net.step(picture + sign * move, aim, weights)[0]))
            for sign in (np.float32(-1), np.float32(1))
        )
        slope = float((gradient.astype(float) * unit(direction)).sum())
        assert (high - low) / (2 * STEP) == pytest.approx(slope, rel=0.03)


def unit(direction: FloatArray) -> FloatArray:
    return direction / np.linalg.norm(direction)


def test_a_picture_is_at_no_distance_from_itself(net: PerceptualStep, picture: FloatArray) -> None:
    losses, gradient = net.step(picture, net.aim(picture, picture), WEIGHTS)
    assert losses[:6] == pytest.approx(0, abs=1e-9)
    assert losses[6] > 0
    assert np.isfinite(gradient).all()


def test_losses_are_relative_to_the_aim(net: PerceptualStep, aim: Aim) -> None:
    """However large a layer's features are, a picture without any content is about 1 away."""
    gray = np.full((1, 3, 48, 64), 0.5, np.float32)
    losses, _ = net.step(gray, aim, WEIGHTS)
    assert 0.3 < losses[0] < 3
    assert losses[6] == 0


@pytest.mark.parametrize(
    ("widths", "opened_for"),
    [
        ((64, 64, 96), (64, 96)),
        ((64, 96, 32, 64, 96, 32), (64, 96, 32)),
        ((64, 96, 32, 64, 48, 64, 96), (64, 96, 32, 48, 96)),
    ],
    ids=["kept", "three side by side", "the one used longest ago goes"],
)
def test_sessions_are_opened_for_the_size_of_the_picture_and_three_are_kept(
    widths: tuple[int, ...], opened_for: tuple[int, ...]
) -> None:
    asked: list[dict[str, int]] = []

    plain = session_opener(MODELS, load_manifest(MODELS), "perceptual")

    def opened(sizes: Mapping[str, int]) -> Any:
        asked.append(dict(sizes))
        return plain(sizes)

    step, rng = PerceptualStep(opened), np.random.default_rng(4)
    for width in widths:
        picture = rng.random((1, 3, 48, width), np.float32)
        own = step.aim(picture, picture)
        step.step(picture, own, WEIGHTS)
    assert [sizes.get("width") for sizes in asked] == [None, *opened_for]
    assert asked[1] == {"height": 48, "width": 64, "height8": 6, "width8": 8}


class Silent:
    """A session that costs no time, whatever size it is for."""

    def get_inputs(self) -> list[Any]:
        names = ("content", *(f"gram_{name}" for name in STYLE_LAYERS))
        return [SimpleNamespace(name=name, shape=(1, 1)) for name in names]

    def run(self, names: object, feed: Mapping[str, FloatArray], options: object = None) -> Any:
        return np.zeros(7, np.float32), feed["picture"]


@pytest.mark.parametrize(
    ("sizes", "left"),
    [
        ([(400, 304), (304, 400), (400, 400)], [(400, 304), (304, 400), (400, 400)]),
        ([(960, 720), (720, 960)], [(720, 960)]),
        ([(400, 304), (960, 960)], [(960, 960)]),
        ([(960, 960), (400, 304)], [(400, 304)]),
        ([(400, 304), (304, 400), (640, 480)], [(304, 400), (640, 480)]),
    ],
    ids=["usual ones", "large ones", "a large one alone", "back to a usual one", "what fits"],
)
def test_what_stays_open_is_bounded_by_pixels_because_they_cost_memory(
    sizes: list[tuple[int, int]], left: list[tuple[int, int]]
) -> None:
    """Every session for pictures of 960 pixels would keep more than a gigabyte."""
    open_now: WeakValueDictionary[tuple[int, int], Silent] = WeakValueDictionary()

    def opened(fixed: Mapping[str, int]) -> Silent:
        session = Silent()
        if fixed:
            open_now[fixed["height"], fixed["width"]] = session
        return session

    step, aim = PerceptualStep(opened), Aim(np.zeros(1, np.float32), (WEIGHTS,) * 5)
    for size in sizes:
        step.step(np.zeros((1, 3, *size), np.float32), aim, WEIGHTS)
    assert sorted(open_now) == sorted(left)


def test_a_session_of_one_size_answers_as_the_one_of_any_size(
    net: PerceptualStep, picture: FloatArray, aim: Aim
) -> None:
    plain: Any = session_opener(MODELS, load_manifest(MODELS), "perceptual")
    anysize = PerceptualStep(lambda _: plain({}))
    losses, gradient = net.step(picture, aim, WEIGHTS)
    expected, pull = anysize.step(picture, aim, WEIGHTS)
    assert losses == pytest.approx(expected, rel=1e-5)
    assert np.abs(gradient - pull).max() < 1e-5 * np.abs(pull).max()
