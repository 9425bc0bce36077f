"""OpenCV, silenced and limited; the package takes `cv2` from here and nowhere else.

OpenCV, FFmpeg, libjpeg and libpng print what they think of a hostile file straight to the process's
standard error. Users get one sentence instead, so that stream is caught while a file is opened.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MAX_PIXELS = 50_000_000
"""Largest picture that is decoded, in pixels; the decoder is told the same limit."""

_SETTINGS = {  # read by OpenCV when it is loaded or opens a file
    "OPENCV_LOG_LEVEL": "SILENT",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(MAX_PIXELS),
    # A video may not make FFmpeg open anything but itself.
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": "protocol_whitelist;file",
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",  # minutes of delay on some webcams
}
for _name, _value in _SETTINGS.items():
    os.environ.setdefault(_name, _value)

import cv2 as _cv2  # noqa: E402  (the settings must be there first)

cv2: Any = _cv2
"""Untyped: its stubs call every picture "integers or floats of any size"."""

__all__ = ["MAX_PIXELS", "NativeMessages", "cv2", "native_stderr_caught"]

if os.environ["OPENCV_LOG_LEVEL"] == "SILENT":
    _cv2.utils.logging.setLogLevel(_cv2.utils.logging.LOG_LEVEL_SILENT)

_one_at_a_time = threading.RLock()


class NativeMessages:
    """What native code wrote to standard error while it was caught."""

    def __init__(self) -> None:
        self.text = ""


@contextmanager
def native_stderr_caught() -> Iterator[NativeMessages]:
    """Catch the process's standard error for a moment.

    One thread at a time; others wait. Where there is no standard error (a windowed program on
    Windows) nothing is caught and nothing is lost.
    """
    messages = NativeMessages()
    with _one_at_a_time, tempfile.TemporaryFile() as caught:
        try:
            kept = os.dup(2)
        except OSError:
            yield messages
            return
        try:
            os.dup2(caught.fileno(), 2)
            yield messages
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            messages.text = caught.read(65536).decode("utf-8", "replace")
