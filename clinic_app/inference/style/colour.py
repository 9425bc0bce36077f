"""Colours of a picture: keeping those of the content, and matching histograms.

Both as Gatys et al. describe them ("Preserving Color in Neural Artistic Style Transfer", 2016).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.native import cv2


def keep_colour(content: RgbImage, stylised: RgbImage) -> RgbImage:
    """The brightness of `stylised` with the colours of `content`; both [h, w, 3] of one size."""
    light = cv2.cvtColor(stylised, cv2.COLOR_RGB2YCrCb)[:, :, :1]
    tint = cv2.cvtColor(content, cv2.COLOR_RGB2YCrCb)[:, :, 1:]
    mixed = np.ascontiguousarray(np.concatenate([light, tint], axis=2))
    answer: RgbImage = cv2.cvtColor(mixed, cv2.COLOR_YCrCb2RGB)
    return answer


def match_histogram(image: RgbImage, reference: RgbImage) -> RgbImage:
    """`image` with each colour's levels moved so that it is spread as in `reference`.

    The sizes may differ. Levels keep their order, so edges stay where they are.
    """
    planes = [
        _levels(image[:, :, place], reference[:, :, place])[image[:, :, place]]
        for place in range(3)
    ]
    return np.stack(planes, axis=2)


def _levels(image: NDArray[np.uint8], reference: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """For each level of one plane the level [256] that takes its place."""
    ours, theirs = (
        np.cumsum(np.bincount(plane.reshape(-1), minlength=256)) / plane.size
        for plane in (image, reference)
    )
    # Middles of the steps: a level's own pixels lie on both sides of it.
    own = ours - np.diff(ours, prepend=0.0) / 2
    known = np.diff(theirs, prepend=0.0) > 0
    middles = (theirs - np.diff(theirs, prepend=0.0) / 2)[known]
    moved = np.interp(own, middles, np.flatnonzero(known))
    levels: NDArray[np.uint8] = np.clip(moved + 0.5, 0, 255).astype(np.uint8)
    return levels
