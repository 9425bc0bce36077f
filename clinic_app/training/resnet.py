"""ResNet50V2 (He et al. 2016, "Identity mappings in deep residual networks") for gray faces."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

EXPANSION = 4


class Bottleneck(nn.Module):
    """Norm and ReLU before each of a 1x1, a 3x3 and a 1x1 convolution, beside a straight path."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = EXPANSION * width
        self.norm_in = nn.BatchNorm2d(inputs)
        self.reduce = nn.Conv2d(inputs, width, 1, bias=False)
        self.norm_mid = nn.BatchNorm2d(width)
        self.look = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.norm_out = nn.BatchNorm2d(width)
        self.expand = nn.Conv2d(width, outputs, 1)
        self.stride = stride
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride) if inputs != outputs else None

    def forward(self, x: Tensor) -> Tensor:
        ready = F.relu(self.norm_in(x))
        y = F.relu(self.norm_mid(self.reduce(ready)))
        y = self.expand(F.relu(self.norm_out(self.look(y))))
        if self.shortcut is not None:
            return y + self.shortcut(ready)
        return y + (F.max_pool2d(x, 1, self.stride) if self.stride > 1 else x)


class ResNet50V2(nn.Module):
    """Gray [n, 1, s, s] -> normed last maps [n, 2048, s/32, s/32].

    Strides sit in the last block of a group, as in the published net. Parts that do not learn keep
    their batch statistics too.
    """

    WIDTH = 2048

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 64, 7, 2, 3), nn.MaxPool2d(3, 2, 1))
        self.first = _group(64, 64, 3, 2)
        self.second = _group(256, 128, 4, 2)
        self.third = _group(512, 256, 6, 2)
        self.fourth = _group(1024, 512, 3, 1)
        self.norm = nn.BatchNorm2d(self.WIDTH)

    def forward(self, gray: Tensor) -> Tensor:
        x = self.second(self.first(self.stem(gray)))
        return F.relu(self.norm(self.fourth(self.third(x))))

    def train(self, mode: bool = True) -> ResNet50V2:
        """Training mode for what learns; frozen parts stay in evaluation mode."""
        super().train(mode)
        for part in self.children():
            if not any(parameter.requires_grad for parameter in part.parameters()):
                part.eval()
        return self


def _group(inputs: int, width: int, blocks: int, stride: int) -> nn.Sequential:
    layers = [Bottleneck(inputs, width, 1)]
    layers += [Bottleneck(EXPANSION * width, width, 1) for _ in range(blocks - 2)]
    layers.append(Bottleneck(EXPANSION * width, width, stride))
    return nn.Sequential(*layers)
