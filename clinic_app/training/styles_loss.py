"""What the styles' transform net learns: the perceptual net's distances, for a style by lot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.training.losses import CONTENT_LAYER, STYLE_LAYERS
from clinic_app.training.perceptual import COMPARED, PerceptualNet, batch_gram
from clinic_app.training.studio_data import KEPT_SIDE
from clinic_app.training.style import to_faces
from clinic_app.training.styles_net import StylesNet

SIDE = 112


@dataclass(frozen=True)
class StyleTerms:
    """Weights of the terms; the style term is the mean of its five layers."""

    content: float = 1.0
    style: float = 12.0
    variation: float = 2.0
    range: float = 10.0  # of what leaves [0, 1]


class PerceptualDistances:
    """Content and style distances of batches, relative to the aim, in the teacher's terms."""

    def __init__(self, net: PerceptualNet, styles: Mapping[str, NDArray[np.uint8]]) -> None:
        self._net = net.requires_grad_(False).eval()
        self._metrics = {n: net.lenses[n].detach().T @ net.lenses[n].detach() for n in COMPARED}
        grams = []
        with torch.no_grad():
            for picture in styles.values():
                found = net(to_faces(picture[None]))
                grams.append({name: batch_gram(found[name])[0] for name in STYLE_LAYERS})
        self._grams = {name: torch.stack([g[name] for g in grams]) for name in STYLE_LAYERS}

    def __call__(self, drawn: Tensor, own: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """Mean content and style distance of `drawn` [n, 3, h, w] from the pictures `own` and the
        styles of these numbers [n]."""
        found = {name: maps.float() for name, maps in self._net(drawn).items()}
        with torch.no_grad():
            asked = self._net(own)[CONTENT_LAYER].float()
        with torch.autocast("cpu", enabled=False):
            layers = [self._style(found[name], name, style) for name in STYLE_LAYERS]
            return self._content(found[CONTENT_LAYER], asked), torch.stack(layers).mean()

    def _content(self, maps: Tensor, asked: Tensor) -> Tensor:
        metric = self._metrics[CONTENT_LAYER]
        gap, flat = (maps - asked).flatten(2), asked.flatten(2)
        size = (flat * (metric @ flat)).sum(dim=(1, 2))
        return ((gap * (metric @ gap)).sum(dim=(1, 2)) / size).mean()

    def _style(self, maps: Tensor, name: str, style: Tensor) -> Tensor:
        metric, wanted = self._metrics[name], self._grams[name][style]
        gap = metric @ (batch_gram(maps) - wanted)
        size = metric @ wanted
        apart, whole = ((p * p.transpose(1, 2)).sum(dim=(1, 2)) for p in (gap, size))
        return (apart / whole).mean()


class StylesLoss:
    """Loss of a batch of row numbers of `photographs` [n, 160, 160, 3]."""

    def __init__(self, photographs: NDArray[np.uint8], distances: PerceptualDistances) -> None:
        self._photographs = torch.from_numpy(photographs)
        self._distances = distances
        self._terms = StyleTerms()

    def __call__(self, net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        assert isinstance(net, StylesNet)
        own = torch.stack(
            [self._crop(self._photographs[row % len(self._photographs)], rng) for row in rows]
        )
        style = torch.randint(0, net.styles, (len(rows),), generator=rng)
        drawn = net(own, F.one_hot(style, net.styles).float()).float()
        inside = drawn.clamp(0, 1)
        content, styled = self._distances(inside, own, style)
        t = self._terms
        return {
            "content": t.content * content,
            "style": t.style * styled,
            "variation": t.variation * _variation(inside),
            "range": t.range * (drawn - inside).square().mean(),
        }

    @staticmethod
    def _crop(picture: Tensor, rng: torch.Generator) -> Tensor:
        top, left = (
            int(torch.randint(0, KEPT_SIDE - SIDE + 1, (), generator=rng)) for _ in range(2)
        )
        x = picture[top : top + SIDE, left : left + SIDE].permute(2, 0, 1).float() / 255
        light, mirrored = torch.rand(2, generator=rng).tolist()
        x = (x * (0.7 + 0.6 * light)).clamp(0, 1)
        return x.flip(2) if mirrored < 0.5 else x


@dataclass(frozen=True)
class StylesValidation:
    """Distances on held-out pictures [n, 3, h, w], each in two styles; every style has its turn."""

    distances: PerceptualDistances
    pictures: Tensor

    @torch.no_grad()
    def __call__(self, net: StylesNet) -> dict[str, float]:
        contents, styles = [], []
        for place, own in enumerate(self.pictures.split(1)):
            for style in (place % net.styles, (place + net.styles // 2) % net.styles):
                number = torch.tensor([style])
                drawn = net(own, F.one_hot(number, net.styles).float()).clamp(0, 1)
                content, styled = self.distances(drawn, own, number)
                contents.append(float(content))
                styles.append(float(styled))
        content, styled = float(np.mean(contents)), float(np.mean(styles))
        t = StyleTerms()
        return {
            "score": -t.content * content - t.style * styled,
            "content": content,
            "style": styled,
        }


@torch.no_grad()
def styled_distances(
    distances: PerceptualDistances, net: StylesNet, faces: Tensor, style: int
) -> dict[str, float]:
    """Means over faces [n, 3, h, w]: `style_before`, and `style` and `content` once redrawn."""
    sums = {"style_before": 0.0, "style": 0.0, "content": 0.0}
    number = torch.tensor([style])
    for own in faces.split(1):
        drawn = net(own, F.one_hot(number, net.styles).float()).clamp(0, 1)
        content, styled = distances(drawn, own, number)
        before = distances(own, own, number)[1]
        for key, value in (("style_before", before), ("style", styled), ("content", content)):
            sums[key] += float(value) / len(faces)
    return sums


def _variation(images: Tensor) -> Tensor:
    down = (images[:, :, 1:] - images[:, :, :-1]).square().mean()
    across = (images[:, :, :, 1:] - images[:, :, :, :-1]).square().mean()
    return down + across
