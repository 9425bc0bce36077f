"""Writes what was measured, and under which conditions, to `docs/benchmarks.md`."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench.chain import ChainFigures

_NAMES = {
    "detect": "find the face (320 px, then a close look, both ways)",
    "align": "align and cut the crop",
    "landmarks": "68 landmarks, crop and mirror image, for framing and eyes",
    "quality": "quality gate",
    "style": "style normaliser",
    "severity": "severity net, raw and normalised, each with its mirror image",
    "asymmetry": "asymmetry: 68 landmarks once more, crop and mirror image",
}


def page(
    figures: list[ChainFigures], process: dict[str, float], window: float | None, rounds: int
) -> str:
    """The page as Markdown."""
    shown = "not measured: the window did not open" if window is None else f"{window * 1000:.0f} ms"
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; run it again to compare your own machine. Medians; the tenth",
        "percentile in brackets. Times of a shared machine vary: compare the ratios, which come",
        "from pieces run in turn in the same process.",
        "",
        *_conditions(rounds),
        "",
        "## The chain on a 1280 × 720 frame",
        "",
        *_chain_table(figures),
        "",
        "## Stages of the chain (milliseconds)",
        "",
        *_stage_table(figures),
        "",
        "## Starting and memory",
        "",
        "| | |",
        "|---|---|",
        f"| cold start to the first window (from process start to exit, offscreen) | {shown} |",
        f"| import of the pipeline and making the reader | {process['make_ms']:.0f} ms |",
        f"| checking and loading the four models, with NumPy, OpenCV, ONNX Runtime "
        f"| {process['load_ms']:.0f} ms |",
        f"| memory with the models loaded | {process['loaded_mb']:.0f} MB |",
        f"| peak memory after five photos | {process['peak_mb']:.0f} MB |",
    ]
    return "\n".join(lines) + "\n"


def _conditions(rounds: int) -> list[str]:
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("onnxruntime", "opencv-python-headless", "numpy")
    )
    return [
        "| Conditions | |",
        "|---|---|",
        f"| processor | {_processor()}, {os.cpu_count()} cores |",
        f"| system | {platform.platform(terse=True)}, Python {platform.python_version()} |",
        f"| libraries | {libraries} |",
        f"| rounds | {rounds}, pieces in turn |",
        f"| date | {datetime.now(UTC):%Y-%m-%d} |",
    ]


def _chain_table(figures: list[ChainFigures]) -> list[str]:
    rows = {
        "resnet50v2": "ResNet50V2 (random weights, fp32) forward pass at 224 × 224",
        "chain": "whole chain, 1280 × 720 frame to finding",
        "preview": "one preview frame, judged (search every third frame)",
        "file": "sample photo from file to reading, with both PNG crops",
    }
    head = [f"{f.threads} thread{'s' if f.threads > 1 else ''}: ms | ÷ ResNet" for f in figures]
    lines = ["| | " + " | ".join(head) + " |", "|---|" + "---|---|" * len(figures)]
    for name, words in rows.items():
        cells = []
        for one in figures:
            timing = one.whole[name]
            ratio = timing.median / one.whole["resnet50v2"].median
            cells.append(f"{timing.median:.2f} [{timing.tenth:.2f}] | {ratio:.2f}")
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return lines


def _stage_table(figures: list[ChainFigures]) -> list[str]:
    head = [f"{f.threads} thread{'s' if f.threads > 1 else ''}" for f in figures]
    lines = ["| stage | " + " | ".join(head) + " |", "|---|" + "---|" * len(figures)]
    for name, words in _NAMES.items():
        cells = [f"{f.stages[name].median:.2f} [{f.stages[name].tenth:.2f}]" for f in figures]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return lines


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
