"""How far the side differences of one face scatter when it is photographed again and again.

Repeats are burst-like: held-out photographs are moved, turned, slightly tilted in depth, exposed
differently, given sensor noise and coded again, and the detector's points tremble. Each repeat goes
through the program's own two framings. A changing expression is no part of it, so the figures are
the error of measuring, not the day-to-day variation of a person.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from clinic_app.inference import metrics
from clinic_app.inference.alignment import AlignedFace, aligned, landmark_five, realigned
from clinic_app.inference.manifest import FaceTemplate as ShippedTemplate
from clinic_app.training import evaluate, manifest
from clinic_app.training.evaluate import OnnxModels
from clinic_app.training.framing import FaceTemplate

Image = NDArray[np.uint8]
Five = NDArray[np.float64]
"""Eyes, nose tip and lip corners [5, 2] in pixels, as the detector gives them."""
TREMBLE = 0.04
"""Standard deviation of the detector's points, in eye distances."""
_TURN, _ZOOM, _SHIFT, _TILT = 2.0, 0.03, 0.02, 0.015
"""Degrees; log scale; shift and corner moves as shares of the side."""


def retest_deviation(
    models: OnnxModels,
    pictures: Sequence[Image],
    five: Sequence[Five],
    template: FaceTemplate,
    repeats: int = 8,
    seed: int = 0,
) -> dict[str, metrics.Interval]:
    """Standard deviation of each side difference over repeats, in percent of the eye distance:
    the root mean square of the deviations of faces [h, w, 3]; the interval resamples faces."""
    rng = np.random.default_rng(seed)
    shipped = ShippedTemplate.model_validate(manifest.template_entry(template))
    repeated: dict[str, list[NDArray[np.float64]]] = {}
    for _ in range(repeats):
        takes = [retaken(*face, rng) for face in zip(pictures, five, strict=True)]
        coarse = [aligned(picture, points, shipped) for picture, points in takes]
        found = _points(models, coarse)
        crops = [
            realigned(picture, crop, landmark_five(crop.to_picture(points)), shipped).measuring
            for (picture, _), crop, points in zip(takes, coarse, found, strict=True)
        ]
        for name, value in evaluate.asymmetry(_points(models, crops)).items():
            repeated.setdefault(name, []).append(value)
    scatter = {name: np.stack(values).var(axis=0, ddof=1) for name, values in repeated.items()}
    return {name: _root_mean(variance) for name, variance in scatter.items()}


def _root_mean(variance: NDArray[np.float64]) -> metrics.Interval:
    return metrics.bootstrap(
        lambda r: float(np.sqrt(variance[r].mean())), len(variance), rounds=evaluate.ROUNDS
    )


def retaken(picture: Image, five: Five, rng: np.random.Generator) -> tuple[Image, Five]:
    """The face photographed once more, and where the detector finds its points."""
    side = max(picture.shape[:2])
    size = (picture.shape[1], picture.shape[0])
    middle, angle = (size[0] / 2, size[1] / 2), float(rng.normal(0, _TURN))
    zoom = float(np.exp(rng.normal(0, _ZOOM)))
    turn = np.asarray(cv2.getRotationMatrix2D(middle, angle, zoom), dtype=np.float64)
    turn[:, 2] += rng.normal(0, _SHIFT * side, 2)
    corners = np.array([[0, 0], [size[0], 0], [0, size[1]], list(size)], dtype=np.float32)
    tilted = (corners + rng.normal(0, _TILT * side, (4, 2))).astype(np.float32)
    whole = cv2.getPerspectiveTransform(corners, tilted) @ np.vstack([turn, [0.0, 0.0, 1.0]])
    moved = cv2.warpPerspective(
        picture, whole, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    lit = 255 * (moved / 255.0) ** np.exp(rng.normal(0, 0.08)) * np.exp(rng.normal(0, 0.05))
    noisy = np.clip(lit + rng.normal(0, 2.5, lit.shape), 0, 255).astype(np.uint8)
    quality = int(rng.integers(80, 96))
    coded = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    taken = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert taken is not None
    points = cv2.perspectiveTransform(five[None].astype(np.float64), whole)[0]
    apart = float(np.hypot(*(points[1] - points[0])))
    trembling = points + rng.normal(0, TREMBLE * apart, points.shape)
    return taken.astype(np.uint8, copy=False), np.asarray(trembling, dtype=np.float64)


def _points(models: OnnxModels, crops: Sequence[AlignedFace]) -> NDArray[np.float64]:
    """Landmarks [n, 68, 2] in pixels of each crop, as the program takes them."""
    answer: NDArray[np.float64] = (
        models.paired_points(np.stack([crop.image for crop in crops])) * crops[0].side
    )
    return answer
