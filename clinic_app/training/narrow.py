"""The perceptual net's start: the teacher's layers with most channels left out, solved exactly.

Channel pruning by reconstruction (He et al. 2017), layer by layer. A pivoted Cholesky factorisation
of the teacher's channel covariance picks the channels that explain most of the others. The kernel
of a kept channel is then the least-squares fit of the teacher's pre-activation from *our* features
below it, so that a layer makes good what the layers before it lost. A lens is the least-squares map
from our features to all of the teacher's.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.training.losses import Vgg16
from clinic_app.training.perceptual import COMPARED, PerceptualNet

RIDGE = 1e-4
"""Added to the normal equations, relative to their mean diagonal."""
PLACES = 220
"""Positions of a picture that a fit looks at; neighbouring ones say the same."""
_NOTHING_LEFT = 1e-9


def chosen_channels(covariance: Tensor, count: int) -> Tensor:
    """Indices [count] of the channels that explain most of a covariance [c, c], in order."""
    rest = covariance.double().clone()
    picked: list[int] = []
    for _ in range(count):
        left = rest.diagonal().clone()
        left[picked] = -1.0
        explained = rest.square().sum(dim=0) / left.clamp_min(1e-12)
        best = int(explained.where(left > _NOTHING_LEFT, left - 1.0).argmax())
        picked.append(best)
        column = rest[:, best] / rest[best, best].clamp_min(1e-12).sqrt()
        rest -= torch.outer(column, column)
    return torch.tensor(picked)


@torch.no_grad()
def start_from_teacher(net: PerceptualNet, teacher: Vgg16, batches: list[Tensor]) -> PerceptualNet:
    """Fit every layer of `net` in turn on RGB `batches` [n, 3, h, w] in [0, 1]."""
    rng = torch.Generator().manual_seed(0)
    ours, theirs = [batch - 0.5 for batch in batches], [teacher.prepared(b) for b in batches]
    for layer in net.layers:
        name, original = layer.name, teacher.convolutions[layer.name]
        wanted = [original(x) for x in theirs]
        theirs = [F.relu(z) for z in wanted]
        if layer.halving:  # pools as it goes: it is asked for what the teacher has after pooling
            theirs = [F.avg_pool2d(_rest_of_block(teacher, name, x), 2) for x in theirs]
            wanted = theirs
        kept = chosen_channels(_second_moment(theirs), layer.width)
        convolution = net.convolution(name)
        _fit(convolution, ours, [z[:, kept] for z in wanted], rng)
        ours = [F.relu(convolution(x)) for x in ours]
        if name in COMPARED:
            net.lenses[name].copy_(_lens(ours, theirs))
    return net


def _rest_of_block(teacher: Vgg16, name: str, maps: Tensor) -> Tensor:
    """What the teacher makes of the maps of `name` up to its next pooling: VGG-19's fourths."""
    block, place = name.split("_")
    further = f"{block}_{int(place) + 1}"
    if further not in teacher.convolutions:
        return maps
    return _rest_of_block(teacher, further, F.relu(teacher.convolutions[further](maps)))


def _solve(normal: Tensor, right: Tensor) -> Tensor:
    """Least squares from normal equations [k, k] and right sides [k, m], lightly damped."""
    identity = torch.eye(len(normal), dtype=torch.float64)
    damped = normal.double() + RIDGE * normal.diagonal().mean().double() * identity
    return torch.linalg.solve(damped, right.double()).float()


def _second_moment(maps: list[Tensor]) -> Tensor:
    """Mean over positions of features times features [c, c]."""
    flat = [_flat(x) for x in maps]
    return torch.stack([x @ x.T for x in flat]).sum(dim=0) / sum(x.shape[1] for x in flat)


def _flat(maps: Tensor) -> Tensor:
    """[n, c, h, w] as [c, n * h * w]."""
    return maps.transpose(0, 1).flatten(1)


def _fit(
    layer: nn.Conv2d, inputs: list[Tensor], wanted: list[Tensor], rng: torch.Generator
) -> None:
    size = layer.weight[0].numel() + 1
    normal, right = torch.zeros(size, size), torch.zeros(size, layer.out_channels)
    for patches, answers in _samples(layer, inputs, wanted, rng):
        normal += patches @ patches.T
        right += patches @ answers.T
    weights = _solve(normal, right)
    assert layer.bias is not None
    layer.weight.copy_(weights[:-1].T.reshape(layer.weight.shape))
    layer.bias.copy_(weights[-1])


def _samples(
    layer: nn.Conv2d, inputs: list[Tensor], wanted: list[Tensor], rng: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Patches with a one below [c * k * k + 1, m] and what the layer should answer [c', m]."""
    for x, z in zip(inputs, wanted, strict=True):
        places = z.shape[2] * z.shape[3]
        pick = torch.randperm(places, generator=rng)[: min(PLACES, places)]
        unfolded = F.unfold(x, layer.kernel_size, 1, layer.padding, layer.stride)
        patches = unfolded[:, :, pick].transpose(0, 1).flatten(1)
        ones = torch.ones(1, patches.shape[1])
        yield torch.cat([patches, ones]), z.flatten(2)[:, :, pick].transpose(0, 1).flatten(1)


def _lens(ours: list[Tensor], theirs: list[Tensor]) -> Tensor:
    """The map [c', c] that shows the teacher's features in ours."""
    pairs = [(_flat(x), _flat(t)) for x, t in zip(ours, theirs, strict=True)]
    right = torch.stack([x @ t.T for x, t in pairs]).sum(dim=0)
    return _solve(_second_moment(ours), right / sum(x.shape[1] for x, _ in pairs)).T
