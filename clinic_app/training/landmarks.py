"""Trains the 68-point net on video frames with machine-made points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.training import augment
from clinic_app.training.augment import Relight
from clinic_app.training.data import YtfData
from clinic_app.training.framing import FaceTemplate, five_from_68, warp
from clinic_app.training.nets import FACE_SIDE

ROOM = 1.5
"""Stored crops are this much wider than the face crop, so that random framing finds real pixels."""

MIRROR_68 = np.array(
    [
        *range(16, -1, -1),  # jaw
        *range(26, 16, -1),  # brows
        *(27, 28, 29, 30, 35, 34, 33, 32, 31),  # nose
        *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),  # eyes
        *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55),  # outer lips
        *(64, 63, 62, 61, 60, 67, 66, 65),  # inner lips
    ]
)
"""Which point of the unmirrored face each point of the mirrored face is (300-W order)."""


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
        matrix = wide.transform_from(five_from_68(marks))
        images.append(warp(image, matrix, side))
        points.append((marks @ matrix[:, :2].T + matrix[:, 2]) / side)
    return WideCrops(np.stack(images), np.stack(points).astype(np.float32))


def face_crops(crops: WideCrops, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """Unjittered face crops [n, 3, 96, 96] in [0, 1] and their points [n, 68, 2]."""
    faces = torch.from_numpy(crops.images[rows]).permute(0, 3, 1, 2).float() / 255
    still = torch.eye(2, 3).expand(len(rows), 2, 3)
    return reframe(faces, torch.from_numpy(crops.points[rows]), still)


def reframe(wide: Tensor, points: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
    """Sample face crops out of wide crops by `theta` [n, 2, 3]; a mirroring theta swaps sides."""
    theta = theta / ROOM
    n = wide.shape[0]
    grid = F.affine_grid(theta, [n, wide.shape[1], FACE_SIDE, FACE_SIDE], align_corners=False)
    faces = F.grid_sample(wide, grid, mode="bilinear", padding_mode="border", align_corners=False)
    centred = (2 * points - 1) - theta[:, None, :, 2]
    moved = centred @ torch.linalg.inv(theta[:, :, :2]).transpose(1, 2)
    mirrored = torch.linalg.det(theta[:, :, :2]) < 0
    swapped = torch.where(mirrored[:, None, None], moved[:, MIRROR_68.tolist()], moved)
    return faces, (swapped + 1) / 2


class LandmarkLoss:
    """Absolute error in units of the interocular distance, under webcam-like augmentation.

    Absolute rather than squared: the labels carry gross errors that must not pull the net.
    """

    def __init__(self, crops: WideCrops, relight: Relight | None) -> None:
        self._images = torch.from_numpy(crops.images)
        self._points = torch.from_numpy(crops.points)
        self._relight = relight

    def __call__(self, net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        with torch.autocast("cpu", enabled=False):
            faces, points = self._batch(rows, rng)
        said = net(faces.contiguous(memory_format=torch.channels_last))
        error = (said - points).abs().sum(dim=2) / interocular(points)[:, None]
        return {"points": 10 * error.mean()}

    def _batch(self, rows: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        wide = self._images[rows].permute(0, 3, 1, 2).float() / 255
        theta = augment.affine(len(rows), rng, degrees=16, zoom=0.16, shift=0.06, mirror=True)
        faces, points = reframe(wide, self._points[rows], theta)
        if self._relight is not None:
            chosen = torch.rand(len(rows), generator=rng) < 0.25
            if bool(chosen.any()):
                faces[chosen] = self._relight(faces[chosen], rng)
        faces = augment.colour_cast(augment.exposure(faces, rng), rng)
        faces = augment.jpeg(augment.soften(faces, rng), rng)
        return augment.occlude(augment.sensor_noise(faces, rng), rng), points


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
    return torch.cat([net(c.contiguous(memory_format=torch.channels_last)) for c in chunks])


class LandmarkValidation:
    """Negative mean error in percent of the interocular distance on people not trained on."""

    def __init__(self, crops: WideCrops, rows: NDArray[np.int64]) -> None:
        self._faces, self._points = face_crops(crops, rows)

    def __call__(self, net: nn.Module) -> dict[str, float]:
        error = normalised_error(predict(net, self._faces), self._points)
        return {"score": -100 * float(error.mean()), "median": 100 * float(error.median())}
