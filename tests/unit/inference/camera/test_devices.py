"""Which cameras are offered, which of them are software, and recorded frames among them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from clinic_app.domain.errors import CameraTrouble
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.camera.devices import (
    FAKE_CAMERA,
    CheckedCameras,
    OpenCvCameras,
    is_virtual,
    standard_backend,
)
from clinic_app.inference.camera.recorded import RecordedFrames
from clinic_app.inference.pipeline import open_face_reader
from clinic_app.services.reading import CameraDevice
from tests.unit.inference.camera.sources import BRIGHT, Frames, list_cameras, trouble


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


# --- recorded frames ------------------------------------------------------------------------------


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
