"""Made-up pictures that change slowly."""

from __future__ import annotations

import torch
from torch import Tensor


def pictures(count: int, seed: int, side: int = 48) -> Tensor:
    """[count, 3, side, side] as bytes have them, so that both sides of a comparison begin alike."""
    rng = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 6, 6, generator=rng)
    smooth = torch.nn.functional.interpolate(coarse, (side, side), mode="bilinear")
    return (255 * smooth).round() / 255
