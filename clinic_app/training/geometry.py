"""Fits the geometry baseline: 68 points of the shipped landmark net, no pixels, a minute of work.

`python -m clinic_app.training geometry` writes it beside the other models; it has to be fitted anew
whenever the landmark net changes, because it learned that net's points.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from clinic_app.inference import geometry, metrics
from clinic_app.inference.geometry import GeometryModel
from clinic_app.inference.landmarks import mirrored
from clinic_app.inference.manifest import load_manifest
from clinic_app.training import calibrate, manifest
from clinic_app.training.evaluate import Truth
from clinic_app.training.files import whole
from clinic_app.training.prepare import Workspace
from clinic_app.training.scores import reading_figures
from clinic_app.training.splits import Split

log = logging.getLogger("training")

FILE = "geometry.npz"
BRIEF = 800
"""Faces of each part that a quick run looks at."""
CENTRES, AROUND = 1500, 12
"""Radial functions, and how many faces the middle of each is the mean of: the file is shipped, and
what it holds shall be nobody's face."""
WIDTHS = (0.3, 0.45)
PENALTIES = (0.003, 0.01, 0.03, 0.1)
LINEAR_PENALTY = 100.0
"""How much more the straight terms are held back than the radial ones."""
CHUNK = 4000
BATCH = 32


@dataclass(frozen=True)
class Fitted:
    """The model with how it was chosen and what it reaches."""

    model: GeometryModel
    width: float
    penalty: float
    validation_pearson: float


def fer_points(work: Workspace, landmarks: Path) -> NDArray[np.float32]:
    """Points [n, 68, 2] of every FER image by the given net; kept per landmark file."""
    everyone = np.arange(len(work.fer.images))
    path = _kept_points(work, landmarks)
    if not path.exists():
        log.info("geometry: finding the points of %d faces", len(everyone))
        with whole(path) as place:
            np.save(place, points_at(work, landmarks, everyone))
    kept: NDArray[np.float32] = np.load(path)
    return kept


def _kept_points(work: Workspace, landmarks: Path) -> Path:
    return work.cache / f"fer_points68_{_sha256(landmarks)[:16]}.npy"


def points_at(work: Workspace, landmarks: Path, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Points of some rows, at their places in an array of all; the others may be unknown (nan)."""
    if len(rows) < len(work.fer.images) and _kept_points(work, landmarks).exists():
        return fer_points(work, landmarks)
    session = ort.InferenceSession(str(landmarks), providers=["CPUExecutionProvider"])
    points = np.full((len(work.fer.images), 68, 2), np.nan, dtype=np.float32)
    for first in range(0, len(rows), BATCH):
        some = rows[first : first + BATCH]
        points[some] = points_of(session, work.fer_faces(some))
    return points


def points_of(session: ort.InferenceSession, faces: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean of the answers for crops [n, 96, 96, 3] and their mirror images, as the program's."""
    batch = faces.transpose(0, 3, 1, 2).astype(np.float32) / 255
    (straight,) = session.run(["points"], {"face": batch})
    (turned,) = session.run(["points"], {"face": np.ascontiguousarray(batch[..., ::-1])})
    back = np.stack([mirrored(face, 1.0) for face in turned])
    mean: NDArray[np.float64] = (straight.astype(np.float64) + back) / 2.0
    return mean


def fit(work: Workspace, points: NDArray[np.float32], split: Split | None = None) -> Fitted:
    """Ridge on radial functions; width and penalty with the best correlation on validation faces.

    The cuts and the threshold are then chosen on the same faces, as for the network. `split` names
    the rows to use, all of FER2013's own split when None.
    """
    used = split or work.fer_split
    train, held, votes = used.train, used.validation, work.fer.votes
    target = np.column_stack([metrics.sadness_share(votes), metrics.emotion_shares(votes)])
    shapes = geometry.features(points[train])
    mean, scale = shapes.mean(axis=0), shapes.std(axis=0) + 1e-6
    known = geometry.standardise(shapes, mean, scale)
    asked = geometry.standardise(geometry.features(points[held]), mean, scale)
    chosen = np.random.default_rng(work.seed).choice(len(known), min(CENTRES, len(known)), False)
    centres = middles(known, chosen)
    best: tuple[float, float, float, NDArray[np.float64]] | None = None
    for width in WIDTHS:
        products, sums = _normal_equations(known, target[train], centres, width)
        seen = geometry.expand(asked, centres, width)
        for penalty in PENALTIES:
            weights = _solve(products, sums, len(centres), penalty)
            r = metrics.pearson(seen @ weights[:, 0], target[held, 0])
            if best is None or r > best[0]:
                best = (r, width, penalty, weights)
    assert best is not None
    r, width, penalty, weights = best
    log.info("geometry: width %g, penalty %g, validation correlation %.4f", width, penalty, r)
    draft = GeometryModel(mean, scale, centres, width, weights, np.zeros(3), 0.0)
    score, truth = draft.read(points[held]).sadness, Truth.of(votes[held])
    cuts = np.asarray(calibrate.ordinal_cuts(score, truth.band))
    threshold = metrics.best_balanced_threshold(truth.positive, score)
    model = GeometryModel(mean, scale, centres, width, weights, cuts, threshold)
    return Fitted(GeometryModel.of_bytes(model.to_bytes()), width, penalty, r)


def middles(known: NDArray[np.float64], chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each of the `chosen` rows of shapes [n, k] the mean of it and of those nearest to it,
    `AROUND` in all, rounded as the file holds them."""
    squares, found = np.square(known).sum(axis=1), []
    for rows in np.array_split(chosen, max(1, len(chosen) // 100)):
        apart = squares - 2.0 * known[rows] @ known.T  # of a row's own size nothing depends
        near = np.argpartition(apart, AROUND - 1, axis=1)[:, :AROUND]
        found.append(known[near].mean(axis=1))
    return np.concatenate(found).astype(np.float32).astype(np.float64)


def _normal_equations(
    known: NDArray[np.float64],
    target: NDArray[np.float64],
    centres: NDArray[np.float64],
    width: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    size = len(centres) + known.shape[1] + 1
    products, sums = np.zeros((size, size)), np.zeros((size, target.shape[1]))
    for first in range(0, len(known), CHUNK):
        seen = geometry.expand(known[first : first + CHUNK], centres, width)
        products += seen.T @ seen
        sums += seen.T @ target[first : first + CHUNK]
    return products, sums


def _solve(
    products: NDArray[np.float64], sums: NDArray[np.float64], centres: int, penalty: float
) -> NDArray[np.float64]:
    held_back = np.full(len(products), penalty)
    held_back[centres:] = penalty * LINEAR_PENALTY
    held_back[-1] = 1e-9  # the constant is free
    solved = np.linalg.solve(products + np.diag(held_back), sums)
    return np.asarray(solved, dtype=np.float64)


def public_figures(
    work: Workspace,
    model: GeometryModel,
    points: NDArray[np.float32],
    split: Split | None = None,
) -> dict[str, Any]:
    """What the model reaches on the public test part, with intervals."""
    rows = (split or work.fer_split).test
    said = model.read(points[rows])
    truth = Truth.of(work.fer.votes[rows])
    return {
        "part": "public test part of FER2013, at least 5 valid votes, duplicates once",
        "n": len(rows),
        "figures": reading_figures(
            said.sadness, said.band, said.emotions.argmax(axis=1), truth, model.threshold
        ),
    }


def shipped(folder: Path) -> GeometryModel | None:
    """The model that `folder` ships, if it was fitted to the landmark net beside it."""
    entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["models"]
    entry, landmarks = entries.get(geometry.NAME), folder / "landmarks.onnx"
    if entry is None or entry["points_from"] != _sha256(landmarks):
        return None
    return geometry.load_geometry(folder, load_manifest(folder))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def release_geometry(
    work: Workspace, folder: Path, version: str, *, brief: bool = False
) -> dict[str, Any]:
    """Fit on the points of `folder/landmarks.onnx`; write file, manifest entry and card there.

    `brief` looks at some of the faces only, for quick runs.
    """
    landmarks, split = folder / "landmarks.onnx", work.fer_split
    if brief:
        split = Split(*(rows[:BRIEF] for rows in (split.train, split.validation, split.test)))
        some = np.concatenate([split.train, split.validation, split.test])
        points = points_at(work, landmarks, some)
    else:
        points = fer_points(work, landmarks)
    fitted = fit(work, points, split)
    content = fitted.model.to_bytes()
    with whole(folder / FILE) as place:
        place.write_bytes(content)
    entry = {
        **_facts(work, fitted, version),
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "points_from": _sha256(landmarks),
        "metrics": manifest.plain(public_figures(work, fitted.model, points, split)),
    }
    manifest.write(folder, work.template, {geometry.NAME: entry})
    (folder / "cards").mkdir(exist_ok=True)
    (folder / "cards" / "geometry.md").write_text(_card(entry), encoding="utf-8")
    return entry


def _facts(work: Workspace, fitted: Fitted, version: str) -> dict[str, Any]:
    return {
        "file": FILE,
        "version": version,
        "kind": "arrays",
        "input": {"name": "points", "values": "68 points [n, 68, 2] in 300-W order, any unit"},
        "outputs": ["sadness", "band", "emotions"],
        "data": [manifest.FER_DATA, "the points that landmarks.onnx finds on it"],
        "seed": work.seed,
        "licence": manifest.LICENCE,
        "card": "cards/geometry.md",
        "meaning": (
            "The baseline to compare with: what the places of 68 points alone tell about what "
            "raters saw. No reading of a patient rests on it. " + manifest.MEANING
        ),
        "method": (
            f"ridge regression on {len(fitted.model.centres)} radial functions (each at the "
            f"mean of {AROUND} faces, width {fitted.width:g}) and "
            f"{fitted.model.mean.size} features of the levelled points, penalty "
            f"{fitted.penalty:g}; width, penalty, cuts and threshold chosen on the validation "
            "part"
        ),
        "calibration_notes": {
            "band_cuts_on_sadness": [round(float(cut), 5) for cut in fitted.model.cuts],
            "threshold_share_0.35_on_sadness": round(fitted.model.threshold, 5),
            "validation_pearson": round(fitted.validation_pearson, 5),
        },
    }


_ROWS = (
    ("pearson", "Correlation with the raters' share"),
    ("auc", "AUC, share of raters at least 0.35"),
    ("balanced_accuracy", "Balanced accuracy, share at least 0.35"),
    ("band_kappa", "Quadratic weighted kappa of the band"),
    ("emotion_accuracy", "Emotion most raters chose"),
)


def _card(entry: Mapping[str, Any]) -> str:
    figures = entry["metrics"]["figures"]
    table = "\n".join(
        f"| {label} | {figures[name][0]:.3f} | {figures[name][1]:.3f} to {figures[name][2]:.3f} |"
        for name, label in _ROWS
    )
    return f"""# Geometry baseline {entry["version"]}

Reads a face from the places of 68 points alone, without its pixels. It stands beside the severity
net as the baseline to beat: the distance between the two is what looking at the picture adds. The
program shows nobody its answer, and no reading of a patient rests on it.

**What the numbers mean.** {manifest.MEANING}

## How it was made
The points are those that the shipped landmark net finds, levelled on the eyes. From them come
coordinates, openings, heights, angles, slopes, ratios and differences between the two sides.
Method: {entry["method"]}.

## How well it does
{entry["metrics"]["part"]}; n = {entry["metrics"]["n"]}. Intervals are bootstrap 95 %.

| | value | 95 % interval |
| --- | --- | --- |
{table}

## Limits
- It inherits the landmark net's errors; that net learned machine-made points from video frames, and
  the photographs here are 48 pixels wide.
- Wrinkles, gaze, tears and tension are invisible to it.
- {entry["licence"]}.
"""
