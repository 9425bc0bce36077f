"""Which reading counts, raw or normalised: a rule that was fixed before any figure was seen."""

from __future__ import annotations

from typing import Any

import numpy as np

from clinic_app.training import evaluate
from clinic_app.training.evaluate import Bytes, OnnxModels, Truth
from clinic_app.training.light import Lit, light_figures

WORSE_BY_AT_MOST = 0.005
"""Correlation and AUC that normalised reading may lose on clean faces and still count."""


def figures(
    models: OnnxModels, faces: Bytes, truth: Truth, images: Bytes, lit: Lit
) -> dict[str, Any]:
    """What the rule looks at, on clean `faces` and on `images` of still faces under the lights
    `lit`, and the reading that it chooses."""
    raw, even = models.read(faces), models.read(models.normalise(faces))
    steady = {}
    for name, shown in (("raw", images), ("normalised", models.normalise(images))):
        said = models.read(shown)
        steady[name] = light_figures(
            said["sadness"].astype(np.float64), said["band"].astype(np.int64), lit
        )
    pearson, auc = evaluate.pearson_gap(even, raw, truth), evaluate.auc_gap(even, raw, truth)
    return {
        "part": f"{len(faces)} validation faces, {len(np.unique(lit.subject))} Yale B subjects",
        "normalised_minus_raw_pearson": pearson,
        "normalised_minus_raw_auc": auc,
        "light": steady,
        "reading": reading_that_counts(
            lost=max(-pearson.value, -auc.value),
            raw_spread=steady["raw"].spread.value,
            even_spread=steady["normalised"].spread.value,
        ),
    }


def reading_that_counts(*, lost: float, raw_spread: float, even_spread: float) -> str:
    """ "normalised" when it is steadier under light and no worse on clean faces, else "raw".

    `lost` is the larger loss of correlation and of AUC on clean faces; the limit was fixed before
    any figure was seen.
    """
    return "normalised" if even_spread < raw_spread and lost <= WORSE_BY_AT_MOST else "raw"
