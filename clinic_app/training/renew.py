"""A released severity net trained on: a new picture of a face at every step, and faces mixed.

The recipe of the shipped net shows five fixed views of each face, which it learns by heart. Here an
answer belongs to a face, not to a view: every step moves the face anew, and half of the faces have
another one mixed in, with the mixture of the answers ("a good teacher is patient and consistent",
Beyer et al. 2022). The net is its own teacher: what it says of its training faces, as a mean over
views and mirror images, is what its teacher told it.
"""

from __future__ import annotations

import logging

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.training import augment
from clinic_app.training.distil import (
    EVENED_SHARE,
    RELIT_SHARE,
    Answers,
    DistilLoss,
)
from clinic_app.training.losses import soft_targets
from clinic_app.training.nets import FACE_SIDE, luma
from clinic_app.training.prepare import Workspace
from clinic_app.training.relight import Relighter
from clinic_app.training.severity import SeverityTargets, halved
from clinic_app.training.style import Normaliser, as_colour, to_faces
from clinic_app.training.views import Lessons, answers, unlabelled

log = logging.getLogger("training")

OWN_SHARE = 0.7
"""How much of the target of a labelled face is the net's own word, which holds the raters' too."""
OWN_VIEWS = 2
MIXED_SHARE = 0.5
"""Share of the faces that another face is mixed into."""
EVENED_RELIT = 0.5
"""Share of the faces that the normaliser is given under a drawn light; the others as they are."""


def own_lessons(
    work: Workspace, net: nn.Module, rows: NDArray[np.int64], batch: int = 256
) -> Lessons:
    """One view of every face, as it is, and what `net` and the raters say about the face."""
    faces = torch.cat([halved(work.fer.images[rows]), *unlabelled(work)])
    rng = torch.Generator().manual_seed(work.seed)
    told = []
    for view in range(OWN_VIEWS):
        said = []
        for chunk in faces.split(batch):
            moved = augment.geometry(chunk, rng, degrees=6, zoom=0.07, shift=0.03)
            said.append(answers([net], moved))
        told.append([torch.cat(part) for part in zip(*said, strict=True)])
        log.info("own lessons: view %d of %d", view + 1, OWN_VIEWS)
    bands, emotions, share = (torch.stack(part).mean(dim=0) for part in zip(*told, strict=True))
    n, index = len(rows), torch.from_numpy(rows)
    known = SeverityTargets.of(work.fer)
    soft_targets(bands[:n], known.bands[index], OWN_SHARE)
    soft_targets(emotions[:n], known.emotions[index], OWN_SHARE)
    soft_targets(share[:n], known.share[index], OWN_SHARE)
    still = (faces[:, 0] * 255).round().byte()
    return Lessons(still[None], bands[None], emotions[None], share[None])


class RenewLoss(DistilLoss):
    """As `DistilLoss`, without a picture that comes twice.

    Faces are evened once, by any normaliser, and moved after it: it is local and smooth.
    """

    def __init__(
        self, work: Workspace, lessons: Lessons, net: nn.Module, normaliser: Normaliser
    ) -> None:
        super().__init__(work, lessons, [net], None)
        lit = work.light_rows(work.yale_subjects.train)
        framings = (work.yale_faces[lit], work.yale_plain(lit)[..., 0])
        self._even = evened(lessons.views[0], work.relighter, normaliser, work.seed)
        self._even_lit = torch.stack([even_gray(as_colour(f), normaliser) for f in framings])

    def shown(self, rows: Tensor, rng: torch.Generator) -> tuple[Tensor, Answers, Answers]:
        """Faces of `rows`, then the really lit ones [n + m, 1, 48, 48], and the answers to both."""
        with torch.autocast("cpu", enabled=False):
            faces, wanted = self._moved(rows, rng)
            lit, meant = self._lights(rng)
        return torch.cat([faces, lit]), wanted, meant

    def _moved(self, rows: Tensor, rng: torch.Generator) -> tuple[Tensor, Answers]:
        faces = self._lessons.views[0, rows]
        even = torch.rand(len(rows), generator=rng) < EVENED_SHARE
        faces[even] = self._even[rows[even]]
        known = (
            self._lessons.bands[0, rows],
            self._lessons.emotions[0, rows],
            self._lessons.share[0, rows],
        )
        seen = augment.geometry(faces[:, None].float() / 255, rng)
        seen, wanted = mixed(seen, known, rng)
        relit = ~even & (torch.rand(len(rows), generator=rng) < RELIT_SHARE)
        seen[relit] = self._relight(seen[relit], rng)
        return self._photographed(seen, rng), wanted

    def _lit_faces(self, framing: int, pick: Tensor, rng: torch.Generator) -> Tensor:
        faces = super()._lit_faces(framing, pick, rng)
        even = torch.rand(len(pick), generator=rng) < EVENED_SHARE
        faces[even] = self._even_lit[framing][pick[even]][:, None].float() / 255
        return faces


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


def evened(
    faces: Tensor, relight: Relighter, normaliser: Normaliser, seed: int, batch: int = 256
) -> Tensor:
    """Gray faces [n, s, s] uint8 as the normaliser hands them on, [n, 48, 48] uint8.

    Half of them are lit anew before, as they would be where they are photographed.
    """
    rng = torch.Generator().manual_seed(seed)
    size = (FACE_SIDE, FACE_SIDE)
    made = []
    for chunk in faces.split(batch):
        gray = chunk[:, None].float() / 255
        chosen = torch.rand(len(gray), generator=rng) < EVENED_RELIT
        if bool(chosen.any()):
            gray[chosen] = relight(gray[chosen], rng)
        large = F.interpolate(gray, size, mode="bilinear", align_corners=False).clamp(0, 1)
        colour = (large * 255).round().byte().expand(-1, 3, -1, -1).permute(0, 2, 3, 1)
        made.append(even_gray(np.ascontiguousarray(colour.numpy()), normaliser))
    return torch.cat(made)


def even_gray(colour: NDArray[np.uint8], normaliser: Normaliser, batch: int = 256) -> Tensor:
    """Faces [n, 96, 96, 3] after the normaliser, as the net reads them: gray [n, 48, 48] uint8."""
    made = []
    for first in range(0, len(colour), batch):
        even = luma(to_faces(normaliser(colour[first : first + batch])))
        made.append((F.avg_pool2d(even, 2) * 255).round().byte()[:, 0])
    return torch.cat(made)
