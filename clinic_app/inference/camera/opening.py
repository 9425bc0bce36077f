"""Opening a camera: several back-ends, a time limit, and pictures that are not black."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from clinic_app.domain.errors import CameraTrouble, CameraUnavailable
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.camera.sources import CaptureSource, FrameSource
from clinic_app.inference.native import cv2
from clinic_app.services.reading import CameraDevice

OPEN_TIME_LIMIT = 6.0
"""Seconds a back-end may take to open; some need several on a slow USB hub."""
LIGHT_TIME_LIMIT = 4.0
"""Seconds in which a camera has to give a picture that is not black."""
BLACK_LEVEL = 12
"""A frame whose brightest pixel is darker than this (of 255) shows nothing at all."""
WIDTH, HEIGHT = 1280, 720

_FALLBACKS = {
    "win32": ("CAP_MSMF", "CAP_DSHOW"),
    "darwin": ("CAP_AVFOUNDATION",),
    "linux": ("CAP_V4L2", "CAP_GSTREAMER"),
}
Opener = Callable[[int, int], Any]
"""(index, back-end) to an OpenCV capture."""


def open_capture(
    device: CameraDevice,
    opener: Opener | None = None,
    open_limit: float = OPEN_TIME_LIMIT,
    light_limit: float = LIGHT_TIME_LIMIT,
) -> FrameSource:
    """A delivering camera; raises `CameraUnavailable` with what is wrong."""
    timed_out = opened = False
    for backend in backends_for(device):
        try:
            capture = _within(opener or _opened, device.index, backend, open_limit)
        except TimeoutError:
            timed_out = True
            continue
        if not capture.isOpened():
            capture.release()
            continue
        opened = True
        source = CaptureSource(capture)
        trouble = first_light(source, light_limit)
        if trouble is None:
            return source
        source.release()
        if trouble is CameraTrouble.BLACK:
            raise black(device.name)
    if timed_out:
        raise CameraUnavailable(
            CameraTrouble.TIMED_OUT,
            f"The camera '{device.name}' does not answer; unplug it, plug it in and try again.",
        )
    if opened:
        raise CameraUnavailable(
            CameraTrouble.BUSY,
            f"The camera '{device.name}' gives no picture; another program may be using it.",
        )
    raise CameraUnavailable(
        CameraTrouble.BUSY if _is_listed(device) else CameraTrouble.MISSING,
        f"The camera '{device.name}' cannot be opened; it is in use by another program, "
        "switched off, or no longer plugged in.",
    )


def first_light(source: FrameSource, limit: float) -> CameraTrouble | None:
    """Wait for a frame that is not black; what is wrong otherwise."""
    deadline = time.monotonic() + limit
    seen = False
    while time.monotonic() < deadline:
        frame = source.read()
        if frame is None:
            break
        seen = True
        if not is_black(frame):
            return None
    return CameraTrouble.BLACK if seen else CameraTrouble.BUSY


def is_black(frame: RgbImage) -> bool:
    """Whether the frame shows nothing: covered lens, shutter, or a camera that only pretends."""
    return int(frame[::4, ::4].max(initial=0)) < BLACK_LEVEL


def black(name: str) -> CameraUnavailable:
    """The error of a camera that delivers darkness."""
    return CameraUnavailable(
        CameraTrouble.BLACK,
        f"The camera '{name}' shows only black; open its cover or shutter, or choose another.",
    )


def backends_for(device: CameraDevice) -> Sequence[int]:
    """The back-end that listed the device first, then the platform's others."""
    own = [int(device.backend)] if device.backend.isdigit() else []
    names = _FALLBACKS.get(sys.platform, ("CAP_ANY",))
    return list(dict.fromkeys(own + [int(getattr(cv2, name)) for name in names]))


def _is_listed(device: CameraDevice) -> bool:
    import cv2_enumerate_cameras as cameras

    return any(
        info.name == device.name
        for backend in cameras.supported_backends
        for info in cameras.enumerate_cameras(backend)
    )


def _opened(index: int, backend: int) -> Any:
    capture = cv2.VideoCapture(index, backend)
    if capture.isOpened():
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
    return capture


def _within(opener: Opener, index: int, backend: int, seconds: float) -> Any:
    """Call `opener` on a thread of its own; a capture that comes too late is released there."""
    answer: queue.SimpleQueue[Any] = queue.SimpleQueue()
    given_up = threading.Event()

    def work() -> None:
        try:
            capture = opener(index, backend)
        except Exception:  # noqa: BLE001  (drivers raise anything; each means: not with this one)
            capture = _Closed()
        answer.put(capture)
        if given_up.is_set():
            capture.release()

    threading.Thread(target=work, name="camera opening", daemon=True).start()
    try:
        return answer.get(timeout=seconds)
    except queue.Empty:
        given_up.set()
        raise TimeoutError from None


class _Closed:
    def isOpened(self) -> bool:  # noqa: N802  (OpenCV's name)
        return False

    def release(self) -> None: ...
