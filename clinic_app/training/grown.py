"""A perceptual net with wider bottlenecks that answers as it did, or nearer to the teacher.

Layer by layer from below (`narrow.py`): new directions of the first bottleneck are the principal
components of what the old ones do not let through; kernel and second bottleneck gain what of the
teacher's answer the old ones leave, by reduced-rank regression. Nothing that was learnt is lost.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.training.losses import Vgg16
from clinic_app.training.narrow import fit_lens, fit_squeezed, second_moment, teacher_answer
from clinic_app.training.perceptual import COMPARED, Layer, PerceptualNet, Squeezed


@torch.no_grad()
def grown(
    net: PerceptualNet,
    layers: Sequence[Layer],
    last_reduced: int,
    teacher: Vgg16,
    batches: list[Tensor],
) -> PerceptualNet:
    """`net` with the bottlenecks of `layers`, none narrower than its own, and all else alike;
    fitted on RGB `batches` [n, 3, h, w] in [0, 1]."""
    made = PerceptualNet(layers, last_reduced)
    rng = torch.Generator().manual_seed(0)
    ours, theirs = [batch - 0.5 for batch in batches], [teacher.prepared(b) for b in batches]
    below = ""
    for old, layer in zip(net.layers, made.layers, strict=True):
        for what in ("kept", "size"):
            name = f"{what}_{layer.name}"
            made.get_buffer(name).copy_(net.get_buffer(name))
        if layer.pooling:
            ours = [F.avg_pool2d(x, 2) for x in ours]
        if layer.bottlenecks is not None:
            _reduced(net.squeezed(old.name).reduce, made.squeezed(layer.name).reduce, ours)
        if below in COMPARED:
            _lens(net, made, below, ours, theirs)
        answers = [teacher_answer(teacher, layer.name, x) for x in theirs]
        theirs = [F.relu(z) for z in answers]
        if layer.bottlenecks is None:
            made.plain(layer.name).load_state_dict(net.plain(old.name).state_dict())
            ours = [F.relu(made.plain(layer.name)(x)) for x in ours]
        else:
            kept, size = (made.get_buffer(f"{what}_{layer.name}") for what in ("kept", "size"))
            wanted = [z[:, kept] / size for z in answers]
            part = made.squeezed(layer.name)
            _widened(net.squeezed(old.name), part, ours, wanted, rng)
            ours = [F.relu(part.widen(part.core(part.reduce(x)))) for x in ours]
        below = layer.name
    _reduced(net.last, made.last, ours)
    _lens(net, made, below, ours, theirs)
    return made


def _reduced(old: nn.Conv2d, new: nn.Conv2d, ours: list[Tensor]) -> None:
    """The old directions, then principal components of what they leave, each about one in size."""
    known = old.weight[:, :, 0, 0].double()
    more = new.out_channels - len(known)
    new.weight[: len(known)] = old.weight
    if not more:
        return
    spread = second_moment(ours).double()
    through = known @ spread
    gram = through @ known.T
    gram += 1e-6 * gram.diagonal().mean() * torch.eye(len(gram), dtype=gram.dtype)
    left = spread - through.T @ torch.linalg.solve(gram, through)
    values, vectors = torch.linalg.eigh(left)
    basis = vectors[:, -more:] / values[-more:].clamp_min(1e-8).sqrt()
    new.weight[len(known) :] = basis.T.flip(0).float()[:, :, None, None]


def _widened(
    old: Squeezed, new: Squeezed, ours: list[Tensor], wanted: list[Tensor], rng: torch.Generator
) -> None:
    """Kernel and second bottleneck: the old ones, then those that answer what these leave."""
    first, second = old.core.in_channels, old.core.out_channels
    new.core.weight.zero_()
    new.core.weight[:second, :first] = old.core.weight
    new.widen.weight[:, :second] = old.widen.weight
    assert new.widen.bias is not None
    assert old.widen.bias is not None
    new.widen.bias.copy_(old.widen.bias)
    more = new.core.out_channels - second
    if not more:
        return
    reduced = [new.reduce(x) for x in ours]
    left = [z - old.widen(old.core(x[:, :first])) for x, z in zip(reduced, wanted, strict=True)]
    rest = Squeezed(new.reduce.in_channels, (new.core.in_channels, more), new.widen.out_channels)
    fit_squeezed(rest, reduced, left, rng)
    new.core.weight[second:] = rest.core.weight
    new.widen.weight[:, second:] = rest.widen.weight
    assert rest.widen.bias is not None
    new.widen.bias.add_(rest.widen.bias)


def _lens(
    old: PerceptualNet, new: PerceptualNet, name: str, ours: list[Tensor], theirs: list[Tensor]
) -> None:
    """The old lens where as much is compared as was; else that of least squares."""
    if new.compared_widths[name] == old.compared_widths[name]:
        new.lenses[name].copy_(old.lenses[name])
    else:
        fit_lens(new, name, ours, theirs)
