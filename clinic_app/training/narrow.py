"""The perceptual net's start: the teacher's layers squeezed, solved exactly, layer by layer.

A pivoted Cholesky factorisation of the teacher's channel covariance picks the channels that explain
most of the others (channel pruning by reconstruction, He et al. 2017). The first bottleneck is the
span of the principal components of *our* features below it. Kernel and second bottleneck together
are the reduced-rank regression of the teacher's answer before ReLU on these (Zhang et al. 2016), so
that a layer makes good what the layers before it lost. A lens is the least-squares map from what is
compared to all of the teacher's channels.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.training.losses import VGG_BLOCKS, Vgg16
from clinic_app.training.perceptual import COMPARED, Layer, PerceptualNet, Squeezed, block_of

RIDGE = 1e-4
"""Added to the normal equations, relative to their mean diagonal."""
PLACES = 300
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


def teacher_answer(teacher: Vgg16, name: str, maps: Tensor) -> Tensor:
    """The teacher's answer before ReLU at our layer `name`, from its maps one layer below.

    Our last layer of a block stands for all that the teacher has there (VGG-19's fourths).
    """
    block, place = block_of(name), int(name[-1])
    if place == 1 and block > 0:
        maps = F.avg_pool2d(maps, 2)
    answer = teacher.convolutions[name](maps)
    further = place + 1
    while place == VGG_BLOCKS[block] and f"conv{block + 1}_{further}" in teacher.convolutions:
        answer = teacher.convolutions[f"conv{block + 1}_{further}"](F.relu(answer))
        further += 1
    return answer


@torch.no_grad()
def start_from_teacher(net: PerceptualNet, teacher: Vgg16, batches: list[Tensor]) -> PerceptualNet:
    """Fit every layer of `net` in turn on RGB `batches` [n, 3, h, w] in [0, 1]."""
    rng = torch.Generator().manual_seed(0)
    ours, theirs = [batch - 0.5 for batch in batches], [teacher.prepared(b) for b in batches]
    below = ""
    for layer in net.layers:
        if layer.pooling:
            ours = [F.avg_pool2d(x, 2) for x in ours]
        if layer.bottlenecks is not None:
            _principal(net.squeezed(layer.name).reduce, ours)
        if below in COMPARED:
            fit_lens(net, below, ours, theirs)
        wanted = [teacher_answer(teacher, layer.name, x) for x in theirs]
        theirs = [F.relu(z) for z in wanted]
        if layer.halving:
            wanted = [F.avg_pool2d(x, 2) for x in theirs]
        ours = _fitted(net, layer, ours, wanted, rng)
        below = layer.name
    _principal(net.last, ours)
    fit_lens(net, below, ours, theirs)
    return net


def _fitted(
    net: PerceptualNet, layer: Layer, ours: list[Tensor], wanted: list[Tensor], rng: torch.Generator
) -> list[Tensor]:
    """Fit one layer, with the channels it keeps; our maps behind it."""
    moment = second_moment([F.relu(z) for z in wanted])
    kept = chosen_channels(moment, layer.width).sort().values
    size = moment.diagonal()[kept].mean().sqrt()
    net.get_buffer(f"kept_{layer.name}").copy_(kept)
    net.get_buffer(f"size_{layer.name}").copy_(size)
    answers = [z[:, kept] / size for z in wanted]
    if layer.bottlenecks is None:
        _fit(net.plain(layer.name), ours, answers, rng)
        return [F.relu(net.plain(layer.name)(x)) for x in ours]
    part = net.squeezed(layer.name)
    reduced = [part.reduce(x) for x in ours]
    fit_squeezed(part, reduced, answers, rng)
    return [F.relu(part.widen(part.core(x))) for x in reduced]


def _principal(reduce: nn.Conv2d, ours: list[Tensor]) -> None:
    """The principal components of features, each divided by its size."""
    values, vectors = torch.linalg.eigh(second_moment(ours).double())
    count = reduce.out_channels
    basis = vectors[:, -count:] / values[-count:].clamp_min(1e-8).sqrt()
    reduce.weight.copy_(basis.T.flip(0).float()[:, :, None, None])


def fit_lens(net: PerceptualNet, name: str, ours: list[Tensor], theirs: list[Tensor]) -> None:
    """The lens of a compared layer from our maps there and the teacher's."""
    reducing = net.reducing(name)
    compared = ours if reducing is None else [reducing(x) for x in ours]
    net.lenses[name].copy_(fitted_lens(compared, theirs))


def fitted_lens(compared: list[Tensor], theirs: list[Tensor]) -> Tensor:
    """The map [c', c] of least squares from our maps [n, c, h, w] to the teacher's."""
    pairs = [(_flat(x), _flat(t)) for x, t in zip(compared, theirs, strict=True)]
    right = torch.stack([x @ t.T for x, t in pairs]).sum(dim=0)
    count = sum(x.shape[1] for x, _ in pairs)
    return _solve(second_moment(compared), right / count).T


def _solve(normal: Tensor, right: Tensor) -> Tensor:
    """Least squares from normal equations [k, k] and right sides [k, m], lightly damped."""
    identity = torch.eye(len(normal), dtype=torch.float64)
    damped = normal.double() + RIDGE * normal.diagonal().mean().double() * identity
    return torch.linalg.solve(damped, right.double()).float()


def second_moment(maps: list[Tensor]) -> Tensor:
    """Mean over positions of features times features [c, c]."""
    flat = [_flat(x) for x in maps]
    return torch.stack([x @ x.T for x in flat]).sum(dim=0) / sum(x.shape[1] for x in flat)


def _flat(maps: Tensor) -> Tensor:
    """[n, c, h, w] as [c, n * h * w]."""
    return maps.transpose(0, 1).flatten(1)


def _fit(
    layer: nn.Conv2d, inputs: list[Tensor], wanted: list[Tensor], rng: torch.Generator
) -> None:
    normal, right = _normal_equations(layer, inputs, wanted, rng)
    weights = _solve(normal, right)
    assert layer.bias is not None
    layer.weight.copy_(weights[:-1].T.reshape(layer.weight.shape))
    layer.bias.copy_(weights[-1])


def fit_squeezed(
    part: Squeezed, inputs: list[Tensor], wanted: list[Tensor], rng: torch.Generator
) -> None:
    """Kernel and widening together: the regression of least squares, cut to the rank there is."""
    normal, right = _normal_equations(part.core, inputs, wanted, rng)
    whole = _solve(normal, right)[:-1].double()
    middle, mean = normal[-1, :-1], right[-1]
    spread = normal[:-1, :-1] - torch.outer(middle, middle) / normal[-1, -1]
    values, vectors = torch.linalg.eigh(whole.T @ spread @ whole / normal[-1, -1])
    rank = part.core.out_channels
    size, vectors = values[-rank:].clamp_min(1e-8).sqrt(), vectors[:, -rank:]
    part.widen.weight.copy_((vectors * size).float()[:, :, None, None])
    kernel = whole @ (vectors / size)
    part.core.weight.copy_(kernel.T.reshape(part.core.weight.shape).float())
    assert part.widen.bias is not None
    part.widen.bias.copy_(((mean - middle @ whole @ vectors @ vectors.T) / normal[-1, -1]).float())


def _normal_equations(
    layer: nn.Conv2d, inputs: list[Tensor], wanted: list[Tensor], rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Of a kernel's answers from patches with a one below: [k + 1, k + 1] and [k + 1, c']."""
    size = layer.weight[0].numel() + 1
    normal = torch.zeros(size, size, dtype=torch.float64)
    right = torch.zeros(size, wanted[0].shape[1], dtype=torch.float64)
    for patches, answers in _samples(layer, inputs, wanted, rng):
        normal += (patches @ patches.T).double()
        right += (patches @ answers.T).double()
    return normal, right


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
