"""Transfers that the perceptual net drives itself while it learns, for it to learn from.

Where a transfer ends is decided by the net's errors: the optimiser looks for pictures that the net
takes for nearer than they are, and such pictures are in no set of photographs. So a part of every
batch comes from transfers under way with the net as it is, and the teacher tells what is to be seen
in them (as a policy is taught on the states that it gets itself into: Ross et al. 2011).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from clinic_app.domain.studio import TransferWish
from clinic_app.inference.style.optimised import EPSILON, FIRST_DECAY, RATE, SECOND_DECAY
from clinic_app.inference.style.perceptual import MIRRORED, View
from clinic_app.training.aims import Aims, aims_of, losses, metrics_of, usual_weights
from clinic_app.training.losses import CONTENT_LAYER, STYLE_LAYERS, Vgg16
from clinic_app.training.perceptual import (
    PerceptualNet,
    batch_gram,
    relative_error,
    total_variation,
)

STEPS = 3
"""Of a transfer between two lessons on its picture."""


def turned(pictures: Tensor, view: View) -> Tensor:
    """Pictures [..., h, w] in a view of them; what was mirrored is mirrored back."""
    return pictures.flip([axis for axis, way in zip((-2, -1), view, strict=True) if way < 0])


class OwnTransfers:
    """Transfers of the styles of some crops [n, 3, h, w] to the contents of others, with the usual
    weights and the optimiser of the studio, all begun with `net` as it is. Steps look at a picture
    in the `views` in turn."""

    @torch.no_grad()
    def __init__(
        self,
        net: PerceptualNet,
        contents: Tensor,
        styles: Tensor,
        views: Sequence[View] = MIRRORED,
    ) -> None:
        self.contents, self.styles = contents, styles
        self._pictures = contents.clone()
        self._first, self._second = torch.zeros_like(contents), torch.zeros_like(contents)
        self._steps, self._next = [0] * len(contents), 0
        self._views = views
        self._aims = [aims_of(net, turned(contents, v), turned(styles, v)) for v in views]

    def pictures(self, net: PerceptualNet, count: int) -> Tensor:
        """The next `count` pictures [count, 3, h, w], a few steps further than last time."""
        return self.moved_on(net, count)[1]

    def moved_on(self, net: PerceptualNet, count: int) -> tuple[list[int], Tensor]:
        """The places of the next `count`, and their pictures [count, 3, h, w], a few steps further
        than last time."""
        chosen = [(self._next + k) % len(self._pictures) for k in range(count)]
        self._next = (chosen[-1] + 1) % len(self._pictures)
        for _ in range(STEPS):
            self._step(net, chosen)
        return chosen, self._pictures[chosen].clone()

    def _step(self, net: PerceptualNet, chosen: list[int]) -> None:
        """Adam as in `inference/style/optimised.py`, for several pictures."""
        turns = [self._steps[place] % len(self._views) for place in chosen]
        seen = [
            turned(self._pictures[p], self._views[t]) for p, t in zip(chosen, turns, strict=True)
        ]
        x = torch.stack(seen).requires_grad_(True)
        (pull,) = torch.autograd.grad(self._total(net, x, chosen, turns), x)
        for place, turn, seen_pull in zip(chosen, turns, pull, strict=True):
            gradient = turned(seen_pull, self._views[turn])
            self._steps[place] += 1
            step, first, second = self._steps[place], self._first[place], self._second[place]
            first.lerp_(gradient, 1 - FIRST_DECAY)
            second.lerp_(gradient * gradient, 1 - SECOND_DECAY)
            rate = RATE * (1 - SECOND_DECAY**step) ** 0.5 / (1 - FIRST_DECAY**step)
            self._pictures[place].sub_(rate * first / (second.sqrt() + EPSILON)).clamp_(0, 1)

    def _total(self, net: PerceptualNet, x: Tensor, chosen: list[int], turns: list[int]) -> Tensor:
        """Sum over pictures of the weighted losses, as `StepGraph` has them."""
        metrics = {name: metric.detach() for name, metric in metrics_of(net).items()}
        told = losses(net(x), self._aims_of(chosen, turns), metrics)
        rough = TransferWish().variation_weight * total_variation(x)[0]
        return (told @ usual_weights()).sum() + rough

    def _aims_of(self, chosen: list[int], turns: list[int]) -> Aims:
        found = [self._aims[t].of([p]) for p, t in zip(chosen, turns, strict=True)]
        return Aims(
            torch.cat([one.content for one in found]),
            {name: torch.cat([one.grams[name] for one in found]) for name in STYLE_LAYERS},
        )


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
