"""The narrow net's transfers beside the teacher's own, judged by the teacher.

The teacher's are moved by Adam alone, which is what ours are compared with, and beside that as ours
are (`inference/style/descent.py`); ours look at the picture in several views. Time is
processor time of the thread, so that other programs on the machine disturb less. It counts the aims
that are made on the way, four of ours and one of the teacher's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from clinic_app.inference.arrays import FloatArray, RgbImage
from clinic_app.inference.style.descent import ADAM
from clinic_app.inference.style.optimised import OptimisedTransfer, TransferSettings
from clinic_app.inference.style.perceptual import AS_IT_IS, Aim, PerceptualStep
from clinic_app.training.aims import Aims, aims_of, losses
from clinic_app.training.losses import STYLE_LAYERS, Vgg16
from clinic_app.training.perceptual import total_variation

MOST_TIMES = 40
"""At equal time ours takes at most so many times the teacher's steps."""


class TeacherStep(PerceptualStep):
    """The step with VGG itself, by automatic differentiation. It needs no second view."""

    views = AS_IT_IS

    def __init__(self, teacher: Vgg16) -> None:
        self._teacher = teacher

    @torch.no_grad()
    def aim(self, content: FloatArray, style: FloatArray) -> Aim:
        """As `PerceptualStep`, in the teacher's channels."""
        told = aims_of(self._teacher, torch.from_numpy(content), torch.from_numpy(style))
        grams = tuple(told.grams[name][0].numpy() for name in STYLE_LAYERS)
        return Aim(told.content.numpy(), grams)

    def step(
        self, picture: FloatArray, aim: Aim, weights: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """As `PerceptualStep`."""
        x = torch.from_numpy(picture).clone().requires_grad_(True)
        losses = self._losses(x, aim)
        (gradient,) = torch.autograd.grad((losses * torch.from_numpy(weights)).sum(), x)
        return losses.detach().numpy(), gradient.numpy()

    def _losses(self, picture: Tensor, aim: Aim) -> Tensor:
        grams = (torch.from_numpy(one)[None] for one in aim.grams)
        wanted = Aims(torch.from_numpy(aim.content), dict(zip(STYLE_LAYERS, grams, strict=True)))
        told = losses(self._teacher(picture), wanted)[0]
        return torch.cat([told, total_variation(picture)[0][None]])


@dataclass(frozen=True)
class Run:
    """A transfer as the teacher sees it."""

    content: float
    style: float
    total: float
    steps: int
    seconds: float


def beside_the_teacher(
    ours: PerceptualStep, teacher: Vgg16, pairs: list[tuple[RgbImage, RgbImage]], steps: int
) -> dict[str, Any]:
    """Means over pairs of content and style pictures: the teacher's transfer by Adam after `steps`,
    the teacher's moved as ours, ours after as many steps, and ours after the processor time of the
    first; losses are all the teacher's. `nearer` counts the pairs with a smaller total than the
    first."""
    told = list(_runs(ours, TeacherStep(teacher), pairs, steps))
    names = ("teacher", "teacher_alike", "same_steps", "same_time")
    table = {
        name: {
            key: float(np.mean([getattr(runs[place], key) for runs in told]))
            for key in ("content", "style", "total", "steps", "seconds")
        }
        | {"nearer": sum(runs[place].total < runs[0].total for runs in told)}
        for place, name in enumerate(names)
    }
    return {"pairs": len(pairs), "steps": steps, **table}


def _runs(
    ours: PerceptualStep,
    judge: TeacherStep,
    pairs: list[tuple[RgbImage, RgbImage]],
    steps: int,
) -> Iterator[tuple[Run, Run, Run, Run]]:
    for content, style in pairs:
        settings = TransferSettings(steps=steps)
        longer = replace(settings, steps=MOST_TIMES * steps)
        theirs = OptimisedTransfer(content, style, settings, judge, ADAM)
        known = _finished(theirs, steps, float("inf"), judge, theirs)
        alike = OptimisedTransfer(content, style, settings, judge)
        moved_alike = _finished(alike, steps, float("inf"), judge, theirs)
        mine = OptimisedTransfer(content, style, longer, ours)
        same_steps = _finished(mine, steps, float("inf"), judge, theirs)
        more = _finished(mine, longer.steps, known.seconds - same_steps.seconds, judge, theirs)
        more = replace(more, seconds=same_steps.seconds + more.seconds)
        yield known, moved_alike, same_steps, more


def _finished(
    transfer: OptimisedTransfer,
    steps: int,
    seconds: float,
    judge: TeacherStep,
    theirs: OptimisedTransfer,
) -> Run:
    """Run until that many steps are done in all, or that much processor time is spent; judged
    against the aim of the teacher's transfer."""
    began = time.thread_time()
    for _ in transfer.run(lambda: transfer.step >= steps or time.thread_time() - began >= seconds):
        pass
    spent = time.thread_time() - began
    weights = transfer.weights
    losses, _ = judge.step(transfer.state().place.picture, theirs.aims[0], weights)
    style = float(np.dot(transfer.settings.layer_shares, losses[1:6]))
    return Run(float(losses[0]), style, float(np.dot(weights, losses)), transfer.step, spent)
