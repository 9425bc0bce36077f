"""The teacher: ImageNet VGG-16 convolutions taught to read faces, far too slow for a laptop.

It is trained on the same rows as the shipped net and is never shipped: the shipped net learns from
what it says (`distil`). Block 1 stays as ImageNet left it. Every later convolution gets a batch
norm that starts as the identity on faces, so that training starts from the ImageNet features.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.training.losses import VGG_BLOCKS
from clinic_app.training.nets import standardise


class TeacherNet(nn.Module):
    """VGG-16 features, averaged over the face, with the three heads of the severity net."""

    def __init__(self, dropout: float = 0.5) -> None:
        super().__init__()
        widths = (64, 128, 256, 512, 512)
        self.edges = nn.Sequential(
            nn.Conv2d(1, widths[0], 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(widths[0], widths[0], 3, padding=1),
            nn.ReLU(inplace=True),
        ).requires_grad_(False)
        layers: list[nn.Module] = []
        inputs = widths[0]
        for count, width in zip(VGG_BLOCKS[1:], widths[1:], strict=True):
            layers.append(nn.MaxPool2d(2))
            for _ in range(count):
                layers += [
                    nn.Conv2d(inputs, width, 3, padding=1, bias=False),
                    nn.BatchNorm2d(width),
                    nn.ReLU(inplace=True),
                ]
                inputs = width
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.severity = nn.Linear(inputs, 4)
        self.emotion = nn.Linear(inputs, 8)
        self.share = nn.Linear(inputs, 1)

    def read(self, gray: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Severity logits, emotion logits, share logit [n], embedding [n, 512].

        `gray` is [n, 1, 48, 48] in [0, 1].
        """
        with torch.no_grad():
            edges = self.edges(standardise(gray))
        embedding = self.features(edges).mean(dim=(2, 3))
        seen = self.dropout(embedding)
        return (
            self.severity(seen).float(),
            self.emotion(seen).float(),
            self.share(seen).float()[:, 0],
            embedding,
        )


@torch.no_grad()
def start_from_imagenet(net: TeacherNet, weights: Path, faces: Tensor) -> TeacherNet:
    """Load the VGG-16 convolutions; batch norms become the identity on `faces` [n, 1, 48, 48].

    Each layer's output keeps the proportions of its channels and loses its common scale, which the
    next batch norm would remove anyway.
    """
    stored = load_file(str(weights))
    names = [f"conv{b}_{k}" for b, n in enumerate(VGG_BLOCKS, 1) for k in range(1, n + 1)]
    biases = [stored[f"{name}.bias"].float() for name in names]
    kernels = [stored[f"{name}.weight"].float() for name in names]
    # A gray face is the same in all three channels.
    kernels[0] = kernels[0].sum(dim=1, keepdim=True)
    for layer, kernel, bias in zip((net.edges[0], net.edges[2]), kernels, biases, strict=False):
        layer.weight.copy_(kernel)
        layer.bias.copy_(bias)
    x, scale = net.edges(standardise(faces)), 1.0
    rest = iter(list(zip(kernels, biases, strict=True))[2:])
    for layer in net.features:
        if isinstance(layer, nn.Conv2d):
            kernel, bias = next(rest)
            layer.weight.copy_(kernel)
        if isinstance(layer, nn.BatchNorm2d):
            # What ImageNet's layer would have given, in the scale that has been left so far.
            given = x + (bias / scale).view(1, -1, 1, 1)
            deviation, mean = given.std(dim=(0, 2, 3)), given.mean(dim=(0, 2, 3))
            common = deviation.mean()
            layer.running_mean.copy_(x.mean(dim=(0, 2, 3)))
            layer.running_var.copy_(x.var(dim=(0, 2, 3)))
            layer.weight.copy_(deviation / common)
            layer.bias.copy_(mean / common)
            x = F.batch_norm(
                x, layer.running_mean, layer.running_var, layer.weight, layer.bias, eps=layer.eps
            )
            scale *= float(common)
        else:
            x = layer(x)
    return net
