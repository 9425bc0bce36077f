"""One step of Gatys style transfer (Gatys et al., 2016): the yardstick for the style net.

VGG-19 up to conv5_1 with random weights, Gram matrices at conv1_1 to conv5_1, content at conv4_2,
total variation, Adam on the picture. Speed does not depend on the weights, as long as features keep
their size from layer to layer: with smaller ones the gradients sink below the least normal number,
which processors handle slowly, and the yardstick would be too long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 1))
"""Width and convolutions of each block; the last stops at conv5_1."""


def gatys_step(height: int, width: int) -> Callable[[], object]:
    """A function that does one step on a picture of this size, on one thread."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(0)
    layers: list[nn.Conv2d] = []
    inputs = 3
    for channels, count in BLOCKS:
        for _ in range(count):
            layer = nn.Conv2d(inputs, channels, 3, padding=1).requires_grad_(False)
            nn.init.kaiming_normal_(layer.weight)
            layers.append(layer)
            inputs = channels

    def seen(picture: Any) -> tuple[list[Any], Any]:
        styles, content, number = [], None, 0
        maps = picture
        for block, (_, count) in enumerate(BLOCKS):
            for k in range(count):
                maps = torch.relu(layers[number](maps))
                number += 1
                if k == 0:
                    flat = maps.flatten(2)
                    styles.append(flat @ flat.transpose(1, 2) / flat[0].numel())
                if (block, k) == (3, 1):
                    content = maps
            if block < len(BLOCKS) - 1:
                maps = torch.max_pool2d(maps, 2)
        return styles, content

    with torch.no_grad():
        wanted_styles, _ = seen(torch.rand(1, 3, height, width))
        start = torch.rand(1, 3, height, width)
        _, wanted_content = seen(start)
    picture = start.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([picture], lr=0.02)

    def step() -> float:
        """One step; the total loss."""
        optimiser.zero_grad()
        styles, content = seen(picture)
        loss = (content - wanted_content).pow(2).mean()
        for got, wanted in zip(styles, wanted_styles, strict=True):
            loss = loss + 1e3 * (got - wanted).pow(2).sum()
        loss = loss + 1e-2 * (picture[:, :, 1:] - picture[:, :, :-1]).abs().mean()
        loss = loss + 1e-2 * (picture[:, :, :, 1:] - picture[:, :, :, :-1]).abs().mean()
        loss.backward()
        optimiser.step()
        return float(loss.detach())

    return step
