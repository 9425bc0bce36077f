"""What the capture step needs of its camera and of its page, and the stages it goes through."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from typing import Protocol

from clinic_app.domain.cautions import Caution
from clinic_app.domain.finding import FaceImages
from clinic_app.services.reading import CameraDevice, LiveCamera


class Stage(StrEnum):
    CLOSED = "closed"
    BEFORE = "before"
    OPENING = "opening"
    LIVE = "live"
    COUNTDOWN = "countdown"
    TAKING = "taking"
    TROUBLE = "trouble"
    READING = "reading"
    KEEPING = "keeping"
    RETAKE = "retake"
    ACCEPTED = "accepted"


class CameraFeed(Protocol):
    """The camera's thread."""

    def start(self, open_camera: Callable[[], LiveCamera]) -> None: ...
    def take(self) -> None: ...
    def stop(self) -> None: ...


class CaptureView(Protocol):
    def show_unavailable(self, sentence: str, *, consent: bool) -> None:
        """No picture may be taken; ``consent`` tells that a consent could be given."""

    def show_before(self, cautions: Collection[Caution]) -> None:
        """Ask for what makes an estimate less reliable, before the camera opens."""

    def show_cameras(self, devices: Sequence[CameraDevice], chosen: CameraDevice | None) -> None:
        """The picker's list."""

    def show_opening(self) -> None: ...
    def show_live(self) -> None: ...
    def show_hint(self, text: str, *, well: bool) -> None: ...
    def show_countdown(self, number: int | None) -> None: ...
    def show_taking(self) -> None: ...
    def show_trouble(self, title: str, advice: str, *, retry: bool) -> None: ...
    def show_reading_file(self, name: str) -> None: ...
    def show_retake(self, reason: str) -> None: ...
    def show_keeping(self) -> None:
        """A picture is being stored: nothing to cancel and no way on until it is."""

    def show_accepted(self, images: FaceImages | None, *, note: str, locked: bool) -> None:
        """The picture that counts; ``locked`` when it can no longer be replaced."""
