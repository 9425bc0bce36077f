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

_BACKENDS = {
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
    for index, backend in addresses(device):
        try:
            capture = _within(opener or _opened, index, backend, open_limit)
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
            "The camera '{camera}' does not answer; unplug it, plug it in and try again.",
            camera=device.name,
        )
    if opened:
        raise CameraUnavailable(
            CameraTrouble.BUSY,
            "The camera '{camera}' gives no picture; another program may be using it.",
            camera=device.name,
        )
    raise CameraUnavailable(
        CameraTrouble.BUSY if _is_listed(device) else CameraTrouble.MISSING,
        "The camera '{camera}' cannot be opened; it is in use by another program, switched off, or"
        " no longer plugged in.",
        camera=device.name,
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
        "The camera '{name}' shows only black; open its cover or shutter, or choose another.",
        name=name,
    )


def platform_backends() -> tuple[int, ...]:
    """OpenCV's back-ends for this system's cameras, the preferred one first."""
    return tuple(int(getattr(cv2, name)) for name in _BACKENDS.get(sys.platform, ("CAP_ANY",)))


def addresses(device: CameraDevice) -> Sequence[tuple[int, int]]:
    """(index, back-end) pairs under which the same camera may be opened, the listed one first.

    Back-ends number cameras differently: elsewhere the camera is found again by its name, so that
    a fallback never opens another one.
    """
    if not device.backend.isdigit():
        return [(device.index, backend) for backend in platform_backends()]
    own = int(device.backend)
    place = _places(device.name, own)
    nth = place.index(device.index) if device.index in place else 0
    found = [(device.index, own)]
    for backend in platform_backends():
        elsewhere = _places(device.name, backend)
        if backend != own and nth < len(elsewhere):
            found.append((elsewhere[nth], backend))
    return found


def _places(name: str, backend: int) -> list[int]:
    """Indices of the cameras of this name in one back-end."""
    import cv2_enumerate_cameras as cameras

    if backend not in cameras.supported_backends:
        return []
    return [int(one.index) for one in cameras.enumerate_cameras(backend) if one.name == name]


def _is_listed(device: CameraDevice) -> bool:
    return any(_places(device.name, backend) for backend in platform_backends())


def _opened(index: int, backend: int) -> Any:
    capture = cv2.VideoCapture(index, backend)
    if capture.isOpened():
        # Uncompressed 720p does not fit through USB 2 at 30 frames a second.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter_fourcc(*"MJPG"))
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
