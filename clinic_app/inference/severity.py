"""The reading of visible depressive affect over an injected session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.finding import ActivationMap, Band, SeverityReading
from clinic_app.inference.arrays import FloatArray
from clinic_app.inference.manifest import Calibration, PercentInterval
from clinic_app.inference.metrics import EMOTIONS
from clinic_app.inference.sessions import Session

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

        A net that was calibrated for it reads each crop together with its mirror image and answers
        with the mean: a little more accurate, and a mirrored picture gets the same answer.
        """
        mirrored = self._calibration.with_mirror_image
        views = [batch, batch[..., ::-1]] if mirrored else [batch]
        said = self._session.run(_OUTPUTS, {"face": np.concatenate(views)})
        columns = {
            name: np.split(np.asarray(column), len(views))
            for name, column in zip(_OUTPUTS, said, strict=True)
        }
        if mirrored:
            columns["activation_map"][1] = columns["activation_map"][1][..., ::-1]
        return [
            self._answer(
                {name: [v[row] for v in column] for name, column in columns.items()}, widening
            )
            for row in range(len(batch))
        ]

    def _answer(self, values: Mapping[str, Sequence[FloatArray]], widening: float) -> FaceAnswer:
        """One answer from every output's value for each view of the face."""
        p = _mean([softmax(logits) for logits in values["severity_logits"]])
        sadness = float(np.clip(_mean(values["sadness"]), 0.0, 1.0))
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
        emotions = _mean([softmax(logits) for logits in values["emotion_logits"]])
        return FaceAnswer(
            reading,
            {name: float(share) for name, share in zip(EMOTIONS, emotions, strict=True)},
            tuple(float(value) for value in _mean(values["embedding"])),
            map_of(_mean([maps[int(band)] for maps in values["activation_map"]])),
        )

    def _band(self, sadness: float, decided: Sequence[FloatArray]) -> Band:
        """What the graph decided on one view; of two, what the cuts say of their mean, or without
        cuts the graver."""
        cuts = self._calibration.band_cuts
        if cuts is None or len(decided) == 1:
            return Band(int(np.clip(max(decided), 0, 3)))
        return Band(sum(sadness >= cut for cut in cuts))


def _mean(views: Sequence[NDArray[np.floating]]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = np.mean(np.stack(views), axis=0, dtype=np.float64)
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
