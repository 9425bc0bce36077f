"""A released severity file as a net that can be trained on.

The file holds integers with scales and convolutions that have taken in their batch norms. Here they
become floats again, and every batch norm becomes what leaves its convolution's answer on faces as
it is: the net reads as the file does, up to the rounding of activations.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from clinic_app.training.nets import Residual, SeverityNet
from clinic_app.training.settled import temperatures_of


@torch.no_grad()
def severity_from(path: Path, faces: Tensor) -> SeverityNet:
    """The severity net of `path`; batch norms get their statistics from `faces` [n, 1, 48, 48].

    Raises ValueError when the file does not hold a net of our shape.
    """
    model = onnx.load(str(path))
    stored = _constants(model)
    net = SeverityNet().eval()
    try:
        biases = _give_convolutions(net, stored)
        _give_heads(net, stored, temperatures_of(model))
    except (KeyError, RuntimeError) as error:
        raise ValueError(f"{path.name} holds no severity net that can be trained on") from error
    hooks = [norm.register_forward_pre_hook(_settling(bias)) for norm, bias in biases]
    net.maps(faces)
    for hook in hooks:
        hook.remove()
    return net


def _constants(model: onnx.ModelProto) -> dict[str, Tensor]:
    """Weights and biases by name, integers times their scales."""
    arrays = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    found = {name: torch.from_numpy(a.copy()) for name, a in arrays.items() if a.dtype == "float32"}
    for node in model.graph.node:
        if node.op_type != "DequantizeLinear" or node.input[0] not in arrays:
            continue
        whole, scale, zero = (arrays[name].astype(np.float32) for name in node.input)
        shape = (-1, *[1] * (whole.ndim - 1))
        floats = (whole - zero.reshape(shape)) * scale.reshape(shape)
        found[node.input[0].removesuffix("_quantized")] = torch.from_numpy(floats)
    return found


def _give_convolutions(
    net: SeverityNet, stored: dict[str, Tensor]
) -> list[tuple[nn.BatchNorm2d, Tensor]]:
    """Copy the kernels; the norms in the order of the net, and the bias each has to take."""
    first: nn.Sequential = net.features[0]
    first[0].weight.copy_(_undivided(stored["eye.first.weight"], first[0]))
    biases = [(first[1], stored["eye.first.bias"])]
    for index, layer in enumerate(net.features[1:], start=1):
        name = f"net.features.{index}"
        pairs = [(layer[0], layer[1], f"{name}.0")] if isinstance(layer, nn.Sequential) else []
        if isinstance(layer, Residual):
            pairs.append((layer.first[0], layer.first[1], f"{name}.first.0"))
            pairs.append((layer.second, layer.norm, f"{name}.second"))
        for convolution, norm, stem in pairs:
            convolution.weight.copy_(stored[f"{stem}.weight"])
            biases.append((norm, stored[f"{stem}.bias"]))
    return biases


def _undivided(phases: Tensor, convolution: nn.Conv2d) -> Tensor:
    """The strided kernel that `graphs.HalvingEye` spread over the phases of its map."""
    weight = torch.zeros_like(convolution.weight)
    k, reach = convolution.stride[0], convolution.padding[0]
    steps = -(-reach // k)
    for y in range(weight.shape[2]):
        for x in range(weight.shape[3]):
            (row, dy), (column, dx) = divmod(y - reach, k), divmod(x - reach, k)
            weight[:, 0, y, x] = phases[:, k * dy + dx, steps + row, steps + column]
    return weight


def _give_heads(
    net: SeverityNet, stored: dict[str, Tensor], temperatures: tuple[float, float]
) -> None:
    """Copy the heads without the temperatures that calibration put into them."""
    heads = (net.severity, net.emotion, net.share)
    sizes = [head.out_features for head in heads]
    parts = zip(heads, stored["weight"].split(sizes), stored["bias"].split(sizes), strict=True)
    for (head, weight, bias), t in zip(parts, (*temperatures, 1.0), strict=True):
        head.weight.copy_(weight * t)
        head.bias.copy_(bias * t)


def _settling(bias: Tensor) -> Callable[[nn.BatchNorm2d, tuple[Tensor]], None]:
    """A hook that makes a norm add `bias` and nothing else, with the statistics of what it sees."""

    def settle(norm: nn.BatchNorm2d, seen: tuple[Tensor]) -> None:
        mean, variance = seen[0].mean(dim=(0, 2, 3)), seen[0].var(dim=(0, 2, 3))
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_(torch.sqrt(variance + norm.eps))
        norm.bias.copy_(mean + bias)

    return settle
