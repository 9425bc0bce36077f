"""Pictures for the made-up clinic: the sample portrait under other light, noise and framing.

Every reading is what the models say about such a picture, abstentions included. There is no other
face: made-up people have none.
"""

from __future__ import annotations

import os
import random
import tempfile
from datetime import datetime
from pathlib import Path

import numpy as np

from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.intake.photo import read_photo
from clinic_app.inference.native import cv2
from clinic_app.paths import RESOURCES
from clinic_app.services.reading import FaceReader, Reading

PORTRAIT = RESOURCES / "samples" / "astronaut.png"
SPOILT_EVERY = 5
"""One picture in so many cannot be read: too dark, too far, too blurred, two people, nobody."""


class SamplePictures:
    """Changes the portrait by a number, always the same way, and has it read as a file."""

    def __init__(self, reader: FaceReader) -> None:
        self._reader = reader
        self._portrait = read_photo(PORTRAIT).image

    def __call__(self, number: int, taken_at: datetime) -> Reading:
        """The reading of picture ``number``, whose file says that it was taken at ``taken_at``."""
        with tempfile.TemporaryDirectory(prefix="clinic-app-sample-") as folder:
            path = Path(folder) / "sample.png"
            changed = changed_portrait(self._portrait, number)
            cv2.imwrite(str(path), cv2.cvtColor(changed, cv2.COLOR_RGB2BGR))
            os.utime(path, (taken_at.timestamp(), taken_at.timestamp()))
            return self._reader.read_file(path)


def changed_portrait(portrait: RgbImage, number: int) -> RgbImage:
    """The portrait as taken on another day: light, tilt, size, noise, sometimes spoilt."""
    chance = random.Random(f"picture {number}")
    if chance.randrange(SPOILT_EVERY) == 0:
        return _spoilt(portrait, chance)
    height, width = portrait.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), chance.uniform(-5, 5), 1.0)
    turned = cv2.warpAffine(portrait, turn, (width, height), borderMode=cv2.BORDER_REFLECT)
    lit = 255 * (turned / 255.0) ** chance.uniform(0.6, 1.8) * chance.uniform(0.8, 1.1)
    lit += np.linspace(-1, 1, width)[None, :, None] * chance.uniform(-25, 25)
    grain = np.random.default_rng(number).normal(0, chance.uniform(1, 6), portrait.shape)
    scale = chance.uniform(0.9, 1.8)
    noisy = np.clip(lit + grain, 0, 255).astype(np.uint8)
    return _rgb(cv2.resize(noisy, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _spoilt(portrait: RgbImage, chance: random.Random) -> RgbImage:
    height = portrait.shape[0]
    spoilt = (
        lambda: (portrait * 0.08).astype(np.uint8),
        lambda: cv2.GaussianBlur(portrait, (0, 0), 9),
        lambda: cv2.resize(portrait, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA),
        lambda: np.hstack([portrait, portrait]),
        lambda: portrait[height * 3 // 5 :],
    )
    return _rgb(chance.choice(spoilt)())


def _rgb(image: RgbImage) -> RgbImage:
    return np.ascontiguousarray(image, dtype=np.uint8)
