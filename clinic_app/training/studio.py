"""The style studio's two nets: what is trained, for how long, and in which order."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from clinic_app.training import data
from clinic_app.training.distil_perceptual import (
    PerceptualLoss,
    PerceptualValidation,
    teacher_net,
)
from clinic_app.training.files import whole
from clinic_app.training.loop import Schedule, shapes, train
from clinic_app.training.losses import Vgg16
from clinic_app.training.narrow import start_from_teacher
from clinic_app.training.perceptual import PerceptualNet
from clinic_app.training.prepare import Workspace
from clinic_app.training.release import Naming
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

log = logging.getLogger("training")

START, PERCEPTUAL, STYLES = "perceptual-start", "perceptual", "styles"


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


FULL = Profile(
    perceptual=Schedule(epochs=16, batch=8, peak_rate=4e-4, weight_decay=0.0, average=0.995),
    steps=150,
    styles=Schedule(epochs=5, batch=4, peak_rate=3e-3, weight_decay=0.0, average=0.995),
    drawn=400,
    faces=(1400, 300, 300),
    crops=60,
    made=1200,
    fitted=14,
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
)


def make_studio(
    work: Workspace,
    out: Path,
    folder: Path,
    naming: Naming,
    *,
    weights: Path | None = None,
    quick: bool = False,
) -> None:
    """Train both nets in `out` and write files, manifest entries and cards into `folder`.

    `weights` is the teacher's file: the VGG-16 of the data folder, or a user's own VGG-19 with the
    same names.
    """
    profile = QUICK if quick else FULL
    weights = weights or work.data_folder / data.VGG_FILE
    seen = train_perceptual(work, profile, out, weights)
    styles = train_styles(work, profile, out, seen)
    folder.mkdir(parents=True, exist_ok=True)
    release_perceptual(work, seen, folder, naming, weights, brief=quick)
    release_styles(work, styles, seen, folder, naming, brief=quick)


def train_perceptual(work: Workspace, profile: Profile, out: Path, weights: Path) -> PerceptualNet:
    """The perceptual net: closed-form start, then distillation; goes on where it was cut short."""
    teacher = teacher_net(weights)
    shown = {name: p for name, p in style_pictures().items() if name not in WITHHELD}
    pictures = StudioPictures(
        photographs(work, *profile.faces), textures(shown, profile.crops, profile.made, work.seed)
    )
    net = closed_form_start(teacher, pictures, profile.fitted, out)
    log.info("perceptual: %s", pictures.counts)
    rows = np.arange(profile.steps * profile.perceptual.batch)
    validate = PerceptualValidation(teacher, held_out(work))
    loss = PerceptualLoss(pictures, teacher)
    return train(net, rows, loss, validate, profile.perceptual, out, PERCEPTUAL, tuning=True)


def train_styles(work: Workspace, profile: Profile, out: Path, seen: PerceptualNet) -> StylesNet:
    """The transform net of all our styles, with the distances that `seen` measures."""
    distances = PerceptualDistances(seen, style_pictures())
    loss = StylesLoss(photographs(work, *profile.faces), distances)
    validate = StylesValidation(distances, held_out_faces(work, side=SIDE))
    torch.manual_seed(work.seed)
    net = StylesNet(len(style_pictures()))
    rows = np.arange(profile.drawn * profile.styles.batch)
    return train(net, rows, loss, validate, profile.styles, out, STYLES)


def closed_form_start(
    teacher: Vgg16, pictures: StudioPictures, batches: int, out: Path
) -> PerceptualNet:
    """The net that `narrow` solves; made once and kept, and made anew where a net of another make
    was kept."""
    net, kept = PerceptualNet(), out / f"{START}.pt"
    if kept.exists():
        found = torch.load(kept, weights_only=True)
        if shapes(found) == shapes(net.state_dict()):
            net.load_state_dict(found)
            return net
    rng = torch.Generator().manual_seed(0)
    both = torch.from_numpy(np.concatenate([pictures.photographs, pictures.textures]))
    chosen = [both[torch.randint(0, len(both), (2, 8), generator=rng)] for _ in range(batches)]
    net = start_from_teacher(net, teacher, [varied(own, other, rng) for own, other in chosen])
    with whole(kept) as place:
        torch.save(net.state_dict(), place)
    return net
