"""Where live frames come from."""

from __future__ import annotations

import threading
import time
from typing import Any, Protocol

from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.native import cv2

FRAME_TIME_LIMIT = 3.0
"""Seconds without a frame after which the camera counts as gone."""


class FrameSource(Protocol):
    """A stream of upright, unmirrored RGB frames."""

    def read(self) -> RgbImage | None:
        """The next frame; `None` when no more will come."""

    def release(self) -> None: ...


class CaptureSource:
    """An OpenCV capture read by its own thread.

    The thread keeps the newest frame only, so the preview never lags behind, and a driver that
    hangs when the plug is pulled blocks that thread instead of the caller.
    """

    def __init__(self, capture: Any, time_limit: float = FRAME_TIME_LIMIT) -> None:
        self._capture = capture
        self._time_limit = time_limit
        self._fresh = threading.Condition()
        self._frame: Any = None
        self._number = 0
        self._delivered = 0
        self._over = False
        self._thread = threading.Thread(target=self._pump, name="camera", daemon=True)
        self._thread.start()

    def read(self) -> RgbImage | None:
        """The newest frame not delivered yet; `None` when the camera ended or fell silent."""
        deadline = time.monotonic() + self._time_limit
        with self._fresh:
            while self._number == self._delivered and not self._over:
                if not self._fresh.wait(deadline - time.monotonic()):
                    return None
            if self._number == self._delivered:
                return None
            self._delivered = self._number
            frame = self._frame
        rgb: RgbImage = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        return rgb

    def release(self) -> None:
        """Stop reading; the reading thread frees the device."""
        with self._fresh:
            self._over = True
            self._fresh.notify_all()
        self._thread.join(timeout=2.0)

    def _pump(self) -> None:
        try:
            while not self._over:
                ok, frame = self._capture.read()
                if not ok or frame is None:
                    break
                with self._fresh:
                    self._frame = frame
                    self._number += 1
                    self._fresh.notify_all()
        finally:
            with self._fresh:
                self._over = True
                self._fresh.notify_all()
            self._capture.release()
