"""Transfers that the perceptual net drives itself while it learns, for it to learn from.

Where a transfer ends is decided by the net's errors: the optimiser looks for pictures that the net
takes for nearer than they are, and such pictures are in no set of photographs. So a part of every
batch comes from transfers under way with the net as it is, and the teacher tells what is to be seen
in them (as a policy is taught on the states that it gets itself into: Ross et al. 2011).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from clinic_app.domain.studio import TransferWish
from clinic_app.inference.style.optimised import EPSILON, FIRST_DECAY, RATE, SECOND_DECAY
from clinic_app.training.losses import CONTENT_LAYER, STYLE_LAYERS, Vgg16
from clinic_app.training.perceptual import (
    PerceptualNet,
    batch_gram,
    relative_error,
    total_variation,
)

STEPS = 3
"""Of a transfer between two lessons on its picture."""


class OwnTransfers:
    """Transfers of the styles of some crops [n, 3, h, w] to the contents of others, with the usual
    weights and the optimiser of the studio, all begun with `net` as it is."""

    @torch.no_grad()
    def __init__(self, net: PerceptualNet, contents: Tensor, styles: Tensor) -> None:
        self._pictures = contents.clone()
        self._first, self._second = torch.zeros_like(contents), torch.zeros_like(contents)
        self._steps, self._next = [0] * len(contents), 0
        self._content = net(contents)[CONTENT_LAYER].float()
        seen = net(styles)
        self._grams = {name: batch_gram(seen[name].float()) for name in STYLE_LAYERS}

    def pictures(self, net: PerceptualNet, count: int) -> Tensor:
        """The next `count` pictures [count, 3, h, w], a few steps further than last time."""
        chosen = [(self._next + k) % len(self._pictures) for k in range(count)]
        self._next = (chosen[-1] + 1) % len(self._pictures)
        for _ in range(STEPS):
            self._step(net, chosen)
        return self._pictures[chosen].clone()

    def _step(self, net: PerceptualNet, chosen: list[int]) -> None:
        """Adam as in `inference/style/optimised.py`, for several pictures."""
        x = self._pictures[chosen].requires_grad_(True)
        (pull,) = torch.autograd.grad(self._total(net, x, chosen), x)
        for place, gradient in zip(chosen, pull, strict=True):
            self._steps[place] += 1
            step, first, second = self._steps[place], self._first[place], self._second[place]
            first.lerp_(gradient, 1 - FIRST_DECAY)
            second.lerp_(gradient * gradient, 1 - SECOND_DECAY)
            rate = RATE * (1 - SECOND_DECAY**step) ** 0.5 / (1 - FIRST_DECAY**step)
            self._pictures[place].sub_(rate * first / (second.sqrt() + EPSILON)).clamp_(0, 1)

    def _total(self, net: PerceptualNet, x: Tensor, chosen: list[int]) -> Tensor:
        """Sum over pictures of the weighted losses, as `StepGraph` has them."""
        wish, features = TransferWish(), net(x)
        with torch.autocast("cpu", enabled=False):
            metrics = {name: lens.detach().T @ lens.detach() for name, lens in net.lenses.items()}
            gap, wanted = features[CONTENT_LAYER].float(), self._content[chosen]
            total = wish.content_weight * _content(gap - wanted, wanted, metrics[CONTENT_LAYER])
            for name, weight in zip(STYLE_LAYERS, wish.layer_weights, strict=True):
                aim = self._grams[name][chosen]
                style = _style(batch_gram(features[name].float()), aim, metrics[name])
                total = total + wish.style_weight * weight / sum(wish.layer_weights) * style
            return total + wish.variation_weight * total_variation(x)[0]


@torch.no_grad()
def judged(
    net: PerceptualNet, teacher: Vgg16, contents: Tensor, styles: Tensor, steps: int
) -> dict[str, float]:
    """Content and style loss (mean of the layers') that the teacher finds in transfers of `steps`
    that `net` drives, means over pictures [n, 3, h, w]."""
    transfers = OwnTransfers(net, contents, styles)
    with torch.enable_grad():
        for _ in range(steps // STEPS):
            made = transfers.pictures(net, len(contents))
    found, content, style = teacher(made), teacher(contents)[CONTENT_LAYER], teacher(styles)
    gaps = [relative_error(batch_gram(found[n]), batch_gram(style[n])) for n in STYLE_LAYERS]
    return {
        "content": float(relative_error(found[CONTENT_LAYER], content)),
        "style": float(torch.stack(gaps).mean()),
    }


def _content(gap: Tensor, wanted: Tensor, metric: Tensor) -> Tensor:
    seen, size = (
        (maps * F.conv2d(maps, metric[:, :, None, None])).sum(dim=(1, 2, 3))
        for maps in (gap, wanted)
    )
    return (seen / size).sum()


def _style(own: Tensor, wanted: Tensor, metric: Tensor) -> Tensor:
    gap, size = (
        (product * product.transpose(1, 2)).sum(dim=(1, 2))
        for product in (metric @ (own - wanted), metric @ wanted)
    )
    return (gap / size).sum()
