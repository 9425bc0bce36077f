"""Recorded frames in place of a camera: a video or a folder of pictures, played again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clinic_app.domain.errors import CameraTrouble, CameraUnavailable, UnreadableImage
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.intake.photo import read_photo, sniff_file
from clinic_app.inference.native import cv2

FRAMES_PER_SECOND = 25.0
_MAX_FRAMES = 250


class RecordedFrames:
    """A `FrameSource` that repeats; at most the first 250 frames are kept."""

    def __init__(
        self,
        path: Path,
        frames_per_second: float = FRAMES_PER_SECOND,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._frames = _load(path)
        self._pause = 1.0 / frames_per_second
        self._wait = wait
        self._next = 0
        self._due = time.monotonic()

    def read(self) -> RgbImage | None:
        """The next frame, at the pace of a camera."""
        early = self._due - time.monotonic()
        if early > 0:
            self._wait(early)
        self._due = max(self._due + self._pause, time.monotonic())
        frame = self._frames[self._next % len(self._frames)]
        self._next += 1
        return frame

    def release(self) -> None:
        """Nothing to free."""


def _load(path: Path) -> list[RgbImage]:
    try:
        if path.is_dir():
            frames = [read_photo(one).image for one in sorted(path.iterdir()) if one.is_file()]
        elif sniff_file(path).is_video:
            frames = _all_frames(path)
        else:
            frames = [read_photo(path).image]
    except UnreadableImage as error:
        raise CameraUnavailable(
            CameraTrouble.MISSING,
            "The recorded frames cannot be played: {error}",
            error=error.sentence,
        ) from None
    if not frames:
        raise CameraUnavailable(CameraTrouble.MISSING, "There are no recorded frames to play.")
    return frames[:_MAX_FRAMES]


def _all_frames(path: Path) -> list[RgbImage]:
    capture: Any = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    frames: list[RgbImage] = []
    while len(frames) < _MAX_FRAMES:
        ok, frame = capture.read()
        if not ok:
            break
        frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    capture.release()
    return frames
