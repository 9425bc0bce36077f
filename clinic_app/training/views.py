"""What the teacher says about every face: the student's lessons.

The teacher is slow, so it looks once at each of a few views of a face, moved, turned and zoomed,
and their mirror images; its answer about the face is the mean. The student never meets those views:
it sees the face moved anew at every step, so that there is no picture to learn by heart.
Photographs without labels take part with the teacher's word alone, which brings other cameras, ages
and skin tones.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from clinic_app.training import augment
from clinic_app.training.landmarks import face_crops
from clinic_app.training.losses import soft_targets
from clinic_app.training.nets import FACE_SIDE, READ_SIDE, luma
from clinic_app.training.prepare import Workspace
from clinic_app.training.relight import Relighter
from clinic_app.training.severity import SeverityTargets, halved, said_of
from clinic_app.training.style import Normaliser, to_faces

log = logging.getLogger("training")

VIEWS = 2
TEACHER_SHARE = 0.6
"""How much of the target of a labelled face is the teacher's word; the rest is the raters'."""
OWN_SHARE = 0.7
"""The same where a net is its own teacher: it holds the raters' word already."""
EVENED_RELIT = 0.5
"""Share of the faces that the normaliser is given under a drawn light; the others as they are."""


@dataclass(frozen=True)
class Lessons:
    """`n` faces and the targets that go with them."""

    faces: Tensor  # [n, 48, 48] uint8
    bands: Tensor  # [n, 4] distribution
    emotions: Tensor  # [n, 8] distribution
    share: Tensor  # [n] in [0, 1]

    def __len__(self) -> int:
        return len(self.faces)

    def save(self, path: Path) -> None:
        partial = path.with_suffix(".partial")
        torch.save(vars(self), partial)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Lessons:
        return cls(**torch.load(path, weights_only=True))


@torch.no_grad()
def answers(teachers: Sequence[nn.Module], gray: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean band and emotion probabilities and share of `gray` [n, 1, 48, 48] and its mirror."""
    said: list[tuple[Tensor, Tensor, Tensor]] = []
    for teacher in teachers:
        teacher.eval()
        where = next(teacher.parameters()).device.type
        for faces in (gray, gray.flip(3)):
            with torch.autocast(where, torch.bfloat16):
                severity, emotion, share = said_of(teacher, faces)
            said.append((severity.softmax(1), emotion.softmax(1), share.sigmoid()))
    bands, emotions, shares = (torch.stack(part).mean(dim=0) for part in zip(*said, strict=True))
    return bands, emotions, shares


def make_lessons(
    work: Workspace,
    teachers: Sequence[nn.Module],
    rows: NDArray[np.int64],
    *,
    views: int = VIEWS,
    said_share: float = TEACHER_SHARE,
    batch: int = 256,
) -> Lessons:
    """Lessons from labelled FER `rows`, then from unlabelled training photographs.

    `said_share` of a labelled face's target is the teachers' word.
    """
    faces = torch.cat([halved(work.fer.images[rows]), *unlabelled(work)])
    rng = torch.Generator().manual_seed(work.seed)
    told = []
    for view in range(views):
        said = []
        for chunk in faces.split(batch):
            moved = augment.geometry(chunk, rng, degrees=6, zoom=0.07, shift=0.03)
            said.append(answers(teachers, moved))
        told.append([torch.cat(part) for part in zip(*said, strict=True)])
        log.info("lessons: view %d of %d", view + 1, views)
    bands, emotions, share = (torch.stack(part).mean(dim=0) for part in zip(*told, strict=True))
    n, index = len(rows), torch.from_numpy(rows)
    known = SeverityTargets.of(work.fer)
    soft_targets(bands[:n], known.bands[index], said_share)
    soft_targets(emotions[:n], known.emotions[index], said_share)
    soft_targets(share[:n], known.share[index], said_share)
    return Lessons((faces[:, 0] * 255).round().byte(), bands, emotions, share)


def unlabelled(work: Workspace) -> list[Tensor]:
    """Training photographs without votes as gray [n, 1, 48, 48]: UTKFace and YouTube Faces."""
    still = to_faces(work.utk_faces[0][work.utk_parts[0]])
    video = face_crops(work.ytf_crops, work.ytf_split.train)[0]
    size = (READ_SIDE, READ_SIDE)
    return [F.interpolate(luma(faces), size, mode="area") for faces in (still, video)]


def evened(
    faces: Tensor, relight: Relighter, normaliser: Normaliser, seed: int, batch: int = 256
) -> Tensor:
    """Gray faces [n, s, s] uint8 as the normaliser hands them on, [n, 48, 48] uint8.

    Half of them are lit anew before, as they would be where they are photographed. Made once: the
    normaliser is local and smooth, so a face may as well be moved after it.
    """
    rng = torch.Generator().manual_seed(seed)
    made = []
    for chunk in faces.split(batch):
        gray = chunk[:, None].float() / 255
        chosen = torch.rand(len(gray), generator=rng) < EVENED_RELIT
        if bool(chosen.any()):
            gray[chosen] = relight(gray[chosen], rng)
        size = (FACE_SIDE, FACE_SIDE)
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
