"""The shipped reader learns from the teacher, under every light and through the normaliser.

The teacher judged a face in its own light; the student sees it moved, mixed with another face,
relit, blurred, noisy or normalised, and has to give the same answer. A mixture of two faces has the
mixture of their answers: no face comes twice as the same picture, so none can be learnt by heart.
Yale B pairs of the training subjects add real lights: whatever the light, the answer is the
teacher's about the frontal one.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.inference import metrics
from clinic_app.training import augment
from clinic_app.training.losses import ordinal_distance, soft_cross_entropy
from clinic_app.training.nets import SeverityNet
from clinic_app.training.prepare import Workspace
from clinic_app.training.severity import SeverityValidation, combined_share, said_of
from clinic_app.training.style import Normaliser, as_colour, sadness_of, to_faces
from clinic_app.training.views import Lessons, answers, even_gray, evened

Answers = tuple[Tensor, Tensor, Tensor]
"""Band distribution [n, 4], emotion distribution [n, 8] and share [n]."""
RELIT_SHARE = 0.5
EVENED_SHARE = 0.35
"""Share of the faces that come from the normaliser, once there is one."""
MIXED_SHARE = 0.5
"""Share of the faces that another face is mixed into."""
LIT_PER_BATCH = 16
LIT_WEIGHT = 1.5
SCORE_WEIGHT = 4.0
SPREAD_WEIGHT = 2.0
"""What one unit of light spread costs in the choice of the epoch, in units of correlation."""


class DistilLoss:
    """Loss of a batch of lesson rows, plus some real light pairs."""

    def __init__(
        self,
        work: Workspace,
        lessons: Lessons,
        teachers: list[nn.Module],
        normaliser: Normaliser | None,
    ) -> None:
        self._lessons, self._relight = lessons, work.relighter
        lit = work.light_rows(work.yale_subjects.train)
        framings = [work.yale_faces[lit], work.yale_plain(lit)[..., 0]]
        self._lit = torch.stack([_small(faces) for faces in framings])
        front = np.searchsorted(lit, work.frontal_rows(lit))
        subject, self._who = np.unique(front, return_inverse=True)
        self._meant = [
            answers(teachers, faces[subject][:, None].float() / 255) for faces in self._lit
        ]
        self._even: tuple[Tensor, Tensor] | None = None
        if normaliser is not None:
            self._even = (
                evened(lessons.faces, work.relighter, normaliser, work.seed),
                torch.stack([even_gray(as_colour(faces), normaliser) for faces in framings]),
            )

    def __call__(self, net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        with torch.autocast("cpu", enabled=False):
            faces, wanted = self._seen(rows, rng)
            lit, meant = self._lights(rng)
        severity, emotion, share = said_of(net, torch.cat([faces, lit]))
        n = len(rows)
        learned = terms((severity[:n], emotion[:n], share[:n]), wanted)
        steady = terms((severity[n:], emotion[n:], share[n:]), meant)
        weight = LIT_WEIGHT * LIT_PER_BATCH / n
        return {**learned, "lit": weight * torch.stack(list(steady.values())).sum()}

    def _seen(self, rows: Tensor, rng: torch.Generator) -> tuple[Tensor, Answers]:
        """What a camera makes of the faces: place, light, exposure, blur, coding, noise, a hand."""
        faces = self._lessons.faces[rows]
        even = torch.zeros(len(rows), dtype=torch.bool)
        if self._even is not None:
            even = torch.rand(len(rows), generator=rng) < EVENED_SHARE
            faces[even] = self._even[0][rows[even]]
        seen = augment.geometry(faces[:, None].float() / 255, rng)
        known = (self._lessons.bands[rows], self._lessons.emotions[rows], self._lessons.share[rows])
        seen, wanted = mixed(seen, known, rng)
        chosen = ~even & (torch.rand(len(rows), generator=rng) < RELIT_SHARE)
        seen[chosen] = self._relight(seen[chosen], rng)
        seen = augment.soften(augment.exposure(seen, rng), rng)
        return augment.occlude(augment.sensor_noise(augment.jpeg(seen, rng), rng), rng), wanted

    def _lights(self, rng: torch.Generator) -> tuple[Tensor, Answers]:
        """Real faces under real lights [m, 1, 48, 48] and the answers about their frontal ones."""
        framing = int(torch.randint(2, (1,), generator=rng))
        pick = torch.randint(self._lit.shape[1], (LIT_PER_BATCH,), generator=rng)
        faces = self._lit[framing][pick]
        if self._even is not None:
            even = torch.rand(LIT_PER_BATCH, generator=rng) < EVENED_SHARE
            faces[even] = self._even[1][framing][pick[even]]
        faces = augment.geometry(faces[:, None].float() / 255, rng, degrees=8, zoom=0.1)
        who = torch.from_numpy(self._who)[pick]
        bands, emotions, share = (part[who] for part in self._meant[framing])
        return faces, (bands, emotions, share)


def mixed(faces: Tensor, known: Answers, rng: torch.Generator) -> tuple[Tensor, Answers]:
    """Some of the faces [n, 1, s, s] blended with others of the batch, and their answers alike.

    A face keeps at least half of itself (mixup, Zhang et al. 2018).
    """
    n = len(faces)
    other = torch.randperm(n, generator=rng)
    own = 0.5 + 0.5 * torch.rand(n, generator=rng)
    own[torch.rand(n, generator=rng) >= MIXED_SHARE] = 1.0

    def blend(part: Tensor) -> Tensor:
        weight = own.view(-1, *[1] * (part.ndim - 1))
        return weight * part + (1 - weight) * part[other]

    bands, emotions, share = known
    return blend(faces), (blend(bands), blend(emotions), blend(share))


def _small(faces: NDArray[np.uint8]) -> Tensor:
    """Gray bytes [n, 96, 96] halved to [n, 48, 48]."""
    halved = F.interpolate(torch.from_numpy(faces)[:, None].float(), 48, mode="area")
    return halved.round().byte()[:, 0]


def terms(
    said: tuple[Tensor, Tensor, Tensor], wanted: tuple[Tensor, Tensor, Tensor]
) -> dict[str, Tensor]:
    """Loss terms of (severity logits, emotion logits, share logit) against probabilities."""
    (severity, emotion, share), (bands, emotions, shares) = said, wanted
    return {
        "band": soft_cross_entropy(severity, bands),
        "order": ordinal_distance(severity, bands),
        "emotion": soft_cross_entropy(emotion, emotions),
        "share": F.binary_cross_entropy_with_logits(share, shares),
        "score": SCORE_WEIGHT * F.mse_loss(combined_share(share, emotion), shares),
    }


class DistilValidation:
    """Both readings of clean faces, and their light spread on the validation subjects."""

    def __init__(self, work: Workspace, normaliser: Normaliser | None, clean: int) -> None:
        rows = work.fer_split.validation[:clean]
        self._plain = SeverityValidation(work.fer, rows)
        self._share = metrics.sadness_share(work.fer.votes[rows])
        lit = work.light_rows(work.yale_subjects.validation)
        self._subject = work.yale.subject[lit]
        lit_faces = as_colour(work.yale_faces[lit])
        self._lit = to_faces(lit_faces)
        self._even: tuple[Tensor, Tensor] | None = None
        if normaliser is not None:
            clean_faces = as_colour(work.fer.images[rows])
            self._even = (to_faces(normaliser(clean_faces)), to_faces(normaliser(lit_faces)))

    def __call__(self, net: SeverityNet) -> dict[str, float]:
        figures = self._plain(net)
        r = figures.pop("score")
        spread = metrics.per_subject_spread(sadness_of(net, self._lit), self._subject)
        figures |= {"r": r, "spread": spread}
        if self._even is not None:
            r_even = metrics.pearson(sadness_of(net, self._even[0]), self._share)
            spread = metrics.per_subject_spread(sadness_of(net, self._even[1]), self._subject)
            figures |= {"r_even": r_even, "even_spread": spread}
            r = (r + r_even) / 2
        return {**figures, "score": r - SPREAD_WEIGHT * spread}
