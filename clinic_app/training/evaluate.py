"""Measures the exported ONNX files as the application will run them: ONNX Runtime, NumPy, no torch.

Every figure is a `metrics.Interval` (value with bootstrap 95 % interval) or a plain number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.inference.asymmetry import measure
from clinic_app.inference.landmarks import mirrored
from clinic_app.training import calibrate

Bytes = NDArray[np.uint8]
ROUNDS = 400
Correction = Callable[[Bytes], Bytes]
"""Maps one face [96, 96, 3] to a corrected one."""


class OnnxModels:
    """The three files of a folder."""

    def __init__(self, folder: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self._sessions = {
            name: ort.InferenceSession(
                str(folder / f"{name}.onnx"), options, ["CPUExecutionProvider"]
            )
            for name in ("severity", "style", "landmarks")
        }

    def read(self, faces: Bytes) -> dict[str, NDArray[Any]]:
        """All severity outputs but the maps, for faces [n, 96, 96, 3]."""
        wanted = ["severity_logits", "emotion_logits", "sadness", "band", "embedding"]
        return dict(zip(wanted, self._run("severity", faces, wanted), strict=True))

    def normalise(self, faces: Bytes) -> Bytes:
        """Faces after the style normaliser, rounded to bytes as the application keeps them."""
        (out,) = self._run("style", faces, ["normalised"])
        return np.ascontiguousarray((out * 255).round().astype(np.uint8).transpose(0, 2, 3, 1))

    def points(self, faces: Bytes) -> NDArray[np.float32]:
        """Landmarks [n, 68, 2] as fractions of the crop."""
        (out,) = self._run("landmarks", faces, ["points"])
        return out

    def paired_points(self, faces: Bytes) -> NDArray[np.float64]:
        """Mean of the answers for the crop and its mirror image, as the application takes it."""
        straight = self.points(faces).astype(np.float64)
        turned = self.points(np.ascontiguousarray(faces[:, :, ::-1])).astype(np.float64)
        back = np.stack([mirrored(face, 1.0) for face in turned])
        return (straight + back) / 2.0

    def _run(self, name: str, faces: Bytes, outputs: list[str]) -> list[NDArray[Any]]:
        parts = []
        for first in range(0, len(faces), 64):
            chunk = faces[first : first + 64].transpose(0, 3, 1, 2).astype(np.float32) / 255
            parts.append(self._sessions[name].run(outputs, {"face": chunk}))
        return [np.concatenate(column) for column in zip(*parts, strict=True)]


@dataclass(frozen=True)
class Truth:
    """Labels of a set of faces."""

    share: NDArray[np.float64]
    band: NDArray[np.int64]
    emotion: NDArray[np.int64]
    positive: NDArray[np.bool_]

    @classmethod
    def of(cls, votes: NDArray[np.generic]) -> Truth:
        share = metrics.sadness_share(votes)
        band = metrics.severity_band(share)
        emotion = metrics.emotion_shares(votes).argmax(axis=1)
        return cls(share, band.astype(np.int64), emotion, band >= 2)


def severity_figures(
    said: dict[str, NDArray[Any]], truth: Truth, threshold: float
) -> dict[str, metrics.Interval]:
    """What the card prints about reading faces; `threshold` on sadness is chosen elsewhere."""
    sadness = np.asarray(said["sadness"], dtype=np.float64)
    band = np.asarray(said["band"], dtype=np.int64)
    emotion = np.asarray(said["emotion_logits"]).argmax(axis=1)
    p = calibrate.softmax(np.asarray(said["severity_logits"], dtype=np.float64))

    def binary(name: str) -> Callable[[NDArray[np.integer]], float]:
        return lambda rows: float(
            getattr(metrics.binary_scores(truth.positive[rows], sadness[rows] >= threshold), name)
        )

    statistics: dict[str, Callable[[NDArray[np.integer]], float]] = {
        "pearson": lambda r: metrics.pearson(sadness[r], truth.share[r]),
        "spearman": lambda r: metrics.spearman(sadness[r], truth.share[r]),
        "auc": lambda r: metrics.roc_auc(truth.positive[r], sadness[r]),
        "balanced_accuracy": binary("balanced_accuracy"),
        "precision": binary("precision"),
        "recall": binary("recall"),
        "f1": binary("f1"),
        "band_kappa": lambda r: metrics.quadratic_weighted_kappa(truth.band[r], band[r]),
        "band_accuracy": lambda r: float((truth.band[r] == band[r]).mean()),
        "emotion_accuracy": lambda r: float((truth.emotion[r] == emotion[r]).mean()),
        "sadness_recall": lambda r: float(
            (emotion[r] == metrics.SADNESS)[truth.emotion[r] == metrics.SADNESS].mean()
        ),
        "ece": lambda r: metrics.expected_calibration_error(p[r], truth.band[r]),
        "brier": lambda r: metrics.brier_score(p[r], truth.band[r]),
    }
    n = len(sadness)
    return {
        name: metrics.bootstrap(statistic, n, rounds=ROUNDS)
        for name, statistic in statistics.items()
    }


def baseline_figures(
    truth: Truth, mean_share: float, mean_bands: NDArray[np.float64]
) -> dict[str, float]:
    """What answering the training mean for every face scores."""
    n = len(truth.share)
    p = np.tile(mean_bands, (n, 1))
    constant = np.full(n, mean_share)
    none = np.zeros(n, dtype=np.int64)
    return {
        "pearson": metrics.pearson(constant, truth.share),
        "auc": metrics.roc_auc(truth.positive, constant),
        "balanced_accuracy": 0.5,
        "band_kappa": metrics.quadratic_weighted_kappa(truth.band, none),
        "band_accuracy": float((truth.band == 0).mean()),
        "emotion_accuracy": float((truth.emotion == 0).mean()),
        "brier": metrics.brier_score(p, truth.band),
    }


def paired_difference(
    a: NDArray[np.float64], b: NDArray[np.float64], share: NDArray[np.float64]
) -> metrics.Interval:
    """Correlation of `a` minus correlation of `b` with the share, on the same resampled faces."""
    return metrics.bootstrap(
        lambda r: metrics.pearson(a[r], share[r]) - metrics.pearson(b[r], share[r]),
        len(share),
        rounds=ROUNDS,
    )


@dataclass(frozen=True)
class LightFigures:
    """How a reading moves when only the light moves."""

    spread: metrics.Interval  # mean over subjects of the standard deviation of sadness
    flips: metrics.Interval  # share of readings in another band than under frontal light
    flips_near: float  # the same for lights within 60 degrees
    subjects: int
    images: int


def light_figures(
    sadness: NDArray[np.float64],
    band: NDArray[np.int64],
    subject: NDArray[np.int64],
    frontal: NDArray[np.int64],
    angle: NDArray[np.float64],
) -> LightFigures:
    """`frontal` holds for each image the position of its subject's frontal-light image.

    Intervals resample subjects, who are what is independent here.
    """
    who = np.unique(subject)
    other = frontal != np.arange(len(frontal))
    flipped = band != band[frontal]
    spread = np.array([sadness[subject == s].std() for s in who])
    flips = np.array([flipped[(subject == s) & other].mean() for s in who])
    return LightFigures(
        metrics.bootstrap(lambda r: float(spread[r].mean()), len(who), rounds=ROUNDS),
        metrics.bootstrap(lambda r: float(flips[r].mean()), len(who), rounds=ROUNDS),
        float(flipped[other & (angle <= 60.0)].mean()),
        len(who),
        len(sadness),
    )


def light_angle(
    azimuth: NDArray[np.float64], elevation: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Degrees between the light and the camera axis."""
    cosine = np.cos(np.deg2rad(azimuth)) * np.cos(np.deg2rad(elevation))
    return np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0)))


def grey_world(face: Bytes) -> Bytes:
    """Classical baseline: every channel scaled to the same mean of 128."""
    means = face.reshape(-1, 3).mean(axis=0)
    return np.clip(face * (128.0 / np.maximum(means, 1.0)), 0, 255).astype(np.uint8)


def clahe(face: Bytes) -> Bytes:
    """Classical baseline: contrast-limited histogram equalisation of the lightness."""
    lab = cv2.cvtColor(face, cv2.COLOR_RGB2LAB)
    lab[:, :, 0] = cv2.createCLAHE(2.0, (4, 4)).apply(np.ascontiguousarray(lab[:, :, 0]))
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB).astype(np.uint8, copy=False)


def corrected(faces: Bytes, correction: Correction) -> Bytes:
    """A correction applied to every face."""
    return np.stack([correction(face) for face in faces])


def point_errors(said: NDArray[np.floating], truth: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean point distance per face in percent of the outer-eye-corner distance, [n]."""
    distance = np.linalg.norm(said.astype(np.float64) - truth, axis=2).mean(axis=1)
    scale = np.linalg.norm(truth[:, 36].astype(np.float64) - truth[:, 45], axis=1)
    return 100.0 * distance / scale


def mean_with_interval(values: NDArray[np.floating]) -> metrics.Interval:
    """Mean of independent values with its bootstrap interval."""
    return metrics.bootstrap(lambda r: float(values[r].mean()), len(values), rounds=ROUNDS)


def grouped_mean_interval(
    values: NDArray[np.floating], group: NDArray[np.integer]
) -> metrics.Interval:
    """Mean over groups of group means; the interval resamples groups (people, not frames)."""
    means = np.array([values[group == g].mean() for g in np.unique(group)])
    return mean_with_interval(means)


def asymmetry(points: NDArray[np.floating]) -> dict[str, NDArray[np.float64]]:
    """The application's three side differences for points [n, 68, 2] of unmirrored crops."""
    sides = [measure(np.asarray(face, dtype=np.float64)) for face in points]
    return {
        "eye_opening_percent": np.array([side.eye_opening for side in sides]),
        "brow_height_percent": np.array([side.brow_height for side in sides]),
        "lip_corner_percent": np.array([side.lip_corner for side in sides]),
    }


def retest_deviation(
    models: OnnxModels, wide: Bytes, repeats: int = 8, seed: int = 0
) -> dict[str, float]:
    """Standard deviation of each asymmetry over burst-like repeats of the same face.

    `wide` faces [n, 144, 144, 3] are cut again with the framing jitter of a detector, sensor noise
    and small changes of exposure; the root mean square of the per-face deviations is returned.
    """
    rng = np.random.default_rng(seed)
    repeated: dict[str, list[NDArray[np.float64]]] = {}
    for _ in range(repeats):
        faces = np.stack([_retake(face, rng) for face in wide])
        for name, value in asymmetry(models.paired_points(faces)).items():
            repeated.setdefault(name, []).append(value)
    return {
        name: float(np.sqrt(np.stack(values).var(axis=0, ddof=1).mean()))
        for name, values in repeated.items()
    }


def _retake(wide: Bytes, rng: np.random.Generator) -> Bytes:
    side = wide.shape[0]
    matrix = cv2.getRotationMatrix2D(
        (side / 2, side / 2), float(rng.normal(0, 1.5)), float(np.exp(rng.normal(0, 0.02)))
    )
    target = 96
    matrix[:, 2] += rng.normal(0, 1.0, 2) - (side - target) / 2
    face = cv2.warpAffine(
        wide, matrix, (target, target), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float64)
    face = face * np.exp(rng.normal(0, 0.05)) + rng.normal(0, 2.5, face.shape)
    return np.clip(face, 0, 255).astype(np.uint8)
