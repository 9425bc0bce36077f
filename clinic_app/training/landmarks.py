"""Trains the 68-point net on faces with machine-made points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.inference.alignment import landmark_five, warp
from clinic_app.inference.landmarks import MIRRORED
from clinic_app.training import augment
from clinic_app.training.augment import Relight
from clinic_app.training.bends import Bends
from clinic_app.training.data import YtfData
from clinic_app.training.framing import FaceTemplate
from clinic_app.training.nets import FACE_SIDE, to_net

ROOM = 1.5
"""Stored crops are this much wider than the face crop, so that random framing finds real pixels."""

MIRROR_68 = MIRRORED
"""Which point of the unmirrored face each point of the mirrored face is (300-W order)."""

SIDES = ("eye_opening", "brow_height", "lip_corner")
"""What `sides` gives, in its order."""
TRIMMED = 0.05
"""Share of the largest errors of a batch that teach nothing: gross label errors."""
SIDES_WEIGHT = 15.0
_SIDE_WEIGHTS = (1.5, 1.0, 1.0)  # openings differ least and are the hardest to see


@dataclass(frozen=True)
class WideCrops:
    """Aligned colour crops with room around the face and their points as fractions of the crop."""

    images: NDArray[np.uint8]  # [n, side, side, 3]
    points: NDArray[np.float32]  # [n, 68, 2]


def wide_crops(ytf: YtfData, template: FaceTemplate) -> WideCrops:
    """Cut every frame to the template by its own points, with `ROOM` around it."""
    side = round(template.size * ROOM)
    wide = FaceTemplate(side, (template.points - 0.5) / ROOM + 0.5)
    images, points = [], []
    for image, marks in zip(ytf.images, ytf.landmarks, strict=True):
        matrix = wide.transform_from(landmark_five(marks.astype(np.float64)))
        images.append(warp(image, matrix, side))
        points.append((marks @ matrix[:, :2].T + matrix[:, 2]) / side)
    return WideCrops(np.stack(images), np.stack(points).astype(np.float32))


def face_crops(crops: WideCrops, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """Unjittered face crops [n, 3, 96, 96] in [0, 1] and their points [n, 68, 2]."""
    faces = torch.from_numpy(crops.images[rows]).permute(0, 3, 1, 2).float() / 255
    still = torch.eye(2, 3).expand(len(rows), 2, 3)
    return reframe(faces, torch.from_numpy(crops.points[rows]), still)


def reframe(
    wide: Tensor, points: Tensor, theta: Tensor, bends: Bends | None = None
) -> tuple[Tensor, Tensor]:
    """Sample face crops out of wide crops by `theta` [n, 2, 3]; a mirroring theta swaps sides.

    With `bends` the wide crops are bent first, and their points with them.
    """
    theta = theta / ROOM
    n = wide.shape[0]
    grid = F.affine_grid(theta, [n, wide.shape[1], FACE_SIDE, FACE_SIDE], align_corners=False)
    places = 2 * points - 1
    if bends is not None:
        grid, places = bends.field(grid), bends.target(places)
    faces = F.grid_sample(wide, grid, mode="bilinear", padding_mode="border", align_corners=False)
    centred = places - theta[:, None, :, 2]
    moved = centred @ torch.linalg.inv(theta[:, :, :2]).transpose(1, 2)
    mirrored = torch.linalg.det(theta[:, :, :2]) < 0
    swapped = torch.where(mirrored[:, None, None], moved[:, MIRROR_68.tolist()], moved)
    return faces, (swapped + 1) / 2


class LandmarkLoss:
    """Errors of points and of side differences, under webcam-like augmentation and bends.

    Absolute rather than squared, and without the worst of every batch: the labels carry gross
    errors that must not pull the net. `sided` says whose labels are fit to teach a difference
    between the sides (default: everyone's).
    """

    def __init__(
        self,
        crops: WideCrops,
        relight: Relight | None,
        sided: NDArray[np.bool_] | None = None,
    ) -> None:
        self._images = torch.from_numpy(crops.images)
        self._points = torch.from_numpy(crops.points)
        self._relight = relight
        everyone = np.ones(len(crops.points), dtype=bool)
        self._sided = torch.from_numpy(everyone if sided is None else sided)

    def __call__(self, net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        with torch.autocast("cpu", enabled=False):
            faces, points = self._batch(rows, rng)
        said = net(to_net(net, faces)).cpu()
        error = (said - points).abs().sum(dim=2) / interocular(points)[:, None]
        apart = (sides(said) - sides(points)).abs() * error.new_tensor(_SIDE_WEIGHTS)
        return {
            "points": 10 * trimmed_mean(error * point_weights(error)),
            "sides": SIDES_WEIGHT * trimmed_mean(apart[self._sided[rows]]),
        }

    def _batch(self, rows: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        wide = self._images[rows].permute(0, 3, 1, 2).float() / 255
        points = self._points[rows]
        theta = augment.affine(len(rows), rng, degrees=16, zoom=0.16, shift=0.06, mirror=True)
        faces, points = reframe(wide, points, theta, Bends.random(2 * points - 1, rng))
        if self._relight is not None:
            chosen = torch.rand(len(rows), generator=rng) < 0.25
            if bool(chosen.any()):
                faces[chosen] = self._relight(faces[chosen], rng)
        faces = augment.colour_cast(augment.exposure(faces, rng), rng)
        faces = augment.jpeg(augment.soften(faces, rng), rng)
        return augment.occlude(augment.sensor_noise(faces, rng), rng), points


def point_weights(like: Tensor) -> Tensor:
    """[68], mean one: the points that side differences rest on count most, the jaw least."""
    weights = like.new_ones(68)
    weights[:17] = 0.7
    weights[17:27] = 1.2
    weights[36:48] = 1.5
    weights[[48, 54]] = 1.8
    return weights / weights.mean()


def trimmed_mean(errors: Tensor) -> Tensor:
    """Mean of all but the `TRIMMED` largest errors; zero of nothing."""
    flat = errors.flatten()
    if len(flat) == 0:
        return flat.sum()
    kept = max(1, round(len(flat) * (1 - TRIMMED)))
    return flat.topk(kept, largest=False, sorted=False).values.mean()


def sides(points: Tensor) -> Tensor:
    """The program's side differences [n, 3] of points [n, 68, 2], over the eye distance.

    The same arithmetic as `inference.asymmetry.measure`, which gives percent.
    """
    right, left = points[:, 36:42].mean(dim=1), points[:, 42:48].mean(dim=1)
    along = left - right
    distance = torch.linalg.vector_norm(along, dim=1).clamp_min(1e-3)
    up = torch.stack([along[:, 1], -along[:, 0]], dim=1) / distance[:, None]
    away = points - ((right + left) / 2)[:, None]
    height = (away * up[:, None]).sum(dim=2) / distance[:, None]
    openings = [
        (height[:, upper] - height[:, lower]).mean(dim=1)
        for upper, lower in (([43, 44], [47, 46]), ([37, 38], [41, 40]))
    ]
    brow = height[:, 22:27].mean(dim=1) - height[:, 17:22].mean(dim=1)
    return torch.stack([openings[0] - openings[1], brow, height[:, 54] - height[:, 48]], dim=1)


def interocular(points: Tensor) -> Tensor:
    """Distance between the outer eye corners [n] of points [n, 68, 2]."""
    return torch.linalg.vector_norm(points[:, 36] - points[:, 45], dim=1)


def normalised_error(said: Tensor, points: Tensor) -> Tensor:
    """Mean point distance per face [n] over the interocular distance."""
    return torch.linalg.vector_norm(said - points, dim=2).mean(dim=1) / interocular(points)


@torch.no_grad()
def predict(net: nn.Module, faces: Tensor, batch: int = 256) -> Tensor:
    """Points [n, 68, 2] of face crops [n, 3, 96, 96]."""
    net.eval()
    chunks = faces.split(batch)
    return torch.cat([net(to_net(net, c)).cpu() for c in chunks])


class LandmarkValidation:
    """Errors in percent on people not trained on; the score counts points and sides alike."""

    def __init__(
        self,
        crops: WideCrops,
        rows: NDArray[np.int64],
        sided: NDArray[np.bool_] | None = None,
    ) -> None:
        self._faces, self._points = face_crops(crops, rows)
        everyone = np.ones(len(rows), dtype=bool)
        self._sided = torch.from_numpy(everyone if sided is None else sided[rows])

    def __call__(self, net: nn.Module) -> dict[str, float]:
        said = predict(net, self._faces)
        error = 100 * normalised_error(said, self._points)
        told, true = sides(said[self._sided]), sides(self._points[self._sided])
        apart = 100 * (told - true).abs().mean(dim=0)
        figures = {"score": -float(error.mean() + apart.mean()), "points": float(error.mean())}
        for name, a, b in zip(SIDES, told.T, true.T, strict=True):
            figures[f"{name}_r"] = _correlation(a, b)
        return figures


def _correlation(a: Tensor, b: Tensor) -> float:
    a, b = a.double() - a.double().mean(), b.double() - b.double().mean()
    return float((a * b).sum() / torch.sqrt((a * a).sum() * (b * b).sum()).clamp_min(1e-12))
