"""What a webcam crop does to a face: pose of the crop, exposure, light, blur, noise, coding.

Batches are float tensors [n, c, s, s] in [0, 1]; every function takes its own random generator, so
that a run repeats exactly.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

Relight = Callable[[Tensor, torch.Generator], Tensor]


def _uniform(n: int, low: float, high: float, rng: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(n, generator=rng)


def geometry(
    faces: Tensor,
    rng: torch.Generator,
    *,
    degrees: float = 12.0,
    zoom: float = 0.14,
    shift: float = 0.06,
    mirror: bool = True,
) -> Tensor:
    """Random mirror, rotation, zoom, slight change of aspect and shift; edges are repeated."""
    return F.grid_sample(
        faces,
        F.affine_grid(
            affine(faces.shape[0], rng, degrees=degrees, zoom=zoom, shift=shift, mirror=mirror),
            list(faces.shape),
            align_corners=False,
        ),
        mode="bilinear",
        padding_mode="border",
        align_corners=False,
    )


def nudge(faces: Tensor, rng: torch.Generator, pixels: int = 2) -> Tensor:
    """Random mirror and shift by whole pixels: nothing is interpolated, so nothing is softened.

    For faces that `geometry` has moved once already. Edges are repeated.
    """
    n, _, height, width = faces.shape
    wide = F.pad(faces, (pixels,) * 4, mode="replicate")
    places = torch.randint(2 * pixels + 1, (n, 2), generator=rng).tolist()
    moved = torch.stack(
        [face[:, y : y + height, x : x + width] for face, (y, x) in zip(wide, places, strict=True)]
    )
    mirrored = torch.rand(n, generator=rng) < 0.5
    return torch.where(mirrored[:, None, None, None], moved.flip(3), moved)


def affine(
    n: int, rng: torch.Generator, *, degrees: float, zoom: float, shift: float, mirror: bool
) -> Tensor:
    """Random sampling transforms [n, 2, 3] in the [-1, 1] coordinates of `affine_grid`."""
    angle = torch.deg2rad(torch.randn(n, generator=rng) * degrees / 2).clamp(-0.6, 0.6)
    scale = torch.exp(torch.randn(n, generator=rng) * zoom / 2)
    aspect = torch.exp(torch.randn(n, generator=rng) * 0.04)
    sign = torch.where(torch.rand(n, generator=rng) < (0.5 if mirror else 0.0), -1.0, 1.0)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    move = torch.randn(n, 2, generator=rng) * shift
    top = torch.stack([cos * aspect * sign, -sin / aspect, move[:, 0]], dim=1)
    bottom = torch.stack([sin * aspect * sign, cos / aspect, move[:, 1]], dim=1)
    return torch.stack([top, bottom], dim=1)


def exposure(faces: Tensor, rng: torch.Generator) -> Tensor:
    """Gamma, gain and offset as cameras and screens differ."""
    n = faces.shape[0]
    gamma = torch.exp(torch.randn(n, generator=rng) * 0.22)[:, None, None, None]
    gain = _uniform(n, 0.75, 1.2, rng)[:, None, None, None]
    offset = _uniform(n, -0.06, 0.06, rng)[:, None, None, None]
    return (faces.clamp_min(1e-4) ** gamma * gain + offset).clamp(0.0, 1.0)


def colour_cast(faces: Tensor, rng: torch.Generator) -> Tensor:
    """White balance errors: one gain per channel (gray batches come back unchanged)."""
    if faces.shape[1] == 1:
        return faces
    gain = torch.exp(torch.randn(faces.shape[0], 3, 1, 1, generator=rng) * 0.1)
    return (faces * gain).clamp(0.0, 1.0)


def soften(faces: Tensor, rng: torch.Generator, share: float = 0.25) -> Tensor:
    """Low resolution: some of the batch is reduced to 50-90 % of its size and enlarged again."""
    side = faces.shape[-1]
    small = max(8, int(side * float(_uniform(1, 0.5, 0.9, rng))))
    chosen = torch.rand(faces.shape[0], generator=rng) < share
    if not bool(chosen.any()):
        return faces
    low = F.interpolate(faces[chosen], (small, small), mode="area")
    faces = faces.clone()
    faces[chosen] = F.interpolate(low, (side, side), mode="bilinear", align_corners=False)
    return faces


def sensor_noise(faces: Tensor, rng: torch.Generator) -> Tensor:
    """Gaussian noise of a random strength per image, at most about 5 grey levels in 255."""
    sigma = _uniform(faces.shape[0], 0.0, 0.02, rng)[:, None, None, None]
    return (faces + torch.randn(faces.shape, generator=rng) * sigma).clamp(0.0, 1.0)


def jpeg(faces: Tensor, rng: torch.Generator, share: float = 0.1) -> Tensor:
    """Real JPEG coding at quality 35-90 of some of the batch."""
    chosen = torch.nonzero(torch.rand(faces.shape[0], generator=rng) < share).flatten().tolist()
    if not chosen:
        return faces
    faces = faces.clone()
    for k in chosen:
        quality = int(_uniform(1, 35, 90, rng))
        pixels = (faces[k].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
        _, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        flag = cv2.IMREAD_COLOR if faces.shape[1] == 3 else cv2.IMREAD_GRAYSCALE
        decoded = cv2.imdecode(coded, flag)
        assert decoded is not None
        faces[k] = torch.from_numpy(decoded.reshape(pixels.shape)).permute(2, 0, 1).float() / 255
    return faces


def occlude(faces: Tensor, rng: torch.Generator, share: float = 0.15) -> Tensor:
    """A flat patch over part of the face, as a hand, hair or microphone."""
    faces = faces.clone()
    side = faces.shape[-1]
    for k in torch.nonzero(torch.rand(faces.shape[0], generator=rng) < share).flatten().tolist():
        h, w = (int(side * float(_uniform(1, 0.1, 0.35, rng))) for _ in range(2))
        y, x = (int(torch.randint(0, side - d, (1,), generator=rng)) for d in (h, w))
        faces[k, :, y : y + h, x : x + w] = torch.rand(1, generator=rng)
    return faces


def webcam(
    faces: Tensor, rng: torch.Generator, relight: Relight | None = None, relit_share: float = 0.3
) -> Tensor:
    """The full chain used for severity training, applied to clean aligned faces."""
    faces = geometry(faces, rng)
    if relight is not None:
        chosen = torch.rand(faces.shape[0], generator=rng) < relit_share
        if bool(chosen.any()):
            faces = faces.clone()
            faces[chosen] = relight(faces[chosen], rng)
    faces = exposure(faces, rng)
    faces = soften(faces, rng)
    faces = jpeg(faces, rng)
    return occlude(sensor_noise(faces, rng), rng)
