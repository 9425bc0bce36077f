"""The nets that the shipped one is compared with, each after the paper it comes from.

All read what the shipped net reads: the halved gray crop [n, 1, 48, 48] in [0, 1], enlarged where a
paper's net wants more pixels. A net with a single kind of answer fills the others from it by a
fixed rule (`from_share`, `from_emotions`), so that one loop and one validation serve all; only the
terms that its paper trains are trained.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.inference import metrics
from clinic_app.training.nets import SeverityNet, conv_bn, luma, standardise
from clinic_app.training.resnet import ResNet50V2
from clinic_app.training.severity import SeverityLoss

Answer = tuple[Tensor, Tensor, Tensor, Tensor]
"""Severity logits [n, 4], emotion logits [n, 8], share logit [n], embedding [n, k]."""
ALL_TERMS = ("band", "order", "emotion", "share")
STEEPNESS = 2.0
"""How quickly the odds of reaching a band rise with the odds of the share, in `from_share`."""


def from_share(share: Tensor, embedding: Tensor) -> Answer:
    """All answers of a net that says one number, the logit [n] of the share of raters.

    Emotions: sadness has the share, the other seven divide the rest, so that `combined_share` gives
    the share back unchanged. Bands: proportional odds around the band edges. Nothing here learns.
    """
    others = len(metrics.EMOTIONS) - 1
    sad, rest = share + math.log(others), torch.zeros_like(share)
    columns = [sad if k == metrics.SADNESS else rest for k in range(others + 1)]
    edges = share.new_tensor([math.log(e / (1 - e)) for e in metrics.BAND_EDGES])
    reached = torch.sigmoid(STEEPNESS * (share[:, None] - edges))
    one, nothing = torch.ones_like(reached[:, :1]), torch.zeros_like(reached[:, :1])
    bands = torch.cat([one, reached], dim=1) - torch.cat([reached, nothing], dim=1)
    return torch.log(bands.clamp_min(1e-6)), torch.stack(columns, dim=1), share, embedding


def from_emotions(emotion: Tensor, embedding: Tensor) -> Answer:
    """All answers of a net that says emotion logits [n, 8]; its sadness is the share."""
    log_p = F.log_softmax(emotion, dim=1)
    others = [log_p[:, k] for k in range(emotion.shape[1]) if k != metrics.SADNESS]
    share = log_p[:, metrics.SADNESS] - torch.logsumexp(torch.stack(others, dim=1), dim=1)
    severity, _, _, _ = from_share(share, embedding)
    return severity, emotion, share, embedding


class AsymmetryCnn(nn.Module):
    """128x128 gray, four conv-BN-ReLU-pool blocks, dense, dropout, one sigmoid.

    The paper trains the sigmoid on a yes or no; here it learns the share of raters, which holds
    that answer and is what its correlation is measured with.
    """

    SIDE = 128

    def __init__(self, widths: tuple[int, ...] = (32, 64, 128, 256), dense: int = 256) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 1
        for width in widths:
            layers += [conv_bn(inputs, width), nn.MaxPool2d(2)]
            inputs = width
        cells = (self.SIDE // 2 ** len(widths)) ** 2
        self.features = nn.Sequential(*layers, nn.Flatten())
        self.dense = nn.Sequential(nn.Linear(inputs * cells, dense), nn.ReLU(inplace=True))
        self.dropout = nn.Dropout(0.5)
        self.sigmoid = nn.Linear(dense, 1)

    def read(self, gray: Tensor) -> Answer:
        """See `Answer`."""
        embedding = self.dense(self.features(standardise(enlarged(gray, self.SIDE))))
        return from_share(self.sigmoid(self.dropout(embedding)).float()[:, 0], embedding)


class EmotionCnn21(nn.Module):
    """48x48 gray, 21 layers as the paper counts them: convolutions, batch norms, pools, dropouts
    and dense layers.

    Three blocks of conv, BN, conv, BN, pool, dropout (18) and dense, dropout, softmax (3). The
    paper names the kinds of layers, not their order and widths, which are ours; its seven classes
    are the eight that FER+ raters chose from.
    """

    def __init__(self, widths: tuple[int, ...] = (64, 128, 256), dense: int = 512) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 1
        for width in widths:
            layers += [conv_bn(inputs, width), conv_bn(width, width)]
            layers += [nn.MaxPool2d(2), nn.Dropout(0.25)]
            inputs = width
        cells = (48 // 2 ** len(widths)) ** 2
        self.features = nn.Sequential(*layers, nn.Flatten())
        self.dense = nn.Sequential(nn.Linear(inputs * cells, dense), nn.ReLU(inplace=True))
        self.dropout = nn.Dropout(0.5)
        self.emotion = nn.Linear(dense, len(metrics.EMOTIONS))

    def read(self, gray: Tensor) -> Answer:
        """See `Answer`."""
        embedding = self.dense(self.features(standardise(gray)))
        return from_emotions(self.emotion(self.dropout(embedding)).float(), embedding)


class ResNetReader(nn.Module):
    """ResNet50V2 at 96x96 with the three heads of the shipped net on its 2048 averages."""

    SIDE = 96

    def __init__(self, dropout: float = 0.3) -> None:
        super().__init__()
        self.backbone = ResNet50V2()
        self.dropout = nn.Dropout(dropout)
        self.severity = nn.Linear(ResNet50V2.WIDTH, 4)
        self.emotion = nn.Linear(ResNet50V2.WIDTH, len(metrics.EMOTIONS))
        self.share = nn.Linear(ResNet50V2.WIDTH, 1)

    def read(self, gray: Tensor) -> Answer:
        """See `Answer`."""
        embedding = self.backbone(standardise(enlarged(gray, self.SIDE))).mean(dim=(2, 3))
        seen = self.dropout(embedding)
        return (
            self.severity(seen).float(),
            self.emotion(seen).float(),
            self.share(seen).float()[:, 0],
            embedding,
        )


def enlarged(gray: Tensor, side: int) -> Tensor:
    """Gray [n, 1, h, w] at side x side."""
    return F.interpolate(gray, (side, side), mode="bilinear", align_corners=False)


class FaceReader(nn.Module):
    """Any of these nets on face crops [n, 3, 96, 96], as it is exported and timed."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, face: Tensor) -> Answer:
        """See `Answer`."""
        answer: Answer = self.net.read(F.avg_pool2d(luma(face), 2))
        return answer


class TermsOf(SeverityLoss):
    """The severity loss, cut down to the terms that a phase trains."""

    terms: tuple[str, ...] = ALL_TERMS

    def of_faces(self, net: nn.Module, faces: Tensor, rows: Tensor) -> dict[str, Tensor]:
        """Named terms of prepared gray faces [n, 1, 48, 48] that stem from FER rows."""
        parts = super().of_faces(net, faces, rows)
        return {name: parts[name] for name in self.terms}


@dataclass(frozen=True)
class Phase:
    """One run of the loop: its part of the time, its rate, what it learns and is chosen by."""

    name: str = "whole"
    share: float = 1.0
    rate: float = 1.0  # of the net's peak rate
    learns: tuple[str, ...] = ()  # prefixes of parameter names; everything when empty
    terms: tuple[str, ...] = ALL_TERMS
    chosen_by: str = "score"  # the validation figure that chooses the epoch


@dataclass(frozen=True)
class Reference:
    """A net of the comparison and how it is trained."""

    make: Callable[[], nn.Module]
    source: str
    peak_rate: float
    weight_decay: float = 0.02
    names_emotions: bool = True
    phases: tuple[Phase, ...] = (Phase(),)


HEADS = ("severity", "emotion", "share")
REFERENCE_NETS: dict[str, Reference] = {
    "efficient": Reference(
        SeverityNet,
        "the shipped net's shape, trained on the raters alone, without a teacher",
        peak_rate=3e-3,
    ),
    "asymmetry-cnn": Reference(
        AsymmetryCnn,
        "the asymmetry paper: 128x128 conv-BN-ReLU-pool blocks, dense, dropout, one sigmoid; "
        "binary cross entropy on the share of raters who saw sadness",
        peak_rate=1e-3,
        names_emotions=False,
        phases=(Phase(terms=("share",)),),
    ),
    "emotion-cnn-21": Reference(
        EmotionCnn21,
        "the emotion-style-transfer paper's 21-layer CNN at 48x48; cross entropy on the shares of "
        "the eight emotions, its sadness is the probability of sadness",
        peak_rate=1e-3,
        phases=(Phase(terms=("emotion",)),),
    ),
    "resnet50v2": Reference(
        ResNetReader,
        "the ResNet50V2 paper at 96x96. ImageNet weights are not at hand: the net is first trained "
        "on our own emotion votes, which stand in for them; then its blocks are frozen and the "
        "heads learn; then the last two groups of blocks are tuned with them",
        peak_rate=1e-3,
        phases=(
            Phase("pretrained", 0.55, terms=("emotion",), chosen_by="emotion_accuracy"),
            Phase("frozen", 0.1, rate=3.0, learns=HEADS),
            Phase(
                "tuned",
                0.35,
                rate=0.3,
                learns=(*HEADS, "backbone.third", "backbone.fourth", "backbone.norm"),
            ),
        ),
    ),
}


def prepare(net: nn.Module, learns: tuple[str, ...]) -> None:
    """Let the named parameters learn (all when none is named) and freeze the rest."""
    for name, parameter in net.named_parameters():
        parameter.requires_grad_(not learns or name.startswith(learns))
