"""The camera in a thread of its own: only the newest frame reaches the window.

``LiveCamera`` blocks until the device has a frame, so it never runs in the GUI thread. At most one
wake-up is on its way to the GUI thread at a time; frames that arrive meanwhile replace each other,
so a slow window drops frames instead of falling behind.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from clinic_app.domain.picture import Picture
from clinic_app.services.reading import LiveCamera, LiveView, Reading

FRAME_SECONDS = 1 / 30
"""The preview shows at most 30 frames a second."""

BURST_FRAMES = 10


def image_of(picture: Picture) -> QImage:
    """A picture as an image that owns its pixels, in the format that paints fastest."""
    shared = QImage(
        picture.rgb, picture.width, picture.height, 3 * picture.width, QImage.Format.Format_RGB888
    )
    return shared.convertToFormat(QImage.Format.Format_RGB32)


@dataclass(frozen=True, slots=True)
class _Frame:
    image: QImage
    view: LiveView


@dataclass(slots=True)
class _News:
    """What the camera's thread has to tell; a newer frame takes the place of an older one."""

    opened: bool = False
    frame: _Frame | None = None
    reading: Reading | None = None
    error: BaseException | None = None
    ended: bool = False


class _Run:
    """One opened camera, from opening to closing; lives in the camera's thread."""

    def __init__(self, open_camera: Callable[[], LiveCamera], wake: Callable[[object], None]):
        self._open_camera = open_camera
        self._wake = wake
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._news = _News()
        self._take = False
        self._woken = False

    # --- called from the GUI thread ---

    def stop(self) -> None:
        self._stop.set()

    def take(self) -> None:
        with self._lock:
            self._take = True

    def collect(self) -> _News:
        """What has happened since the last call, each thing once."""
        with self._lock:
            news, self._news, self._woken = self._news, _News(), False
        return news

    # --- the camera's thread ---

    def body(self) -> None:
        if self._stop.is_set():
            return
        camera = self._open_camera()
        try:
            self._post(opened=True)
            while not self._stop.is_set():
                began = time.monotonic()
                if self._wants_burst():
                    self._post(reading=camera.burst(BURST_FRAMES))
                else:
                    view = camera.look()
                    self._post(frame=_Frame(image_of(view.picture), view))
                self._stop.wait(max(0.0, FRAME_SECONDS - (time.monotonic() - began)))
        finally:
            camera.close()

    def finished(self, future: Future[None]) -> None:
        """Called once the thread has left ``body``, however it left."""
        self._post(error=None if future.cancelled() else future.exception(), ended=True)

    def _wants_burst(self) -> bool:
        with self._lock:
            wanted, self._take = self._take, False
        return wanted

    def _post(self, **news: object) -> None:
        with self._lock:
            for name, value in news.items():
                setattr(self._news, name, value)
            already, self._woken = self._woken, True
        if not already:
            self._wake(self)


class CameraLoop(QObject):
    """Runs one camera at a time; lives in the GUI thread.

    Signals:
        opened: the device answers.
        seen: a frame (``QImage``, never mirrored) with its ``LiveView``; always the newest.
        taken: the ``Reading`` of a burst.
        failed: the error that ended the camera.
        released: the device is free again, in whatever way it ended.
    """

    opened = Signal()
    seen = Signal(object, object)
    taken = Signal(object)
    failed = Signal(object)
    released = Signal()
    _woken = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._thread: ThreadPoolExecutor | None = None
        self._run: _Run | None = None
        self._alive: set[_Run] = set()
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> bool:
        """Whether a camera is open, opening or closing."""
        return bool(self._alive)

    def start(self, open_camera: Callable[[], LiveCamera]) -> None:
        """Open a camera in the camera's thread, after an earlier one has been closed."""
        self.stop()
        run = _Run(open_camera, self._woken.emit)
        self._run = run
        self._alive.add(run)
        _IN_USE.add(self)
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="camera")
        self._thread.submit(run.body).add_done_callback(run.finished)

    def take(self) -> None:
        """Ask for a burst; ``taken`` follows."""
        if self._run is not None:
            self._run.take()

    def stop(self) -> None:
        """Let go of the camera within a frame; nothing of it is delivered any more."""
        if self._run is not None:
            self._run.stop()
            self._run = None

    @Slot(object)
    def _deliver(self, run: _Run) -> None:
        news = run.collect()
        mine = run is self._run
        if news.ended:
            self._run = None if mine else self._run
            self._alive.discard(run)
        if mine:
            self._tell(news)
        if news.ended and not self._alive:
            _IN_USE.discard(self)
            if self._thread is not None:  # a thread that waits for nothing is not kept
                self._thread.shutdown(wait=False)
                self._thread = None
            self.released.emit()

    def _tell(self, news: _News) -> None:
        if news.opened:
            self.opened.emit()
        if news.frame is not None:
            self.seen.emit(news.frame.image, news.frame.view)
        if news.reading is not None:
            self.taken.emit(news.reading)
        if news.error is not None:
            self.failed.emit(news.error)


# A loop must outlive its camera even when its screen is already gone, and must be destroyed in the
# GUI thread: it stays here until the device is released.
_IN_USE: set[CameraLoop] = set()
