"""A perceptual net taken up again from its released file, to be trained further.

The file holds kernels (fp16), biases and, for each lens A, its metric M = A'A. Which channels of
the teacher the layers have, and what these are divided by, is what the closed-form start found with
the same pictures. A lens is known from its metric up to a turn among the teacher's channels: the
turn is taken that brings it nearest to the lens of least squares (orthogonal Procrustes), so that
the net measures exactly as the file does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from clinic_app.training.losses import Vgg16
from clinic_app.training.narrow import fitted_lens
from clinic_app.training.perceptual import COMPARED, LAYERS, Layer, PerceptualNet
from clinic_app.training.perceptual_export import SHARP


class AnotherMake(ValueError):
    """The file holds a net of other layers."""


def layers_of(path: Path) -> tuple[tuple[Layer, ...], int]:
    """The layers of the file at `path`, and what its last is reduced to. Only bottlenecks may be
    others than today's; raises `AnotherMake`."""
    held = _held(path)
    try:
        layers = tuple(_as_held(layer, held) for layer in LAYERS)
        return layers, len(held["last_weight_half"])
    except KeyError as error:
        raise _another(path) from error


@torch.no_grad()
def taken_up(
    path: Path, net: PerceptualNet, teacher: Vgg16, batches: list[Tensor]
) -> PerceptualNet:
    """`net`, a closed-form start, with what the file at `path` has learnt; its lenses are fitted on
    RGB `batches` [n, 3, h, w] in [0, 1]. Raises `AnotherMake`."""
    held = _held(path)
    try:
        _fill(net, held)
        metrics = {name: held[f"metric_{name}_half"] for name in COMPARED}
    except (KeyError, StopIteration, RuntimeError) as error:
        raise _another(path) from error
    ours, theirs = [net(batch) for batch in batches], [teacher(batch) for batch in batches]
    for name, metric in metrics.items():
        near = fitted_lens([maps[name] for maps in ours], [maps[name] for maps in theirs])
        net.lenses[name].copy_(_turned(metric, near))
    return net


def _held(path: Path) -> dict[str, Tensor]:
    return {
        one.name: torch.from_numpy(numpy_helper.to_array(one).copy()).float()
        for one in onnx.load(str(path)).graph.initializer
    }


def _as_held(layer: Layer, held: Mapping[str, Tensor]) -> Layer:
    if layer.bottlenecks is None:
        return layer
    core = held[f"parts_{layer.name}_core_weight_half"]
    return replace(layer, bottlenecks=(core.shape[1], core.shape[0]))


def _another(path: Path) -> AnotherMake:
    return AnotherMake(f"{path.name} holds a perceptual net of other layers.")


def _fill(net: PerceptualNet, held: Mapping[str, Tensor]) -> None:
    """Kernels by their names; biases, in the order of the layers, `SHARP` times as large."""
    biases = iter([value / SHARP for name, value in held.items() if name.startswith("bias_")])
    for name, value in net.named_parameters():
        if name.endswith("weight"):
            value.copy_(held[f"{name.replace('.', '_')}_half"])
        elif name.endswith("bias"):
            value.copy_(next(biases))


def _turned(metric: Tensor, near: Tensor) -> Tensor:
    """The lens [c', c] with this metric that is nearest to another."""
    values, vectors = torch.linalg.eigh(metric.double())
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    left, _, right = torch.linalg.svd(near.double() @ root, full_matrices=False)
    return (left @ right @ root).float()
