"""Small known changes of a face: an eye opened or narrowed, a brow or a lip corner moved.

Labels of points are too coarse to teach or to prove a difference between the two sides of a face;
a picture bent by a known amount is exact. Bends teach the point net to follow what is seen on each
side alone, and measure whether it does. Places are in the [-1, 1] coordinates of a wide crop, where
the eye centres are about 0.52 apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

EYES, BROWS, CORNERS = slice(0, 2), slice(2, 4), slice(4, 6)
"""Which anchors belong to which feature; the patient's right side comes first."""
_WIDTHS = ((0.13, 0.06),) * 2 + ((0.16, 0.09),) * 2 + ((0.13, 0.13),) * 2
_FIELD_SIDE = 48
"""A bend is smooth: its field is computed at half the crop's resolution."""
_STEPS = 8
_MOST_STRETCH = 0.6


@dataclass(frozen=True)
class Bends:
    """For six anchors a face: centre, shift and stretch about the centre, each [n, 6, 2]."""

    centre: Tensor
    shift: Tensor
    stretch: Tensor

    @classmethod
    def none(cls, places: Tensor) -> Bends:
        """Anchors on points [n, 68, 2] in [-1, 1] that move nothing."""
        centre = torch.stack(
            [
                places[:, 36:42].mean(dim=1),
                places[:, 42:48].mean(dim=1),
                places[:, 17:22].mean(dim=1),
                places[:, 22:27].mean(dim=1),
                places[:, 48],
                places[:, 54],
            ],
            dim=1,
        )
        return cls(centre, torch.zeros_like(centre), torch.zeros_like(centre))

    @classmethod
    def random(cls, places: Tensor, rng: torch.Generator, share: float = 0.6) -> Bends:
        """Each side by itself; about a natural spread. `share` of the faces are bent at all."""
        still = cls.none(places)
        n = places.shape[0]
        bent = (torch.rand(n, 1, 1, generator=rng) < share).float()
        shift, stretch = torch.zeros(n, 6, 2), torch.zeros(n, 6, 2)
        shift[:, BROWS] = torch.randn(n, 2, 2, generator=rng) * torch.tensor([0.006, 0.012])
        shift[:, CORNERS] = torch.randn(n, 2, 2, generator=rng) * torch.tensor([0.010, 0.015])
        opening = torch.randn(n, 2, generator=rng) * 0.25
        stretch[:, EYES, 1] = opening.clamp(-_MOST_STRETCH, _MOST_STRETCH)
        return cls(still.centre, shift * bent, stretch * bent)

    def source(self, places: Tensor) -> Tensor:
        """Where the bent picture at `places` [n, m, 2] shows the unbent one."""
        return places + self._moved(places)

    def target(self, places: Tensor) -> Tensor:
        """Where what the unbent picture has at `places` [n, m, 2] lies in the bent one."""
        found = places
        for _ in range(_STEPS):  # a contraction: the fields are gentle
            found = places - self._moved(found)
        return found

    def field(self, grid: Tensor) -> Tensor:
        """`source` for a whole sampling grid [n, h, w, 2], smooth between coarser places."""
        n, h, w, _ = grid.shape
        planes = grid.permute(0, 3, 1, 2)
        coarse = F.interpolate(
            planes, (_FIELD_SIDE, _FIELD_SIDE), mode="bilinear", align_corners=False
        )
        places = coarse.permute(0, 2, 3, 1).reshape(n, -1, 2)
        moved = self._moved(places).view(n, _FIELD_SIDE, _FIELD_SIDE, 2).permute(0, 3, 1, 2)
        fine = F.interpolate(moved, (h, w), mode="bilinear", align_corners=False)
        return grid + fine.permute(0, 2, 3, 1)

    def _moved(self, places: Tensor) -> Tensor:
        total = torch.zeros_like(places)
        for k, width in enumerate(_WIDTHS):
            away = places - self.centre[:, k : k + 1]
            near = torch.exp(-0.5 * (away / places.new_tensor(width)).pow(2).sum(2, keepdim=True))
            total = total + near * (self.shift[:, k : k + 1] + self.stretch[:, k : k + 1] * away)
        return total
