"""How well the shipped models do on labelled data, with ONNX Runtime and NumPy alone.

Three kinds of files are known by their labels: FER2013 with FER+ votes (agreement with raters),
Extended Yale B (steadiness under light) and YouTube Faces (landmark error). Every figure is a plain
number, a list, or `[value, low, high]` with a bootstrap 95 % interval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinic_app.domain.errors import InvalidInput
from clinic_app.inference import metrics
from clinic_app.inference.agreement import agreement, human_panel
from clinic_app.inference.alignment import at_size
from clinic_app.inference.arrays import FloatArray, RgbImage
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.datasets import LabelledPictures, load_pictures
from clinic_app.inference.models import Stages, load_stages
from clinic_app.inference.native import cv2
from clinic_app.inference.quality import judge
from clinic_app.inference.severity import FaceAnswer
from clinic_app.inference.timing import Stopwatch

Rows = NDArray[np.int64]
_BATCH = 64
_FRONTAL_NEAR = 60.0
_CHAIN_SAMPLE = 600
CHAIN_SIDE = 192
_FEWEST_TO_CORRELATE = 20
_CHAIN_COST = 2
"""So many crops are read in the time of one picture through the chain (docs/benchmarks.md)."""


def evaluate(
    data: Path,
    split: int | None,
    models: Path,
    progress: Callable[[float], object] = lambda share: None,
) -> dict[str, Any]:
    """Figures of the models in `models` on `data`; `split` chooses rows where the file has splits.
    `progress` hears the share that is done, in (0, 1] and rising.

    Raises `InvalidInput` (the data) and `ModelRejected` (the models).
    """
    pictures = load_pictures(data)
    stages = load_stages(models, threads=2)
    rows = _rows(pictures, split)
    if pictures.has("ferplus_votes"):
        figures = _expressions(stages, pictures, rows, progress)
    elif pictures.has("azimuth", "elevation", "subject"):
        figures = _light(stages, pictures, rows, progress)
    elif pictures.has("landmarks"):
        figures = _landmarks(stages, pictures, rows, progress)
    else:
        raise InvalidInput("data", "The data file has none of the labels that can be evaluated.")
    return {
        "data": data.name,
        "split": split,
        "models": dict(stages.versions),
        "reading_that_counts": "normalised" if stages.normalised_counts else "raw",
        **figures,
    }


class _Share:
    """Tells how much of so many pictures is done."""

    def __init__(self, pictures: int, tell: Callable[[float], object]) -> None:
        self._pictures, self._tell, self._done = pictures, tell, 0

    def more(self, pictures: int) -> None:
        self._done += pictures
        self._tell(min(1.0, self._done / self._pictures))


def _rows(pictures: LabelledPictures, split: int | None) -> Rows:
    chosen = np.arange(len(pictures))
    if split is not None:
        if not pictures.has("split"):
            raise InvalidInput("split", "The data file has no splits to choose from.")
        chosen = np.flatnonzero(pictures.column("split") == split)
    if not chosen.size:
        raise InvalidInput(
            "split", "The data file has no pictures in split {split}.", split=str(split)
        )
    return chosen


# ------------------------------------------------------------------ agreement with raters


def _expressions(
    stages: Stages, pictures: LabelledPictures, rows: Rows, tell: Callable[[float], object]
) -> dict[str, Any]:
    votes = pictures.column("ferplus_votes")
    rows = rows[metrics.valid_votes(votes[rows]) >= metrics.MIN_VALID_VOTES]
    if pictures.has("dup_group"):
        rows = _first_of_each_group(rows, np.asarray(pictures.column("dup_group"), np.int64))
    if not rows.size:
        raise InvalidInput("data", "No picture has enough votes to be evaluated.")
    share = _Share(len(rows) + _CHAIN_COST * min(_CHAIN_SAMPLE, len(rows)), tell)
    raw, even = _read_both(stages, (_squeezed(pictures.image(row), stages) for row in rows), share)
    truth = votes[rows]
    return {
        "kind": "agreement with raters",
        "n": len(rows),
        "rows": "at least 5 valid votes, identical pictures once",
        "raw": agreement(raw, truth, stages.severity.threshold),
        "normalised": agreement(even, truth, stages.severity.threshold),
        "human_panel": human_panel(truth),
        "through_the_whole_chain": _through_the_chain(stages, pictures, rows, share),
    }


def _through_the_chain(
    stages: Stages, pictures: LabelledPictures, rows: Rows, done: _Share
) -> dict[str, Any]:
    """The same pictures enlarged and sent through detection, alignment and the gate."""
    chain = FaceChain(stages)
    rows = rows[np.linspace(0, len(rows) - 1, min(_CHAIN_SAMPLE, len(rows))).astype(int)]
    share = metrics.sadness_share(pictures.column("ferplus_votes")[rows])
    found, accepted, sadness = [], [], []
    for place, row in enumerate(rows):
        seen = chain.see(enlarged(pictures.image(int(row))), Stopwatch())
        done.more(_CHAIN_COST)
        if seen is None:
            continue
        found.append(place)
        accepted.append(judge(seen.scores).accepted)
        both = np.concatenate([seen.batch, stages.style.normalised(seen.batch)])
        sadness.append([answer.reading.sadness for answer in stages.severity.read(both)])
    figures: dict[str, Any] = {
        "n": len(rows),
        "face_found": round(len(found) / len(rows), 4),
        "accepted": round(sum(accepted) / len(rows), 4),
    }
    kept = np.array(accepted, dtype=bool)
    if kept.sum() >= _FEWEST_TO_CORRELATE:
        truth, said = share[found][kept], np.array(sadness)[kept]
        for name, column in (("raw", 0), ("normalised", 1)):
            figures[f"{name}_pearson_of_accepted"] = round(
                metrics.pearson(said[:, column], truth), 4
            )
    return figures


def enlarged(picture: RgbImage) -> RgbImage:
    """A small crop at the size of a webcam's face, so that the size gate lets it pass."""
    factor = max(1.0, CHAIN_SIDE / min(picture.shape[:2]))
    large: RgbImage = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    return large


# ------------------------------------------------------------------ steadiness under light


def _light(
    stages: Stages, pictures: LabelledPictures, rows: Rows, tell: Callable[[float], object]
) -> dict[str, Any]:
    subject = np.asarray(pictures.column("subject"), np.int64)[rows]
    angle = _light_angle(pictures)[rows]
    crops, kept = _aligned_by_subject(stages, pictures, rows, subject, angle)
    raw, even = _read_both(stages, crops, _Share(len(crops), tell))
    subject, angle = subject[kept], angle[kept]
    return {
        "kind": "steadiness under light",
        "n": len(kept),
        "subjects": len(np.unique(subject)),
        "framing": "aligned on each subject's frontal-light picture",
        "raw": _steadiness(raw, subject, angle),
        "normalised": _steadiness(even, subject, angle),
        "bands_more_than_one_apart": round(
            float(
                np.mean(
                    [
                        abs(a.reading.band - b.reading.band) > 1
                        for a, b in zip(raw, even, strict=True)
                    ]
                )
            ),
            4,
        ),
    }


def _steadiness(answers: list[FaceAnswer], subject: Rows, angle: FloatArray) -> dict[str, float]:
    sadness = np.array([a.reading.sadness for a in answers])
    band = np.array([int(a.reading.band) for a in answers])
    flipped = np.zeros(len(band), bool)
    frontal = np.zeros(len(band), bool)
    for who in np.unique(subject):
        mine = np.flatnonzero(subject == who)
        front = mine[np.argmin(angle[mine])]
        flipped[mine] = band[mine] != band[front]
        frontal[front] = True
    near = ~frontal & (angle <= _FRONTAL_NEAR)
    return {
        "spread_of_sadness": round(metrics.per_subject_spread(sadness, subject), 4),
        "band_flips": round(float(flipped[~frontal].mean()), 4),
        "band_flips_within_60_degrees": round(float(flipped[near].mean()), 4),
    }


def _light_angle(pictures: LabelledPictures) -> FloatArray:
    """Degrees between light and camera axis."""
    azimuth, elevation = (
        np.deg2rad(np.asarray(pictures.column(name), np.float64))
        for name in ("azimuth", "elevation")
    )
    cosine = np.clip(np.cos(azimuth) * np.cos(elevation), -1.0, 1.0)
    angle: FloatArray = np.rad2deg(np.arccos(cosine))
    return angle


def _aligned_by_subject(
    stages: Stages, pictures: LabelledPictures, rows: Rows, subject: Rows, angle: FloatArray
) -> tuple[list[RgbImage], Rows]:
    """Crops of every subject whose face is found under frontal light, and their places in `rows`.

    One alignment a subject: the pictures differ in light alone.
    """
    chain = FaceChain(stages)
    crops: dict[int, RgbImage] = {}
    for who in np.unique(subject):
        mine = np.flatnonzero(subject == who)
        front = pictures.image(int(rows[mine[np.argmin(angle[mine])]]))
        seen = chain.see(front, Stopwatch())
        if seen is None:
            continue
        for place in mine:
            picture = pictures.image(int(rows[place]))
            crops[int(place)] = at_size(picture, seen.crop, seen.crop.side)
    kept = np.array(sorted(crops), dtype=np.int64)
    if not kept.size:
        raise InvalidInput("data", "No face was found in the data file.")
    return [crops[int(place)] for place in kept], kept


# ------------------------------------------------------------------ landmarks


def _landmarks(
    stages: Stages, pictures: LabelledPictures, rows: Rows, tell: Callable[[float], object]
) -> dict[str, Any]:
    truth = np.asarray(pictures.column("landmarks"), np.float64)
    chain, errors, missed = FaceChain(stages), [], 0
    share = _Share(len(rows), tell)
    for row in rows:
        picture = pictures.image(int(row))
        seen = chain.see(picture, Stopwatch())
        share.more(1)
        if seen is None:
            missed += 1
            continue
        scale = np.linalg.norm(truth[row, 36] - truth[row, 45])
        errors.append(
            100.0 * np.linalg.norm(chain.exact_points(seen) - truth[row], axis=1).mean() / scale
        )
    if not errors:
        raise InvalidInput("data", "No face was found in the data file.")
    return {
        "kind": "landmarks through the whole chain",
        "n": len(errors),
        "no_face_found": missed,
        "error_percent_of_eye_corner_distance": {
            "mean": round(float(np.mean(errors)), 3),
            "median": round(float(np.median(errors)), 3),
            "percentile_90": round(float(np.percentile(errors, 90)), 3),
        },
    }


# ------------------------------------------------------------------ shared


def _squeezed(picture: RgbImage, stages: Stages) -> RgbImage:
    """An already cropped face at the size the models take."""
    side = stages.template.size
    square: RgbImage = cv2.resize(picture, (side, side), interpolation=cv2.INTER_LINEAR)
    return square


def _read_both(
    stages: Stages, crops: Iterable[RgbImage], share: _Share
) -> tuple[list[FaceAnswer], list[FaceAnswer]]:
    """Answers for every crop as it is and evened out."""
    raw: list[FaceAnswer] = []
    even: list[FaceAnswer] = []
    batch: list[RgbImage] = []

    def flush() -> None:
        faces = np.stack(batch).transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
        raw.extend(stages.severity.read(faces))
        even.extend(stages.severity.read(stages.style.normalised(faces)))
        share.more(len(batch))
        batch.clear()

    for crop in crops:
        batch.append(crop)
        if len(batch) == _BATCH:
            flush()
    if batch:
        flush()
    return raw, even


def _first_of_each_group(rows: Rows, group: Rows) -> Rows:
    grouped = rows[group[rows] >= 0]
    _, first = np.unique(group[grouped], return_index=True)
    return np.sort(np.concatenate([rows[group[rows] < 0], grouped[first]]))
