"""The style studio's two nets: what is trained, for how long, and in which order."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from clinic_app.training import data
from clinic_app.training.distil_perceptual import (
    PerceptualLoss,
    PerceptualValidation,
    teacher_net,
)
from clinic_app.training.files import fingerprint, whole
from clinic_app.training.grown import grown
from clinic_app.training.loop import Schedule, shapes, train
from clinic_app.training.losses import Vgg16
from clinic_app.training.narrow import start_from_teacher
from clinic_app.training.nets import arrays_of
from clinic_app.training.perceptual import LAST_REDUCED, LAYERS, PerceptualNet
from clinic_app.training.prepare import Workspace
from clinic_app.training.release import Naming
from clinic_app.training.seeds import begun
from clinic_app.training.studio_data import (
    WITHHELD,
    StudioPictures,
    held_out,
    held_out_faces,
    photographs,
    style_pictures,
    textures,
    varied,
)
from clinic_app.training.studio_release import release_perceptual, release_styles
from clinic_app.training.styles_loss import (
    SIDE,
    PerceptualDistances,
    StylesLoss,
    StylesValidation,
)
from clinic_app.training.styles_net import StylesNet
from clinic_app.training.taken_up import layers_of, taken_up

log = logging.getLogger("training")

START, PERCEPTUAL, SECOND = "perceptual-start", "perceptual", "perceptual-second"
STYLES = "styles"
TRANSFERRED, PATTERNS = slice(4, 10), slice(12, 18)
"""Of the held-out pictures: faces and style pictures whose transfers choose the epoch."""


@dataclass(frozen=True)
class Profile:
    """How much is trained."""

    perceptual: Schedule
    steps: int  # of the perceptual net in an epoch
    styles: Schedule
    drawn: int  # steps of the styles' net in an epoch
    faces: tuple[int, int, int]  # UTKFace, FER2013, Extended Yale B
    crops: int  # of each style picture
    made: int  # textures
    fitted: int  # batches of eight that the closed-form start is solved on
    second: Schedule  # a released perceptual net on its own transfers too
    own: int  # of these in a batch
    judged: int  # steps of the held-out transfers that choose the epoch


FULL = Profile(
    perceptual=Schedule(epochs=16, batch=8, peak_rate=4e-4, weight_decay=0.0, average=0.995),
    steps=150,
    styles=Schedule(epochs=5, batch=4, peak_rate=3e-3, weight_decay=0.0, average=0.995),
    drawn=400,
    faces=(1400, 300, 300),
    crops=60,
    made=1200,
    fitted=14,
    second=Schedule(epochs=12, batch=8, peak_rate=4e-4, weight_decay=0.0, average=0.99),
    own=5,
    judged=60,
)
QUICK = Profile(
    perceptual=Schedule(epochs=1, batch=4, peak_rate=1e-3, weight_decay=0.0, average=0.9),
    steps=4,
    styles=Schedule(epochs=1, batch=2, peak_rate=2e-3, weight_decay=0.0, average=0.9),
    drawn=4,
    faces=(40, 20, 20),
    crops=2,
    made=16,
    fitted=1,
    second=Schedule(epochs=1, batch=4, peak_rate=1e-4, weight_decay=0.0, average=0.9),
    own=2,
    judged=3,
)


def make_studio(
    work: Workspace,
    out: Path,
    folder: Path,
    naming: Naming,
    *,
    weights: Path | None = None,
    released: Path | None = None,
    keeping_styles: bool = False,
    quick: bool = False,
) -> None:
    """Train both nets in `out` and write files, manifest entries and cards into `folder`.

    `weights` is the teacher's file: the VGG-16 of the data folder, or a user's own VGG-19 with the
    same names. `released` is a perceptual net's file to train further.
    """
    profile = QUICK if quick else FULL
    weights = weights or work.data_folder / data.VGG_FILE
    seen = train_perceptual(work, profile, out, weights, released)
    styles = None if keeping_styles else train_styles(work, profile, out, seen)
    folder.mkdir(parents=True, exist_ok=True)
    release_perceptual(work, seen, folder, naming, weights, brief=quick)
    if styles is not None:
        release_styles(work, styles, seen, folder, naming, brief=quick)


def train_perceptual(
    work: Workspace, profile: Profile, out: Path, weights: Path, released: Path | None = None
) -> PerceptualNet:
    """The perceptual net: closed-form start, then distillation. The net of a `released` file is
    trained further, on its own transfers too. Both go on where they were cut short."""
    teacher, unseen = teacher_net(weights), held_out(work)
    shown = {name: p for name, p in style_pictures().items() if name not in WITHHELD}
    pictures = StudioPictures(
        photographs(work, *profile.faces), textures(shown, profile.crops, profile.made, work.seed)
    )
    log.info("perceptual: %s", pictures.counts)
    lessons = fingerprint(weights.read_bytes(), pictures.photographs, pictures.textures)
    batches = _fitting(pictures, profile.fitted)
    layers, last_reduced = (LAYERS, LAST_REDUCED) if released is None else layers_of(released)
    net = closed_form_start(PerceptualNet(layers, last_reduced), teacher, batches, out, lessons)
    rows = np.arange(profile.steps * profile.perceptual.batch)
    if released is None:
        first = replace(profile.perceptual, lessons=lessons, seed=work.seed)
        validate, loss = PerceptualValidation(teacher, unseen), PerceptualLoss(pictures, teacher)
        return train(net, rows, loss, validate, first, out, PERCEPTUAL, tuning=True)
    net = taken_up(released, net, teacher, batches)
    net = grown(net, LAYERS, LAST_REDUCED, teacher, batches)
    # The file, not the lenses: their last bits change with the number of threads.
    begun_with = np.frombuffer(released.read_bytes(), np.uint8)
    lessons = fingerprint(lessons.encode(), begun_with)
    second = replace(profile.second, lessons=lessons, seed=work.seed)
    loss = PerceptualLoss(pictures, teacher, profile.own)
    transfers = (unseen[TRANSFERRED], unseen[PATTERNS])
    validate = PerceptualValidation(teacher, unseen, transfers=transfers, steps=profile.judged)
    begin = loss.before_epoch
    return train(net, rows, loss, validate, second, out, SECOND, tuning=True, before_epoch=begin)


def train_styles(work: Workspace, profile: Profile, out: Path, seen: PerceptualNet) -> StylesNet:
    """The transform net of all our styles, with the distances that `seen` measures."""
    shown, faces = style_pictures(), photographs(work, *profile.faces)
    distances = PerceptualDistances(seen, shown)
    loss = StylesLoss(faces, distances)
    validate = StylesValidation(distances, held_out_faces(work, side=SIDE))
    net = begun(lambda: StylesNet(len(shown)), work.seed, STYLES)
    rows = np.arange(profile.drawn * profile.styles.batch)
    names = " ".join(shown).encode()
    lessons = fingerprint(names, *arrays_of(seen), faces, *shown.values())
    schedule = replace(profile.styles, lessons=lessons, seed=work.seed)
    return train(net, rows, loss, validate, schedule, out, STYLES)


def closed_form_start(
    net: PerceptualNet, teacher: Vgg16, batches: list[Tensor], out: Path, lessons: str
) -> PerceptualNet:
    """`net` as `narrow` solves it; made once and kept, and made anew where one of another make or
    from other `lessons` was kept."""
    kept = out / f"{START}.pt"
    if kept.exists():
        found = torch.load(kept, weights_only=True)
        same = found.pop("lessons", None) == lessons
        if same and shapes(found["net"]) == shapes(net.state_dict()):
            net.load_state_dict(found["net"])
            return net
    net = start_from_teacher(net, teacher, batches)
    with whole(kept) as place:
        torch.save({"lessons": lessons, "net": net.state_dict()}, place)
    return net


def _fitting(pictures: StudioPictures, batches: int) -> list[Tensor]:
    """Batches of eight that the closed-form start is solved on."""
    rng = torch.Generator().manual_seed(0)
    both = torch.from_numpy(np.concatenate([pictures.photographs, pictures.textures]))
    chosen = [both[torch.randint(0, len(both), (2, 8), generator=rng)] for _ in range(batches)]
    return [varied(own, other, rng) for own, other in chosen]
