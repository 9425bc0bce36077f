"""Measures the exported ONNX files as the application will run them: ONNX Runtime, NumPy, no torch.

Every figure is a `metrics.Interval` (value with bootstrap 95 % interval) or a plain number.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.inference.asymmetry import measure
from clinic_app.inference.landmarks import mirrored
from clinic_app.training import calibrate

Bytes = NDArray[np.uint8]
Said = dict[str, NDArray[Any]]
"""What the severity net says of n faces, by the names of its outputs."""
READ = ("severity_logits", "emotion_logits", "sadness", "band", "embedding")
ROUNDS = 400


class OnnxModels:
    """The three files of a folder."""

    def __init__(self, folder: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.folder = folder
        self.sessions = {
            name: ort.InferenceSession(
                str(folder / f"{name}.onnx"), options, ["CPUExecutionProvider"]
            )
            for name in ("severity", "style", "landmarks")
        }

    @cached_property
    def calibration(self) -> dict[str, Any]:
        """What was chosen on the validation part, as the severity file itself tells it."""
        texts = self.sessions["severity"].get_modelmeta().custom_metadata_map
        found: dict[str, Any] = json.loads(texts["calibration"])
        return found

    def read(self, faces: Bytes) -> Said:
        """All severity outputs but the maps, for faces [n, 96, 96, 3], as the application reads
        them with this file's settings."""
        mirrored = self.calibration.get("with_mirror_image", False)
        return self.read_mirrored(faces) if mirrored else self.read_once(faces)

    def read_mirrored(self, faces: Bytes) -> Said:
        """The mean of what is read of each face and of its mirror image."""
        straight = self.read_once(faces)
        turned = self.read_once(np.ascontiguousarray(faces[:, :, ::-1]))
        return mean_reading(straight, turned, self.calibration["band_cuts_on_sadness"])

    def read_once(self, faces: Bytes) -> Said:
        """What the file itself says of faces [n, 96, 96, 3]."""
        return dict(zip(READ, self._run("severity", faces, list(READ)), strict=True))

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
        return run_batches(self.sessions[name], faces, outputs)


def run_batches(
    session: ort.InferenceSession, faces: Bytes, outputs: Sequence[str]
) -> list[NDArray[Any]]:
    """Outputs of a session with input `face` for faces [n, h, w, 3], in batches."""
    parts = []
    for first in range(0, len(faces), 64):
        chunk = faces[first : first + 64].transpose(0, 3, 1, 2).astype(np.float32) / 255
        parts.append(session.run(list(outputs), {"face": chunk}))
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def mean_reading(one: Said, other: Said, cuts: Sequence[float]) -> Said:
    """Two readings of the same faces as one: mean probabilities, mean `sadness` cut into bands."""
    logits = {
        name: np.log(
            (softmax_double(one[name]) + softmax_double(other[name])) / 2 + np.finfo(float).tiny
        )
        for name in ("severity_logits", "emotion_logits")
    }
    sadness = (one["sadness"].astype(np.float64) + other["sadness"]) / 2
    return {
        **logits,
        "sadness": sadness,
        "band": calibrate.decide(sadness, list(cuts)),
        "embedding": (one["embedding"] + other["embedding"]) / 2,
    }


def some_said(said: Said, rows: NDArray[np.integer]) -> Said:
    """What was said of some of the faces."""
    return {name: answers[rows] for name, answers in said.items()}


def softmax_double(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Row-wise probabilities in double precision."""
    return calibrate.softmax(np.asarray(logits, dtype=np.float64))


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

    def only(self, rows: NDArray[np.integer]) -> Truth:
        """The labels of some of the faces."""
        return Truth(self.share[rows], self.band[rows], self.emotion[rows], self.positive[rows])


def severity_figures(said: Said, truth: Truth, threshold: float) -> dict[str, metrics.Interval]:
    """What the card prints about reading faces; `threshold` on sadness is chosen elsewhere."""
    sadness = np.asarray(said["sadness"], dtype=np.float64)
    band = np.asarray(said["band"], dtype=np.int64)
    emotion = np.asarray(said["emotion_logits"]).argmax(axis=1)
    p = calibrate.softmax(np.asarray(said["severity_logits"], dtype=np.float64))

    def binary(name: str) -> Callable[[NDArray[np.integer]], float]:
        return lambda rows: float(
            getattr(metrics.binary_scores(truth.positive[rows], sadness[rows] >= threshold), name)
        )

    def sadness_class(rows: NDArray[np.integer]) -> metrics.BinaryScores:
        return metrics.binary_scores(
            truth.emotion[rows] == metrics.SADNESS, emotion[rows] == metrics.SADNESS
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
        "sadness_recall": lambda r: sadness_class(r).recall,
        "sadness_f1": lambda r: sadness_class(r).f1,
        "ece": lambda r: metrics.expected_calibration_error(p[r], truth.band[r]),
        "brier": lambda r: metrics.brier_score(p[r], truth.band[r]),
    }
    n = len(sadness)
    return {
        name: metrics.bootstrap(statistic, n, rounds=ROUNDS)
        for name, statistic in statistics.items()
    }


def baseline_figures(truth: Truth, votes: NDArray[np.generic]) -> dict[str, metrics.Interval]:
    """What answering the mean of the training faces, of which these are the `votes`, scores.

    The band is their most frequent one, and a mean share is positive as a face's is. Scores that
    such an answer has not, such as a precision where nobody is positive, are left out.
    """
    n, trained = len(truth.share), Truth.of(votes)
    bands = np.bincount(trained.band, minlength=4) / len(trained.band)
    emotions = metrics.emotion_shares(votes).mean(axis=0)
    least = np.finfo(float).tiny
    said = {
        "severity_logits": np.log(np.tile(bands, (n, 1)) + least),
        "emotion_logits": np.log(np.tile(emotions, (n, 1)) + least),
        "sadness": np.full(n, trained.share.mean()),
        "band": np.full(n, bands.argmax()),
    }
    found = severity_figures(said, truth, metrics.POSITIVE_SHARE)
    return {name: one for name, one in found.items() if not np.isnan(one.value)}


def paired_difference(
    a: NDArray[np.float64], b: NDArray[np.float64], share: NDArray[np.float64]
) -> metrics.Interval:
    """Correlation of `a` minus correlation of `b` with the share, on the same resampled faces."""
    return metrics.bootstrap(
        lambda r: metrics.pearson(a[r], share[r]) - metrics.pearson(b[r], share[r]),
        len(share),
        rounds=ROUNDS,
    )


def paired_auc_difference(
    a: NDArray[np.float64], b: NDArray[np.float64], positive: NDArray[np.bool_]
) -> metrics.Interval:
    """AUC of `a` minus AUC of `b`, on the same resampled faces."""
    return metrics.bootstrap(
        lambda r: metrics.roc_auc(positive[r], a[r]) - metrics.roc_auc(positive[r], b[r]),
        len(positive),
        rounds=ROUNDS,
    )


def pearson_gap(a: Said, b: Said, truth: Truth) -> metrics.Interval:
    """Correlation of what `a` says minus that of `b`, same faces."""
    return paired_difference(
        a["sadness"].astype(np.float64), b["sadness"].astype(np.float64), truth.share
    )


def auc_gap(a: Said, b: Said, truth: Truth) -> metrics.Interval:
    """AUC of what `a` says minus that of `b`, same faces."""
    return paired_auc_difference(
        a["sadness"].astype(np.float64), b["sadness"].astype(np.float64), truth.positive
    )


OUTER_CORNERS = ((36,), (45,))
EYES = (tuple(range(36, 42)), tuple(range(42, 48)))
"""Points between whose means a face is measured: the outer eye corners, or the eyes' centres (the
interocular distance)."""


def point_errors(
    said: NDArray[np.floating],
    truth: NDArray[np.floating],
    between: tuple[tuple[int, ...], tuple[int, ...]] = OUTER_CORNERS,
) -> NDArray[np.float64]:
    """Mean point distance per face in percent of the distance `between` two places of it, [n]."""
    distance = np.linalg.norm(said.astype(np.float64) - truth, axis=2).mean(axis=1)
    one, other = (truth[:, list(points)].astype(np.float64).mean(axis=1) for points in between)
    percent: NDArray[np.float64] = 100.0 * distance / np.linalg.norm(one - other, axis=1)
    return percent


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
