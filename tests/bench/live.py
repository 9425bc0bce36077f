"""Live styles as the page runs them: a camera of 1280 x 720, frame by frame in its thread."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic_app.inference.camera.live import FaceCamera
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.models import load_stages
from clinic_app.inference.studio import open_studio
from clinic_app.services.studio import LiveStyles
from clinic_app.services.studio_data import Mode
from clinic_app.ui.screens.studio.live.camera import LOOK_EVERY, Blend, BlendBox, StyledCamera
from tests.bench.chain import OneFrame, frame_1280x720

FRAMES = 6 * LOOK_EVERY
GOAL = 30
"""Frames a second."""
WAYS: Mapping[str, tuple[str, Mode | None]] = {
    "set": ("a style that is set", None),
    "pick": ("the face picks the style", Mode.PICK),
    "blend": ("the face blends the styles", Mode.BLEND),
}


@dataclass(frozen=True)
class LiveFigures:
    """``rate`` in frames a second over all frames, on the clock; ``processor`` is its time for a
    frame and ``slowest`` the longest frame on the clock, in milliseconds."""

    rate: float
    processor: float
    slowest: float


def measure_live(models: Path, frames: int = FRAMES) -> dict[str, LiveFigures]:
    """On the clock, with the threads that the program uses: the camera's judged preview with its
    face search, the middle square, the look at the face when it is due, and the redrawing. The
    camera gives the sample portrait without waiting; what the window draws is left out."""
    engine = open_studio(lambda: models)
    styles = LiveStyles(engine, lambda: None)
    first = engine.styles()[0]
    chain = FaceChain(load_stages(models))
    frame = frame_1280x720()
    found = {}
    for name, (_, mode) in WAYS.items():
        box = BlendBox(Blend({first: 1.0}, 0.8, mode))
        camera = StyledCamera(FaceCamera(chain, OneFrame(frame)), styles, box)
        camera.look()  # opens what is opened on first use
        took, worked = [], time.thread_time()
        for _ in range(frames):
            began = time.perf_counter()
            camera.look()
            took.append(time.perf_counter() - began)
        worked = time.thread_time() - worked
        newest = box.newest
        assert newest is not None
        assert not newest.faceless
        found[name] = LiveFigures(frames / sum(took), 1000 * worked / frames, 1000 * max(took))
    return found


def live_rows(figures: Mapping[str, LiveFigures]) -> list[str]:
    """Rows of the studio's table."""
    return [
        f"| live on a camera of 1280 × 720, {words} | {figures[name].rate:.0f} frames/s |"
        f" {figures[name].processor:.0f} ms of the processor a frame; the slowest took"
        f" {figures[name].slowest:.0f} ms | ≥ {GOAL} |"
        for name, (words, _) in WAYS.items()
    ]
