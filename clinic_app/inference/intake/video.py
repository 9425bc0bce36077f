"""Video files: a few frames spread over the whole length."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from clinic_app.domain.errors import UnreadableImage
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.intake.altered import refuse_stripped
from clinic_app.inference.intake.photo import check_size, open_regular
from clinic_app.inference.native import cv2, native_stderr_caught

MAX_VIDEO_BYTES = 2 * 1024**3
SAMPLED_FRAMES = 20
_SEQUENTIAL_UP_TO = 900
"""Frames; longer videos are sampled by seeking, which some containers do only roughly."""
_STEP_WHEN_UNKNOWN = 5
"""Frames from one sample to the next where the container does not tell its length."""
_CHUNK = 1 << 20
_ROW_OF_FILES = re.compile(r"%\d*d")
"""What FFmpeg takes in a name for a row of numbered files, which it opens in place of this one."""


@dataclass(frozen=True, slots=True)
class VideoSource:
    """Where the frames come from; `captured_at` is UTC."""

    sha256: str
    captured_at: datetime


def describe_video(path: Path, check: Callable[[], None] = lambda: None) -> VideoSource:
    """Hash and time of a video file; raises `UnreadableImage` when it is too large, and what
    `check` raises, which is called for every part that is read."""
    if open_regular(path) > MAX_VIDEO_BYTES:
        raise UnreadableImage("The video file is larger than 2 GB; please use a shorter one.")
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                check()
                digest.update(chunk)
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        raise UnreadableImage("The video cannot be opened (it is locked).") from None
    return VideoSource(digest.hexdigest(), modified)


def sampled_frames(
    path: Path, frames: int = SAMPLED_FRAMES, check: Callable[[], None] = lambda: None
) -> Iterator[RgbImage]:
    """About `frames` frames, evenly spread; raises `UnreadableImage` when there is none or one has
    the strip of the style studio, and what `check` raises, which is called before every frame that
    is decoded."""
    with _opened(path) as capture:
        total = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        check_size(
            int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
        )
        found = 0
        chosen = _by_seeking if total > _SEQUENTIAL_UP_TO else _in_sequence
        for frame in chosen(capture, total, frames, check):
            found += 1
            refuse_stripped(frame)
            yield frame
    if not found:
        raise UnreadableImage("The video holds no picture that can be read.")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    # From the root on, no name says "http:" or "concat:" to FFmpeg.
    name = str(path.absolute())
    if _ROW_OF_FILES.search(name):
        raise UnreadableImage(
            "A video whose name or folder holds a % sign cannot be read. Please rename it."
        )
    with native_stderr_caught():
        capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
    try:
        if not capture.isOpened():
            raise UnreadableImage("The video is damaged or of a kind that cannot be read.")
        yield capture
    finally:
        capture.release()


def _in_sequence(
    capture: Any, total: int, frames: int, check: Callable[[], None]
) -> Iterator[RgbImage]:
    step = max(1, total // frames) if total > 0 else _STEP_WHEN_UNKNOWN
    for index in range(step * frames):
        check()
        if not _quietly(capture.grab):
            return
        if index % step == 0:
            frame = _retrieved(capture)
            if frame is not None:
                yield frame


def _by_seeking(
    capture: Any, total: int, frames: int, check: Callable[[], None]
) -> Iterator[RgbImage]:
    for place in np.linspace(0, total - 1, frames + 2)[1:-1]:
        check()
        capture.set(cv2.CAP_PROP_POS_FRAMES, float(int(place)))
        if _quietly(capture.grab):
            frame = _retrieved(capture)
            if frame is not None:
                yield frame


def _retrieved(capture: Any) -> RgbImage | None:
    with native_stderr_caught():
        ok, frame = capture.retrieve()
    if not ok or frame is None or frame.ndim != 3:
        return None
    rgb: RgbImage = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
    return rgb


def _quietly(call: Any) -> bool:
    with native_stderr_caught():
        return bool(call())
