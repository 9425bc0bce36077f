"""The style studio: a step of our optimised transfer beside a step of Gatys, and live styles.

Run by the training environment where it is made, for the yardstick is a VGG-19 in torch.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from clinic_app.inference.style.feedforward import open_style_book
from clinic_app.inference.style.optimised import OptimisedTransfer, TransferSettings
from clinic_app.inference.style.perceptual import open_perceptual
from clinic_app.paths import MODELS
from tests.bench.interleaved import processor_time
from tests.bench.live import LiveFigures, live_rows

BEGIN, END = "<!-- studio -->", "<!-- end of studio -->"
SIZES = {"224x224": (224, 224), "400x711": (400, 711)}
ROUNDS = {"224x224": 3, "400x711": 1}
PASSES = 5
FRAMES = 30
TIMES_FASTER = 10


def measure_studio(folder: Path) -> dict[str, float]:
    """Milliseconds of a step by size, `step_…` ours with Adam and `gatys_…` with torch; frames a
    second of live styles by threads, on the clock."""
    figures: dict[str, float] = {}
    for name, (height, width) in SIZES.items():
        work = {f"step_{name}": (PASSES, our_step(folder, height, width))}
        if find_spec("torch"):
            from tests.bench.gatys import gatys_step

            work[f"gatys_{name}"] = (1, gatys_step(height, width))
        figures |= processor_time(work, ROUNDS[name])
    for threads in (1, 2):
        figures[f"live_{threads}"] = frames_a_second(folder, threads)
    return figures


def our_step(folder: Path, height: int, width: int) -> Callable[[], object]:
    """A step of a transfer with everything that belongs to it, on one thread."""
    rng = np.random.default_rng(0)
    content = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    style = rng.integers(0, 256, (256, 256, 3), dtype=np.uint8)
    settings = TransferSettings(steps=5000, longest_side=max(height, width))
    steps = OptimisedTransfer(content, style, settings, open_perceptual(folder)).run()
    return lambda: next(steps)


def frames_a_second(folder: Path, threads: int) -> float:
    """Of 224 x 224 pixels, from picture to picture; the median of single frames."""
    book, rng = open_style_book(folder, threads), np.random.default_rng(0)
    frame = rng.integers(0, 256, (224, 224, 3), dtype=np.uint8)
    took = []
    for _ in range(FRAMES + 3):
        began = time.perf_counter()
        book.apply(frame, {book.names[0]: 1.0}, 0.8)
        took.append(time.perf_counter() - began)
    return 1.0 / statistics.median(took[3:])


def studio_section(figures: Mapping[str, float], live: Mapping[str, LiveFigures]) -> str:
    """The section of the page."""
    lines = [
        BEGIN,
        "## The style studio",
        "",
        "Processor time of one thread, medians, in turn in the same process; our step includes",
        "Adam and previews. Live styles on the clock: a style alone, picture in, picture out; on a",
        "camera with all that its thread does, the search for the face and every fifteenth frame's",
        "look at its emotions included, over the sample portrait and without the window's drawing.",
        "",
        "| | ms or frames/s | | goal |",
        "|---|---|---|---|",
    ]
    for name in SIZES:
        ours = figures[f"step_{name}"]
        theirs = figures.get(f"gatys_{name}")
        shown = name.replace("x", " × ")
        if theirs is None:
            lines.append(f"| our step, {shown} | {ours:.0f} ms | torch is not here | |")
            continue
        lines.append(
            f"| one step of Gatys, VGG-19 to conv5_1, {shown} (torch) | {theirs:.0f} ms | | |"
        )
        faster = f"{theirs / ours:.1f} × faster"
        lines.append(f"| our step, {shown} | {ours:.0f} ms | {faster} | ≥ {TIMES_FASTER} × |")
    for threads in (1, 2):
        rate = figures[f"live_{threads}"]
        words = f"{threads} thread{'s' if threads > 1 else ''}"
        lines.append(f"| a style alone, 224 × 224, {words} | {rate:.0f} frames/s | | |")
    return "\n".join([*lines, *live_rows(live), END, ""])


if __name__ == "__main__":
    print(json.dumps(measure_studio(Path(sys.argv[1]) if len(sys.argv) > 1 else MODELS)))
