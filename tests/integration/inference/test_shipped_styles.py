"""The shipped nets of the studio: every style comes nearer to its picture, and they are apart."""

from __future__ import annotations

import numpy as np
import pytest

from clinic_app.inference.arrays import FloatArray, RgbImage, to_batch
from clinic_app.inference.native import cv2
from clinic_app.inference.style.emotion import STYLE_OF_EMOTION, style_for
from clinic_app.inference.style.feedforward import StyleBook, open_style_book
from clinic_app.inference.style.optimised import OptimisedTransfer, TransferSettings
from clinic_app.inference.style.perceptual import PerceptualStep, open_perceptual
from clinic_app.inference.style.pictures import picture_names, style_picture
from clinic_app.paths import MODELS, RESOURCES

SIDE = 224


@pytest.fixture(scope="module")
def book() -> StyleBook:
    return open_style_book(MODELS)


@pytest.fixture(scope="module")
def net() -> PerceptualStep:
    return open_perceptual(MODELS)


@pytest.fixture(scope="module")
def portrait() -> RgbImage:
    picture = cv2.imread(str(RESOURCES / "samples" / "astronaut.png"))[:330, 60:390, ::-1]
    return np.ascontiguousarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA))


def test_the_book_holds_the_style_pictures_and_every_emotion_has_one(book: StyleBook) -> None:
    assert len(book.names) >= 8
    assert set(book.names) == set(picture_names())
    assert set(STYLE_OF_EMOTION.values()) <= set(book.names)


def test_every_style_brings_a_portrait_nearer_to_its_picture(
    book: StyleBook, net: PerceptualStep, portrait: RgbImage
) -> None:
    weights = np.zeros(7, np.float32)
    for name in book.names:
        aim = net.aim(to_batch(portrait), to_batch(style_picture(name)))

        def distance(image: RgbImage, aim: object = aim) -> float:
            losses: FloatArray = net.step(to_batch(image), aim, weights)[0]  # type: ignore[arg-type]
            return float(losses[1:6].mean())

        before, after = distance(portrait), distance(book.apply(portrait, {name: 1.0}))
        assert after < 0.7 * before, (name, before, after)


def test_styles_are_apart_and_a_blend_lies_between(book: StyleBook, portrait: RgbImage) -> None:
    drawn = {name: book.apply(portrait, {name: 1.0}).astype(float) for name in book.names}
    for name in book.names[1:]:
        assert np.abs(drawn[name] - drawn[book.names[0]]).mean() > 8
    blended = style_for({"happiness": 0.5, "sadness": 0.5}, mode="blend")
    mixed = book.apply(portrait, blended)
    first, second = (drawn[name] for name in blended)
    for end in (first, second):
        assert np.abs(mixed - end).mean() < np.abs(first - second).mean()


def test_an_optimised_transfer_comes_near_the_style_and_keeps_the_content(
    net: PerceptualStep, portrait: RgbImage
) -> None:
    settings = TransferSettings(steps=15, longest_side=128)
    told = list(OptimisedTransfer(portrait, style_picture("brush"), settings, net).run())
    assert told[-1].style_loss < 0.3 * told[0].style_loss
    assert told[-1].content_loss < 0.6
