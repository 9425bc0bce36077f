"""Trains the severity net on FER+ votes: bands, emotions and the share of raters seeing sadness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.inference import metrics
from clinic_app.training.augment import Relight, webcam
from clinic_app.training.data import FerData
from clinic_app.training.losses import ordinal_distance, soft_cross_entropy
from clinic_app.training.nets import to_net


@dataclass(frozen=True)
class SeverityTargets:
    """Labels of every FER row as tensors."""

    share: Tensor  # [n] s in [0, 1]
    emotions: Tensor  # [n, 8] distribution
    bands: Tensor  # [n, 4] distribution

    @classmethod
    def of(cls, fer: FerData) -> SeverityTargets:
        share = metrics.sadness_share(fer.votes)
        return cls(
            torch.from_numpy(share).float(),
            torch.from_numpy(metrics.emotion_shares(fer.votes)).float(),
            F.one_hot(torch.from_numpy(metrics.severity_band(share)), 4).float(),
        )


def halved(images: NDArray[np.uint8] | Tensor) -> Tensor:
    """Gray 48x48 bytes [n, 48, 48] as the net reads them, [n, 1, 48, 48] in [0, 1]."""
    return torch.as_tensor(np.array(images))[:, None].float() / 255


class SeverityLoss:
    """Loss of a batch of FER rows under augmentation."""

    def __init__(
        self,
        fer: FerData,
        relight: Relight | None,
        *,
        class_weights: Tensor | None = None,
        relit_share: float = 0.3,
    ) -> None:
        self._images = torch.from_numpy(np.array(fer.images))
        self._targets = SeverityTargets.of(fer)
        self._relight = relight
        self._weights = class_weights
        self._relit_share = relit_share

    def __call__(self, net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        with torch.autocast("cpu", enabled=False):
            clean = self._images[rows][:, None].float() / 255
            faces = webcam(clean, rng, self._relight, self._relit_share)
        return self.of_faces(net, faces, rows)

    def of_faces(self, net: nn.Module, faces: Tensor, rows: Tensor) -> dict[str, Tensor]:
        """Loss of prepared gray faces [n, 1, 48, 48] that stem from FER rows."""
        severity, emotion, share = said_of(net, faces)
        t = self._targets
        return {
            "band": soft_cross_entropy(severity, t.bands[rows], self._weights),
            "order": ordinal_distance(severity, t.bands[rows]),
            "emotion": soft_cross_entropy(emotion, t.emotions[rows]),
            "share": F.binary_cross_entropy_with_logits(share, t.share[rows]),
        }


def said_of(net: nn.Module, faces: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Severity logits, emotion logits and share logit of gray faces, back on the processor.

    They are few numbers: targets and loss terms stay there whatever the net runs on.
    """
    severity, emotion, share, _ = net.read(to_net(net, faces))
    return severity.cpu(), emotion.cpu(), share.cpu()


def band_weights(targets: SeverityTargets, rows: NDArray[np.int64], power: float) -> Tensor:
    """Class weights (frequency ** -power, mean 1 over the data): 0 is none, 1 is full balancing."""
    frequency = targets.bands[torch.from_numpy(rows)].mean(dim=0)
    weights = frequency.clamp_min(1e-6) ** -power
    return weights / (weights * frequency).sum()


@dataclass(frozen=True)
class Readings:
    """What the net says about a set of faces, as arrays."""

    severity_logits: NDArray[np.float64]
    emotion_logits: NDArray[np.float64]
    sadness: NDArray[np.float64]
    embedding: NDArray[np.float64]


def combined_share(share_logit: Tensor, emotion_logits: Tensor) -> Tensor:
    """`sadness`: mean of the share head and of the emotion head's sadness probability."""
    by_votes = torch.softmax(emotion_logits, dim=1)[:, metrics.SADNESS]
    return (torch.sigmoid(share_logit) + by_votes) / 2


@torch.no_grad()
def read_faces(net: nn.Module, gray: Tensor, batch: int = 512) -> Readings:
    """Readings of gray faces [n, 1, 48, 48] in [0, 1]."""
    net.eval()
    parts: list[list[Tensor]] = [[], [], [], []]
    for first in range(0, len(gray), batch):
        severity, emotion, share, embedding = net.read(to_net(net, gray[first : first + batch]))
        answers = (severity, emotion, combined_share(share, emotion), embedding)
        for kept, answer in zip(parts, answers, strict=True):
            kept.append(answer.double().cpu())
    return Readings(*(torch.cat(p).numpy() for p in parts))


class SeverityValidation:
    """Correlation, AUC and emotion accuracy on untouched validation faces."""

    def __init__(self, fer: FerData, rows: NDArray[np.int64]) -> None:
        self._faces = halved(fer.images[rows])
        self._share = metrics.sadness_share(fer.votes[rows])
        self._emotion = metrics.emotion_shares(fer.votes[rows]).argmax(axis=1)

    def __call__(self, net: nn.Module) -> dict[str, float]:
        said = read_faces(net, self._faces)
        positive = self._share >= metrics.POSITIVE_SHARE - 1e-9
        r = metrics.pearson(said.sadness, self._share)
        return {
            "score": r,
            "auc": metrics.roc_auc(positive, said.sadness),
            "emotion_accuracy": float((said.emotion_logits.argmax(axis=1) == self._emotion).mean()),
        }
