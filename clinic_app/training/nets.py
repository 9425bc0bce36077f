"""The three networks, each with its scaling inside so that the exported graph is self-contained."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

LUMA = (0.299, 0.587, 0.114)
FACE_SIDE = 96
"""Side of the aligned crop every network reads."""
READ_SIDE = 48
"""The severity net halves the crop, which makes a camera face as coarse as its training data."""


def luma(rgb: Tensor) -> Tensor:
    """[n, 3, h, w] -> [n, 1, h, w]; gray batches pass through."""
    if rgb.shape[1] == 1:
        return rgb
    weights = rgb.new_tensor(LUMA).view(1, 3, 1, 1)
    return (rgb * weights).sum(dim=1, keepdim=True)


def standardise(gray: Tensor, floor: float = 0.03) -> Tensor:
    """Zero mean and unit contrast per image; `floor` keeps an empty frame from becoming noise."""
    mean = gray.mean(dim=(2, 3), keepdim=True)
    centred = gray - mean
    variance = (centred * centred).mean(dim=(2, 3), keepdim=True)
    return centred / torch.sqrt(variance + floor * floor)


def to_net(net: nn.Module, faces: Tensor) -> Tensor:
    """The batch [n, c, h, w] where `net` is, in the layout that convolutions read fastest."""
    where = next(net.parameters(), faces).device
    return faces.to(where).contiguous(memory_format=torch.channels_last)


def arrays_of(net: nn.Module) -> list[NDArray[np.generic]]:
    """Everything that a net has learnt, in its own order."""
    return [value.detach().cpu().numpy() for value in net.state_dict().values()]


def conv_bn(inputs: int, outputs: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    """Convolution, batch norm, ReLU: what the runtime folds into one kernel."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two 3x3 convolutions beside a straight path."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = conv_bn(width, width)
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.norm(self.second(self.first(x))))


class SeverityNet(nn.Module):
    """Plain 3x3 stack with global average pooling; every head is linear on the embedding.

    The first convolution has stride two, since maps at full resolution would cost more memory
    traffic than all that follows.
    `read` takes the halved gray crop [n, 1, 48, 48] in [0, 1]; `forward` takes RGB [n, 3, 96, 96].
    """

    def __init__(
        self,
        widths: tuple[int, int, int] = (48, 128, 256),
        blocks: tuple[int, int, int] = (1, 1, 1),
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 1
        for width, count in zip(widths, blocks, strict=True):
            layers.append(conv_bn(inputs, width, stride=2, kernel=5 if inputs == 1 else 3))
            layers += [Residual(width) for _ in range(count)]
            inputs = width
        self.features = nn.Sequential(*layers, conv_bn(inputs, 512, kernel=1))
        self.dropout = nn.Dropout(dropout)
        self.severity = nn.Linear(512, 4)
        self.emotion = nn.Linear(512, 8)
        self.share = nn.Linear(512, 1)

    def maps(self, gray: Tensor) -> Tensor:
        """Last-convolution maps [n, 512, h, w] of a halved gray crop."""
        return self.features(standardise(gray))

    def read(self, gray: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Severity logits, emotion logits, share logit [n], embedding [n, 512]."""
        embedding = self.maps(gray).mean(dim=(2, 3))
        seen = self.dropout(embedding)
        return (
            self.severity(seen).float(),
            self.emotion(seen).float(),
            self.share(seen).float()[:, 0],
            embedding,
        )

    def forward(self, face: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.read(F.avg_pool2d(luma(face), 2))

    def activation_map(self, maps: Tensor) -> Tensor:
        """Class activation maps [n, 4, h, w]: last maps weighted by the linear severity head."""
        return F.conv2d(maps, self.severity.weight[:, :, None, None])


class LandmarkNet(nn.Module):
    """68 points, each the centre of mass of its own heat map plus a small global correction.

    Heat maps tie a point to what is seen at its place; a net that regresses coordinates from the
    whole crop answers with nearly symmetric mean shapes and hides exactly what asymmetry measures.
    Brows, eyes and lips have maps twice as fine as jaw and nose: an open eye is six pixels high.
    """

    HEAT, FINE = 24, 48
    COARSE_POINTS = (*range(17), *range(27, 36))
    FINE_POINTS = (*range(17, 27), *range(36, 68))

    def __init__(self, mean_shape: Tensor | None = None, width: int = 24) -> None:
        super().__init__()
        w = width
        self.stem = conv_bn(1, w, stride=2)
        self.quarter = nn.Sequential(conv_bn(w, 2 * w, stride=2), Residual(2 * w))
        self.eighth = nn.Sequential(conv_bn(2 * w, 4 * w, stride=2), Residual(4 * w))
        self.sixteenth = nn.Sequential(conv_bn(4 * w, 6 * w, stride=2), Residual(6 * w))
        self.to_eighth = conv_bn(6 * w, 4 * w, kernel=1)
        self.to_quarter = conv_bn(4 * w, 2 * w, kernel=1)
        self.to_half = conv_bn(2 * w, w, kernel=1)
        self.join_eighth = conv_bn(4 * w, 4 * w)
        self.join_quarter = Residual(2 * w)
        self.join_half = conv_bn(w, w)
        self.heat = nn.Conv2d(2 * w, len(self.COARSE_POINTS), 1)
        self.fine = nn.Conv2d(w, len(self.FINE_POINTS), 1)
        self.correction = nn.Linear(6 * w, 136)
        nn.init.zeros_(self.correction.weight)
        nn.init.zeros_(self.correction.bias)
        shape = torch.full((68, 2), 0.5) if mean_shape is None else mean_shape
        self.prior = nn.Parameter(_bumps(shape[list(self.COARSE_POINTS)], self.HEAT))
        self.fine_prior = nn.Parameter(_bumps(shape[list(self.FINE_POINTS)], self.FINE))
        order = torch.tensor([*self.COARSE_POINTS, *self.FINE_POINTS])
        self.register_buffer("order", torch.argsort(order))

    def forward(self, face: Tensor) -> Tensor:
        """[n, 3 or 1, 96, 96] in [0, 1] -> points [n, 68, 2] in [0, 1] of the crop."""
        half = self.stem(standardise(luma(face)))
        quarter = self.quarter(half)
        eighth = self.eighth(quarter)
        deep = self.sixteenth(eighth)
        eighth = self.join_eighth(eighth + _doubled(self.to_eighth(deep)))
        quarter = self.join_quarter(quarter + _doubled(self.to_quarter(eighth)))
        half = self.join_half(half + _doubled(self.to_half(quarter)))
        coarse = _centres_of_mass(self.heat(quarter).float() + self.prior)
        fine = _centres_of_mass(self.fine(half).float() + self.fine_prior)
        points = torch.cat([coarse, fine], dim=1)[:, self.order]
        correction = self.correction(deep.mean(dim=(2, 3))).float()
        return points + 0.1 * correction.view(-1, 68, 2)


def _cells(side: int) -> Tensor:
    return (torch.arange(side) + 0.5) / side


def _bumps(shape: Tensor, side: int) -> Tensor:
    """Maps [1, k, side, side] with a wide bump around each point [k, 2], to start from."""
    across, down = torch.meshgrid(_cells(side), _cells(side), indexing="xy")
    away = (across - shape[:, 0, None, None]) ** 2 + (down - shape[:, 1, None, None]) ** 2
    return (-away / (2 * 0.06**2))[None]


def _centres_of_mass(heat: Tensor) -> Tensor:
    """[n, k, side, side] -> [n, k, 2] in [0, 1], x then y."""
    share = torch.softmax(heat.flatten(2), dim=2).view(heat.shape)
    cells = _cells(heat.shape[-1]).to(heat.device)
    # Products and sums, not a matrix product: that would run in bf16, too coarse for a place.
    across = (share.sum(dim=2) * cells).sum(dim=2)
    down = (share.sum(dim=3) * cells).sum(dim=2)
    return torch.stack([across, down], dim=2)


def _doubled(maps: Tensor) -> Tensor:
    return F.interpolate(maps, scale_factor=2.0, mode="bilinear", align_corners=False)


SLICES = 6
"""Brightness levels of the normaliser's grid."""
WHITE_REACH = 0.4
"""The largest log gain of a colour for the whole picture, by which white is balanced."""


class StyleNet(nn.Module):
    """Evens out light by a smooth local gain and offset chosen by place and brightness.

    A small trunk predicts a bilateral grid: for each of 12x12 places and `slices` brightness levels
    a log gain and an offset. Every pixel looks up its own pair and all three channels share it, so
    nothing can move and colours keep their ratio; a per-image gain per channel balances white.
    """

    TRUNK = 48
    GRID = 12

    def __init__(self, width: int = 24, slices: int = SLICES) -> None:
        super().__init__()
        self.slices = slices
        self.trunk = nn.Sequential(
            conv_bn(4, width),
            conv_bn(width, 2 * width, stride=2),
            Residual(2 * width),
            conv_bn(2 * width, 3 * width, stride=2),
            Residual(3 * width),
            Residual(3 * width),
        )
        self.scene = nn.Sequential(nn.Linear(3 * width, 3 * width), nn.ReLU(inplace=True))
        self.grid = nn.Conv2d(3 * width, 2 * slices, 1)
        self.white = nn.Linear(3 * width, 3)
        for layer in (self.grid, self.white):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, face: Tensor) -> Tensor:
        """[n, 3, h, w] in [0, 1] -> the same face in even light, same size and range."""
        small = F.interpolate(face, (self.TRUNK, self.TRUNK), mode="bilinear", align_corners=False)
        gray_small = luma(small)
        maps = self.trunk(
            torch.cat(
                [gray_small, standardise(gray_small), _guide(gray_small), _coarse(gray_small)],
                dim=1,
            )
        )
        scene = self.scene(maps.mean(dim=(2, 3)))
        grid = self.grid(maps + scene[:, :, None, None]).float()
        cells = F.interpolate(grid, face.shape[2:], mode="bilinear", align_corners=False)
        gain, offset = self._slice(cells, _guide(luma(face)))
        white = torch.exp(WHITE_REACH * torch.tanh(self.white(scene).float()))[:, :, None, None]
        lit = face * torch.exp(gain) * white + offset
        return lit.clamp(0.0, 1.0)

    def _slice(self, cells: Tensor, guide: Tensor) -> tuple[Tensor, Tensor]:
        k = self.slices
        levels = torch.arange(k, dtype=guide.dtype, device=guide.device).view(1, k, 1, 1)
        weight = F.relu(1.0 - torch.abs(guide * (k - 1) - levels))
        gain = (weight * cells[:, :k]).sum(dim=1, keepdim=True)
        offset = (weight * cells[:, k:]).sum(dim=1, keepdim=True)
        return 2.8 * torch.tanh(gain), 0.4 * torch.tanh(offset)


def _guide(gray: Tensor) -> Tensor:
    """Brightness on a curve that gives shadows as many levels as lights, in [0, 1]."""
    return torch.sqrt(gray.clamp(0.0, 1.0) + 1e-4).clamp(0.0, 1.0)


def _coarse(gray: Tensor) -> Tensor:
    return F.interpolate(
        F.avg_pool2d(gray, 8), gray.shape[2:], mode="bilinear", align_corners=False
    )
