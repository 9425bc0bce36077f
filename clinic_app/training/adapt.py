"""Teaches the reader to read normalised faces as well as raw ones, whatever the light.

A batch is read twice: raw under the usual augmentation, and normalised after a random light. Both
readings answer to the labels, and the normalised one also to the raw one. Yale B pairs of the
training subjects, which have no labels, add that a face reads the same under every light.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.inference import metrics
from clinic_app.training import augment
from clinic_app.training.nets import SeverityNet, StyleNet, luma
from clinic_app.training.prepare import Workspace
from clinic_app.training.severity import SeverityLoss, SeverityValidation, combined_share
from clinic_app.training.style import as_colour, normalise, sadness_of, to_faces

PAIRS_PER_BATCH = 16
STEADY_WEIGHT = 2.0
RELIT_SHARE = 0.6
SPREAD_WEIGHT = 3.0
"""What one unit of light spread costs in the choice of the epoch, in units of correlation."""


class AdaptationLoss:
    """Loss of a batch of FER rows, raw and normalised, plus some Yale B light pairs."""

    def __init__(self, work: Workspace, normaliser: StyleNet) -> None:
        self._work = work
        self._style = normaliser.requires_grad_(False).eval()
        self._labels = SeverityLoss(work.fer, work.relighter)
        self._images = torch.from_numpy(np.array(work.fer.images))
        lit = work.light_rows(work.yale_subjects[0])
        self._lit = torch.from_numpy(np.stack([work.yale_faces[lit], work.yale_plain(lit)[..., 0]]))
        self._front = torch.from_numpy(np.searchsorted(lit, work.frontal_rows(lit)))

    def __call__(self, net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        raw = {f"raw_{k}": v for k, v in self._labels(net, rows, rng).items()}
        faces = self._normalised(self._enlarged(rows), rng)
        even = {f"even_{k}": v for k, v in self._labels.of_faces(net, faces, rows).items()}
        return {**raw, **even, "steady": STEADY_WEIGHT * self._unsteadiness(net, rng)}

    def _enlarged(self, rows: Tensor) -> Tensor:
        gray = self._images[rows][:, None].float() / 255
        return F.interpolate(gray, scale_factor=2.0, mode="bilinear", align_corners=False)

    def _normalised(self, faces: Tensor, rng: torch.Generator) -> Tensor:
        """Gray faces [n, 1, 96, 96], moved, relit in part, normalised and halved."""
        with torch.autocast("cpu", enabled=False):
            faces = augment.geometry(faces, rng)
            chosen = torch.rand(len(faces), generator=rng) < RELIT_SHARE
            faces = faces.clone()
            if bool(chosen.any()):
                faces[chosen] = self._work.relighter(faces[chosen], rng)
            faces = augment.soften(augment.exposure(faces, rng), rng)
            faces = augment.sensor_noise(faces, rng)
        return self._evened(faces)

    def _evened(self, gray: Tensor) -> Tensor:
        with torch.no_grad():
            colour = gray.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)
            return F.avg_pool2d(luma(self._style(colour).float()), 2)

    def _unsteadiness(self, net: nn.Module, rng: torch.Generator) -> Tensor:
        """How far `sadness` and embedding of a lit, normalised face stray from frontal light."""
        pick = torch.randint(len(self._front), (PAIRS_PER_BATCH,), generator=rng)
        framing = self._lit[int(torch.randint(2, (1,), generator=rng))]
        both = torch.stack([framing[pick], framing[self._front[pick]]], dim=1).float() / 255
        moved = augment.geometry(both, rng, degrees=8, zoom=0.1)
        evened = self._evened(moved.flatten(0, 1)[:, None])
        severity, emotion, share, embedding = net.read(evened)
        said = combined_share(share, emotion).view(-1, 2)
        vector = embedding.float().view(PAIRS_PER_BATCH, 2, -1)
        apart = 1 - F.cosine_similarity(vector[:, 0], vector[:, 1].detach(), dim=1)
        bands = torch.softmax(severity, dim=1).view(PAIRS_PER_BATCH, 2, -1)
        gap = (bands[:, 0] - bands[:, 1].detach()).abs().sum(dim=1)
        drift = (said[:, 0] - said[:, 1].detach()).abs()
        return (4 * drift + 0.5 * gap + 0.5 * apart).mean()

    def validation(self, clean: int) -> AdaptationValidation:
        """Measures raw and normalised reading, and steadiness on unseen subjects."""
        return AdaptationValidation(self._work, self._style, clean)


class AdaptationValidation:
    """Correlation of both readings and the light spread on subjects not trained on."""

    def __init__(self, work: Workspace, normaliser: StyleNet, clean: int) -> None:
        rows = work.fer_split.validation
        self._plain = SeverityValidation(work.fer, rows[: 2 * clean])
        self._share = metrics.sadness_share(work.fer.votes[rows])[:clean]
        self._even = normalise(normaliser, to_faces(work.fer_faces(rows[:clean])))
        lit = work.light_rows(work.yale_subjects[1])
        faces = to_faces(as_colour(work.yale_faces[lit]))
        self._lit, self._lit_even = faces, normalise(normaliser, faces)
        self._subject = work.yale.subject[lit]

    def __call__(self, net: SeverityNet) -> dict[str, float]:
        figures = self._plain(net)
        even = metrics.pearson(sadness_of(net, self._even), self._share)
        spreads = [
            metrics.per_subject_spread(sadness_of(net, faces), self._subject)
            for faces in (self._lit, self._lit_even)
        ]
        score = figures["score"] + even - SPREAD_WEIGHT * spreads[1]
        return {
            **figures,
            "r": figures["score"],
            "r_even": even,
            "raw_spread": spreads[0],
            "even_spread": spreads[1],
            "score": score,
        }
