"""A narrow perceptual net that stands in for VGG where style is optimised, and its step graph.

Gatys et al. (2016) compare pictures by the features of a classification net: content at conv4_2,
style by Gram matrices at conv1_1 ... conv5_1. A full VGG is ten times too slow and 500 MB too large
to ship. Ours has its compared layers at a quarter to two fifths of their widths, and takes the last
convolution of a block and the pooling behind it in one step of 2x2. Beside every compared layer
stands a *lens*: a linear map from its channels to the teacher's. With features F and lens A the
teacher's features are about A F, so its content distance is about d' M d and its Gram distance
about tr(D M D M), with d and D the differences of our features and Grams and M = A'A. The metric M
is small, so the distances are measured in the teacher's terms at our cost.

`StepGraph` computes the losses *and their gradient with respect to the picture*. The backward pass
is written out as ordinary operations, so that ONNX Runtime can run it: it has no automatic
differentiation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.training.losses import CONTENT_LAYER, STYLE_LAYERS


@dataclass(frozen=True)
class Layer:
    """One convolution: 3x3 that keeps the size, or 2x2 that halves it (`halving`)."""

    name: str
    width: int
    halving: bool = False


LAYERS = (
    Layer("conv1_1", 16),
    Layer("conv1_2", 48, halving=True),
    Layer("conv2_1", 48),
    Layer("conv2_2", 96, halving=True),
    Layer("conv3_1", 96),
    Layer("conv3_2", 96),
    Layer("conv3_3", 192, halving=True),
    Layer("conv4_1", 192),
    Layer("conv4_2", 192),
    Layer("conv4_3", 256, halving=True),
    Layer("conv5_1", 208),
)
"""Widths are multiples of 16, the block that ONNX Runtime's convolutions compute in; chosen so that
a step at 224 x 224 takes less than a tenth of VGG-19's time."""
TEACHER_WIDTHS = (64, 128, 256, 512, 512)
STRIDE = 16
"""Pictures are a multiple of this many pixels high and wide."""
COMPARED = (*STYLE_LAYERS, CONTENT_LAYER)


def narrowed(layers: Sequence[Layer], share: float) -> tuple[Layer, ...]:
    """The same layers with a `share` of their channels, at least four."""
    return tuple(replace(layer, width=max(4, int(share * layer.width))) for layer in layers)


def block_of(layer: str) -> int:
    """0 for conv1_x ... 4 for conv5_x."""
    return int(layer[4]) - 1


class PerceptualNet(nn.Module):
    """The layers up to conv5_1, and one lens a compared layer."""

    def __init__(self, layers: Sequence[Layer] = LAYERS) -> None:
        super().__init__()
        self.layers = tuple(layers)
        self.convolutions = nn.ModuleDict()
        inputs = 3
        for one in self.layers:
            kernel, stride, padding = (2, 2, 0) if one.halving else (3, 1, 1)
            layer = nn.Conv2d(inputs, one.width, kernel, stride, padding)
            self.convolutions[one.name] = layer
            inputs = one.width
        self.lenses = nn.ParameterDict(
            {
                one.name: torch.zeros(TEACHER_WIDTHS[block_of(one.name)], one.width)
                for one in self.layers
                if one.name in COMPARED
            }
        )

    def convolution(self, name: str) -> nn.Conv2d:
        """The convolution of this name."""
        found = self.convolutions[name]
        assert isinstance(found, nn.Conv2d)
        return found

    def all_maps(self, rgb: Tensor) -> dict[str, Tensor]:
        """Features after ReLU of every layer of RGB [n, 3, h, w] in [0, 1]."""
        x, found = rgb - 0.5, {}
        for layer in self.layers:
            found[layer.name] = x = F.relu(self.convolutions[layer.name](x))
        return found

    def forward(self, rgb: Tensor) -> dict[str, Tensor]:
        """Features after ReLU of the compared layers."""
        found = self.all_maps(rgb)
        return {name: found[name] for name in COMPARED}

    def seen(self, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The teacher's features [n, c, h, w] as the lenses show them."""
        return {
            name: torch.einsum("tc,nchw->nthw", self.lenses[name], maps)
            for name, maps in features.items()
        }


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


def kept_metric(net: PerceptualNet, name: str) -> Tensor:
    """M = A'A of the lens A [c', c] of a layer, in fp16 as the file keeps it."""
    lens = net.lenses[name].detach()
    return (lens.T @ lens).half()


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
            self.register_buffer(f"metric_{name}", kept_metric(net, name).float())

    def forward(
        self, picture: Tensor, content: Tensor, grams: list[Tensor], weights: Tensor
    ) -> tuple[Tensor, Tensor]:
        kept = self.net.all_maps(picture)
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
        for layer in reversed(self.net.layers):
            name = layer.name
            if name in pulls:
                gradient = pulls[name] if gradient is None else gradient + pulls[name]
            assert gradient is not None
            gradient = torch.where(kept[name] > 0, gradient, 0.0)
            kernel = self.net.convolution(name).weight
            if layer.halving:
                gradient = F.conv_transpose2d(gradient, kernel, stride=2)
            else:
                # The gradient of a 3x3 convolution with padding 1 is the convolution with the
                # mirrored kernel, inputs and outputs exchanged.
                mirrored = kernel.flip(2, 3).transpose(0, 1)
                gradient = F.conv2d(gradient, mirrored, padding=1)
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
