"""The stages of a full run, each resumable: read, normalise, read both, find points."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from clinic_app.training import data, losses, style
from clinic_app.training.adapt import AdaptationLoss
from clinic_app.training.landmarks import (
    MIRROR_68,
    LandmarkLoss,
    LandmarkValidation,
    face_crops,
)
from clinic_app.training.loop import Schedule, train
from clinic_app.training.nets import LandmarkNet, SeverityNet, StyleNet
from clinic_app.training.prepare import Workspace
from clinic_app.training.severity import SeverityLoss, SeverityValidation

LOOK_EXTRA = 60
"""UTKFace crops that join the frontal-light Yale B faces in the reference look."""


QUICK_PAIRS = 100


@dataclass(frozen=True)
class Profile:
    """How much is trained: schedules and how much data each epoch sees."""

    severity: Schedule
    style: Schedule
    adapt: Schedule
    landmarks: Schedule
    polish: Schedule | None = None  # a last pass of the normaliser with the adapted reader
    fer_rows: int | None = None  # all when None
    style_singles: tuple[int, int, int] = (4000, 3400, 2400)
    style_pairs: int = 2  # how often an epoch shows each Yale B pair
    ytf_repeats: int = 4
    clean_validation: int = 1400  # clean faces that validate a normaliser


FULL = Profile(
    severity=Schedule(epochs=22),
    style=Schedule(epochs=3, batch=24, peak_rate=2e-3, weight_decay=0.01, average=0.998),
    adapt=Schedule(epochs=1, batch=64, peak_rate=1.5e-4, average=0.99),
    landmarks=Schedule(epochs=14, batch=64, peak_rate=2e-3, average=0.998),
    polish=Schedule(epochs=1, batch=24, peak_rate=6e-4, weight_decay=0.01, average=0.995),
)
QUICK = Profile(
    severity=Schedule(epochs=2, batch=64),
    style=Schedule(epochs=1, batch=16, peak_rate=3e-3, average=0.95),
    adapt=Schedule(epochs=1, batch=32, peak_rate=5e-4, average=0.95),
    landmarks=Schedule(epochs=1, batch=32, peak_rate=2e-3, average=0.95),
    fer_rows=1500,
    style_singles=(100, 100, 60),
    style_pairs=0,
    ytf_repeats=1,
    clean_validation=200,
)


def train_severity(work: Workspace, profile: Profile, out: Path) -> SeverityNet:
    """The first reader: raw faces under augmentation and synthetic light."""
    net = SeverityNet()
    loss = SeverityLoss(work.fer, work.relighter)
    held = work.fer_split.validation[: 2 * profile.clean_validation]
    validate = SeverityValidation(work.fer, held)
    return train(net, _fer_rows(work, profile), loss, validate, profile.severity, out, "severity")


def train_style(work: Workspace, profile: Profile, out: Path, reader: SeverityNet) -> StyleNet:
    """The normaliser, taught by perceptual losses and by the frozen reader."""
    return _taught(work, profile, out, reader, StyleNet(), profile.style, "style")


def polish_style(
    work: Workspace, profile: Profile, out: Path, reader: SeverityNet, normaliser: StyleNet
) -> StyleNet:
    """A last, gentle pass of the normaliser with the reader that was adapted to it."""
    if profile.polish is None:
        return normaliser
    return _taught(work, profile, out, reader, normaliser, profile.polish, "polished")


def _taught(
    work: Workspace,
    profile: Profile,
    out: Path,
    reader: SeverityNet,
    net: StyleNet,
    schedule: Schedule,
    name: str,
) -> StyleNet:
    pool = work.style_pool(*profile.style_singles)
    vgg = losses.Vgg16(
        work.data_folder / data.VGG_FILE, (losses.CONTENT_LAYER, *losses.STYLE_LAYERS)
    ).to(memory_format=torch.channels_last)
    look = style.reference_look(vgg, _well_lit(work))
    loss = style.StyleLoss(pool, work.relighter, reader, vgg, look)
    pairs = np.flatnonzero(pool.paired())
    if profile.style_pairs == 0:
        pairs = np.random.default_rng(schedule.seed).choice(pairs, QUICK_PAIRS, replace=False)
    rows = np.concatenate(
        [np.flatnonzero(~pool.paired()), np.tile(pairs, max(1, profile.style_pairs))]
    )
    validate = work.style_validation(reader, profile.clean_validation)
    tuning = name == "polished"
    return train(net, rows, loss, validate, schedule, out, name, tuning=tuning)


def adapt_severity(
    work: Workspace, profile: Profile, out: Path, reader: SeverityNet, normaliser: StyleNet
) -> SeverityNet:
    """The reader trained on, now on raw and normalised faces alike."""
    loss = AdaptationLoss(work, normaliser)
    validate = loss.validation(profile.clean_validation)
    rows = _fer_rows(work, profile)
    return train(reader, rows, loss, validate, profile.adapt, out, "adapted", tuning=True)


def train_landmarks(work: Workspace, profile: Profile, out: Path) -> LandmarkNet:
    """The 68-point net from the mirror-symmetric mean face."""
    crops, rows = work.ytf_crops, work.ytf_split
    loss = LandmarkLoss(crops, work.relighter)
    validate = LandmarkValidation(crops, rows.validation)
    net = LandmarkNet(mean_shape(face_crops(crops, rows.train)[1]))
    return train(
        net,
        np.tile(rows.train, profile.ytf_repeats),
        loss,
        validate,
        profile.landmarks,
        out,
        "landmarks",
    )


def mean_shape(points: torch.Tensor) -> torch.Tensor:
    """Mirror-symmetric mean [68, 2] of points [n, 68, 2] in [0, 1]."""
    mean = points.mean(dim=0)
    mirrored = mean[MIRROR_68.tolist()].clone()
    mirrored[:, 0] = 1 - mirrored[:, 0]
    return (mean + mirrored) / 2


def _fer_rows(work: Workspace, profile: Profile) -> NDArray[np.int64]:
    rows = work.fer_split.train
    if profile.fer_rows is None:
        return rows
    return np.random.default_rng(work.seed).choice(rows, profile.fer_rows, replace=False)


def _well_lit(work: Workspace) -> NDArray[np.uint8]:
    subjects = work.yale_subjects[0]
    front = np.array([work.yale.frontal_of(int(s)) for s in subjects])
    return np.concatenate([style.as_colour(work.yale_faces[front]), work.utk_faces[0][:LOOK_EXTRA]])
