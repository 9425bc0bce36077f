"""Agreement of readings with the raters of FER+, and what panels of people reach on the same faces.

Every figure is a plain number, a list, or `[value, low, high]` with a bootstrap 95 % interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference import metrics, panel
from clinic_app.inference.severity import FaceAnswer

Labels = NDArray[np.generic]
_ROUNDS = 200
_PANEL_ROUNDS = 60
_FEWEST_FOR_PANELS = 20


def agreement(
    answers: Sequence[FaceAnswer], votes: Labels, threshold: float | None
) -> dict[str, Any]:
    """Scores of n answers against FER+ votes [n, 8 or 10].

    `threshold` on sadness decides about s >= 0.35; without one the decided band does.
    """
    share = metrics.sadness_share(votes)
    bands = metrics.severity_band(share)
    positive = bands >= 2
    emotion = metrics.emotion_shares(votes).argmax(axis=1)
    sadness = np.array([a.reading.sadness for a in answers])
    said = np.array([int(a.reading.band) for a in answers])
    decided = said >= 2 if threshold is None else sadness >= threshold
    felt = np.array([np.argmax(list(a.emotions.values())) for a in answers])
    p = np.array([a.reading.probabilities for a in answers])
    inside = [
        a.reading.interval[0] - 1e-6 <= 100 * band / 3 <= a.reading.interval[1] + 1e-6
        for a, band in zip(answers, bands, strict=True)
    ]

    def interval(statistic: Callable[[NDArray[np.integer[Any]]], float]) -> list[float]:
        return rounded(metrics.bootstrap(statistic, len(answers), rounds=_ROUNDS))

    def yes_no(name: str) -> list[float]:
        return interval(
            lambda r: float(getattr(metrics.binary_scores(positive[r], decided[r]), name))
        )

    return {
        "pearson": interval(lambda r: metrics.pearson(sadness[r], share[r])),
        "spearman": interval(lambda r: metrics.spearman(sadness[r], share[r])),
        "auc_share_0.35": interval(lambda r: metrics.roc_auc(positive[r], sadness[r])),
        "balanced_accuracy_share_0.35": yes_no("balanced_accuracy"),
        "precision_share_0.35": yes_no("precision"),
        "recall_share_0.35": yes_no("recall"),
        "f1_share_0.35": yes_no("f1"),
        "band_accuracy": interval(lambda r: float((said[r] == bands[r]).mean())),
        "band_kappa": interval(lambda r: metrics.quadratic_weighted_kappa(bands[r], said[r])),
        "emotion_accuracy": interval(lambda r: float((felt[r] == emotion[r]).mean())),
        "sadness_recall": interval(
            lambda r: (
                metrics.binary_scores(
                    emotion[r] == metrics.SADNESS, felt[r] == metrics.SADNESS
                ).recall
            )
        ),
        "calibration_error": interval(lambda r: metrics.expected_calibration_error(p[r], bands[r])),
        "brier": interval(lambda r: metrics.brier_score(p[r], bands[r])),
        "interval_coverage": round(float(np.mean(inside)), 4),
        "interval_stated": answers[0].reading.coverage,
        "confusion_bands": metrics.confusion_matrix(bands, said, 4).tolist(),
        "confusion_emotions": metrics.confusion_matrix(emotion, felt, 8).tolist(),
    }


def human_panel(votes: Labels) -> dict[str, Any]:
    """Panels of one, three and five raters against the raters who are left, by "k".

    Faces that the fewest people judged are left out; empty when hardly any face is left.
    """
    counts = np.asarray(votes, dtype=np.int64)
    raters = counts.sum(axis=1)
    whole = counts[raters == raters.max(initial=0)]
    if len(whole) < _FEWEST_FOR_PANELS or raters.max(initial=0) <= max(panel.SIZES):
        return {}
    figures: dict[str, Any] = {"n": len(whole), "raters": int(raters.max())}
    for k in panel.SIZES:
        found = panel.panel_figures(whole, k, rounds=_PANEL_ROUNDS)
        figures[str(k)] = {
            "pearson": rounded(found.pearson),
            "balanced_accuracy_share_0.35": rounded(found.balanced_accuracy),
            "band_accuracy": rounded(found.band_accuracy),
            "band_kappa": rounded(found.band_kappa),
            "emotion_accuracy": rounded(found.emotion_accuracy),
        }
    reliable = panel.reliability(whole)
    figures["highest_correlation_possible"] = round(reliable["ceiling"], 4)
    return figures


def rounded(found: metrics.Interval) -> list[float]:
    """[value, low, high] with four digits."""
    return [round(v, 4) for v in (found.value, found.low, found.high)]
