"""Trains the style normaliser together with what reads its output.

Every sample is a lit face and the same face as it should look: a Yale B subject under a side light
against frontal light, or a clean face against itself under a synthetic light. The output must match
in pixels, in VGG content, in the reference look's Gram matrices, and above all in what the frozen
severity net reads; a clean face must come back as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.inference import metrics
from clinic_app.training import augment
from clinic_app.training.augment import Relight
from clinic_app.training.losses import (
    CONTENT_LAYER,
    STYLE_LAYERS,
    Vgg16,
    content_distance,
    gram,
    style_distance,
    total_variation,
)
from clinic_app.training.nets import FACE_SIDE, SeverityNet, luma, to_net
from clinic_app.training.severity import combined_share

PERCEPTUAL_SIDE = 64
PERCEPTUAL_SHARE = 0.5
"""Share of a batch that VGG looks at; it costs more than all else together."""
CLEAN_SHARE = 0.35
"""Share of single photographs shown as they are, so that good light is left alone."""


@dataclass(frozen=True)
class StylePool:
    """Faces [n, 96, 96, 3] and, for each, the row of its well-lit twin (itself if alone)."""

    images: NDArray[np.uint8]
    twin: NDArray[np.int64]

    def paired(self) -> NDArray[np.bool_]:
        return self.twin != np.arange(len(self.twin))


def as_colour(gray: NDArray[np.uint8], side: int = FACE_SIDE) -> NDArray[np.uint8]:
    """Gray [n, h, w] enlarged or reduced to [n, side, side, 3]."""
    sized = [cv2.resize(g, (side, side), interpolation=cv2.INTER_LINEAR) for g in gray]
    return np.repeat(np.stack(sized)[..., None], 3, axis=3)


def join(pools: list[StylePool]) -> StylePool:
    """One pool with the rows of all."""
    starts = np.cumsum([0] + [len(p.twin) for p in pools[:-1]])
    return StylePool(
        np.concatenate([p.images for p in pools]),
        np.concatenate([p.twin + start for p, start in zip(pools, starts, strict=True)]),
    )


def reference_look(vgg: Vgg16, faces: NDArray[np.uint8]) -> dict[str, Tensor]:
    """Mean Gram matrix per style layer over evenly lit faces [n, 96, 96, 3]."""
    batch = torch.from_numpy(faces).permute(0, 3, 1, 2).float() / 255
    small = F.interpolate(batch, (PERCEPTUAL_SIDE, PERCEPTUAL_SIDE), mode="area")
    with torch.no_grad():
        features = vgg(small)
    return {name: gram(features[name].float()).mean(dim=0) for name in STYLE_LAYERS}


@dataclass(frozen=True)
class StyleWeights:
    """Weight of each term of the style loss."""

    pixel: float = 4.0
    content: float = 0.3
    gram: float = 0.02
    variation: float = 0.1
    reading: float = 4.0
    embedding: float = 0.5
    emotion: float = 0.5


class StyleLoss:
    """Loss of a batch of pool rows."""

    def __init__(
        self,
        pool: StylePool,
        relight: Relight,
        reader: SeverityNet,
        vgg: Vgg16,
        look: dict[str, Tensor],
        weights: StyleWeights | None = None,
    ) -> None:
        self._images = torch.from_numpy(pool.images)
        self._twin = torch.from_numpy(pool.twin)
        self._paired = torch.from_numpy(pool.paired())
        self._relight = relight
        self._reader = reader.requires_grad_(False).eval()
        self._vgg, self._look = vgg, look
        self._w = StyleWeights() if weights is None else weights

    def __call__(self, net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        with torch.autocast("cpu", enabled=False):
            lit, wanted = self.batch(rows, rng)
        out = net(to_net(net, lit)).float()
        for frozen in (self._vgg, self._reader):
            frozen.to(out.device)
        wanted = wanted.to(out.device)
        return {**self._image_terms(out, wanted), **self._reading_terms(out, wanted)}

    def batch(self, rows: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Lit faces and what they should look like, both [n, 3, 96, 96]."""
        both = torch.cat([self._images[rows], self._images[self._twin[rows]]], dim=3)
        moved = augment.geometry(both.permute(0, 3, 1, 2).float() / 255, rng, degrees=8, zoom=0.1)
        lit, wanted = moved[:, :3], moved[:, 3:]
        single = ~self._paired[rows]
        relit = single & (torch.rand(len(rows), generator=rng) > CLEAN_SHARE)
        lit = lit.clone()
        if bool(relit.any()):
            lit[relit] = self._relight(lit[relit], rng)
        tinted = torch.rand(len(rows), generator=rng) < 0.3
        if bool(tinted.any()):
            lit[tinted] = augment.colour_cast(lit[tinted], rng)
        return lit, wanted

    def _image_terms(self, out: Tensor, wanted: Tensor) -> dict[str, Tensor]:
        w = self._w
        size = (PERCEPTUAL_SIDE, PERCEPTUAL_SIDE)
        half = max(1, round(len(out) * PERCEPTUAL_SHARE))
        small, target = (F.interpolate(x[:half], size, mode="area") for x in (out, wanted))
        seen = self._vgg(small)
        with torch.no_grad():
            asked = self._vgg(target)[CONTENT_LAYER].float()
        scale = (asked * asked).mean()
        look = {name: wanted_gram.to(out.device) for name, wanted_gram in self._look.items()}
        return {
            "pixel": w.pixel * (out - wanted).abs().mean(),
            "content": w.content * content_distance(seen[CONTENT_LAYER], asked) / scale,
            "gram": w.gram * style_distance(seen, look),
            "variation": w.variation * total_variation(out),
        }

    def _reading_terms(self, out: Tensor, wanted: Tensor) -> dict[str, Tensor]:
        w = self._w
        severity, emotion, share, embedding = self._reader(out)
        with torch.no_grad():
            severity_t, emotion_t, share_t, embedding_t = self._reader(wanted)
        gap = combined_share(share, emotion) - combined_share(share_t, emotion_t)
        direction = F.cosine_similarity(embedding.float(), embedding_t.float(), dim=1)
        agree = [
            F.kl_div(
                F.log_softmax(said, 1),
                F.log_softmax(meant, 1),
                reduction="batchmean",
                log_target=True,
            )
            for said, meant in ((emotion, emotion_t), (severity, severity_t))
        ]
        return {
            "reading": w.reading * (gap * gap).mean().add(1e-6).sqrt(),
            "embedding": w.embedding * (1 - direction).mean(),
            "emotion": w.emotion * (agree[0] + agree[1]),
        }


Normaliser = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
"""Faces [n, s, s, 3] to the same faces in even light, trained here or read from a released file."""


def as_normaliser(net: nn.Module) -> Normaliser:
    """A trained net that takes bytes and rounds to bytes, as the application keeps them."""

    def even(faces: NDArray[np.uint8]) -> NDArray[np.uint8]:
        out = (normalise(net, to_faces(faces)) * 255).round().byte()
        return np.ascontiguousarray(out.permute(0, 2, 3, 1).numpy())

    return even


@torch.no_grad()
def normalise(net: nn.Module, faces: Tensor, batch: int = 128) -> Tensor:
    """Normalised copies of faces [n, 3, 96, 96]."""
    net.eval()
    return torch.cat([net(to_net(net, c)).float().cpu() for c in faces.split(batch)])


@torch.no_grad()
def sadness_of(reader: SeverityNet, faces: Tensor, batch: int = 256) -> NDArray[np.float64]:
    """`sadness` [n] read from face crops [n, 3, 96, 96]."""
    reader.eval()
    said = []
    for chunk in faces.split(batch):
        _, emotion, share, _ = reader(to_net(reader, chunk))
        said.append(combined_share(share, emotion).cpu())
    return torch.cat(said).double().numpy()


def to_faces(images: NDArray[np.uint8]) -> Tensor:
    """RGB bytes [n, s, s, 3] as [n, 3, s, s] in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 255


class StyleValidation:
    """Light spread on unseen subjects, and what normalising costs on clean faces."""

    def __init__(
        self,
        reader: SeverityNet,
        lit: NDArray[np.uint8],
        subjects: NDArray[np.int64],
        clean: NDArray[np.uint8],
        clean_share: NDArray[np.float64],
    ) -> None:
        self._reader, self._subjects, self._share = reader, subjects, clean_share
        self._lit, self._clean = to_faces(lit), to_faces(clean)
        self._raw_spread = metrics.per_subject_spread(sadness_of(reader, self._lit), subjects)
        self._raw_r = metrics.pearson(sadness_of(reader, self._clean), clean_share)

    def __call__(self, net: nn.Module) -> dict[str, float]:
        lit = sadness_of(self._reader, normalise(net, self._lit))
        clean = normalise(net, self._clean)
        spread = metrics.per_subject_spread(lit, self._subjects)
        r = metrics.pearson(sadness_of(self._reader, clean), self._share)
        moved = float((luma(clean) - luma(self._clean)).abs().mean())
        # A steadier reading must not be bought with a worse one: lost correlation weighs fivefold.
        score = -spread / self._raw_spread - 5 * max(0.0, self._raw_r - r)
        return {
            "score": score,
            "spread": spread,
            "raw_spread": self._raw_spread,
            "r": r,
            "raw_r": self._raw_r,
            "clean_change": moved,
        }
