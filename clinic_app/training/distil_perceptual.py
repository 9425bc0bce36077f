"""Training of the narrow perceptual net: its features and Grams follow the teacher's.

From the closed-form start (`narrow.py`) all layers and lenses are trained together. The loss is
the relative squared error, picture by picture, of every compared layer's features as the lens shows
them and of their Gram matrices; and, because each of our channels is one of the teacher's, of every
layer's maps, before ReLU too: where a channel is silent is where a gradient is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.training.losses import STYLE_LAYERS, Vgg16
from clinic_app.training.narrow import teacher_answer
from clinic_app.training.perceptual import COMPARED, PerceptualNet
from clinic_app.training.studio_data import StudioPictures, varied

GRAM_WEIGHT = 2.0
"""Of Grams beside features where an epoch is judged."""
SILENCE_WEIGHT = 0.3
"""Of answers before ReLU beside those behind it."""
TEXTURE_SHARE = 0.4


def teacher_net(weights: Path) -> Vgg16:
    """The teacher with average pooling, as Gatys et al. advise for making pictures."""
    return Vgg16(weights, COMPARED, F.avg_pool2d)


class PerceptualLoss:
    """Loss of a batch of row numbers; a row stands for a photograph or a texture."""

    def __init__(self, pictures: StudioPictures, teacher: Vgg16) -> None:
        both = (pictures.photographs, pictures.textures)
        self._photographs, self._textures = (torch.from_numpy(part) for part in both)
        self._teacher = teacher

    def __call__(self, net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        assert isinstance(net, PerceptualNet)
        own = self._picked(rows, rng)
        with torch.autocast("cpu", enabled=False):
            rgb = varied(own, self._picked(rows, rng), rng)
        with torch.no_grad():
            answers, told = teacher_layers(self._teacher, net, rgb)
        raw, found = net.walk(rgb)
        with torch.autocast("cpu", enabled=False):
            features, grams = errors(net, _floats(found), told)
            return {
                "features": torch.stack(list(features.values())).sum(),
                "grams": torch.stack(list(grams.values())).sum(),
                "layers": layer_errors(net, _floats(raw), answers),
            }

    def _picked(self, rows: Tensor, rng: torch.Generator) -> Tensor:
        textured = torch.rand(len(rows), generator=rng) < TEXTURE_SHARE
        any_texture = torch.randint(0, len(self._textures), (len(rows),), generator=rng)
        return torch.stack(
            [
                self._textures[t] if flag else self._photographs[row % len(self._photographs)]
                for row, t, flag in zip(rows, any_texture, textured, strict=True)
            ]
        )


def teacher_layers(
    teacher: Vgg16, net: PerceptualNet, rgb: Tensor
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """What our layers should answer before ReLU (behind ReLU and pooling where one halves), and the
    teacher's features of the compared layers."""
    maps, answers, features = teacher.prepared(rgb), {}, {}
    for layer in net.layers:
        answer = teacher_answer(teacher, layer.name, maps).float()
        maps = F.relu(answer)
        if layer.name in COMPARED:
            features[layer.name] = maps
        if layer.halving:
            answer = F.avg_pool2d(maps, 2)
        kept, size = (net.get_buffer(f"{what}_{layer.name}") for what in ("kept", "size"))
        answers[layer.name] = answer[:, kept] / size
    return answers, features


def layer_errors(
    net: PerceptualNet, found: Mapping[str, Tensor], told: Mapping[str, Tensor]
) -> Tensor:
    """Sum over layers of the relative squared errors behind ReLU, and before it at their weight."""
    parts = []
    for layer in net.layers:
        ours, theirs = found[layer.name], told[layer.name]
        parts.append(_apart(F.relu(ours), F.relu(theirs)))
        if not layer.halving:
            parts.append(SILENCE_WEIGHT * _apart(ours, theirs))
    return torch.stack(parts).sum()


def _apart(ours: Tensor, theirs: Tensor) -> Tensor:
    """Squared distance in parts of the teacher's size, the mean over pictures."""
    gap, size = ((x.square().flatten(1).sum(dim=1)) for x in (ours - theirs, theirs))
    return (gap / size.clamp_min(1e-6)).mean()


def _floats(maps: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: one.float() for name, one in maps.items()}


def errors(
    net: PerceptualNet, found: Mapping[str, Tensor], told: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Relative squared errors of features and of Grams by layer, means over the pictures."""
    features, grams = {}, {}
    for name, maps in net.seen(found).items():
        features[name] = _apart(maps, told[name])
        if name in STYLE_LAYERS:
            grams[name] = _apart(batch_gram(maps), batch_gram(told[name]))
    return features, grams


def batch_gram(maps: Tensor) -> Tensor:
    """Gram matrices [n, c, c] of [n, c, h, w], divided by the number of positions."""
    flat = maps.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


@dataclass(frozen=True)
class PerceptualValidation:
    """Errors on held-out pictures [n, 3, h, w]; the score is minus their sum."""

    teacher: Vgg16
    pictures: Tensor
    batch: int = 4

    @torch.no_grad()
    def __call__(self, net: PerceptualNet) -> dict[str, float]:
        sums: dict[str, float] = {}
        for rgb in self.pictures.split(self.batch):
            features, grams = errors(net, net(rgb), self.teacher(rgb))
            for kind, found in (("f", features), ("g", grams)):
                for name, value in found.items():
                    key = f"{kind}_{name}"
                    sums[key] = sums.get(key, 0.0) + float(value) * len(rgb) / len(self.pictures)
        mean_f = sum(v for k, v in sums.items() if k.startswith("f_")) / len(COMPARED)
        mean_g = sum(v for k, v in sums.items() if k.startswith("g_")) / len(STYLE_LAYERS)
        return {"score": -mean_f - GRAM_WEIGHT * mean_g, **sums}


@torch.no_grad()
def correlations(
    net: PerceptualNet, teacher: Vgg16, pictures: Tensor
) -> dict[str, dict[str, float]]:
    """Pearson correlation of features and of Gram entries with the teacher's, by layer.

    Over all pictures [n, 3, h, w], channels and positions together.
    """
    ours: dict[str, list[Tensor]] = {}
    for rgb in pictures.split(1):
        told = teacher(rgb)
        for name, maps in net.seen(net(rgb)).items():
            pairs = {"features": (maps, told[name])}
            if name in STYLE_LAYERS:
                pairs["grams"] = (batch_gram(maps), batch_gram(told[name]))
            for kind, (a, b) in pairs.items():
                ours.setdefault(f"{kind} {name}", []).append(_moments(a.double(), b.double()))
    found: dict[str, dict[str, float]] = {"features": {}, "grams": {}}
    for key, parts in ours.items():
        kind, name = key.split()
        n, a, b, aa, bb, ab = torch.stack(parts).sum(dim=0).tolist()
        spread = (aa - a * a / n) * (bb - b * b / n)
        found[kind][name] = (ab - a * b / n) / max(spread, 1e-30) ** 0.5
    return found


def _moments(a: Tensor, b: Tensor) -> Tensor:
    count = torch.tensor(float(a.numel())).double()
    return torch.stack([count, a.sum(), b.sum(), (a * a).sum(), (b * b).sum(), (a * b).sum()])
