"""The shipped perceptual step, opened once, and small pictures for it."""

from __future__ import annotations

import numpy as np
import pytest

from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.native import cv2
from clinic_app.inference.style.perceptual import PerceptualStep, open_perceptual
from clinic_app.inference.style.pictures import style_picture
from clinic_app.paths import MODELS, RESOURCES


@pytest.fixture(scope="session")
def net() -> PerceptualStep:
    return open_perceptual(MODELS)


@pytest.fixture(scope="session")
def content() -> RgbImage:
    """48 x 70 pixels, so that both sides need padding or fit."""
    picture = cv2.imread(str(RESOURCES / "samples" / "astronaut.png"))[:, :, ::-1]
    return np.ascontiguousarray(cv2.resize(picture[:350, 100:340], (48, 70)))


@pytest.fixture(scope="session")
def pattern() -> RgbImage:
    return np.ascontiguousarray(style_picture("brush")[:64, :80])
