"""Faces shown to the teacher from several angles, and what it answered: the student's lessons.

The teacher is slow, so it looks once. Every face is moved, turned, zoomed and mirrored anew for
each view; the answer to a view is the mean over the view and its mirror image. Photographs without
labels take part with the teacher's word alone, which brings other cameras, ages and skin tones.
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
from clinic_app.training.files import whole
from clinic_app.training.landmarks import face_crops
from clinic_app.training.loop import uses_bf16
from clinic_app.training.losses import soft_targets
from clinic_app.training.nets import READ_SIDE, luma
from clinic_app.training.prepare import Workspace
from clinic_app.training.seeds import drawn
from clinic_app.training.severity import SeverityTargets, halved, said_of
from clinic_app.training.style import to_faces

log = logging.getLogger("training")

VIEWS = 5
TEACHER_SHARE = 0.6
"""How much of the target of a labelled face is the teacher's word; the rest is the raters'."""


@dataclass(frozen=True)
class Lessons:
    """Views of faces and the targets that go with them; `k` views of `n` faces."""

    views: Tensor  # [k, n, 48, 48] uint8
    bands: Tensor  # [k, n, 4] distribution
    emotions: Tensor  # [k, n, 8] distribution
    share: Tensor  # [k, n] in [0, 1]

    def __len__(self) -> int:
        return self.views.shape[1]

    def save(self, path: Path) -> None:
        with whole(path) as place:
            torch.save(vars(self), place)

    @classmethod
    def load(cls, path: Path) -> Lessons:
        return cls(**torch.load(path, weights_only=True))


@torch.no_grad()
def answers(teachers: Sequence[nn.Module], gray: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean band and emotion probabilities and share of `gray` [n, 1, 48, 48] and its mirror."""
    said: list[tuple[Tensor, Tensor, Tensor]] = []
    for teacher in teachers:
        teacher.eval()
        where = next(teacher.parameters()).device
        for faces in (gray, gray.flip(3)):
            with torch.autocast(where.type, torch.bfloat16, enabled=uses_bf16("auto", where)):
                severity, emotion, share = said_of(teacher, faces)
            said.append((severity.softmax(1), emotion.softmax(1), share.sigmoid()))
    bands, emotions, shares = (torch.stack(part).mean(dim=0) for part in zip(*said, strict=True))
    return bands, emotions, shares


def make_lessons(
    work: Workspace,
    teachers: Sequence[nn.Module],
    rows: NDArray[np.int64],
    kept: Path,
    *,
    views: int = VIEWS,
    batch: int = 256,
) -> Lessons:
    """Lessons from labelled FER `rows`, then from unlabelled training photographs.

    Every view is drawn by a seed of its own and is written into the folder `kept` as soon as it is
    told, so that a run that is killed loses the view that it was at.
    """
    labelled = halved(work.fer.images[rows])
    faces = torch.cat([labelled, *(f for f in unlabelled(work))])
    known = SeverityTargets.of(work.fer)
    told: list[list[Tensor]] = []
    for view in range(views):
        place = kept / f"lessons-{view}.pt"
        if not place.exists():
            rng = torch.Generator().manual_seed(drawn(work.seed, view))
            with whole(place) as partial:
                torch.save(_view(teachers, faces, rng, batch), partial)
        told.append(torch.load(place, weights_only=True))
        log.info("lessons: view %d of %d", view + 1, views)
    shown, bands, emotions, share = (torch.stack(part) for part in zip(*told, strict=True))
    n = len(rows)
    index = torch.from_numpy(rows)
    soft_targets(bands[:, :n], known.bands[index], TEACHER_SHARE)
    soft_targets(emotions[:, :n], known.emotions[index], TEACHER_SHARE)
    soft_targets(share[:, :n], known.share[index], TEACHER_SHARE)
    return Lessons(shown, bands, emotions, share)


def _view(
    teachers: Sequence[nn.Module], faces: Tensor, rng: torch.Generator, batch: int
) -> list[Tensor]:
    """Faces moved once [n, 48, 48], and the teachers' answers to them."""
    moved, said = [], []
    for chunk in faces.split(batch):
        turned = (augment.geometry(chunk, rng) * 255).round().byte()
        moved.append(turned[:, 0])
        said.append(answers(teachers, turned.float() / 255))
    return [torch.cat(moved), *(torch.cat(part) for part in zip(*said, strict=True))]


def unlabelled(work: Workspace) -> list[Tensor]:
    """Training photographs without votes as gray [n, 1, 48, 48]: UTKFace and YouTube Faces."""
    still = to_faces(work.utk_faces[0][work.utk_parts[0]])
    video = face_crops(work.ytf_crops, work.ytf_split.train)[0]
    size = (READ_SIDE, READ_SIDE)
    return [F.interpolate(luma(faces), size, mode="area") for faces in (still, video)]
