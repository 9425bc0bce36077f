"""A camera is opened within a time limit, and every trouble of it is said in a sentence."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from clinic_app.domain.errors import CameraTrouble
from clinic_app.inference.camera.opening import addresses, open_capture
from clinic_app.inference.camera.sources import CaptureSource
from clinic_app.services.reading import CameraDevice
from tests.unit.inference.camera.sources import (
    BLACK,
    BRIGHT,
    DEVICE,
    Capture,
    list_cameras,
    trouble,
)


def test_a_camera_opens_and_gives_rgb() -> None:
    blue = BRIGHT * np.array([1, 0, 0], np.uint8)  # BGR
    source = open_capture(DEVICE, lambda index, backend: Capture([blue]))
    frame = source.read()
    source.release()
    assert frame is not None
    assert frame[0, 0].tolist() == [0, 0, 120]


def test_a_failing_back_end_is_followed_by_the_next_with_the_same_camera(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second back-end numbers the cameras the other way round."""
    list_cameras(
        monkeypatch,
        {1400: [(0, "Desk camera"), (1, "Other")], 700: [(0, "Other"), (1, "Desk camera")]},
    )
    tried: list[tuple[int, int]] = []

    def opener(index: int, backend: int) -> Capture:
        tried.append((index, backend))
        return Capture(opened=False) if backend == 1400 else Capture([BRIGHT])

    source = open_capture(CameraDevice(0, "Desk camera", "1400"), opener)
    assert source.read() is not None
    source.release()
    assert tried == [(0, 1400), (1, 700)]


def test_of_two_equal_cameras_the_fallback_opens_the_same_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    list_cameras(
        monkeypatch,
        {1400: [(0, "Twin"), (1, "Twin")], 700: [(4, "Twin"), (7, "Twin")]},
    )
    assert addresses(CameraDevice(1, "Twin", "1400")) == [(1, 1400), (7, 700)]


def test_a_driver_that_raises_counts_as_not_opened() -> None:
    def opener(index: int, backend: int) -> Capture:
        raise RuntimeError("driver")

    assert trouble(lambda: open_capture(DEVICE, opener))[0] is CameraTrouble.MISSING


def test_a_hanging_driver_times_out_and_its_late_capture_is_freed() -> None:
    answer = threading.Event()
    late: list[Capture] = []

    def opener(index: int, backend: int) -> Capture:
        answer.wait(5)
        late.append(Capture([BRIGHT]))
        return late[-1]

    kind, sentence = trouble(lambda: open_capture(DEVICE, opener, open_limit=0.02))
    assert kind is CameraTrouble.TIMED_OUT
    assert "'Desk camera' does not answer" in sentence
    answer.set()
    for thread in threading.enumerate():
        if thread.name == "camera opening":
            thread.join(60)
    assert late
    assert all(capture.released.is_set() for capture in late)


def test_a_missing_camera() -> None:
    kind, sentence = trouble(lambda: open_capture(DEVICE, lambda i, b: Capture(opened=False)))
    assert kind is CameraTrouble.MISSING
    assert "cannot be opened" in sentence


def test_a_busy_camera_opens_but_gives_nothing() -> None:
    kind, sentence = trouble(lambda: open_capture(DEVICE, lambda i, b: Capture()))
    assert kind is CameraTrouble.BUSY
    assert "another program" in sentence


def test_a_listed_camera_that_does_not_open_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    list_cameras(monkeypatch, {200: [(0, "Desk camera")]})
    kind, _ = trouble(lambda: open_capture(DEVICE, lambda i, b: Capture(opened=False)))
    assert kind is CameraTrouble.BUSY


def test_a_camera_behind_its_shutter() -> None:
    capture = Capture([BLACK])
    kind, sentence = trouble(lambda: open_capture(DEVICE, lambda i, b: capture, light_limit=0.2))
    assert kind is CameraTrouble.BLACK
    assert "only black" in sentence
    assert capture.released.wait(20)


def test_black_first_frames_are_waited_out() -> None:
    source = open_capture(DEVICE, lambda i, b: Capture([BLACK] * 5 + [BRIGHT]))
    frame = source.read()
    source.release()
    assert frame is not None
    assert frame.max() == 120


def test_a_silent_capture_ends_instead_of_hanging() -> None:
    hang = threading.Event()

    class Hanging(Capture):
        def read(self) -> tuple[bool, Any]:
            hang.wait(5)
            return False, None

    source = CaptureSource(Hanging(), time_limit=0.02)
    assert source.read() is None
    hang.set()
    source.release()
