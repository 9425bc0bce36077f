"""The camera's own thread: newest frame only, quick to stop, never in the GUI thread."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from clinic_app.domain.errors import CameraTrouble, CameraUnavailable
from clinic_app.services.reading import LiveView
from clinic_app.ui.screens.screening.capture.view import CaptureStep
from clinic_app.ui.widgets.camera import CameraLoop, image_of
from tests.fakes.reader import PlayedCamera, grey
from tests.fakes.reading import reading


@pytest.fixture
def camera() -> PlayedCamera:
    return PlayedCamera([grey(shade) for shade in range(60, 200, 20)], reading())


@pytest.fixture
def loop(qtbot: QtBot) -> Iterator[CameraLoop]:
    made = CameraLoop()
    yield made
    made.stop()
    qtbot.waitUntil(lambda: not made.running)


def test_a_picture_becomes_an_image_with_its_own_pixels() -> None:
    image = image_of(grey(77, 5, 3))
    assert (image.width(), image.height()) == (5, 3)
    assert image.pixelColor(4, 2).getRgb() == (77, 77, 77, 255)


def test_frames_arrive_as_images_from_a_thread_of_their_own(
    qtbot: QtBot, loop: CameraLoop, camera: PlayedCamera
) -> None:
    with qtbot.waitSignals([loop.opened, loop.seen]):
        loop.start(lambda: camera)
    with qtbot.waitSignal(loop.seen) as seen:
        pass
    image, view = seen.args
    assert isinstance(image, QImage)
    assert isinstance(view, LiveView)
    assert threading.current_thread().name not in camera.threads


def test_a_busy_window_gets_the_newest_frame_and_no_backlog(
    qtbot: QtBot, loop: CameraLoop, camera: PlayedCamera
) -> None:
    shown: list[int] = []
    loop.seen.connect(lambda image, view: shown.append(camera.looks))
    with qtbot.waitSignal(loop.seen):
        loop.start(lambda: camera)
    before, delivered = camera.looks, len(shown)
    deadline = time.monotonic() + 5
    while camera.looks < before + 6 and time.monotonic() < deadline:
        threading.Event().wait(0.005)  # the GUI thread is busy: no event is handled
    assert camera.looks >= before + 6
    with qtbot.waitSignal(loop.seen):
        pass
    assert len(shown) <= delivered + 2, "frames that were missed are not played afterwards"


def test_stopping_lets_go_within_a_frame_and_delivers_nothing_more(
    qtbot: QtBot, loop: CameraLoop, camera: PlayedCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    close, may_close = camera.close, threading.Event()
    monkeypatch.setattr(camera, "close", lambda: close() if may_close.wait(10) else None)
    with qtbot.waitSignal(loop.seen):
        loop.start(lambda: camera)
    looks = camera.looks
    late: list[object] = []
    loop.seen.connect(lambda *frame: late.append(frame))
    with qtbot.waitSignal(loop.released):
        loop.stop()
        assert not camera.closed.is_set(), "stopping must not wait for the camera"
        may_close.set()
    assert camera.closed.is_set()
    assert camera.looks <= looks + 2
    assert late == []


def test_a_burst_gives_a_reading(qtbot: QtBot, loop: CameraLoop, camera: PlayedCamera) -> None:
    with qtbot.waitSignal(loop.seen):
        loop.start(lambda: camera)
    with qtbot.waitSignal(loop.taken) as taken:
        loop.take()
    assert taken.args == [camera.answer]
    assert camera.bursts == 1


def test_unplugging_ends_the_camera_with_its_error(
    qtbot: QtBot, loop: CameraLoop, camera: PlayedCamera
) -> None:
    with qtbot.waitSignal(loop.seen):
        loop.start(lambda: camera)
    told: list[CameraUnavailable] = []
    loop.failed.connect(told.append)
    with qtbot.waitSignal(loop.released):
        camera.trouble = CameraTrouble.UNPLUGGED
    assert [error.trouble for error in told] == [CameraTrouble.UNPLUGGED]
    assert camera.closed.is_set()
    assert not loop.running


def test_a_camera_that_cannot_be_opened_is_told(qtbot: QtBot, loop: CameraLoop) -> None:
    trouble = CameraUnavailable(CameraTrouble.BUSY, "Busy.")

    def refuse() -> PlayedCamera:
        raise trouble

    with qtbot.waitSignal(loop.failed) as failed:
        loop.start(refuse)
    assert failed.args == [trouble]


def test_a_second_camera_opens_only_after_the_first_is_closed(
    qtbot: QtBot, loop: CameraLoop, camera: PlayedCamera
) -> None:
    with qtbot.waitSignal(loop.seen):
        loop.start(lambda: camera)
    was_closed: list[bool] = []

    def second() -> PlayedCamera:
        was_closed.append(camera.closed.is_set())
        return PlayedCamera([grey(1)], reading())

    with qtbot.waitSignal(loop.opened):
        loop.start(second)
    assert was_closed == [True]


def test_stopping_while_it_opens_closes_it_without_a_picture(
    qtbot: QtBot, loop: CameraLoop, camera: PlayedCamera
) -> None:
    may_open = threading.Event()

    def slow() -> PlayedCamera:
        may_open.wait(10)
        return camera

    loop.start(slow)
    with qtbot.waitSignal(loop.released):
        loop.stop()
        may_open.set()
    assert camera.looks == 0


def test_its_thread_ends_with_the_camera(
    qtbot: QtBot, loop: CameraLoop, camera: PlayedCamera
) -> None:
    with qtbot.waitSignal(loop.seen):
        loop.start(lambda: camera)
    with qtbot.waitSignal(loop.released):
        loop.stop()
    assert loop._thread is None


def test_the_camera_does_not_keep_the_step_that_used_it(qtbot: QtBot) -> None:
    step = CaptureStep()
    loop, gone = step.camera, weakref.ref(step)
    shiboken6.delete(step)
    del step
    gc.collect()
    assert gone() is None
    assert not loop.running
