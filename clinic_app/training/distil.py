"""The shipped reader learns from the teacher, under every light and through the normaliser.

The teacher saw a face in its own light; the student sees the same view relit, blurred, noisy, or
relit and normalised, and has to give the same answer. Yale B pairs of the training subjects add
real lights: whatever the light, the answer is the teacher's about the frontal one.

The reader that teaches the normaliser knows none of these lights. One that already stands still
leaves a normaliser little to learn (`docs/training.md`).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.inference import metrics
from clinic_app.training import augment
from clinic_app.training.losses import ordinal_distance, soft_cross_entropy
from clinic_app.training.nets import FACE_SIDE, SeverityNet, StyleNet, luma, to_net
from clinic_app.training.prepare import Workspace
from clinic_app.training.severity import SeverityValidation, combined_share, said_of
from clinic_app.training.style import Normaliser, as_colour, sadness_of, to_faces
from clinic_app.training.views import Lessons, answers

Answers = tuple[Tensor, Tensor, Tensor]
"""Band distribution [n, 4], emotion distribution [n, 8] and share [n]."""
RELIT_SHARE = 0.5
EVENED_SHARE = 0.35
"""Share of the faces that pass through the normaliser, once there is one."""
LIT_PER_BATCH = 32
LIT_WEIGHT = 2.0
SCORE_WEIGHT = 4.0
SPREAD_WEIGHT = 2.0
"""What one unit of light spread costs in the choice of the epoch, in units of correlation."""


class DistilLoss:
    """Loss of a batch of lesson rows, plus some real light pairs; none without `lights`, nor
    a normaliser."""

    def __init__(
        self,
        work: Workspace,
        lessons: Lessons,
        teachers: list[nn.Module],
        normaliser: StyleNet | None,
        *,
        lights: bool = True,
    ) -> None:
        self._lessons, self._relight = lessons, work.relighter
        self._knows_lights = lights
        self._style = None if normaliser is None else normaliser.requires_grad_(False).eval()
        if not lights:
            return
        lit = work.light_rows(work.yale_subjects.train)
        framings = [work.yale_faces[lit], work.yale_plain(lit)[..., 0]]
        self._lit = torch.from_numpy(np.stack(framings))
        front = np.searchsorted(lit, work.frontal_rows(lit))
        subject, self._who = np.unique(front, return_inverse=True)
        self._meant = [self._frontal(teachers, faces[subject]) for faces in self._lit]

    @staticmethod
    def _frontal(teachers: list[nn.Module], faces: Tensor) -> Answers:
        return answers(teachers, F.interpolate(faces[:, None].float() / 255, 48, mode="area"))

    def __call__(self, net: nn.Module, rows: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        faces, wanted, meant = self.shown(rows, rng)
        severity, emotion, share = said_of(net, faces)
        n = len(rows)
        learned = terms((severity[:n], emotion[:n], share[:n]), wanted)
        if meant is None:
            return learned
        steady = terms((severity[n:], emotion[n:], share[n:]), meant)
        weight = LIT_WEIGHT * LIT_PER_BATCH / n
        return {**learned, "lit": weight * torch.stack(list(steady.values())).sum()}

    def shown(self, rows: Tensor, rng: torch.Generator) -> tuple[Tensor, Answers, Answers | None]:
        """Faces of `rows`, then the really lit ones [n + m, 1, 48, 48], and the answers to both."""
        view = torch.randint(self._lessons.views.shape[0], (len(rows),), generator=rng)
        wanted = (
            self._lessons.bands[view, rows],
            self._lessons.emotions[view, rows],
            self._lessons.share[view, rows],
        )
        with torch.autocast("cpu", enabled=False):
            views = self._lessons.views[view, rows][:, None].float() / 255
            views = augment.nudge(views, rng)  # the views are few, and were learnt by heart
            if not self._knows_lights:
                return self._photographed(views, rng), wanted, None
            relit = torch.rand(len(rows), generator=rng) < RELIT_SHARE
            views[relit] = self._relight(views[relit], rng)
            faces = self._photographed(views, rng)
            lit, meant = self._lights(rng)
        return torch.cat([self._evened(faces, rng), self._evened(lit, rng)]), wanted, meant

    def _photographed(self, faces: Tensor, rng: torch.Generator) -> Tensor:
        """What a camera makes of faces: exposure, blur, coding, noise, a hand."""
        faces = augment.soften(augment.exposure(faces, rng), rng)
        return augment.occlude(augment.sensor_noise(augment.jpeg(faces, rng), rng), rng)

    def _lights(self, rng: torch.Generator) -> tuple[Tensor, Answers]:
        """Real faces under real lights [m, 1, 48, 48] and the answers about their frontal ones."""
        framing = int(torch.randint(2, (1,), generator=rng))
        pick = torch.randint(self._lit.shape[1], (LIT_PER_BATCH,), generator=rng)
        faces = augment.geometry(self._lit_faces(framing, pick, rng), rng, degrees=8, zoom=0.1)
        who = torch.from_numpy(self._who)[pick]
        bands, emotions, share = (part[who] for part in self._meant[framing])
        return faces, (bands, emotions, share)

    def _lit_faces(self, framing: int, pick: Tensor, rng: torch.Generator) -> Tensor:
        """The picked Yale B faces [m, 1, 48, 48] in [0, 1]; `rng` is for those who vary them."""
        return F.interpolate(self._lit[framing][pick][:, None].float() / 255, 48, mode="area")

    def _evened(self, faces: Tensor, rng: torch.Generator) -> Tensor:
        """Some of the faces [n, 1, 48, 48] as the normaliser hands them on."""
        if self._style is None:
            return faces
        chosen = torch.rand(len(faces), generator=rng) < EVENED_SHARE
        with torch.no_grad():
            size = (FACE_SIDE, FACE_SIDE)
            large = F.interpolate(faces[chosen], size, mode="bilinear", align_corners=False)
            colour = to_net(self._style, large.expand(-1, 3, -1, -1))
            faces = faces.clone()
            faces[chosen] = F.avg_pool2d(luma(self._style(colour).float()), 2).cpu()
        return faces


def terms(said: tuple[Tensor, Tensor, Tensor], wanted: Answers) -> dict[str, Tensor]:
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
    """Both readings of clean faces, and their light spread on the validation subjects.

    Without a normaliser it is the reader that teaches one, which is to read well and no more.
    """

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
            r = (r + r_even) / 2 - SPREAD_WEIGHT * spread
        return {**figures, "score": r}
