"""Training of the narrow perceptual net: its features and Grams follow the teacher's.

From the closed-form start (`narrow.py`) all layers and lenses are trained together. The loss is
the relative squared error, picture by picture, of every compared layer's features as the lens shows
them and of their Gram matrices; and, because each of our channels is one of the teacher's, of every
layer's maps, before ReLU too: where a channel is silent is where a gradient is lost. A net that is
trained further also learns from its own transfers, the direction of their gradient included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.domain.studio import TransferWish
from clinic_app.training.aims import Aims, aims_of
from clinic_app.training.gradients import gradient_angle
from clinic_app.training.losses import STYLE_LAYERS, Vgg16
from clinic_app.training.narrow import teacher_answer
from clinic_app.training.own_transfers import OwnTransfers, judged
from clinic_app.training.perceptual import COMPARED, PerceptualNet, batch_gram, relative_error
from clinic_app.training.studio_data import StudioPictures, cropped, varied

GRAM_WEIGHT = 2.0
"""Of Grams beside features where an epoch is judged."""
SILENCE_WEIGHT = 0.3
"""Of answers before ReLU beside those behind it."""
ANGLE_WEIGHT = 4.0
"""Of the angle between both gradients beside the errors."""
TEXTURE_SHARE = 0.4
TRANSFERS = 16
"""Under way at a time, of the net's own."""


def teacher_net(weights: Path) -> Vgg16:
    """The teacher with average pooling, as Gatys et al. advise for making pictures."""
    return Vgg16(weights, COMPARED, F.avg_pool2d)


class PerceptualLoss:
    """Loss of a batch of row numbers; a row stands for a photograph or a texture.

    `own` pictures of a batch are of transfers that the net drives itself (`OwnTransfers`); they
    begin anew with every epoch (`before_epoch`).
    """

    def __init__(self, pictures: StudioPictures, teacher: Vgg16, own: int = 0) -> None:
        both = (pictures.photographs, pictures.textures)
        self._photographs, self._textures = (torch.from_numpy(part) for part in both)
        self._teacher, self._own = teacher, own
        self._transfers: OwnTransfers | None = None
        self._told: Aims | None = None

    def before_epoch(self, net: nn.Module, rng: torch.Generator) -> None:
        """Begin the transfers: photographs in the styles of textures."""
        assert isinstance(net, PerceptualNet)
        contents, styles = (
            cropped(kind[torch.randint(0, len(kind), (TRANSFERS,), generator=rng)], rng)
            for kind in (self._photographs, self._textures)
        )
        if self._own:
            self._transfers = OwnTransfers(net, contents, styles)
            with torch.no_grad():
                self._told = aims_of(self._teacher, contents, styles)

    def __call__(self, net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        assert isinstance(net, PerceptualNet)
        own = self._picked(rows, rng)
        with torch.autocast("cpu", enabled=False):
            rgb = varied(own, self._picked(rows, rng), rng)
        if self._transfers is None or self._told is None:
            return self._errors(net, rgb)
        places, moved = self._transfers.moved_on(net, self._own)
        found = self._errors(net, torch.cat([rgb[self._own :], moved]))
        shown = (moved, self._transfers.contents[places], self._transfers.styles[places])
        angle = gradient_angle(net, self._teacher, self._told.of(places), shown, rng)
        return {**found, "angle": ANGLE_WEIGHT * angle}

    def _errors(self, net: PerceptualNet, rgb: Tensor) -> dict[str, Tensor]:
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
        parts.append(relative_error(F.relu(ours), F.relu(theirs)))
        if not layer.halving:
            parts.append(SILENCE_WEIGHT * relative_error(ours, theirs))
    return torch.stack(parts).sum()


def _floats(maps: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: one.float() for name, one in maps.items()}


def errors(
    net: PerceptualNet, found: Mapping[str, Tensor], told: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Relative squared errors of features and of Grams by layer, means over the pictures."""
    features, grams = {}, {}
    for name, maps in net.seen(found).items():
        features[name] = relative_error(maps, told[name])
        if name in STYLE_LAYERS:
            grams[name] = relative_error(batch_gram(maps), batch_gram(told[name]))
    return features, grams


@dataclass(frozen=True)
class PerceptualValidation:
    """Errors on held-out pictures [n, 3, h, w]; the score is minus their sum.

    With `transfers`, contents and styles, the score is minus what the teacher says of them once the
    net has driven them `steps`: content and style by the studio's usual weights.
    """

    teacher: Vgg16
    pictures: Tensor
    batch: int = 4
    transfers: tuple[Tensor, Tensor] | None = None
    steps: int = 60

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
        found = {"score": -mean_f - GRAM_WEIGHT * mean_g, **sums}
        if self.transfers is None:
            return found
        told, wish = judged(net, self.teacher, *self.transfers, self.steps), TransferWish()
        total = wish.content_weight * told["content"] + wish.style_weight * told["style"]
        return {**found, **told, "score": -total}


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
