"""The severity net beside ResNet50V2 and the style net beside a Gatys optimisation, one thread.

A short pass is repeated within its turn, as the preview repeats it; times are processor time of the
thread, so that other programs on the machine disturb less.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from clinic_app.inference.manifest import load_manifest, model_bytes
from clinic_app.inference.sessions import Session, start
from clinic_app.paths import MODELS, ROOT
from tests.bench.interleaved import processor_time
from tests.bench.resnet import SIDE, resnet50v2

CROP = 96
PASSES = 10
GATYS_STEPS = 100
GATYS_ROUNDS = 3


def nets_process(rounds: int) -> dict[str, float]:
    """`measure_nets` in a process of its own, run by the training environment where it is made."""
    return in_training("tests.bench.nets", str(rounds))


def in_training(module: str, *arguments: str) -> dict[str, float]:
    """The figures that a module prints, run by the training environment where it is made."""
    training = ROOT / ".venv-train" / "bin" / "python"
    python = str(training) if training.exists() else sys.executable
    done = subprocess.run(
        [python, "-m", module, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def precisions(folder: Path) -> dict[str, str]:
    """Whether each network of the folder computes in int8 or in floats."""
    return {name: entry.precision for name, entry in load_manifest(folder).models.items()}


def measure_nets(folder: Path, rounds: int) -> dict[str, float]:
    """Milliseconds of one pass: `resnet50v2`, `severity`, `style`; `gatys_step` with torch."""
    manifest = load_manifest(folder)

    def opened(name: str) -> Session:
        session: Session = start(model_bytes(folder, name, manifest.entry(name)), name, 1)
        return session

    rng = np.random.default_rng(0)
    large = rng.random((1, 3, SIDE, SIDE), dtype=np.float32)
    crop = rng.random((1, 3, CROP, CROP), dtype=np.float32)
    resnet: Session = start(resnet50v2(), "resnet", 1)
    severity, style = opened("severity"), opened("style")
    figures = processor_time(
        {
            "resnet50v2": (1, lambda: resnet.run(None, {"image": large})),
            "severity": (PASSES, lambda: severity.run(None, {"face": crop})),
            "style": (PASSES, lambda: style.run(None, {"face": large})),
        },
        rounds,
    )
    if find_spec("torch"):
        from tests.bench.gatys import gatys_step

        again = processor_time(
            {
                "gatys_step": (1, gatys_step(SIDE, SIDE)),
                "style": (PASSES, lambda: style.run(None, {"face": large})),
            },
            GATYS_ROUNDS,
        )
        figures |= {"gatys_step": again["gatys_step"], "style_beside_gatys": again["style"]}
    return figures


def nets_section(figures: Mapping[str, float], precision: Mapping[str, str]) -> list[str]:
    """The section of the page: each net, its milliseconds and its ratio."""
    ratio = figures["resnet50v2"] / figures["severity"]
    lines = [
        "## The networks by themselves, one thread (processor time, repeated passes)",
        "",
        "| | ms | times faster than |",
        "|---|---|---|",
        f"| ResNet50V2, fp32, 224 × 224 | {figures['resnet50v2']:.2f} | |",
        f"| severity net with its map ({precision['severity']}) | {figures['severity']:.3f} "
        f"| {ratio:.0f} × ResNet50V2 |",
    ]
    style = f"| style net ({precision['style']}), 224 × 224 "
    if "gatys_step" not in figures:
        lines.append(f"{style}| {figures['style']:.3f} | Gatys not measured: torch is not here |")
        return lines
    ratio = GATYS_STEPS * figures["gatys_step"] / figures["style_beside_gatys"]
    lines += [
        f"| one step of Gatys, VGG-19 to conv5_1, 224 × 224 (torch) "
        f"| {figures['gatys_step']:.0f} | |",
        f"{style}| {figures['style_beside_gatys']:.3f} "
        f"| {ratio:,.0f} × {GATYS_STEPS} steps of Gatys |",
    ]
    return lines


if __name__ == "__main__":
    print(json.dumps(measure_nets(MODELS, int(sys.argv[1]))))
