"""Frames from a list, a capture as OpenCV's looks, and cameras that the system would list."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import cv2_enumerate_cameras
import numpy as np
import pytest

from clinic_app.domain.errors import CameraTrouble, CameraUnavailable
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.camera import devices, opening
from clinic_app.services.reading import CameraDevice

DEVICE = CameraDevice(0, "Desk camera")


class Frames:
    """A frame source from a list; `None` afterwards, as when the plug is pulled."""

    def __init__(self, frames: Sequence[RgbImage], forever: bool = False) -> None:
        self._frames = list(frames)
        self._forever = forever
        self._next = 0
        self.released = False

    def read(self) -> RgbImage | None:
        if not self._forever and self._next >= len(self._frames):
            return None
        self._next += 1
        return self._frames[(self._next - 1) % len(self._frames)]

    def release(self) -> None:
        self.released = True


class Capture:
    """What OpenCV's capture looks like; `frames` BGR, the last one again and again."""

    def __init__(self, frames: Sequence[RgbImage] = (), opened: bool = True) -> None:
        self._frames = list(frames)
        self._opened = opened
        self.released = threading.Event()

    def isOpened(self) -> bool:  # noqa: N802  (OpenCV's name)
        return self._opened

    def read(self) -> tuple[bool, Any]:
        if not self._frames:
            return False, None
        self.released.wait(0.001)  # a camera takes its time
        return True, self._frames.pop(0) if len(self._frames) > 1 else self._frames[0]

    def release(self) -> None:
        self.released.set()


BRIGHT = np.full((48, 64, 3), 120, np.uint8)
BLACK = np.zeros((48, 64, 3), np.uint8)


def trouble(call: Any) -> tuple[CameraTrouble, str]:
    with pytest.raises(CameraUnavailable) as error:
        call()
    assert str(error.value).endswith(".")
    return error.value.trouble, str(error.value)


def list_cameras(monkeypatch: pytest.MonkeyPatch, listed: dict[int, list[tuple[int, str]]]) -> None:
    """Pretend that the system has these back-ends, each with (index, name) cameras."""

    def enumerate_cameras(backend: int) -> list[cv2_enumerate_cameras.CameraInfo]:
        info = cv2_enumerate_cameras.CameraInfo
        return [info(index, name, "", None, None, backend) for index, name in listed[backend]]

    monkeypatch.setattr(opening, "platform_backends", lambda: tuple(listed))
    monkeypatch.setattr(devices, "platform_backends", lambda: tuple(listed))
    monkeypatch.setattr(cv2_enumerate_cameras, "supported_backends", tuple(listed))
    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", enumerate_cameras)
