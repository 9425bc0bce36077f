"""Losses: soft labels for severity, perceptual and smoothness terms for the normaliser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

CONTENT_LAYER = "conv4_2"
STYLE_LAYERS = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
VGG_BLOCKS = (2, 2, 3, 3, 3)


def soft_cross_entropy(logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """Cross entropy of logits [n, k] against distributions [n, k]; `weight` is per class [k]."""
    terms = -target * F.log_softmax(logits, dim=1)
    if weight is not None:
        terms = terms * weight
    return terms.sum(dim=1).mean()


def ordinal_distance(logits: Tensor, target: Tensor) -> Tensor:
    """Squared distance of cumulative band probabilities [n, k] (earth mover's), the kappa's kin."""
    gap = torch.softmax(logits, dim=1).cumsum(dim=1) - target.cumsum(dim=1)
    return (gap * gap).sum(dim=1).mean()


def soft_targets(said: Tensor, known: Tensor, share: float) -> None:
    """Blend what a teacher `said` with what is `known`, in place: `share` of the former."""
    said.mul_(share).add_((1 - share) * known)


def gram(features: Tensor) -> Tensor:
    """Gram matrices [n, c, c] of feature maps [n, c, h, w], divided by c*h*w."""
    n, c, h, w = features.shape
    flat = features.reshape(n, c, h * w)
    return flat @ flat.transpose(1, 2) / (c * h * w)


def total_variation(images: Tensor) -> Tensor:
    """Mean absolute difference between neighbours, down plus across."""
    down = (images[:, :, 1:] - images[:, :, :-1]).abs().mean()
    across = (images[:, :, :, 1:] - images[:, :, :, :-1]).abs().mean()
    return down + across


def content_distance(a: Tensor, b: Tensor) -> Tensor:
    """Mean squared difference of two feature maps."""
    return F.mse_loss(a.float(), b.float())


def style_distance(features: dict[str, Tensor], reference: dict[str, Tensor]) -> Tensor:
    """Sum over layers of the squared Gram difference, each relative to the reference's own size.

    `reference` holds one mean Gram matrix [c, c] per layer. The division keeps every layer's say
    the same although their Gram matrices differ by orders of magnitude.
    """
    total = next(iter(features.values())).new_zeros(())
    for name, wanted in reference.items():
        gap = gram(features[name].float()) - wanted
        total = total + (gap * gap).sum(dim=(1, 2)).mean() / (wanted * wanted).sum()
    return total


class Vgg16(nn.Module):
    """Frozen VGG-16 convolutions; returns the named layers after ReLU.

    A file with VGG-19's layers (conv3_4, conv4_4) makes it a VGG-19: the layers are the file's.
    `pool` is max as in ImageNet training, or average as Gatys et al. advise for making pictures.
    """

    def __init__(
        self,
        weights: Path,
        layers: tuple[str, ...],
        pool: Callable[[Tensor, int], Tensor] = F.max_pool2d,
    ) -> None:
        super().__init__()
        self._pool = pool
        stored = load_file(str(weights))
        self._wanted = set(layers)
        last = max(layers)
        self._names: list[str] = []
        self.convolutions = nn.ModuleDict()
        for block in range(1, len(VGG_BLOCKS) + 1):
            for k in range(1, _convolutions_of(stored, block) + 1):
                name = f"conv{block}_{k}"
                if name > last:
                    continue
                kernel = stored[f"{name}.weight"].float()
                layer = nn.Conv2d(kernel.shape[1], kernel.shape[0], 3, padding=1)
                layer.weight.data, layer.bias.data = kernel, stored[f"{name}.bias"].float()
                self.convolutions[name] = layer
                self._names.append(name)
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        self.requires_grad_(False).eval()

    def prepared(self, rgb: Tensor) -> Tensor:
        """RGB in [0, 1] as the first convolution wants it."""
        prepared: Tensor = (rgb - self.mean) / self.std
        return prepared

    def forward(self, rgb: Tensor) -> dict[str, Tensor]:
        """Feature maps of RGB batches [n, 3, h, w] in [0, 1] by layer name."""
        x, found = self.prepared(rgb), {}
        for name in self._names:
            if name.endswith("_1") and name != "conv1_1":
                x = self._pool(x, 2)
            x = F.relu(self.convolutions[name](x))
            if name in self._wanted:
                found[name] = x
        return found


def _convolutions_of(stored: Mapping[str, Tensor], block: int) -> int:
    """How many convolutions a block has in the file, at least those of VGG-16."""
    count = VGG_BLOCKS[block - 1]
    while f"conv{block}_{count + 1}.weight" in stored:
        count += 1
    return count
