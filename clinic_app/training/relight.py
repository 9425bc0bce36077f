"""Directional light for faces that were photographed only once.

The ratio between one subject's aligned image under a side light and under frontal light holds the
shading of a face shape and hardly its identity (quotient image). Ratios of the Yale B training
subjects, smoothed and varied, light other aligned faces; ramps add directions they do not hold.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from clinic_app.training.data import YaleData
from clinic_app.training.framing import FaceTemplate

FLOOR = 6.0
"""Grey levels added to both sides of a ratio so that sensor noise in black areas stays small."""

MOST_GAIN = 0.25
"""Log gain that the brightest part may reach: a camera shortens its exposure before that."""


def aligned_yale(
    yale: YaleData, points: dict[int, NDArray[np.float64]], template: FaceTemplate, side: int
) -> NDArray[np.uint8]:
    """All images cut to the template [n, side, side]; one transform per subject for every light."""
    return np.stack(
        [
            template.crop(image, points[int(who)], side)
            for image, who in zip(yale.images, yale.subject, strict=True)
        ]
    )


def log_ratios(
    aligned: NDArray[np.uint8], yale: YaleData, subjects: NDArray[np.int64], blur: float = 0.012
) -> NDArray[np.float16]:
    """Natural-log light ratios [m, side, side] of the subjects against their frontal image."""
    side = aligned.shape[1]
    ratios = []
    for who in subjects:
        front = yale.frontal_of(int(who))
        base = _smooth(aligned[front], blur * side) + FLOOR
        for row in np.flatnonzero(yale.subject == who):
            if row != front:
                ratios.append(np.log((_smooth(aligned[row], blur * side) + FLOOR) / base))
    return np.clip(np.stack(ratios), -3.5, 1.5).astype(np.float16)


class Relighter:
    """Draws random light fields for batches of gray or colour faces in [0, 1]."""

    def __init__(self, ratios: NDArray[np.float16]) -> None:
        self._ratios = torch.from_numpy(ratios)

    def fields(self, n: int, side: int, rng: torch.Generator) -> Tensor:
        """Multipliers [n, 1, side, side] with the exposure of a camera that adapts in part."""
        pick = torch.randint(len(self._ratios), (n,), generator=rng)
        field = self._ratios[pick].float()[:, None]
        flip = torch.rand(n, generator=rng) < 0.5
        field = torch.where(flip[:, None, None, None], field.flip(3), field)
        if field.shape[-1] != side:
            field = F.interpolate(field, (side, side), mode="bilinear", align_corners=False)
        strength = 0.35 + 0.75 * torch.rand(n, 1, 1, 1, generator=rng)
        field = field * strength + _ramps(n, side, rng) * 0.5
        level = field.mean(dim=(2, 3), keepdim=True)
        adapted = torch.rand(n, 1, 1, 1, generator=rng)
        field = field - level * adapted
        bright = field.flatten(1).quantile(0.85, dim=1)[:, None, None, None]
        return torch.exp(field - F.relu(bright - MOST_GAIN))

    def __call__(self, faces: Tensor, rng: torch.Generator) -> Tensor:
        """Faces [n, c, s, s] under a random light, clipped, with sensor noise where it is dark."""
        lit = faces * self.fields(faces.shape[0], faces.shape[-1], rng)
        noise = torch.randn(lit.shape, generator=rng) * 0.008
        return (lit + noise).clamp(0.0, 1.0)


def _ramps(n: int, side: int, rng: torch.Generator) -> Tensor:
    axis = torch.linspace(-1.0, 1.0, side)
    angle = 2 * torch.pi * torch.rand(n, 1, 1, 1, generator=rng)
    slope = torch.randn(n, 1, 1, 1, generator=rng).abs() * 0.6
    plane = (
        torch.cos(angle) * axis[None, None, None, :] + torch.sin(angle) * axis[None, None, :, None]
    )
    return slope * plane


def _smooth(image: NDArray[np.uint8], sigma: float) -> NDArray[np.float64]:
    return cv2.GaussianBlur(image.astype(np.float64), (0, 0), max(sigma, 0.5)).astype(np.float64)
