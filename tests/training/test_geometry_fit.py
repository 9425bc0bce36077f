"""The geometry baseline's file holds nobody's face."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from clinic_app.training.geometry import AROUND, middles

pytestmark = pytest.mark.training
MODELS = Path(__file__).parents[2] / "models"


def test_the_middle_of_a_radial_function_is_the_mean_of_the_nearest_faces() -> None:
    rng = np.random.default_rng(0)
    shapes = rng.normal(size=(300, 5))
    chosen = rng.choice(len(shapes), 130, replace=False)
    for row, middle in zip(chosen, middles(shapes, chosen), strict=True):
        apart = np.linalg.norm(shapes - shapes[row], axis=1)
        nearest = np.argsort(apart)[:AROUND]
        assert nearest[0] == row
        np.testing.assert_allclose(middle, shapes[nearest].mean(axis=0), atol=1e-5)
        assert np.linalg.norm(shapes - middle, axis=1).min() > 0.01


def test_manifest_and_card_say_that_no_radial_function_stands_at_one_face() -> None:
    entry = json.loads((MODELS / "manifest.json").read_text(encoding="utf-8"))["models"]["geometry"]
    assert f"each at the mean of {AROUND} faces" in entry["method"]
    assert entry["method"] in (MODELS / entry["card"]).read_text(encoding="utf-8")
