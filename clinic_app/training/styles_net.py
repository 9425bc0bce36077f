"""One transform net for all our styles, with a scale and a shift of each style behind every norm.

The transform net of Johnson et al. (2016) with the conditional instance norm of Dumoulin et al.
(2017), sized for live pictures: it works at a quarter of the size, and draws the last halves of the
resolution from one convolution (sub-pixel convolution, Shi et al. 2016).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTHS = (16, 32, 48)
BLOCKS = 4
FOLD = 4
"""Sides of a picture are multiples of this many pixels."""


class ConditionalNorm(nn.Module):
    """Instance norm whose scale and shift are blends of those of the styles."""

    def __init__(self, channels: int, styles: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(styles, channels))
        self.shift = nn.Parameter(torch.zeros(styles, channels))

    def forward(self, x: Tensor, weights: Tensor) -> Tensor:
        """[n, c, h, w] and the styles' weights [n, k]."""
        scale, shift = ((weights @ part)[:, :, None, None] for part in (self.scale, self.shift))
        return F.instance_norm(x) * scale + shift


class _Normed(nn.Module):
    """Convolution, conditional norm, and ReLU unless it is the end of a block."""

    def __init__(
        self, inputs: int, outputs: int, styles: int, *, stride: int = 1, active: bool = True
    ) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm = ConditionalNorm(outputs, styles)
        self._active = active

    def forward(self, x: Tensor, weights: Tensor) -> Tensor:
        normed = self.norm(self.convolution(x), weights)
        return F.relu(normed) if self._active else normed


class StylesNet(nn.Module):
    """Pictures [n, 3, h, w] in [0, 1] and weights [n, k] to the pictures redrawn, not yet clipped.

    The answer is added to the picture, so an untrained net changes nothing.
    """

    def __init__(self, styles: int) -> None:
        super().__init__()
        a, b, c = WIDTHS
        self.styles = styles
        self.down = nn.ModuleList(
            [
                _Normed(3, a, styles, stride=2),
                _Normed(a, b, styles, stride=2),
                _Normed(b, c, styles),
            ]
        )
        self.first = nn.ModuleList([_Normed(c, c, styles) for _ in range(BLOCKS)])
        self.second = nn.ModuleList([_Normed(c, c, styles, active=False) for _ in range(BLOCKS)])
        self.up = _Normed(c, b, styles)
        self.last = nn.Conv2d(b, 12, 3, 1, 1)
        nn.init.zeros_(self.last.weight)
        assert self.last.bias is not None
        nn.init.zeros_(self.last.bias)

    def forward(self, picture: Tensor, weights: Tensor) -> Tensor:
        x = picture - 0.5
        for layer in self.down:
            x = layer(x, weights)
        for first, second in zip(self.first, self.second, strict=True):
            x = x + second(first(x, weights), weights)
        x = self.up(F.interpolate(x, scale_factor=2.0, mode="nearest"), weights)
        drawn = F.pixel_shuffle(self.last(x), 2)
        return picture + drawn.float()


class StylesGraph(nn.Module):
    """What is exported: weights [k] for the whole batch, the answer clipped to [0, 1]."""

    def __init__(self, net: StylesNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, picture: Tensor, weights: Tensor) -> Tensor:
        return self.net(picture, weights[None]).clamp(0.0, 1.0)
