"""Whether the program's side differences are true: judged by a second opinion and by known bends.

The labels of the video frames cannot judge: their own side differences are mostly error. Two other
measures can. A face-mesh model's mean over a picture and its mirror image, on people not trained
on: a judge of its own only for nets that it did not teach. And pictures bent by a known amount on
each side alone, where no label takes part: the change that the program tells against the true one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.training import evaluate
from clinic_app.training.bends import Bends
from clinic_app.training.evaluate import Bytes, OnnxModels
from clinic_app.training.landmarks import WideCrops, face_crops, reframe
from clinic_app.training.point_labels import FacePool
from clinic_app.training.prepare import Workspace

Sides = Mapping[str, NDArray[np.float64]]
"""The three side differences of n faces in percent of the eye distance."""
ROUNDS = 400
VIDEO, PHOTOGRAPHS = "YouTube Faces, people not trained on", "UTKFace, faces not trained on"


def with_second_opinion(
    models: OnnxModels, pool: FacePool, work: Workspace, most: int | None = None
) -> dict[str, Any]:
    """Correlation, slope and error against the second opinion; empty when there is none."""
    if pool.second_opinion is None:
        return {}
    frames = len(work.ytf.identity)
    tested = pool.test[pool.sided[pool.test]]
    parts = {VIDEO: tested[tested < frames], PHOTOGRAPHS: tested[tested >= frames]}
    return {
        name: compared(
            told(models, face_crops(pool.crops, rows)[0]),
            evaluate.asymmetry(pool.crops.points[rows]),
            _who(work, rows),
        )
        for name, rows in ((name, spread(rows, most)) for name, rows in parts.items())
    }


def with_known_bends(
    models: OnnxModels, crops: WideCrops, rows: NDArray[np.int64], seed: int = 0
) -> dict[str, Any]:
    """Correlation, slope and error of told changes against true ones, every face bent once."""
    wide = torch.from_numpy(crops.images[rows]).permute(0, 3, 1, 2).float() / 255
    points = torch.from_numpy(crops.points[rows])
    still = torch.eye(2, 3).expand(len(rows), 2, 3)
    bends = Bends.random(2 * points - 1, torch.Generator().manual_seed(seed), share=1.0)
    plain, places = reframe(wide, points, still)
    bent, moved = reframe(wide, points, still, bends)
    truth = _changes(evaluate.asymmetry(moved.numpy()), evaluate.asymmetry(places.numpy()))
    seen = _changes(told(models, bent), told(models, plain))
    return compared(seen, truth, np.arange(len(rows)))


def told(models: OnnxModels, faces: torch.Tensor) -> Sides:
    """What the program says of crops [n, 3, 96, 96] in [0, 1]."""
    pixels: Bytes = (faces * 255).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
    return evaluate.asymmetry(models.paired_points(pixels))


def compared(said: Sides, truth: Sides, who: NDArray[np.integer]) -> dict[str, Any]:
    """By measure; intervals resample people. `slope` is told over true, one for a true measure."""
    return {
        "n": len(who),
        "people": len(np.unique(who)),
        "measures": {name: _beside(said[name], truth[name], who) for name in said},
    }


def deviations(said: Sides, who: NDArray[np.integer]) -> dict[str, metrics.Interval]:
    """Standard deviation of every measure over all pictures; intervals resample people."""
    return {name: _over_people(partial(_deviation, values), who) for name, values in said.items()}


def _deviation(values: NDArray[np.float64], rows: NDArray[np.integer]) -> float:
    return float(values[rows].std())


def _beside(
    a: NDArray[np.float64], b: NDArray[np.float64], who: NDArray[np.integer]
) -> dict[str, metrics.Interval]:
    statistics: dict[str, Callable[[NDArray[np.integer]], float]] = {
        "correlation": lambda rows: metrics.pearson(a[rows], b[rows]),
        "slope": lambda rows: _slope(b[rows], a[rows]),
        "error": lambda rows: float((a[rows] - b[rows]).std()),
        "deviation": partial(_deviation, b),
    }
    return {name: _over_people(statistic, who) for name, statistic in statistics.items()}


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Of the least-squares line; not defined where all x are equal."""
    away = x - x.mean()
    spread_of_x = float((away**2).sum())
    return float((away * (y - y.mean())).sum()) / spread_of_x if spread_of_x else float("nan")


def _over_people(
    statistic: Callable[[NDArray[np.integer]], float], who: NDArray[np.integer]
) -> metrics.Interval:
    """The statistic of all pictures; the interval resamples people with all of theirs."""
    rows_of = [np.flatnonzero(who == person) for person in np.unique(who)]
    return metrics.bootstrap(
        lambda chosen: statistic(np.concatenate([rows_of[k] for k in chosen])),
        len(rows_of),
        rounds=ROUNDS,
    )


def spread(rows: NDArray[np.int64], most: int | None) -> NDArray[np.int64]:
    """At most so many of the rows, evenly spread."""
    if most is None or len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(int)]


def _changes(after: Sides, before: Sides) -> Sides:
    return {name: after[name] - before[name] for name in after}


def _who(work: Workspace, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Who is seen: the person of a video frame, and everyone of UTKFace once."""
    frames = len(work.ytf.identity)
    later = work.ytf.identity.max() + 1 + rows
    return np.where(rows < frames, work.ytf.identity[np.minimum(rows, frames - 1)], later)
