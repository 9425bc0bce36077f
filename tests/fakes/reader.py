"""A face reader whose camera plays frames: a moving picture, a script of hints, trouble on call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from clinic_app.domain.errors import CameraTrouble, CameraUnavailable
from clinic_app.domain.finding import QualityReason, SourceKind
from clinic_app.domain.picture import Picture
from clinic_app.services.reading import CameraDevice, FaceBox, LiveView, Reading
from tests.fakes.reading import FakeFaceReader, reading

BUILT_IN = CameraDevice(0, "Built-in camera")
VIRTUAL = CameraDevice(2, "Beauty Cam", virtual=True)


class PlayedCamera:
    """Plays ``pictures`` over and over; all is well unless ``hint`` is set.

    Attributes:
        trouble: raised by the next call, as an unplugged device does.
        looks: number of frames given so far.
    """

    def __init__(self, pictures: Sequence[Picture], answer: Reading) -> None:
        self._pictures = pictures
        self.answer = answer
        self.hint: QualityReason | None = None
        self.steadiness = 1.0
        self.trouble: CameraTrouble | None = None
        self.looks = 0
        self.bursts = 0
        self.closed = threading.Event()
        self.threads: set[str] = set()

    def look(self) -> LiveView:
        self._check()
        picture = self._pictures[self.looks % len(self._pictures)]
        self.looks += 1
        face = FaceBox(picture.width * 0.35, picture.height * 0.2, 90, 120)
        return LiveView(picture, face, self.hint, 0.0 if self.hint else self.steadiness)

    def burst(self, frames: int = 10) -> Reading:
        self._check()
        self.bursts += 1
        return self.answer

    def close(self) -> None:
        self.threads.add(threading.current_thread().name)
        self.closed.set()

    def _check(self) -> None:
        self.threads.add(threading.current_thread().name)
        assert not self.closed.is_set(), "used after it was closed"
        if self.trouble is not None:
            raise CameraUnavailable(self.trouble, "The camera gives no picture.")


class PlayedReader(FakeFaceReader):
    """A face reader with a ``PlayedCamera``; files are answered as by ``FakeFaceReader``.

    Attributes:
        opened: every camera that was opened, oldest first.
        trouble_on_open: raised instead of opening.
    """

    def __init__(
        self, pictures: Sequence[Picture] | None = None, answer: Reading | None = None
    ) -> None:
        super().__init__()
        self.devices = [BUILT_IN]
        self.pictures = list(pictures or [grey(64 + 16 * shade) for shade in range(4)])
        self.answer = answer or reading(source=SourceKind.WEBCAM)
        self.hint: QualityReason | None = None
        self.trouble_on_open: CameraTrouble | None = None
        self.opened: list[PlayedCamera] = []
        self.files: list[Path] = []

    def open_camera(self, device: CameraDevice) -> PlayedCamera:
        if self.trouble_on_open is not None:
            raise CameraUnavailable(self.trouble_on_open, "The camera cannot be opened.")
        camera = PlayedCamera(self.pictures, self.answer)
        camera.hint = self.hint
        self.opened.append(camera)
        return camera

    def read_file(self, path: Path, stop: Callable[[], bool] = lambda: False) -> Reading:
        self.files.append(path)
        return super().read_file(path, stop)


def grey(shade: int, width: int = 64, height: int = 36) -> Picture:
    """A plain picture of one grey."""
    return Picture(width, height, bytes([shade]) * (3 * width * height))
