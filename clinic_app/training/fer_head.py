"""Seven-class FER2013 accuracy: a linear head on the 512-d embedding, for measuring only.

FER2013's own labels and the FER+ majority disagree on many images (`beside_ferplus`), so the
shipped emotion head, which learned FER+, cannot be judged on them. A head that is fitted on the
frozen embedding of training faces can. It is not shipped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from clinic_app.inference import metrics
from clinic_app.inference.metrics import FloatArray, IntArray

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
SAD = LABELS.index("sad")
AS_FERPLUS = np.array(
    [metrics.EMOTIONS.index(name) for name in ("anger", "disgust", "fear", "happiness")]
    + [metrics.EMOTIONS.index(name) for name in ("sadness", "surprise", "neutral")]
)
"""The FER+ emotion of each label."""
PENALTIES = (1e-5, 1e-4, 1e-3)
"""Tried on validation faces: weight of the squared coefficients beside the mean cross entropy."""
_STEPS = 120
Embedding = NDArray[np.float32]


def beside_ferplus(label: IntArray, emotion: IntArray) -> dict[str, metrics.Interval]:
    """How FER2013's labels [n] go with the FER+ majority [n] of the same images: how often they
    agree, and how much of "sad" is neutral to the raters."""

    def mean(right: NDArray[np.bool_]) -> metrics.Interval:
        return metrics.bootstrap(lambda r: float(right[r].mean()), len(right), rounds=400)

    return {
        "agree": mean(AS_FERPLUS[label] == emotion),
        "sad_is_neutral": mean(emotion[label == SAD] == metrics.EMOTIONS.index("neutral")),
    }


@dataclass(frozen=True)
class Head:
    """Multinomial logistic regression on embeddings brought to zero mean and unit variance."""

    mean: Embedding
    scale: Embedding
    weight: Embedding  # [512 + 1, 7], the last row is the bias
    penalty: float

    def scores(self, embedding: NDArray[np.generic]) -> FloatArray:
        """Logits [n, 7]."""
        found: FloatArray = (_ready(embedding, self.mean, self.scale) @ self.weight).astype(
            np.float64
        )
        return found


def fit(
    embedding: NDArray[np.generic],
    label: IntArray,
    held_embedding: NDArray[np.generic],
    held_label: IntArray,
    penalties: tuple[float, ...] = PENALTIES,
) -> Head:
    """The head with the best accuracy on the held faces, over penalties."""
    rows = np.asarray(embedding, dtype=np.float32)
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    ready = _ready(rows, mean, scale)
    heads = []
    weight = np.zeros((ready.shape[1], len(LABELS)), dtype=np.float32)
    for penalty in sorted(penalties, reverse=True):  # each starts from the stricter one's answer
        weight = _fitted(ready, label, penalty, weight)
        heads.append(Head(mean, scale, weight, penalty))
    return max(
        heads, key=lambda h: float((h.scores(held_embedding).argmax(1) == held_label).mean())
    )


def _ready(embedding: NDArray[np.generic], mean: Embedding, scale: Embedding) -> Embedding:
    rows = (np.asarray(embedding, dtype=np.float32) - mean) / scale
    return np.hstack([rows, np.ones((len(rows), 1), np.float32)])


def _fitted(rows: Embedding, label: IntArray, penalty: float, start: Embedding) -> Embedding:
    hot = np.eye(len(LABELS), dtype=np.float32)[label]
    free = np.ones_like(start)
    free[-1] = 0.0  # no penalty on the bias

    def loss(flat: FloatArray) -> tuple[float, FloatArray]:
        weight = flat.reshape(start.shape).astype(np.float32)
        logits = rows @ weight
        logits -= logits.max(axis=1, keepdims=True)
        p = np.exp(logits)
        total = p.sum(axis=1, keepdims=True)
        p /= total
        entropy = float((np.log(total[:, 0]) - (hot * logits).sum(axis=1)).mean())
        slope = rows.T @ (p - hot) / len(rows) + 2 * penalty * free * weight
        value = entropy + penalty * float((free * weight**2).sum())
        return value, slope.ravel().astype(np.float64)

    found = minimize(
        loss,
        start.ravel().astype(np.float64),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _STEPS},
    )
    result: Embedding = found.x.reshape(start.shape).astype(np.float32)
    return result
