"""A narrow perceptual net that stands in for VGG where style is optimised, and its step graph.

Gatys et al. (2016) compare pictures by the features of a classification net: content at conv4_2,
style by Gram matrices at conv1_1 ... conv5_1. A full VGG is ten times too slow and 500 MB too large
to ship. Ours keeps the teacher's layers and three quarters of their channels, and squeezes every
convolution through two bottlenecks: 1x1 down, 3x3 between few channels, 1x1 up (Tucker-2, Kim et
al. 2016). So each of its channels is one of the teacher's and is silent where the teacher's is,
which is what a gradient on the way back depends on. The first block, where the picture is largest,
is narrower and takes its last convolution and the pooling behind it in one step of 2x2.

What is compared is what the next bottleneck lets through. Beside it stands a *lens*: a linear map
from these few channels to all of the teacher's. With features F and lens A the teacher's features
are about A F, so its content distance is about d' M d and its Gram distance about tr(D M D M), with
d and D the differences of our features and Grams and M = A'A. The metric M is small, so the
distances are measured in the teacher's terms at our cost.

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
    """One layer: `width` of the teacher's channels; bottlenecks of so many channels before and
    behind the 3x3 kernel, or none; one 2x2 step that also halves the size (`halving`), or the maps
    below are pooled first (`pooling`)."""

    name: str
    width: int
    bottlenecks: tuple[int, int] | None = None
    halving: bool = False
    pooling: bool = False


LAYERS = (
    Layer("conv1_1", 16),
    Layer("conv1_2", 48, halving=True),
    Layer("conv2_1", 96, (16, 32)),
    Layer("conv2_2", 96, (32, 32)),
    Layer("conv3_1", 192, (48, 64), pooling=True),
    Layer("conv3_2", 192, (64, 64)),
    Layer("conv3_3", 192, (64, 64)),
    Layer("conv4_1", 384, (96, 128), pooling=True),
    Layer("conv4_2", 384, (128, 128)),
    Layer("conv4_3", 384, (128, 128)),
    Layer("conv5_1", 384, (160, 160), pooling=True),
)
"""Numbers of channels are multiples of 16, the block that ONNX Runtime's convolutions compute in;
chosen so that a step takes about a tenth of VGG-19's time."""
LAST_REDUCED = 192
"""Channels that conv5_1 is reduced to where it is compared."""
TEACHER_WIDTHS = (64, 128, 256, 512, 512)
COMPARED = (*STYLE_LAYERS, CONTENT_LAYER)


def narrowed(layers: Sequence[Layer], share: float) -> tuple[Layer, ...]:
    """The same layers with a `share` of their channels, at least four."""

    def less(count: int) -> int:
        return max(4, int(share * count))

    return tuple(
        replace(
            layer,
            width=less(layer.width),
            bottlenecks=layer.bottlenecks
            and (less(layer.bottlenecks[0]), less(layer.bottlenecks[1])),
        )
        for layer in layers
    )


def block_of(layer: str) -> int:
    """0 for conv1_x ... 4 for conv5_x."""
    return int(layer[4]) - 1


class Squeezed(nn.Module):
    """A 3x3 convolution between two bottlenecks."""

    def __init__(self, inputs: int, bottlenecks: tuple[int, int], width: int) -> None:
        super().__init__()
        first, second = bottlenecks
        self.reduce = nn.Conv2d(inputs, first, 1, bias=False)
        self.core = nn.Conv2d(first, second, 3, padding=1, bias=False)
        self.widen = nn.Conv2d(second, width, 1)


class PerceptualNet(nn.Module):
    """The layers up to conv5_1, and one lens a compared layer.

    `kept_NAME` [width] are the teacher's channels that a layer has, `size_NAME` what they are
    divided by, so that features are about one in every layer.
    """

    def __init__(self, layers: Sequence[Layer] = LAYERS, last_reduced: int = LAST_REDUCED) -> None:
        super().__init__()
        self.layers = tuple(layers)
        self.parts = nn.ModuleDict()
        inputs, reduced, below = 3, {}, ""
        for one in self.layers:
            if one.pooling and (one.bottlenecks is None or below in COMPARED):
                raise ValueError(f"{one.name} cannot pool: it is plain, or {below} is compared")
            if one.bottlenecks is None:
                kernel, stride, padding = (2, 2, 0) if one.halving else (3, 1, 1)
                self.parts[one.name] = nn.Conv2d(inputs, one.width, kernel, stride, padding)
                reduced[one.name] = one.width
            else:
                self.parts[one.name] = Squeezed(inputs, one.bottlenecks, one.width)
                reduced[below] = one.bottlenecks[0]
            self.register_buffer(f"kept_{one.name}", torch.arange(one.width))
            self.register_buffer(f"size_{one.name}", torch.ones(()))
            inputs, below = one.width, one.name
        self.last = nn.Conv2d(inputs, last_reduced, 1, bias=False)
        reduced[below] = last_reduced
        self.compared_widths = {name: reduced[name] for name in COMPARED if name in reduced}
        self.lenses = nn.ParameterDict(
            {
                name: torch.zeros(TEACHER_WIDTHS[block_of(name)], width)
                for name, width in self.compared_widths.items()
            }
        )

    def _part(self, name: str) -> Layer:
        return next(one for one in self.layers if one.name == name)

    def plain(self, name: str) -> nn.Conv2d:
        """The convolution of a layer without bottlenecks."""
        found = self.parts[name]
        assert isinstance(found, nn.Conv2d)
        return found

    def squeezed(self, name: str) -> Squeezed:
        """The convolutions of a layer with bottlenecks."""
        found = self.parts[name]
        assert isinstance(found, Squeezed)
        return found

    def reducing(self, name: str) -> nn.Conv2d | None:
        """What makes the compared features of a layer's maps; None where they are the maps."""
        if name == self.layers[-1].name:
            return self.last
        above = self.layers[self.layers.index(self._part(name)) + 1]
        return None if above.bottlenecks is None else self.squeezed(above.name).reduce

    def walk(self, rgb: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Of RGB [n, 3, h, w] in [0, 1]: every layer's answer before ReLU, and the compared
        features (maps after ReLU, as the next bottleneck reduces them)."""
        maps, raw, features, below = rgb - 0.5, {}, {}, ""
        for layer in self.layers:
            if layer.pooling:
                maps = F.avg_pool2d(maps, 2)
            if layer.bottlenecks is None:
                if below in COMPARED:
                    features[below] = maps
                raw[layer.name] = self.parts[layer.name](maps)
            else:
                part = self.squeezed(layer.name)
                reduced = part.reduce(maps)
                if below in COMPARED:
                    features[below] = reduced
                raw[layer.name] = part.widen(part.core(reduced))
            maps, below = F.relu(raw[layer.name]), layer.name
        features[below] = self.last(maps)
        return raw, features

    def forward(self, rgb: Tensor) -> dict[str, Tensor]:
        """The compared features of RGB [n, 3, h, w] in [0, 1], by layer."""
        return self.walk(rgb)[1]

    def seen(self, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The teacher's features [n, c, h, w] as the lenses show them."""
        return {
            name: torch.einsum("tc,nchw->nthw", self.lenses[name], maps)
            for name, maps in features.items()
        }


def batch_gram(maps: Tensor) -> Tensor:
    """Gram matrices [n, c, c] of [n, c, h, w], divided by the number of positions."""
    flat = maps.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def relative_error(ours: Tensor, theirs: Tensor) -> Tensor:
    """Squared distance in parts of the second's own size, the mean over pictures."""
    gap, size = ((x.square().flatten(1).sum(dim=1)) for x in (ours - theirs, theirs))
    return (gap / size.clamp_min(1e-6)).mean()


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
        raw, features = self.net.walk(picture)
        losses: dict[str, Tensor] = {}
        pulls: dict[str, Tensor] = {}
        for place, (name, wanted) in enumerate(zip(STYLE_LAYERS, grams, strict=True)):
            losses[name], pull = self._style(features[name], wanted, name)
            pulls[name] = weights[1 + place] * pull
        loss, pull = self._content(features[CONTENT_LAYER], content)
        pulls[CONTENT_LAYER] = weights[0] * pull
        rough, smoothing = total_variation(picture)
        gradient = self._backward(raw, pulls) + weights[6] * smoothing
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

    def _backward(self, raw: dict[str, Tensor], pulls: dict[str, Tensor]) -> Tensor:
        """From the pulls on compared features down to the picture."""
        last = self.net.layers[-1].name
        gradient = F.conv_transpose2d(pulls[last], self.net.last.weight)
        for place in reversed(range(len(self.net.layers))):
            layer = self.net.layers[place]
            below = self.net.layers[place - 1].name if place else ""
            gradient = torch.where(raw[layer.name] > 0, gradient, 0.0)
            if layer.bottlenecks is None:
                kernel = self.net.plain(layer.name).weight
                if layer.halving:
                    gradient = F.conv_transpose2d(gradient, kernel, stride=2)
                else:
                    gradient = _through_3x3(gradient, kernel)
                if below in pulls:
                    gradient = gradient + pulls[below]
                continue
            part = self.net.squeezed(layer.name)
            gradient = F.conv_transpose2d(gradient, part.widen.weight)
            gradient = _through_3x3(gradient, part.core.weight)
            if below in pulls:
                gradient = gradient + pulls[below]
            gradient = F.conv_transpose2d(gradient, part.reduce.weight)
            if layer.pooling:
                gradient = F.interpolate(gradient, scale_factor=2.0) / 4
        return gradient


def _through_3x3(gradient: Tensor, kernel: Tensor) -> Tensor:
    """The gradient of a 3x3 convolution with padding 1 is the convolution with the mirrored kernel,
    inputs and outputs exchanged."""
    return F.conv2d(gradient, kernel.flip(2, 3).transpose(0, 1), padding=1)


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
