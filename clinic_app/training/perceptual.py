"""A narrow perceptual net that stands in for VGG where style is optimised, and its step graph.

Gatys et al. (2016) compare pictures by the features of a classification net: content at conv4_2,
style by Gram matrices at conv1_1 ... conv5_1. A full VGG is 60 times too slow and 500 MB too large
to ship. Ours has its layers and about two fifths of its widths. Beside every compared layer stands
a *lens*: a linear map from its channels to the teacher's. With features F and lens A the teacher's
features are about A F, so its content distance is about d' M d and its Gram distance about
tr(D M D M), with d and D the differences of our features and Grams and M = A'A. The metric M is
small, so the distances are measured in the teacher's terms at our cost.

`StepGraph` computes the losses *and their gradient with respect to the picture*. The backward pass
is written out as ordinary operations, so that ONNX Runtime can run it: it has no automatic
differentiation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.training.losses import CONTENT_LAYER, STYLE_LAYERS, VGG_BLOCKS

WIDTHS = (28, 54, 108, 212, 212)
"""Channels of the five blocks; the teacher's are 64, 128, 256, 512, 512."""
TEACHER_WIDTHS = (64, 128, 256, 512, 512)
STRIDE = 16
"""Pictures are a multiple of this many pixels high and wide."""
LAYERS = tuple(
    f"conv{block}_{k}"
    for block, count in enumerate(VGG_BLOCKS, start=1)
    for k in range(1, count + 1)
    if block < 5 or k == 1
)
COMPARED = (*STYLE_LAYERS, CONTENT_LAYER)


def block_of(layer: str) -> int:
    """0 for conv1_x ... 4 for conv5_x."""
    return int(layer[4]) - 1


class PerceptualNet(nn.Module):
    """VGG-16's layers up to conv5_1 at our widths, average pooling, and one lens a compared layer.

    Average pooling, as Gatys et al. advise, also gives a gradient everywhere.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.widths = widths
        self.convolutions = nn.ModuleDict()
        inputs = 3
        for name in LAYERS:
            width = widths[block_of(name)]
            self.convolutions[name] = nn.Conv2d(inputs, width, 3, padding=1)
            inputs = width
        self.lenses = nn.ParameterDict(
            {
                name: torch.zeros(TEACHER_WIDTHS[block_of(name)], widths[block_of(name)])
                for name in COMPARED
            }
        )

    def layer(self, name: str) -> nn.Conv2d:
        """The convolution of this name."""
        found = self.convolutions[name]
        assert isinstance(found, nn.Conv2d)
        return found

    def forward(self, rgb: Tensor) -> dict[str, Tensor]:
        """Features after ReLU by layer of RGB [n, 3, h, w] in [0, 1]."""
        x, found = rgb - 0.5, {}
        for name in LAYERS:
            if name.endswith("_1") and name != "conv1_1":
                x = F.avg_pool2d(x, 2)
            x = F.relu(self.convolutions[name](x))
            if name in COMPARED:
                found[name] = x
        return found

    def seen(self, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The teacher's features [n, c, h, w] as the lenses show them."""
        return {
            name: torch.einsum("tc,nchw->nthw", self.lenses[name], maps)
            for name, maps in features.items()
        }


@dataclass(frozen=True)
class Aim:
    """What a picture is pulled towards: content maps and Gram matrices, in our channels."""

    content: Tensor  # [1, c, h/8, w/8]
    grams: tuple[Tensor, ...]  # [c, c] for each style layer


def flat_gram(maps: Tensor) -> Tensor:
    """Gram matrix [c, c] of [1, c, h, w], divided by the number of positions."""
    flat = maps.flatten(2)[0]
    return flat @ flat.T / flat.shape[1]


class AimGraph(nn.Module):
    """Picture [1, 3, h, w] to its content maps and Gram matrices."""

    def __init__(self, net: PerceptualNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
        found = self.net(picture)
        return (found[CONTENT_LAYER], *(flat_gram(found[name]) for name in STYLE_LAYERS))


class StepGraph(nn.Module):
    """Losses of a picture against an aim, and the gradient of their weighted sum.

    `weights` [7] are alpha (content), the five layers' weights times beta, and gamma (total
    variation). Losses are unweighted: content, five styles, total variation. Every style term is
    divided by the size of the aim's Gram matrix in the teacher's terms and the content term by that
    of the aim's content, so that weights mean the same for every pair of pictures.
    """

    def __init__(self, net: PerceptualNet) -> None:
        super().__init__()
        self.net = net
        for name in COMPARED:
            lens = net.lenses[name].detach()
            self.register_buffer(f"metric_{name}", lens.T @ lens)
        for name in LAYERS:
            # The gradient of a 3x3 convolution with padding 1 is the convolution with the mirrored
            # kernel, inputs and outputs exchanged.
            kernel = net.layer(name).weight.detach().flip(2, 3).transpose(0, 1)
            self.register_buffer(f"back_{name}", kernel.contiguous())

    def forward(
        self, picture: Tensor, content: Tensor, grams: list[Tensor], weights: Tensor
    ) -> tuple[Tensor, Tensor]:
        kept = self._kept(picture)
        losses: dict[str, Tensor] = {}
        pulls: dict[str, Tensor] = {}
        for place, (name, wanted) in enumerate(zip(STYLE_LAYERS, grams, strict=True)):
            losses[name], pull = self._style(kept[name], wanted, name)
            pulls[name] = weights[1 + place] * pull
        loss, pull = self._content(kept[CONTENT_LAYER], content)
        pulls[CONTENT_LAYER] = weights[0] * pull
        rough, smoothing = total_variation(picture)
        gradient = self._backward(kept, pulls) + weights[6] * smoothing
        order = [loss, *(losses[name] for name in STYLE_LAYERS), rough]
        return torch.stack(order), gradient

    def _kept(self, picture: Tensor) -> dict[str, Tensor]:
        x, kept = picture - 0.5, {}
        for name in LAYERS:
            if name.endswith("_1") and name != "conv1_1":
                x = F.avg_pool2d(x, 2)
            x = F.relu(self.net.convolutions[name](x))
            kept[name] = x
        return kept

    def _style(self, maps: Tensor, wanted: Tensor, name: str) -> tuple[Tensor, Tensor]:
        metric = getattr(self, f"metric_{name}")
        flat = maps.flatten(2)[0]
        gap = metric @ (flat @ flat.T / flat.shape[1] - wanted)
        size = _trace_square(metric @ wanted)
        pull = (gap @ metric) @ flat * (4.0 / flat.shape[1])
        return _trace_square(gap) / size, (pull / size).reshape(maps.shape)

    def _content(self, maps: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        metric = getattr(self, f"metric_{CONTENT_LAYER}")
        gap = (maps - wanted).flatten(2)[0]
        flat = wanted.flatten(2)[0]
        size = (flat * (metric @ flat)).sum()
        seen = metric @ gap
        return (gap * seen).sum() / size, (2.0 * seen / size).reshape(maps.shape)

    def _backward(self, kept: dict[str, Tensor], pulls: dict[str, Tensor]) -> Tensor:
        gradient: Tensor | None = None
        for name in reversed(LAYERS):
            if name in pulls:
                gradient = pulls[name] if gradient is None else gradient + pulls[name]
            assert gradient is not None
            gradient = torch.where(kept[name] > 0, gradient, 0.0)
            gradient = F.conv2d(gradient, getattr(self, f"back_{name}"), padding=1)
            if name.endswith("_1") and name != "conv1_1":
                gradient = F.interpolate(gradient, scale_factor=2.0, mode="nearest") * 0.25
        assert gradient is not None
        return gradient


def _trace_square(product: Tensor) -> Tensor:
    """tr(P P) of a product P [c, c] of two symmetric matrices."""
    return (product * product.T).sum()


def total_variation(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Mean squared difference between neighbours, down plus across, and its gradient.

    Squared, not absolute: its gradient is smooth, which Adam wants near the end.
    """
    down = picture[:, :, 1:] - picture[:, :, :-1]
    across = picture[:, :, :, 1:] - picture[:, :, :, :-1]
    count = float(3) * picture.shape[2] * picture.shape[3]
    rough = ((down * down).sum() + (across * across).sum()) / count
    pull = F.pad(down, (0, 0, 1, 0)) - F.pad(down, (0, 0, 0, 1))
    pull = pull + F.pad(across, (1, 0)) - F.pad(across, (0, 1))
    return rough, 2.0 * pull / count
