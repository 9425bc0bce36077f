"""What a transfer is pulled towards and how far it is from there, of several pictures at a time.

The losses are those of the step (`perceptual.StepGraph`): relative to the aim's own size, content
at conv4_2 and Gram matrices at conv1_1 to conv5_1; total variation stands apart. The features are a
perceptual net's, measured with the metrics of its lenses, or the teacher's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from clinic_app.domain.studio import TransferWish
from clinic_app.training.losses import CONTENT_LAYER, STYLE_LAYERS
from clinic_app.training.perceptual import PerceptualNet, batch_gram

Seeing = Callable[[Tensor], dict[str, Tensor]]
"""Features by layer of RGB [n, 3, h, w] in [0, 1]."""


@dataclass(frozen=True)
class Aims:
    """Content maps [n, c, h/8, w/8] and Gram matrices [n, c, c] by style layer."""

    content: Tensor
    grams: Mapping[str, Tensor]

    def of(self, places: list[int]) -> Aims:
        """Those at some places."""
        return Aims(self.content[places], {name: one[places] for name, one in self.grams.items()})


def aims_of(seeing: Seeing, contents: Tensor, styles: Tensor) -> Aims:
    """The content of pictures [n, 3, h, w] and the style of others."""
    seen, content = seeing(styles), seeing(contents)[CONTENT_LAYER].float()
    with torch.autocast("cpu", enabled=False):
        return Aims(content, {name: batch_gram(seen[name].float()) for name in STYLE_LAYERS})


def metrics_of(net: PerceptualNet) -> dict[str, Tensor]:
    """M = A'A of every lens A."""
    with torch.autocast("cpu", enabled=False):
        return {name: lens.T @ lens for name, lens in net.lenses.items()}


def usual_weights() -> Tensor:
    """Of content and the five styles [6], as the studio has them."""
    wish = TransferWish()
    styles = torch.tensor(wish.layer_weights) * wish.style_weight / sum(wish.layer_weights)
    return torch.cat([torch.tensor([wish.content_weight]), styles])


def losses(
    features: Mapping[str, Tensor], aims: Aims, metrics: Mapping[str, Tensor] | None = None
) -> Tensor:
    """Unweighted losses [n, 6] of content and the five styles, relative to the aim's own size.

    `metrics` are those of the net's lenses; None where the features are the teacher's.
    """
    known = metrics or {}
    with torch.autocast("cpu", enabled=False):
        gap = (features[CONTENT_LAYER].float() - aims.content).flatten(2)
        parts = [_content(gap, aims.content.flatten(2), known.get(CONTENT_LAYER))]
        for name in STYLE_LAYERS:
            own, wanted = batch_gram(features[name].float()), aims.grams[name]
            parts.append(_style(own - wanted, wanted, known.get(name)))
        return torch.stack(parts, dim=1)


def _content(gap: Tensor, wanted: Tensor, metric: Tensor | None) -> Tensor:
    apart, size = ((flat * _seen(metric, flat)).sum(dim=(1, 2)) for flat in (gap, wanted))
    return apart / size


def _style(gap: Tensor, wanted: Tensor, metric: Tensor | None) -> Tensor:
    seen = (_seen(metric, gram) for gram in (gap, wanted))
    apart, size = ((one * one.transpose(1, 2)).sum(dim=(1, 2)) for one in seen)
    return apart / size


def _seen(metric: Tensor | None, values: Tensor) -> Tensor:
    return values if metric is None else metric @ values
