"""The stages of a full run, each resumable: teacher, lessons, reader, normaliser, net, points."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from clinic_app.training import data, losses, style
from clinic_app.training.clinic_lessons import (
    TOLD,
    ClinicValidation,
    Validate,
    judged,
    parts_of,
    rows_with,
    tell,
    with_clinic,
    with_lessons,
)
from clinic_app.training.clinic_set import ClinicSet
from clinic_app.training.distil import DistilLoss, DistilValidation
from clinic_app.training.files import fingerprint
from clinic_app.training.landmarks import (
    MIRROR_68,
    LandmarkLoss,
    LandmarkValidation,
    face_crops,
)
from clinic_app.training.loop import Schedule, goes_on, train
from clinic_app.training.nets import LandmarkNet, SeverityNet, StyleNet, arrays_of
from clinic_app.training.point_labels import face_pool
from clinic_app.training.prepare import Workspace
from clinic_app.training.renew import RenewLoss, own_lessons
from clinic_app.training.restart import severity_from
from clinic_app.training.seeds import begun
from clinic_app.training.severity import (
    SeverityLoss,
    SeverityTargets,
    SeverityValidation,
    band_weights,
    halved,
)
from clinic_app.training.teacher import TeacherNet, start_from_imagenet
from clinic_app.training.views import VIEWS, Lessons, make_lessons

LOOK_EXTRA = 60
"""UTKFace crops that join the frontal-light Yale B faces in the reference look."""


QUICK_PAIRS = 100
OWN_LIGHT = "a reader in its own light, mirrored and nudged"
"""Marks the reader of this recipe: in the folder of an earlier one it starts over, and with it what
learns from it (`known_by`)."""
RENEWED_PASSES = 2
"""How often an epoch of going on shows each face: measuring costs a fifth of a pass."""
LESSONS, LESSONS_OF_A_VIEW = "lessons.pt", "lessons-*.pt"
SEEN = 512
"""Faces that batch norms take their first statistics from."""
TEACHER_RELIT = 0.15
"""Share of relit faces for the teacher, whose word is asked about evenly lit faces."""


@dataclass(frozen=True)
class Profile:
    """How much is trained: schedules and how much data each epoch sees."""

    teacher: Schedule
    reader: Schedule  # the severity net before there is a normaliser, which learns from it
    style: Schedule
    severity: Schedule  # the reader, trained on under every light and beside the normaliser
    renewed: Schedule  # the severity net that starts from a released one
    landmarks: Schedule
    fer_rows: int | None = None  # all when None
    views: int = VIEWS
    style_singles: tuple[int, int, int] = (5000, 1200, 2400)
    style_pairs: int = 2  # how often an epoch shows each Yale B pair
    ytf_repeats: int = 4
    clean_validation: int = 1400  # clean faces that validate a normaliser

    def seeded(self, seed: int) -> Profile:
        """The same with every schedule drawn by `seed`."""
        seeded: dict[str, Any] = {
            name: replace(value, seed=seed)
            for name, value in vars(self).items()
            if isinstance(value, Schedule)
        }
        return replace(self, **seeded)


FULL = Profile(
    teacher=Schedule(epochs=14, peak_rate=4e-4, weight_decay=0.05, average=0.998),
    reader=Schedule(epochs=12, lessons=OWN_LIGHT),
    style=Schedule(epochs=7, batch=24, peak_rate=2e-3, weight_decay=0.01, average=0.998),
    severity=Schedule(epochs=28, peak_rate=2e-3, weight_decay=0.03),
    renewed=Schedule(epochs=10, peak_rate=1e-3, weight_decay=0.03, average=0.999),
    landmarks=Schedule(epochs=15, batch=64, peak_rate=2e-3, average=0.998),
)
QUICK = Profile(
    teacher=Schedule(epochs=1, batch=64, peak_rate=4e-4, average=0.9),
    reader=Schedule(epochs=1, batch=64, average=0.9),
    style=Schedule(epochs=1, batch=16, peak_rate=3e-3, average=0.95),
    severity=Schedule(epochs=1, batch=64, average=0.95),
    renewed=Schedule(epochs=1, batch=64, peak_rate=2e-3, average=0.95),
    landmarks=Schedule(epochs=1, batch=32, peak_rate=2e-3, average=0.95),
    fer_rows=700,
    views=1,
    style_singles=(100, 100, 60),
    style_pairs=0,
    ytf_repeats=1,
    clean_validation=200,
)


def train_teacher(work: Workspace, profile: Profile, out: Path) -> TeacherNet:
    """The net that the shipped one learns from."""
    rows = _fer_rows(work, profile)
    seen = halved(work.fer.images[rows[:SEEN]])
    fresh = begun(TeacherNet, profile.teacher.seed, "teacher")
    net = start_from_imagenet(fresh, work.data_folder / data.VGG_FILE, seen)
    weights, power = None, profile.teacher.class_weights
    if power > 0:
        weights = band_weights(SeverityTargets.of(work.fer), rows, power)
    loss = SeverityLoss(work.fer, work.relighter, class_weights=weights, relit_share=TEACHER_RELIT)
    held = work.fer_split.validation[: 2 * profile.clean_validation]
    validate = SeverityValidation(work.fer, held)
    return train(net, rows, loss, validate, profile.teacher, out, "teacher")


def follows_another_teacher(profile: Profile, out: Path) -> bool:
    """Whether `out` holds lessons of a teacher that `train_teacher` would replace: they, and the
    nets that learnt from them, would stay."""
    begun_with = (out / LESSONS).exists() or any(out.glob(LESSONS_OF_A_VIEW))
    return begun_with and not goes_on(out, "teacher", profile.teacher)


def lessons(work: Workspace, profile: Profile, out: Path, teacher: TeacherNet) -> Lessons:
    """What the teacher says about many views; made once, and a view at a time."""
    path = out / LESSONS
    if not path.exists():
        rows = _fer_rows(work, profile)
        make_lessons(work, [teacher], rows, out, views=profile.views).save(path)
    for part in out.glob(LESSONS_OF_A_VIEW):
        part.unlink()
    return Lessons.load(path)


def train_reader(work: Workspace, profile: Profile, out: Path, teacher: TeacherNet) -> SeverityNet:
    """A severity net that knows no lights: it teaches the normaliser and begins the shipped one."""
    taught = lessons(work, profile, out, teacher)
    loss = DistilLoss(work, taught, [teacher], None, lights=False)
    validate = DistilValidation(work, None, 2 * profile.clean_validation)
    net = begun(SeverityNet, profile.reader.seed, "reader")
    return train(net, np.arange(len(taught)), loss, validate, profile.reader, out, "reader")


def train_severity(
    work: Workspace,
    profile: Profile,
    out: Path,
    teacher: TeacherNet,
    reader: SeverityNet,
    normaliser: StyleNet,
) -> SeverityNet:
    """The shipped net: the reader, trained on under every light and beside the normaliser."""
    taught = lessons(work, profile, out, teacher)
    loss = DistilLoss(work, taught, [teacher], normaliser)
    even = style.as_normaliser(normaliser)
    validate = DistilValidation(work, even, 2 * profile.clean_validation)
    net = copy.deepcopy(reader).requires_grad_(True)
    schedule = replace(profile.severity, lessons=known_by(reader, normaliser))
    return train(net, np.arange(len(taught)), loss, validate, schedule, out, "severity")


def known_by(*nets: torch.nn.Module) -> str:
    """The fingerprint of nets that another learns from: with others it has to start over."""
    return fingerprint(*(array for net in nets for array in arrays_of(net)))


def renew_severity(
    work: Workspace,
    profile: Profile,
    out: Path,
    released: Path,
    normaliser: style.Normaliser,
    clinic: ClinicSet | None = None,
) -> SeverityNet:
    """The severity net of a `released` file, trained on; as it came when no epoch is better.

    With a `clinic`'s set, also on the crops of its people who are not locked; how the locked ones
    are read before and after is written into `out`. Raises `UnusableSet`.
    """
    net = severity_from(released, halved(work.fer.images[work.fer_split.train[:SEEN]]))
    parts = None if clinic is None else parts_of(clinic, work.seed)
    told_by = fingerprint(released.read_bytes(), _fer_rows(work, profile))
    path = out / f"own_lessons-{told_by[:12]}.pt"
    if not path.exists():
        own_lessons(work, net, _fer_rows(work, profile)).save(path)
    taught = Lessons.load(path)
    schedule = replace(profile.renewed, lessons=told_by)  # another file starts it anew
    rows = np.tile(np.arange(len(taught)), RENEWED_PASSES)
    validate: Validate = DistilValidation(work, normaliser, 2 * profile.clean_validation)
    if clinic is not None and parts is not None:
        known, taught = len(taught), with_clinic(taught, net, parts.learnt)
        rows = np.tile(rows_with(known, len(parts.learnt)), RENEWED_PASSES)
        validate = ClinicValidation(validate, parts.choosing)
        schedule = replace(schedule, lessons=with_lessons(told_by, clinic))  # and so does a set
    (out / TOLD).unlink(missing_ok=True)  # of a run before
    loss, before = RenewLoss(work, taught, net, normaliser), copy.deepcopy(net)
    renewed = train(net, rows, loss, validate, schedule, out, "severity", tuning=True)
    if clinic is not None and parts is not None:
        tell(out, clinic, parts, judged(before, renewed, parts.locked))
    return renewed


def train_style(work: Workspace, profile: Profile, out: Path, reader: SeverityNet) -> StyleNet:
    """The normaliser, taught by perceptual losses and by the frozen reader."""
    schedule = replace(profile.style, lessons=known_by(reader))
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
    net = begun(StyleNet, schedule.seed, "style")
    return train(net, rows, loss, validate, schedule, out, "style")


def train_landmarks(work: Workspace, profile: Profile, out: Path) -> LandmarkNet:
    """The 68-point net from the mirror-symmetric mean face."""
    pool = face_pool(work)
    loss = LandmarkLoss(pool.crops, work.relighter, pool.sided)
    validate = LandmarkValidation(pool.crops, pool.validation, pool.sided)
    mean = mean_shape(face_crops(work.ytf_crops, work.ytf_split.train)[1])
    net = begun(lambda: LandmarkNet(mean), profile.landmarks.seed, "landmarks")
    repeats = round(profile.ytf_repeats * len(work.ytf_split.train) / len(pool.train))
    rows = np.tile(pool.train, max(1, repeats))
    return train(net, rows, loss, validate, profile.landmarks, out, "landmarks")


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
    subjects = work.yale_subjects.train
    front = np.array([work.yale.frontal_of(int(s)) for s in subjects])
    return np.concatenate(
        [style.as_colour(work.yale_faces[front]), work.utk_faces[0][work.utk_parts[0][:LOOK_EXTRA]]]
    )
