"""How the perceptual net follows its teacher: from the models' manifest, measured at release.

It is not measured anew here, for the teacher and its pictures are of the training alone; only the
size is that of the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- perceptual -->", "<!-- end of perceptual -->"
MOST_MB = 6.0
MOST_GAP = 1e-4
MOST_FURTHER = 0.15
"""How much further than the teacher's own a transfer may be after as many steps."""


def perceptual_section(folder: Path) -> str:
    """The section of the page for the net of a models folder."""
    entry = perceptual_entry(folder)
    told = entry["metrics"]
    beside = told["beside_the_teacher"]
    size = (folder / entry["file"]).stat().st_size / 1e6
    gap = float(told["gap_to_automatic_differentiation"])
    lines = [
        BEGIN,
        "",
        "## The perceptual net beside its teacher",
        "",
        f"From the card of version {entry['version']}, measured at release on"
        f" {told['held_out_pictures']} held-out pictures of {told['side']} pixels and in"
        f" {beside['pairs']} transfers, whose losses are the teacher's own of the finished"
        " pictures; the size is that of the file.",
        "",
        "| what | measured | goal | reached |",
        "|---|---|---|---|",
        f"| size of the file | {size:.1f} MB | ≤ {MOST_MB:.0f} MB | {_word(size <= MOST_MB)} |",
        f"| losses and gradient, largest relative difference from automatic differentiation |"
        f" {gap:.1e} | ≤ {MOST_GAP:.0e} | {_word(gap <= MOST_GAP)} |",
        f"| correlation of features with the teacher's, {_by_layer(told, 'features')} | | |",
        f"| correlation of Gram matrices, {_by_layer(told, 'grams')} | | |",
    ]
    for loss in ("content", "style"):
        ours, own = beside["same_steps"][loss], beside["teacher"][loss]
        further = ours / own - 1
        lines.append(
            f"| {loss} after as many steps ({beside['steps']}), beside the teacher's {own:.3f} |"
            f" {ours:.3f} ({further:+.0%}) | ≤ {1 + MOST_FURTHER:.2f} × |"
            f" {_word(further <= MOST_FURTHER)} |"
        )
    for loss in ("content", "style") if "teacher_alike" in beside else ():
        ours, own = beside["same_steps"][loss], beside["teacher_alike"][loss]
        lines.append(
            f"| {loss} after as many steps, beside the teacher's {own:.3f} when moved as ours |"
            f" {ours:.3f} ({ours / own - 1:+.0%}) | | |"
        )
    for loss in ("content", "style", "total"):
        ours, own = beside["same_time"][loss], beside["teacher"][loss]
        lines.append(
            f"| {loss} after as much time, beside the teacher's {own:.3f} |"
            f" {ours:.3f} ({ours / own - 1:+.0%}) | less | {_word(ours < own)} |"
        )
    return "\n".join([*lines, "", END, ""])


def perceptual_entry(folder: Path) -> Mapping[str, Any]:
    """What the manifest tells of the net, its figures included."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    entry: Mapping[str, Any] = manifest["models"]["perceptual"]
    return entry


def _by_layer(told: Mapping[str, Any], what: str) -> str:
    layers: Mapping[str, float] = told[f"correlation_of_{what}"]
    return f"{', '.join(layers)} | {', '.join(f'{one:.2f}' for one in layers.values())}"


def _word(reached: bool) -> str:
    return "yes" if reached else "no"
