"""The style book over a small model: blends, strength, sizes, refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clinic_app.domain.errors import InvalidInput
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.sessions import start
from clinic_app.inference.style.feedforward import StyleBook
from tests.onnx_writer import GraphWriter


@pytest.fixture
def book() -> StyleBook:
    """Its styles multiply by 0, by 0.5 and by 1."""
    graph = GraphWriter()
    gains = graph.constant(np.array([0.0, 0.5, 1.0]))
    gain = graph.node("ReduceSum", [graph.node("Mul", ["weights", gains])])
    graph.node("Mul", ["picture", gain], "styled")
    shape = [1, 3, "height", "width"]
    model = graph.model({"picture": shape, "weights": [3]}, {"styled": shape})
    return StyleBook(start(model, "styles", 1), ["black", "half", "same"])


@pytest.fixture
def image() -> RgbImage:
    return np.random.default_rng(0).integers(0, 256, (33, 46, 3), dtype=np.uint8)


def close(drawn: RgbImage, wanted: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    return bool(np.abs(drawn - wanted).max() <= 0.51)


def test_a_picture_of_any_size_keeps_it(book: StyleBook, image: RgbImage) -> None:
    drawn = book.apply(image, {"half": 1.0})
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8
    assert close(drawn, image * 0.5)


def test_styles_blend_and_weights_are_made_to_sum_to_one(book: StyleBook, image: RgbImage) -> None:
    assert close(book.apply(image, {"black": 2.0, "same": 6.0}), image * 0.75)
    assert close(book.apply(image, {"same": 0.1}), image * 1.0)


def test_strength_goes_from_the_picture_to_the_style(book: StyleBook, image: RgbImage) -> None:
    assert np.array_equal(book.apply(image, {"black": 1.0}, 0.0), image)
    assert close(book.apply(image, {"black": 1.0}, 0.25), image * 0.75)


@pytest.mark.parametrize(
    ("weights", "strength"),
    [
        ({"unknown": 1.0}, 1.0),
        ({"half": -1.0}, 1.0),
        ({"half": float("nan")}, 1.0),
        ({"half": 0.0}, 1.0),
        ({}, 1.0),
        ({"half": 1.0}, 1.1),
        ({"half": 1.0}, -0.1),
        ({"half": 1.0}, float("nan")),
    ],
)
def test_what_is_no_blend_is_refused(
    book: StyleBook, image: RgbImage, weights: dict[str, float], strength: float
) -> None:
    with pytest.raises(InvalidInput):
        book.apply(image, weights, strength)


def test_a_set_of_models_without_styles_says_so(tmp_path: Path) -> None:
    from clinic_app.domain.errors import ModelRejected
    from clinic_app.inference.style.feedforward import open_style_book

    with pytest.raises(ModelRejected):
        open_style_book(tmp_path)
