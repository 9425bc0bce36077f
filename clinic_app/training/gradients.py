"""What an optimiser follows: the gradient of a transfer's losses, ours beside the teacher's.

A net whose features and Grams resemble the teacher's can still pull a picture elsewhere, because a
gradient sums up the errors of all layers on the way back. So a net that is trained further learns
the direction as well, through its own backward pass, in the pictures that its transfers pass
through and in mirrored views of them, as the studio looks at them.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from clinic_app.inference.style.perceptual import MIRRORED
from clinic_app.training.aims import Aims, aims_of, losses, metrics_of, usual_weights
from clinic_app.training.losses import Vgg16
from clinic_app.training.own_transfers import turned
from clinic_app.training.perceptual import PerceptualNet

SPREAD, USUAL_SHARE = 0.7, 0.5
"""Half of the lessons have the usual weights; those of the others are drawn around them,
log-normally, so that every layer's own direction is learnt."""
BLUR, FLOOR = 9, 0.05
"""Adam divides by the size that the gradient has at a pixel; so does the angle, by the size that
the teacher's has around it, with a floor in parts of its mean square."""


def drawn_weights(count: int, rng: torch.Generator) -> Tensor:
    """Weights [count, 6] of content and five styles for as many lessons."""
    apart = (SPREAD * torch.randn(count, 6, generator=rng)).exp()
    usual = torch.rand(count, 1, generator=rng) < USUAL_SHARE
    return usual_weights() * torch.where(usual, torch.ones(()), apart)


def teacher_gradient(teacher: Vgg16, pictures: Tensor, aims: Aims, weights: Tensor) -> Tensor:
    """The teacher's gradient [n, 3, h, w] of its losses weighted with `weights` [n, 6]."""
    x = pictures.detach().requires_grad_(True)
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad((losses(teacher(x), aims) * weights).sum(), x)
    return gradient


def our_gradient(
    net: PerceptualNet, pictures: Tensor, contents: Tensor, styles: Tensor, weights: Tensor
) -> Tensor:
    """Ours, differentiable by the net's parameters; the aims are what the net sees now."""
    x = pictures.detach().requires_grad_(True)
    told = losses(net(x), aims_of(net, contents, styles), metrics_of(net))
    (gradient,) = torch.autograd.grad((told * weights).sum(), x, create_graph=True)
    return gradient


def gradient_angle(
    net: PerceptualNet,
    teacher: Vgg16,
    told: Aims,
    pictures: tuple[Tensor, Tensor, Tensor],
    rng: torch.Generator,
) -> Tensor:
    """`unlikeness` of both gradients in some view. `pictures` are what transfers are at, their
    contents and their styles, [n, 3, h, w]; `told` the teacher's aims of the latter two."""
    weights = drawn_weights(len(pictures[0]), rng)
    view = MIRRORED[int(torch.randint(len(MIRRORED), (), generator=rng))]
    theirs = teacher_gradient(teacher, pictures[0], told, weights)
    shown, contents, styles = (turned(one, view) for one in pictures)
    ours = our_gradient(net, shown, contents, styles, weights)
    with torch.autocast("cpu", enabled=False):
        return unlikeness(turned(ours.float(), view), theirs.float())


def unlikeness(ours: Tensor, theirs: Tensor) -> Tensor:
    """One minus the cosine of gradients [n, 3, h, w], evened out over the picture as `theirs` is
    large or small there; the mean over n."""
    around = F.avg_pool2d(
        theirs.square().mean(dim=1, keepdim=True), BLUR, 1, BLUR // 2, count_include_pad=False
    )
    mean = around.mean(dim=(1, 2, 3), keepdim=True).clamp_min(1e-20)
    even = (around / mean + FLOOR).rsqrt()
    a, b = ((gradient * even).flatten(1) for gradient in (ours, theirs))
    return (1 - F.cosine_similarity(a, b, dim=1, eps=1e-12)).mean()
