"""Cameras: found, opened within a time limit, watched, and every trouble said in a sentence."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2_enumerate_cameras
import numpy as np
import pytest
from PIL import Image

from clinic_app.domain.errors import CameraTrouble, CameraUnavailable
from clinic_app.domain.finding import AbstainReason, QualityReason, SourceKind
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.camera import devices, opening
from clinic_app.inference.camera.devices import (
    FAKE_CAMERA,
    CheckedCameras,
    OpenCvCameras,
    is_virtual,
    standard_backend,
)
from clinic_app.inference.camera.live import BLACK_FRAMES, STEADY_FRAMES, FaceCamera
from clinic_app.inference.camera.opening import addresses, open_capture
from clinic_app.inference.camera.recorded import RecordedFrames
from clinic_app.inference.camera.sources import CaptureSource
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.pipeline import open_face_reader
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


# ------------------------------------------------------------------ opening


def test_a_camera_opens_and_gives_rgb() -> None:
    blue = BRIGHT * np.array([1, 0, 0], np.uint8)  # BGR
    source = open_capture(DEVICE, lambda index, backend: Capture([blue]))
    frame = source.read()
    source.release()
    assert frame is not None
    assert frame[0, 0].tolist() == [0, 0, 120]


def list_cameras(monkeypatch: pytest.MonkeyPatch, listed: dict[int, list[tuple[int, str]]]) -> None:
    """Pretend that the system has these back-ends, each with (index, name) cameras."""

    def enumerate_cameras(backend: int) -> list[cv2_enumerate_cameras.CameraInfo]:
        info = cv2_enumerate_cameras.CameraInfo
        return [info(index, name, "", None, None, backend) for index, name in listed[backend]]

    monkeypatch.setattr(opening, "platform_backends", lambda: tuple(listed))
    monkeypatch.setattr(devices, "platform_backends", lambda: tuple(listed))
    monkeypatch.setattr(cv2_enumerate_cameras, "supported_backends", tuple(listed))
    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", enumerate_cameras)


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


# ------------------------------------------------------------------ devices


@pytest.mark.parametrize(
    "name",
    [
        "OBS Virtual Camera",
        "Snap Camera",
        "ManyCam Virtual Webcam",
        "NVIDIA Broadcast",
        "XSplit VCam",
        "v4l2loopback",
        "Camo",
        "Camera (NVIDIA Broadcast)",
        "OBS-Camera (virtual)",
        "VCam [2]",
        "Logi Capture",
        "Unity Video Capture",
        "VTubeStudioCam",
    ],
)
def test_software_cameras_are_known_by_name(name: str) -> None:
    assert is_virtual(name)


@pytest.mark.parametrize(
    "name", ["Integrated Camera", "HD Pro Webcam C920", "Jobson Cam", "camomile", "Logi C270 (HD)"]
)
def test_real_cameras_are_not(name: str) -> None:
    assert not is_virtual(name)


def test_a_software_camera_is_refused_unopened() -> None:
    class Untouched:
        def devices(self) -> Sequence[CameraDevice]:
            return ()

        def open(self, device: CameraDevice) -> Frames:
            raise AssertionError("must not be opened")

    virtual = CameraDevice(1, "OBS Virtual Camera", virtual=True)
    _, sentence = trouble(lambda: CheckedCameras(Untouched()).open(virtual))
    assert "software camera" in sentence


def test_each_camera_is_listed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    list_cameras(
        monkeypatch,
        {1400: [(0, "Twin"), (1, "Twin")], 700: [(0, "Twin"), (1, "OBS Virtual Camera")]},
    )
    assert OpenCvCameras().devices() == (
        CameraDevice(0, "Twin", "1400"),
        CameraDevice(1, "Twin", "1400"),
        CameraDevice(1, "OBS Virtual Camera", "700", virtual=True),
    )


# ------------------------------------------------------------------ recorded frames


def test_recorded_frames_are_one_more_camera_clearly_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, models: Path, portrait: RgbImage
) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    Image.fromarray(portrait).save(folder / "1.png")
    monkeypatch.setenv(FAKE_CAMERA, str(folder))
    reader = open_face_reader(models)
    device = reader.cameras()[-1]
    assert device.name == "Recorded frames (frames)"
    camera = reader.open_camera(device)
    assert camera.look().face is not None
    camera.close()


def test_without_the_variable_there_are_no_recorded_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FAKE_CAMERA, raising=False)
    assert all("Recorded" not in device.name for device in standard_backend().devices())


def test_recorded_frames_repeat_at_the_pace_of_a_camera(tmp_path: Path) -> None:
    for number in (1, 2):
        Image.fromarray(BRIGHT // number).save(tmp_path / f"{number}.png")
    waited: list[float] = []
    source = RecordedFrames(tmp_path, frames_per_second=50, wait=waited.append)
    levels = [int(frame[0, 0, 0]) for _ in range(4) if (frame := source.read()) is not None]
    assert levels == [120, 60, 120, 60]
    assert waited
    assert max(waited) <= 4 / 50


@pytest.mark.parametrize("name", ["", "missing.avi"])
def test_recorded_frames_that_are_not_there(tmp_path: Path, name: str) -> None:
    assert trouble(lambda: RecordedFrames(tmp_path / name))[0] is CameraTrouble.MISSING


# ------------------------------------------------------------------ preview and burst


def test_a_good_preview_fills_the_ring(chain: FaceChain, large_portrait: RgbImage) -> None:
    camera = FaceCamera(chain, Frames([large_portrait], forever=True))
    views = [camera.look() for _ in range(STEADY_FRAMES)]
    assert [view.hint for view in views] == [None] * STEADY_FRAMES
    assert views[0].steadiness < views[5].steadiness < 1.0
    assert views[-1].steadiness == 1.0
    face = views[-1].face
    assert face is not None
    assert (face.left, face.width) == pytest.approx((453, 217), abs=12)
    assert (views[0].picture.width, views[0].picture.height) == (1280, 720)
    assert views[0].picture.rgb == large_portrait.tobytes()


def test_leaving_the_picture_is_noticed_and_empties_the_ring(
    chain: FaceChain, large_portrait: RgbImage
) -> None:
    nobody = np.full_like(large_portrait, 90)
    camera = FaceCamera(chain, Frames([large_portrait] * 5 + [nobody] * 2))
    for _ in range(5):
        camera.look()
    view = camera.look()
    assert (view.hint, view.face, view.steadiness) == (QualityReason.NO_FACE, None, 0.0)


def test_moving_is_a_hint(chain: FaceChain, large_portrait: RgbImage) -> None:
    frames = [np.roll(large_portrait, 15 * k, axis=1) for k in (0, 0, 0, 1, 2, 3, 4)]
    camera = FaceCamera(chain, Frames(frames))
    hints = [camera.look().hint for _ in frames]
    assert hints[:3] == [None] * 3
    assert hints[-1] is QualityReason.MOVING


def test_sensor_noise_is_no_movement(chain: FaceChain, large_portrait: RgbImage) -> None:
    random = np.random.default_rng(0)
    frames = [
        np.clip(large_portrait + random.normal(0, 5, large_portrait.shape), 0, 255).astype(np.uint8)
        for _ in range(12)
    ]
    camera = FaceCamera(chain, Frames(frames))
    assert [camera.look().hint for _ in frames] == [None] * 12


def test_too_far_is_a_hint(chain: FaceChain, portrait: RgbImage) -> None:
    room = np.full((720, 1280, 3), 100, np.uint8)
    room[100:612, 500:1012] = portrait
    assert FaceCamera(chain, Frames([room])).look().hint is QualityReason.TOO_SMALL


def test_the_best_frame_of_a_burst_counts(chain: FaceChain, large_portrait: RgbImage) -> None:
    nobody = np.full_like(large_portrait, 90)
    dark = large_portrait // 12
    camera = FaceCamera(chain, Frames([nobody, dark, large_portrait, nobody]))
    reading = camera.burst(4)
    finding = reading.finding
    assert finding.source is SourceKind.WEBCAM
    assert finding.abstained is None
    assert finding.frames is not None
    assert (finding.frames.frames, finding.frames.accepted_frames) == (4, 1)
    assert reading.images is not None


def test_a_burst_with_two_people_abstains(chain: FaceChain, portrait: RgbImage) -> None:
    pair = np.hstack([portrait[:300], portrait[:300]])
    reading = FaceCamera(chain, Frames([pair, pair, portrait[:300]])).burst(3)
    assert reading.finding.abstained is AbstainReason.SEVERAL_FACES
    assert reading.images is None


def test_unplugged_during_the_preview_and_during_the_burst(
    chain: FaceChain, portrait: RgbImage
) -> None:
    camera = FaceCamera(chain, Frames([portrait]), "Desk camera")
    camera.look()
    kind, sentence = trouble(camera.look)
    assert kind is CameraTrouble.UNPLUGGED
    assert "'Desk camera' stopped giving pictures" in sentence
    again = FaceCamera(chain, Frames([portrait] * 3), "Desk camera")
    assert trouble(again.burst)[0] is CameraTrouble.UNPLUGGED


def test_a_camera_that_goes_black(chain: FaceChain) -> None:
    camera = FaceCamera(chain, Frames([BLACK], forever=True), "Desk camera")
    for _ in range(BLACK_FRAMES - 1):
        camera.look()
    assert trouble(camera.look)[0] is CameraTrouble.BLACK


def test_closing_frees_the_source(chain: FaceChain) -> None:
    source = Frames([])
    FaceCamera(chain, source).close()
    assert source.released
