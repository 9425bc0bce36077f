"""What is exported: the trained nets with their decision, rewritten into fewer and denser steps.

Every graph computes what its net computes (tests hold them together); only the order of the steps
is one that ONNX Runtime runs fast and that survives int8: grayscale, halving and splitting into
phases are one convolution, standardising is one layer normalisation, the heads are one matrix.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from clinic_app.training.nets import (
    LUMA,
    READ_SIDE,
    WHITE_REACH,
    Residual,
    SeverityNet,
    StyleNet,
    _coarse,
    _guide,
    luma,
)
from clinic_app.training.severity import combined_share

CONTRAST_FLOOR = 0.03
"""The floor of `nets.standardise`: its square is the epsilon of a layer normalisation."""
SEVERITY_OUTPUTS = (
    "severity_logits",
    "emotion_logits",
    "sadness",
    "band",
    "embedding",
    "activation_map",
)


class SeverityGraph(nn.Module):
    """The severity net with its decision: calibrated logits, band, embedding, activation maps."""

    def __init__(
        self, net: SeverityNet, severity_t: float, emotion_t: float, cuts: Sequence[float]
    ) -> None:
        super().__init__()
        self.net = folded(net)
        # The temperature goes into the linear head, so that the maps add up to the logits exactly.
        for head, t in ((self.net.severity, severity_t), (self.net.emotion, emotion_t)):
            head.weight.data /= t
            head.bias.data /= t
        self.eye = HalvingEye(self.net.features[0][0], READ_SIDE)
        heads = (self.net.severity, self.net.emotion, self.net.share)
        self.sizes = [head.out_features for head in heads]
        self.register_buffer("weight", torch.cat([head.weight.data for head in heads]))
        self.register_buffer("bias", torch.cat([head.bias.data for head in heads]))
        self.register_buffer("map_weight", self.net.severity.weight.data.T.contiguous())
        self.register_buffer("emotion_temperature", torch.tensor([float(emotion_t)]))
        self.register_buffer("cuts", torch.tensor(list(cuts), dtype=torch.float32)[None])

    def forward(self, face: Tensor) -> tuple[Tensor, ...]:
        maps = F.relu(self.eye(face))
        for layer in self.net.features[1:]:
            maps = layer(maps)
        cells = maps.permute(0, 2, 3, 1)  # the order that int8 convolutions leave them in
        embedding = cells.mean(dim=(1, 2))
        severity, emotion, share = F.linear(embedding, self.weight, self.bias).split(self.sizes, 1)
        # Half of it is the emotion head's, without a temperature: so no calibration can move one
        # face past another.
        sadness = combined_share(share[:, 0], emotion * self.emotion_temperature)
        band = (sadness[:, None] >= self.cuts).to(torch.int64).sum(dim=1)
        activation = (cells @ self.map_weight).permute(0, 3, 1, 2)
        return severity, emotion, sadness, band, embedding, activation


class HalvingEye(nn.Module):
    """RGB [n, 3, 2s, 2s] to the first convolution's answer on the halved, standardised gray crop.

    A convolution with stride k on one map equals one without stride on the k*k phases of that map;
    one strided convolution makes the gray, halved phases straight from the colour crop.
    """

    def __init__(self, first: nn.Conv2d, side: int) -> None:
        super().__init__()
        k = first.stride[0]
        self.shape = (k * k, side // k, side // k)
        gray = torch.zeros(k * k, 3, 2 * k, 2 * k)
        for phase in range(k * k):
            y, x = 2 * (phase // k), 2 * (phase % k)
            gray[phase, :, y : y + 2, x : x + 2] = torch.tensor(LUMA)[:, None, None] / 4
        self.phases = nn.Conv2d(3, k * k, 2 * k, 2 * k, bias=False)
        self.phases.weight.data = gray
        reach = first.padding[0]
        steps = -(-reach // k)
        self.first = nn.Conv2d(k * k, first.out_channels, 2 * steps + 1, 1, steps)
        weight = torch.zeros_like(self.first.weight)
        for y in range(first.kernel_size[0]):
            for x in range(first.kernel_size[1]):
                (row, dy), (column, dx) = divmod(y - reach, k), divmod(x - reach, k)
                tap = first.weight.data[:, 0, y, x]
                weight[:, k * dy + dx, steps + row, steps + column] = tap
        self.first.weight.data = weight
        self.first.bias.data = first.bias.data.clone()

    def forward(self, face: Tensor) -> Tensor:
        return self.first(F.layer_norm(self.phases(face), self.shape, eps=CONTRAST_FLOOR**2))


class StyleGraph(nn.Module):
    """The style net with its lookup as a sum of a few maps that fit into the processor's cache.

    Linear between brightness levels 0..k-1, the lookup at v is `a + b*v + sum(d_j * max(v, j))`
    over the inner levels j. Those coefficients are linear in the grid, so they come straight out of
    its convolution; each is enlarged by two thin matrix products, one per axis.
    """

    def __init__(self, net: StyleNet) -> None:
        super().__init__()
        self.net = folded(net)
        levels = net.slices
        mix = _hinges(levels)
        head = self.net.grid
        weight = head.weight.data.view(2, levels, -1)
        self.coefficients = nn.Conv2d(head.in_channels, 2 * levels, 1)
        turned = torch.einsum("jk,gkc->jgc", mix, weight)  # coefficient first: each is a slice
        self.coefficients.weight.data = turned.reshape(2 * levels, -1, 1, 1).contiguous()
        bias = torch.einsum("jk,gk->jg", mix, head.bias.data.view(2, levels))
        self.coefficients.bias.data = bias.reshape(-1).contiguous()
        steps = float(levels - 1)
        self.register_buffer("gray", steps**2 * torch.tensor(LUMA)[None])
        self.register_buffer("unit", torch.eye(net.GRID)[None, :, :, None])
        self.register_buffer("reach", torch.tensor([2.8, 0.4]).view(1, 2, 1, 1))

    def forward(self, face: Tensor) -> Tensor:
        net = self.net
        small = F.interpolate(face, (net.TRUNK, net.TRUNK), mode="bilinear", align_corners=False)
        gray = luma(small)
        even = F.layer_norm(gray, (1, net.TRUNK, net.TRUNK), eps=CONTRAST_FLOOR**2)
        maps = net.trunk(torch.cat([gray, even, _guide(gray), _coarse(gray)], dim=1))
        scene = net.scene(maps.mean(dim=(2, 3)))
        grid = self.coefficients(maps + scene[:, :, None, None])
        gain, offset = (torch.tanh(self._looked_up(face, grid)) * self.reach).split(1, dim=1)
        white = torch.exp(WHITE_REACH * torch.tanh(net.white(scene)))[:, :, None, None]
        return (torch.exp(gain) * white * face + offset).clamp(0.0, 1.0)

    def _looked_up(self, face: Tensor, grid: Tensor) -> Tensor:
        """Log gain and offset before their tanh, [n, 2, h, w]."""
        height, width = face.shape[2:]
        steps = float(self.net.slices - 1)
        bright = (self.gray @ face.flatten(2)).view(-1, 1, height, width) + steps**2 * 1e-4
        level = torch.sqrt(bright.clamp(steps**2 * 1e-4, steps**2))
        down = self._enlarge(height).transpose(0, 1)
        across = self._enlarge(width)
        parts = [down @ (part @ across) for part in grid.split(2, dim=1)]
        answer = parts[0] + parts[1] * level
        for hinge, part in enumerate(parts[2:], start=1):
            answer = answer + part * level.clamp_min(float(hinge))
        return answer

    def _enlarge(self, size: int) -> Tensor:
        """Weights [GRID, size] of linear interpolation, as `F.interpolate` makes them."""
        enlarged = F.interpolate(self.unit, (size, 1), mode="bilinear", align_corners=False)
        return enlarged[0, :, :, 0]


def _hinges(levels: int) -> Tensor:
    """Matrix [levels, levels] from values at 0..levels-1 to constant, slope and hinge weights."""
    value = torch.eye(levels)
    bends = [value[j + 1] - 2 * value[j] + value[j - 1] for j in range(1, levels - 1)]
    constant = value[0] - sum((j * bend for j, bend in enumerate(bends, start=1)), 0 * value[0])
    return torch.stack([constant, value[1] - value[0], *bends])


def folded(net: nn.Module) -> nn.Module:
    """A copy in evaluation mode with every batch norm folded into the convolution before it."""
    net = copy.deepcopy(net).cpu().float().eval().to(memory_format=torch.contiguous_format)
    for module in net.modules():
        if isinstance(module, Residual):
            module.second = fuse_conv_bn_eval(module.second, module.norm)
            module.norm = nn.Identity()
        if (
            isinstance(module, nn.Sequential)
            and len(module) == 3
            and isinstance(module[1], nn.BatchNorm2d)
        ):
            module[0] = fuse_conv_bn_eval(module[0], module[1])
            module[1] = nn.Identity()
    return net
