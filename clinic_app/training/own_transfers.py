"""Transfers that the perceptual net drives itself while it learns, for it to learn from.

Where a transfer ends is decided by the net's errors: the optimiser looks for pictures that the net
takes for nearer than they are, and such pictures are in no set of photographs. So a part of every
batch comes from transfers under way with the net as it is, and the teacher tells what is to be seen
in them (as a policy is taught on the states that it gets itself into: Ross et al. 2011).
"""

from __future__ import annotations

import torch
from torch import Tensor

from clinic_app.domain.studio import TransferWish
from clinic_app.inference.style.descent import EPSILON, FIRST_DECAY, RATE, SECOND_DECAY
from clinic_app.inference.style.perceptual import MIRRORED, View
from clinic_app.training.aims import Aims, aims_of, losses, metrics_of, usual_weights
from clinic_app.training.losses import Vgg16
from clinic_app.training.perceptual import PerceptualNet, total_variation

STEPS = 3
"""Of a transfer between two lessons on its picture."""


def turned(pictures: Tensor, view: View) -> Tensor:
    """Pictures [..., h, w] in a view of them; what was mirrored is mirrored back."""
    return pictures.flip([axis for axis, way in zip((-2, -1), view, strict=True) if way < 0])


class OwnTransfers:
    """Transfers of the styles of some crops [n, 3, h, w] to the contents of others, with the usual
    weights, by Adam from the first step, all begun with `net` as it is. Steps look at a picture in
    turn as it is and mirrored, as the studio's do after its quick steps."""

    @torch.no_grad()
    def __init__(self, net: PerceptualNet, contents: Tensor, styles: Tensor) -> None:
        self.contents, self.styles = contents, styles
        self._pictures = contents.clone()
        self._first, self._second = torch.zeros_like(contents), torch.zeros_like(contents)
        self._steps, self._next = [0] * len(contents), 0
        # View by view, as many as there are pictures each.
        self._aims = aims_of(net, *(_in_all_views(kind) for kind in (contents, styles)))

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
        """Adam as in `inference/style/descent.py`, for several pictures."""
        turns = [self._steps[place] % len(MIRRORED) for place in chosen]
        views = [MIRRORED[turn] for turn in turns]
        seen = [turned(self._pictures[p], view) for p, view in zip(chosen, views, strict=True)]
        x = torch.stack(seen).requires_grad_(True)
        count = len(self._pictures)
        aims = self._aims.of([t * count + p for t, p in zip(turns, chosen, strict=True)])
        (pull,) = torch.autograd.grad(_total(net, x, aims), x)
        for place, view, seen_pull in zip(chosen, views, pull, strict=True):
            gradient = turned(seen_pull, view)
            self._steps[place] += 1
            step, first, second = self._steps[place], self._first[place], self._second[place]
            first.lerp_(gradient, 1 - FIRST_DECAY)
            second.lerp_(gradient * gradient, 1 - SECOND_DECAY)
            rate = RATE * (1 - SECOND_DECAY**step) ** 0.5 / (1 - FIRST_DECAY**step)
            self._pictures[place].sub_(rate * first / (second.sqrt() + EPSILON)).clamp_(0, 1)


def _in_all_views(pictures: Tensor) -> Tensor:
    return torch.cat([turned(pictures, view) for view in MIRRORED])


def _total(net: PerceptualNet, x: Tensor, aims: Aims) -> Tensor:
    """Sum over pictures of the weighted losses, as `StepGraph` has them."""
    metrics = {name: metric.detach() for name, metric in metrics_of(net).items()}
    rough = TransferWish().variation_weight * total_variation(x)[0]
    return (losses(net(x), aims, metrics) @ usual_weights()).sum() + rough


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
    told = losses(teacher(made), aims_of(teacher, contents, styles)).mean(dim=0)
    return {"content": float(told[0]), "style": float(told[1:].mean())}
