"""Which cameras there are, and which of them are software that alters the picture."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from clinic_app.domain.errors import CameraTrouble, CameraUnavailable
from clinic_app.inference.camera.opening import open_capture, platform_backends
from clinic_app.inference.camera.recorded import RecordedFrames
from clinic_app.inference.camera.sources import FrameSource
from clinic_app.services.reading import CameraDevice

FAKE_CAMERA = "CLINIC_APP_FAKE_CAMERA"
"""Environment variable naming a video or a folder of pictures, played as one more camera. An aid
for tests and demonstrations; the device says so in its name."""
RECORDED_BACKEND = "recorded"

VIRTUAL_NAMES = (
    "virtual",
    "obs",
    "manycam",
    "snap camera",
    "xsplit",
    "droidcam",
    "iriun",
    "epoccam",
    "mmhmm",
    "nvidia broadcast",
    "youcam",
    "chromacam",
    "sparkocam",
    "splitcam",
    "webcamoid",
    "altercam",
    "fakewebcam",
    "v4l2loopback",
    "dummy video device",
    "krisp",
    "camo",
    "reincubate",
    "ndi",
    "vcam",
    "logi capture",
    "unity video capture",
    "vtubestudio",
    "vtubestudiocam",
)
"""Names of cameras that are programs: they can blur, beautify, mirror or play a recording."""


class CameraBackend(Protocol):
    """Lists and opens cameras; tests bring their own."""

    def devices(self) -> Sequence[CameraDevice]: ...
    def open(self, device: CameraDevice) -> FrameSource:
        """Raises `CameraUnavailable`."""


class OpenCvCameras:
    """The machine's cameras, by name."""

    def devices(self) -> Sequence[CameraDevice]:
        """One entry a device, even where several back-ends list it."""
        import cv2_enumerate_cameras as cameras

        found = [
            CameraDevice(int(info.index), str(info.name), str(backend), is_virtual(str(info.name)))
            for backend in platform_backends()
            if backend in cameras.supported_backends
            for info in cameras.enumerate_cameras(backend)
        ]
        return tuple(_one_each(found))

    def open(self, device: CameraDevice) -> FrameSource:
        """Raises `CameraUnavailable`, for software cameras too."""
        return open_capture(device)


class RecordedCamera:
    """Another back-end with one recorded device behind its own."""

    def __init__(self, others: CameraBackend, path: Path) -> None:
        self._others = others
        self._path = path

    def devices(self) -> Sequence[CameraDevice]:
        recorded = CameraDevice(-1, f"Recorded frames ({self._path.name})", RECORDED_BACKEND)
        return (*self._others.devices(), recorded)

    def open(self, device: CameraDevice) -> FrameSource:
        if device.backend == RECORDED_BACKEND:
            return RecordedFrames(self._path)
        return self._others.open(device)


class CheckedCameras:
    """Refuses software cameras before anything is opened."""

    def __init__(self, others: CameraBackend) -> None:
        self._others = others

    def devices(self) -> Sequence[CameraDevice]:
        return self._others.devices()

    def open(self, device: CameraDevice) -> FrameSource:
        """Raises ``CameraUnavailable`` for a software camera, and what the backend raises."""
        if device.virtual:
            raise CameraUnavailable(
                CameraTrouble.MISSING,
                "'{camera}' is a software camera that may alter the picture; please choose"
                " the real camera.",
                camera=device.name,
            )
        return self._others.open(device)


def standard_backend() -> CameraBackend:
    """The machine's cameras, and recorded frames when the environment asks for them."""
    cameras: CameraBackend = OpenCvCameras()
    path = os.environ.get(FAKE_CAMERA)
    if path:
        cameras = RecordedCamera(cameras, Path(path).expanduser())
    return CheckedCameras(cameras)


def is_virtual(name: str) -> bool:
    """Whether a camera's name is that of a known program."""
    words = re.sub(r"[^a-z0-9]+", " ", name.casefold())
    return any(f" {known} " in f" {words} " for known in VIRTUAL_NAMES)


def _one_each(devices: list[CameraDevice]) -> list[CameraDevice]:
    """Without the copies that a second back-end lists; two equal webcams stay two."""
    first: dict[str, str] = {}
    return [d for d in devices if first.setdefault(d.name, d.backend) == d.backend]
