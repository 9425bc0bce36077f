"""Float or int8: each exported file ships as its int8 twin only where validation shows no loss.

Ranges are calibrated on training faces, the choice is made on validation faces; what was measured
of both goes into the manifest. Temperatures and cuts are chosen afterwards, on what ships.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.training import evaluate
from clinic_app.training.evaluate import Bytes, OnnxModels, Truth
from clinic_app.training.landmarks import face_crops
from clinic_app.training.prepare import Workspace
from clinic_app.training.quantise import RULES, quantise

log = logging.getLogger("training")

NAMES = ("severity", "style", "landmarks")
CALIBRATION_FACES = 256
BRIEF_FACES = 64
BRIEF_ROWS = 200


@dataclass(frozen=True)
class Figure:
    """One measured property; `worst_loss` is how much the twin may lose against the floats."""

    worst_loss: float
    more_is_better: bool = True


FIGURES: dict[str, dict[str, Figure]] = {
    "severity": {
        "pearson": Figure(0.005),
        "auc": Figure(0.005),
        "band_kappa": Figure(0.005),
        "emotion_accuracy": Figure(0.005),
        "band_as_floats": Figure(0.03),
        "emotion_as_floats": Figure(0.03),
    },
    "style": {
        "pearson_normalised": Figure(0.005),
        "emotion_agreement_clean": Figure(0.005),
        "spread_of_sadness_over_light": Figure(0.001, more_is_better=False),
        "mean_absolute_difference": Figure(0.005, more_is_better=False),
    },
    "landmarks": {
        "error_percent": Figure(0.05, more_is_better=False),
        "difference_percent": Figure(0.5, more_is_better=False),
        "asymmetry_difference_percent": Figure(0.2, more_is_better=False),
    },
}
"""Accuracies may fall by half a point. Landmarks: percent of the distance of the outer eye corners;
the difference to the floats stays far below the test-retest error of a side difference."""


def ship_twins(
    work: Workspace, folder: Path, names: Sequence[str] = NAMES, *, brief: bool = False
) -> dict[str, dict[str, Any]]:
    """Replace `names` in `folder` by their int8 twins where allowed; manifest entries by model."""
    entries = {}
    with TemporaryDirectory() as place:
        floats = _copied(folder, Path(place) / "fp32")
        for name in names:
            entries[name] = _decide(work, OnnxModels(floats), name, Path(place), brief)
            chosen = Path(place) / "chosen.onnx"
            if entries[name]["precision"] == "int8":
                chosen.replace(folder / f"{name}.onnx")
    return entries


def _decide(
    work: Workspace, floats: OnnxModels, name: str, place: Path, brief: bool
) -> dict[str, Any]:
    measure = _Bench(work, floats, brief).of[name]
    plain = measure(floats)
    faces = calibration_faces(work, floats, name, BRIEF_FACES if brief else CALIBRATION_FACES)
    best: tuple[float, str, dict[str, float]] | None = None
    for rule in RULES[: 1 if brief else None]:
        trial = _copied(floats.folder, place / "int8")
        quantise(floats.folder / f"{name}.onnx", trial / f"{name}.onnx", faces, rule)
        said = measure(OnnxModels(trial))
        strain = worst_strain(name, plain, said)
        log.info("int8 %s, range %s: strain %.2f, %s", name, rule.name, strain, said)
        if best is None or strain < best[0]:
            best = (strain, rule.name, said)
            shutil.copyfile(trial / f"{name}.onnx", place / "chosen.onnx")
    assert best is not None
    strain, range_rule, said = best
    return {
        "precision": "int8" if strain <= 1.0 else "fp32",
        "int8_comparison": {
            "part": "validation",
            "range": range_rule,
            "figures": {key: {"fp32": plain[key], "int8": said[key]} for key in plain},
            "loss_allowed": {key: figure.worst_loss for key, figure in FIGURES[name].items()},
        },
    }


def worst_strain(name: str, plain: dict[str, float], said: dict[str, float]) -> float:
    """Largest loss as a share of what is allowed: up to 1 the twin may ship."""
    losses = []
    for key, figure in FIGURES[name].items():
        gap = plain[key] - said[key] if figure.more_is_better else said[key] - plain[key]
        losses.append(gap / figure.worst_loss)
    return max(losses)


def calibration_faces(work: Workspace, floats: OnnxModels, name: str, count: int) -> Bytes:
    """Faces of training parts, evenly spread: raw and normalised, in good and in hard light."""
    if name == "landmarks":
        rows = _spread(work.ytf_split.train, count)
        return _bytes(face_crops(work.ytf_crops, rows)[0].numpy())
    half = count // 2
    plain = work.fer_faces(_spread(work.fer_split.train, half))
    lit = work.light_rows(work.yale_subjects.train)
    hard = np.repeat(work.yale_faces[_spread(lit, half // 2)][..., None], 3, axis=3)
    if name == "style":
        return np.concatenate([plain, hard])
    return np.concatenate([plain, hard, floats.normalise(np.concatenate([plain[::2], hard[::2]]))])


class _Bench:
    """What is measured of each model on validation faces; the other two files stay floats."""

    def __init__(self, work: Workspace, floats: OnnxModels, brief: bool) -> None:
        self._work = work
        self._floats = floats
        self._most = BRIEF_ROWS if brief else None
        self.of: dict[str, Callable[[OnnxModels], dict[str, float]]] = {
            "severity": self._severity,
            "style": self._style,
            "landmarks": self._landmarks,
        }

    def _faces(self) -> tuple[Bytes, Truth]:
        rows = self._work.fer_split.validation[: self._most]
        return self._work.fer_faces(rows), Truth.of(self._work.fer.votes[rows])

    def _severity(self, models: OnnxModels) -> dict[str, float]:
        faces, truth = self._faces()
        said, plain = models.read_once(faces), self._floats.read_once(faces)
        emotion = said["emotion_logits"].argmax(axis=1)
        sadness = said["sadness"].astype(np.float64)
        return {
            "pearson": metrics.pearson(sadness, truth.share),
            "auc": metrics.roc_auc(truth.positive, sadness),
            "band_kappa": metrics.quadratic_weighted_kappa(truth.band, said["band"]),
            "emotion_accuracy": float((emotion == truth.emotion).mean()),
            "band_as_floats": float((said["band"] == plain["band"]).mean()),
            "emotion_as_floats": float((emotion == plain["emotion_logits"].argmax(axis=1)).mean()),
        }

    def _style(self, models: OnnxModels) -> dict[str, float]:
        faces, truth = self._faces()
        before = self._floats.read_once(faces)["emotion_logits"].argmax(axis=1)
        even = models.normalise(faces)
        after = self._floats.read_once(even)
        reference = self._floats.normalise(faces)
        rows = self._work.light_rows(self._work.yale_subjects.validation)[:: 8 if self._most else 1]
        lit = np.repeat(self._work.yale_faces[rows][..., None], 3, axis=3)
        sadness = self._floats.read_once(models.normalise(lit))["sadness"].astype(np.float64)
        subject = self._work.yale.subject[rows]
        spread = [sadness[subject == who].std() for who in np.unique(subject)]
        return {
            "pearson_normalised": metrics.pearson(after["sadness"].astype(np.float64), truth.share),
            "emotion_agreement_clean": float(
                (before == after["emotion_logits"].argmax(axis=1)).mean()
            ),
            "spread_of_sadness_over_light": float(np.mean(spread)),
            "mean_absolute_difference": float(
                np.abs(even.astype(np.float64) - reference).mean() / 255
            ),
        }

    def _landmarks(self, models: OnnxModels) -> dict[str, float]:
        rows = self._work.ytf_split.validation[: self._most]
        frames, truth = face_crops(self._work.ytf_crops, rows)
        faces = _bytes(frames.numpy())
        points, plain = models.paired_points(faces), self._floats.paired_points(faces)
        sides, plain_sides = evaluate.asymmetry(points), evaluate.asymmetry(plain)
        apart = [np.sqrt(np.mean((sides[key] - plain_sides[key]) ** 2)) for key in sides]
        return {
            "error_percent": float(evaluate.point_errors(points, truth.numpy()).mean()),
            "difference_percent": float(evaluate.point_errors(points, plain).mean()),
            "asymmetry_difference_percent": float(max(apart)),
        }


def _copied(folder: Path, target: Path) -> Path:
    target.mkdir(exist_ok=True)
    for name in NAMES:
        shutil.copyfile(folder / f"{name}.onnx", target / f"{name}.onnx")
    return target


def _spread(rows: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    return rows[np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int)]


def _bytes(faces: NDArray[np.floating]) -> Bytes:
    return np.ascontiguousarray((faces * 255).round().astype(np.uint8).transpose(0, 2, 3, 1))
