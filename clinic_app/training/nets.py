"""The three networks, each with its scaling inside so that the exported graph is self-contained."""

from __future__ import annotations

import torch
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

    `read` takes the halved gray crop [n, 1, 48, 48] in [0, 1]; `forward` takes RGB [n, 3, 96, 96].
    """

    def __init__(self, widths: tuple[int, int, int, int] = (32, 64, 128, 256), dropout: float = 0.3):
        super().__init__()
        a, b, c, d = widths
        self.features = nn.Sequential(
            conv_bn(1, a),
            conv_bn(a, b, stride=2),
            Residual(b),
            conv_bn(b, c, stride=2),
            Residual(c),
            conv_bn(c, d, stride=2),
            Residual(d),
            conv_bn(d, 512, kernel=1),
        )
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
        """The class activation maps [n, 4, h, w]: last maps weighted by the linear severity head."""
        return F.conv2d(maps, self.severity.weight[:, :, None, None])


class LandmarkNet(nn.Module):
    """68 points as offsets from the mean shape, regressed from the whole crop."""

    def __init__(self, mean_shape: Tensor | None = None, width: int = 24, dropout: float = 0.1):
        super().__init__()
        w = width
        self.features = nn.Sequential(
            conv_bn(1, w, stride=2),
            conv_bn(w, 2 * w, stride=2),
            Residual(2 * w),
            conv_bn(2 * w, 4 * w, stride=2),
            Residual(4 * w),
            conv_bn(4 * w, 6 * w, stride=2),
            Residual(6 * w),
        )
        cells = (FACE_SIDE // 16) ** 2
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(6 * w * cells, 128),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(128, 136),
        )
        self.register_buffer("mean_shape", torch.zeros(68, 2) if mean_shape is None else mean_shape)

    def forward(self, face: Tensor) -> Tensor:
        """[n, 3 or 1, 96, 96] in [0, 1] -> points [n, 68, 2] in [0, 1] of the crop."""
        offset = self.head(self.features(standardise(luma(face)))).float()
        return self.mean_shape + 0.1 * offset.view(-1, 68, 2)


class StyleNet(nn.Module):
    """Evens out light by a smooth local gain and offset chosen by place and brightness.

    A small trunk predicts a bilateral grid: for each of 12x12 places and `slices` brightness levels
    a log gain and an offset. Every pixel looks up its own pair and all three channels share it, so
    nothing can move and colours keep their ratio; a per-image gain per channel balances white.
    """

    TRUNK = 48
    GRID = 12

    def __init__(self, width: int = 24, slices: int = 6) -> None:
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
        maps = self.trunk(torch.cat([gray_small, standardise(gray_small), _guide(gray_small),
                                     _coarse(gray_small)], dim=1))
        scene = self.scene(maps.mean(dim=(2, 3)))
        grid = self.grid(maps + scene[:, :, None, None]).float()
        cells = F.interpolate(grid, face.shape[2:], mode="bilinear", align_corners=False)
        gain, offset = self._slice(cells, _guide(luma(face)))
        white = torch.exp(0.4 * torch.tanh(self.white(scene).float()))[:, :, None, None]
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
