"""The reading of visible depressive affect over an injected session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.finding import ActivationMap, Band, SeverityReading
from clinic_app.inference.arrays import FloatArray
from clinic_app.inference.manifest import Calibration, PercentInterval
from clinic_app.inference.sessions import Session

EMOTIONS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
)
"""FER+ order."""
_OUTPUTS = [
    "severity_logits",
    "emotion_logits",
    "sadness",
    "band",
    "embedding",
    "activation_map",
]


@dataclass(frozen=True)
class FaceAnswer:
    """What the network says of one crop."""

    reading: SeverityReading
    emotions: Mapping[str, float]
    embedding: tuple[float, ...]
    activation_map: ActivationMap


class SeverityNet:
    """The severity model; its logits are calibrated inside the graph."""

    def __init__(self, session: Session, calibration: Calibration) -> None:
        self._session = session
        self._calibration = calibration

    @property
    def threshold(self) -> float | None:
        """Cut on `sadness` that was chosen for s >= 0.35, where the manifest names one."""
        return self._calibration.threshold

    def read(self, batch: FloatArray, widening: float = 1.0) -> list[FaceAnswer]:
        """Answers for crops [n, 3, S, S] in [0, 1]; `widening` >= 1 stretches the interval.

        The mean of what is read of each crop and of its mirror image: a little more accurate, and a
        mirrored picture gets the same answer.
        """
        both = np.concatenate([batch, batch[..., ::-1]])
        values = dict(zip(_OUTPUTS, self._session.run(_OUTPUTS, {"face": both}), strict=True))
        pairs = {
            name: (column[: len(batch)], column[len(batch) :]) for name, column in values.items()
        }
        return [
            self._answer({name: (a[row], b[row]) for name, (a, b) in pairs.items()}, widening)
            for row in range(len(batch))
        ]

    def _answer(
        self, values: Mapping[str, tuple[FloatArray, FloatArray]], widening: float
    ) -> FaceAnswer:
        """One answer from each output's value for the crop and for its mirror image."""
        p = _mean(*(softmax(logits) for logits in values["severity_logits"]))
        sadness = float(np.clip(_mean(*values["sadness"]), 0.0, 1.0))
        band = self._band(sadness, values["band"])
        percent = percent_of(p)
        stated = self._calibration.percent_interval
        reading = SeverityReading(
            band=band,
            probabilities=(float(p[0]), float(p[1]), float(p[2]), float(p[3])),
            percent=percent,
            interval=interval_around(percent, stated, widening),
            coverage=stated.coverage,
            sadness=sadness,
        )
        emotions = _mean(*(softmax(logits) for logits in values["emotion_logits"]))
        straight, turned = (maps[int(band)] for maps in values["activation_map"])
        return FaceAnswer(
            reading,
            {name: float(share) for name, share in zip(EMOTIONS, emotions, strict=True)},
            tuple(float(value) for value in _mean(*values["embedding"])),
            map_of(_mean(straight, turned[:, ::-1])),
        )

    def _band(self, sadness: float, decided: tuple[FloatArray, FloatArray]) -> Band:
        """The band that the cuts give; without cuts, the graver of the graph's two."""
        cuts = self._calibration.band_cuts
        if cuts is None:
            return Band(int(np.clip(max(decided), 0, 3)))
        return Band(sum(sadness >= cut for cut in cuts))


def _mean(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = (one.astype(np.float64) + other.astype(np.float64)) / 2.0
    return mean


def softmax(logits: NDArray[np.floating]) -> FloatArray:
    """Probabilities [k] of logits [k], summing to one in double precision."""
    shifted = np.exp(np.asarray(logits, dtype=np.float64) - float(np.max(logits)))
    shares: FloatArray = shifted / shifted.sum()
    return shares


def percent_of(probabilities: NDArray[np.floating]) -> float:
    """Severity percent: 100 * sum(k * p_k) / 3."""
    return float(100.0 * (np.arange(4) * probabilities).sum() / 3.0)


LEAST_REACH = 5.0
"""Percent points that the interval spans to either side at least: where nearly all held-out faces
were in one band the measured residuals shrink to nothing, and "0 to 0" would claim too much."""
SMALL_FACE_REACH = 20.0
"""Percent points added to either side for each whole unit of widening beyond 1."""


def interval_around(
    percent: float, stated: PercentInterval, widening: float = 1.0
) -> tuple[float, float]:
    """(low, high) in percent: the residuals measured near this percent, stretched, within 0-100."""
    reached = [row for row in stated.rows if row.percent_from <= percent]
    row = reached[-1] if reached else stated.rows[0]
    more = (widening - 1.0) * SMALL_FACE_REACH
    low = percent - max(-row.low * widening, LEAST_REACH) - more
    high = percent + max(row.high * widening, LEAST_REACH) + more
    return max(0.0, low), min(100.0, high)


def map_of(values: NDArray[np.floating]) -> ActivationMap:
    """One class's map [h, w], scaled so that its lowest value is 0 and its highest 1."""
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) / (high - low) if high > low else np.zeros_like(values)
    height, width = values.shape
    return ActivationMap(width, height, tuple(float(value) for value in scaled.ravel()))
