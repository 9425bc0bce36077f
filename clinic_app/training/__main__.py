"""`python -m clinic_app.training COMMAND`: from the data files to the models and their rivals."""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import torch

from clinic_app.training import (
    compare,
    data,
    explore,
    geometry,
    johnson,
    leaks,
    seeds,
    stages,
    studio,
)
from clinic_app.training.clinic_lessons import data_of, learnt_from
from clinic_app.training.clinic_set import UnusableSet, load_clinic_set, read_withdrawn
from clinic_app.training.evaluate import OnnxModels
from clinic_app.training.loop import Net
from clinic_app.training.nets import LandmarkNet, SeverityNet, StyleNet
from clinic_app.training.prepare import Workspace
from clinic_app.training.reference_nets import REFERENCE_NETS
from clinic_app.training.release import Naming, Nets, release
from clinic_app.training.studio_release import measure_again
from clinic_app.training.teacher import TeacherNet

log = logging.getLogger("training")

VERSION = "1.4.0"
MODELS = Path(__file__).parents[2] / "models"
PARTS = ("severity", "style", "landmarks")
COMMANDS = (
    "explore",
    "train",
    "renew",
    "studio",
    "export",
    "recalibrate",
    "geometry",
    "compare",
)
TRAINING = ("train", "renew", "studio", "geometry", "compare")
GOING_ON = ("renew", "recalibrate", "geometry", "compare")
"""Commands that look at the released files: with another seed, at faces that those learned from."""
RIVALS = (*REFERENCE_NETS, johnson.NAME)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    for noisy in ("onnxscript", "onnx_ir", "torch.onnx"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    missing = [
        name
        for name in (data.FER_FILE, data.YALE_FILE, data.UTK_FILE, data.YTF_FILE, data.VGG_FILE)
        if not (options.data / name).exists()
    ]
    if missing:
        print(f"The training data is not complete: {', '.join(missing)}", file=sys.stderr)
        return 1
    refused = _refusal(options)
    if refused:
        print(refused, file=sys.stderr)
        return 2
    # Two threads that share busy cores wait for each other: a quick run takes one.
    if options.threads or options.quick:
        torch.set_num_threads(options.threads or 1)
    work = Workspace(options.data, options.cache or options.out / "cache", options.seed)
    if options.command in TRAINING:
        try:
            leaks.check(work)
        except ValueError as leak:
            print(f"Nothing is trained: {leak}.", file=sys.stderr)
            return 1
    if options.command == "explore":
        explore.explore(work, options.out / "explore")
    if options.command == "train":
        train_parts(work, options)
    if options.command == "renew":
        try:
            renew_severity(work, options)
        except UnusableSet as error:
            print(f"Nothing is trained: {error}", file=sys.stderr)
            return 1
    if options.command == "studio":
        folder = MODELS if options.release else options.out / "models"
        name = Naming(options.model_version, options.note)
        if options.measure_again:
            weights = options.teacher or options.data / data.VGG_FILE
            measure_again(work, folder, weights, options.note)
            return 0
        studio.make_studio(
            work,
            options.out,
            folder,
            name,
            weights=options.teacher,
            released=options.released,
            keeping_styles=options.keep_styles,
            quick=options.quick,
        )
    if options.command == "export" or (options.command == "train" and options.only is None):
        folder = MODELS if options.release else options.out / "models"
        nets, name = _trained(options.out), Naming(options.model_version, options.note)
        _keep_the_others(folder, nets)
        release(work, nets, folder, name, brief=options.quick, trained=options.out)
        if nets.landmarks is not None:
            geometry.release_geometry(work, folder, options.model_version, brief=options.quick)
    if options.command == "recalibrate":
        folder = MODELS if options.release else options.out / "models"
        if folder != MODELS:
            shutil.copytree(MODELS, folder, dirs_exist_ok=True)
        name = Naming(options.model_version, options.note)
        release(work, Nets(), folder, name, brief=options.quick, trained=options.out)
    if options.command == "geometry":
        geometry.release_geometry(work, MODELS, options.model_version, brief=options.quick)
    if options.command == "compare":
        compare.compare(
            work, options.out, MODELS, options.minutes, options.net or (), brief=options.quick
        )
    return 0


def _refusal(options: argparse.Namespace) -> str:
    """Why what was asked for is not begun, as a sentence; empty when it may be."""
    if options.quick and options.release:
        return "What a quick run trains is not for release."
    if options.clinic is not None and options.command != "renew":
        return "Only renew learns from a clinic's set."
    if options.without is not None and options.clinic is None:
        return "--without leaves cases out of a clinic's set: take it with --clinic."
    if options.command == "export" and learnt_from(options.out):
        if options.release:
            return "A net that learnt from a clinic is that clinic's own, and not for release."
        try:
            data_of(options.out)
        except UnusableSet as error:
            return str(error)
    others = _other_seeds(options)
    if others:
        return (
            f"Nets here were made with seed {others[0]}, and their training faces are not those of "
            f"seed {options.seed}: take --seed {others[0]}, or train into an empty folder."
        )
    if options.command == "export" and not any(
        (options.out / f"{name}.best.pt").exists() for name in PARTS
    ):
        return f"{options.out} holds no trained net to export."
    if options.command == "export" and _underway(options.out):
        return f"The run in {options.out} has not come to its severity net: let train end first."
    teaching = options.command == "train" and "severity" in (options.only or PARTS)
    if teaching and stages.follows_another_teacher(_profile(options), options.out):
        return (
            f"The nets in {options.out} learn from a teacher of another schedule. Train this one "
            "into an empty folder."
        )
    return _lacking(options) if options.command == "train" else ""


def train_parts(work: Workspace, options: argparse.Namespace) -> None:
    """Train what was asked for; finished stages are only loaded again."""
    profile, only, out = _profile(options), options.only or PARTS, options.out
    if "severity" in only:
        teacher = stages.train_teacher(work, profile, out)
        stages.train_reader(work, profile, out, teacher)
    if "style" in only:
        stages.train_style(work, profile, out, _load(SeverityNet(), out / "reader.best.pt"))
    if "severity" in only:
        reader = _load(SeverityNet(), out / "reader.best.pt")
        normaliser = _load(StyleNet(), out / "style.best.pt")
        teacher = _load(TeacherNet(), out / "teacher.best.pt")
        stages.train_severity(work, profile, out, teacher, reader, normaliser)
    if "landmarks" in only:
        stages.train_landmarks(work, profile, out)


def _profile(options: argparse.Namespace) -> stages.Profile:
    profile = stages.QUICK if options.quick else stages.FULL
    weighed = replace(profile.teacher, class_weights=options.class_weights)
    return replace(profile, teacher=weighed).seeded(options.seed)


def _other_seeds(options: argparse.Namespace) -> list[int]:
    if options.command == "explore":
        return []
    released = MODELS if options.command in GOING_ON else None
    return seeds.other_seeds(options.seed, options.out, released)


def _underway(out: Path) -> bool:
    """Whether a run for a severity net was begun here that has none yet."""
    begun_with = any((out / f"{name}.best.pt").exists() for name in ("teacher", "reader"))
    return begun_with and not (out / "severity.best.pt").exists()


def _lacking(options: argparse.Namespace) -> str:
    """Why the parts that are asked for cannot be trained alone; empty when they can."""
    only, out = options.only or PARTS, options.out
    if "style" in only and "severity" not in only and not (out / "reader.best.pt").exists():
        return f"The normaliser learns from the reader, and {out} holds none: train both parts."
    if "severity" in only and "style" not in only and not (out / "style.best.pt").exists():
        return f"The severity net learns beside the normaliser, and {out} holds none: train both."
    return ""


def renew_severity(work: Workspace, options: argparse.Namespace) -> None:
    """Train the released severity net on, beside the released normaliser, which stays."""
    even = OnnxModels(MODELS).normalise
    clinic = None if options.clinic is None else load_clinic_set(options.clinic)
    if clinic is not None and options.without is not None:
        given, clinic = len(clinic), clinic.without(read_withdrawn(options.without))
        log.info("left out as withdrawn: %d of %d cases", given - len(clinic), given)
    stages.renew_severity(
        work, _profile(options), options.out, MODELS / "severity.onnx", even, clinic
    )


def _trained(out: Path) -> Nets:
    severity, style, landmarks = (out / f"{name}.best.pt" for name in PARTS)
    return Nets(
        _load(SeverityNet(), severity) if severity.exists() else None,
        _load(StyleNet(), style) if style.exists() else None,
        _load(LandmarkNet(), landmarks) if landmarks.exists() else None,
    )


def _keep_the_others(folder: Path, nets: Nets) -> None:
    """Released files, manifest and cards for what is released beside nets that are not new."""
    if len(nets.names()) < len(PARTS) and folder != MODELS:
        shutil.copytree(MODELS, folder, dirs_exist_ok=True)


def _load(net: Net, path: Path) -> Net:
    net.load_state_dict(torch.load(path, weights_only=True))
    net.eval()
    return net


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m clinic_app.training", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data files")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and models")
    parser.add_argument("--cache", type=Path, help="folder for decoded data (default: OUT/cache)")
    parser.add_argument("--only", action="append", choices=PARTS, help="train this part alone")
    parser.add_argument(
        "--minutes", type=float, default=20.0, help="compare: training time of each net"
    )
    parser.add_argument("--teacher", type=Path, help="studio: other VGG weights, such as VGG-19's")
    parser.add_argument(
        "--from",
        dest="released",
        type=Path,
        metavar="PERCEPTUAL.onnx",
        help="studio: train this perceptual net on, instead of a new one",
    )
    parser.add_argument(
        "--clinic",
        type=Path,
        metavar="SET",
        help="renew: also on the crops that a clinic exported, a folder or ZIP",
    )
    parser.add_argument(
        "--without",
        type=Path,
        metavar="FILE",
        help="renew: without the cases that `clinic-app learning export --withdrawn` lists",
    )
    parser.add_argument(
        "--keep-styles", action="store_true", help="studio: the perceptual net alone"
    )
    parser.add_argument(
        "--measure-again",
        action="store_true",
        help="studio: the transfers of the perceptual net that is there, for its card, and no more",
    )
    parser.add_argument("--net", action="append", choices=RIVALS, help="compare: this net alone")
    parser.add_argument("--quick", action="store_true", help="small run of a few minutes")
    parser.add_argument("--release", action="store_true", help="export into the models folder")
    parser.add_argument("--model-version", default=VERSION, help="version written into the files")
    parser.add_argument(
        "--class-weights",
        type=float,
        default=0.0,
        metavar="POWER",
        help="train: weigh the teacher's bands by frequency ** -POWER (0: alike, 1: balanced)",
    )
    parser.add_argument("--note", default="", help="what is particular about these models")
    parser.add_argument("--seed", type=int, default=0, help="of the splits and of all training")
    parser.add_argument("--threads", type=int, default=0, help="processor threads (0: all)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
