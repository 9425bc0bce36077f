"""What the normaliser does to the colour of skin, by group of people.

The colour of a face is the mean of its middle in CIELAB: chroma is the distance from gray, hue the
angle from red over yellow. Where a face is, and what of it is skin, is not told apart further: hair
and teeth in the middle of a crop count. A gray face has no hue: the change of hue is that of the
faces whose chroma is at least `LEAST_CHROMA`, which leaves black-and-white photographs out.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from clinic_app.training.evaluate import Bytes, mean_with_interval
from clinic_app.training.groups import Masks

MIDDLE = ((0.3, 0.8), (0.25, 0.75))
"""Rows and columns of the crop that are looked at, as fractions: cheeks, nose and mouth."""
LEAST_CHROMA = 4.0
"""Chroma of a face before, in CIELAB, under which its hue is noise and is not looked at."""


def colours(faces: Bytes) -> NDArray[np.float64]:
    """Mean lightness (0 to 100), chroma and hue in degrees of faces [n, h, w, 3], [n, 3]."""
    found = []
    for face in faces:
        rows, columns = (
            slice(int(low * size), int(high * size))
            for (low, high), size in zip(MIDDLE, face.shape, strict=False)
        )
        lab = cv2.cvtColor(face[rows, columns].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        lightness, a, b = lab.reshape(-1, 3).mean(axis=0).astype(np.float64)
        found.append((lightness, np.hypot(a, b), np.rad2deg(np.arctan2(b, a))))
    return np.array(found)


def shifts(masks: dict[str, Masks], before: Bytes, after: Bytes) -> dict[str, Any]:
    """Mean change of lightness, chroma and hue with intervals, by "attribute name" and of all.

    `hue` is that of the `hue_n` faces that have one before; without any of them it is left out.
    """
    was, change = colours(before), colours(after) - colours(before)
    change[:, 2] = (change[:, 2] + 180.0) % 360.0 - 180.0  # the shorter way round
    named = {
        f"{attribute} {name}": mask
        for attribute, some in masks.items()
        for name, mask in some.items()
    }
    coloured = was[:, 1] >= LEAST_CHROMA
    found: dict[str, Any] = {}
    for name, mask in {"all": np.ones(len(was), dtype=bool), **named}.items():
        with_hue = mask & coloured
        found[name] = {
            "n": int(mask.sum()),
            "chroma_before": float(was[mask, 1].mean()),
            "lightness": mean_with_interval(change[mask, 0]),
            "chroma": mean_with_interval(change[mask, 1]),
            "hue_n": int(with_hue.sum()),
        }
        if with_hue.any():
            found[name]["hue"] = mean_with_interval(change[with_hue, 2])
    return found
