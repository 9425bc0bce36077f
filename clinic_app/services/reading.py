"""What the services need from the inference pipeline (implemented by ``clinic_app.inference``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from clinic_app.domain.finding import FaceImages, Finding, QualityReason
from clinic_app.domain.picture import Picture
from clinic_app.domain.reference_look import ReferenceLook


@dataclass(frozen=True, slots=True)
class Reading:
    """A finding with the crops it was read from (``None`` when there was no single face)."""

    finding: Finding
    images: FaceImages | None


@dataclass(frozen=True, slots=True)
class CameraDevice:
    """``virtual`` marks software cameras (background blur, beauty filters), which are refused."""

    index: int
    name: str
    backend: str = ""
    virtual: bool = False


@dataclass(frozen=True, slots=True)
class FaceBox:
    """In pixels of the picture: left, top, width, height."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class LiveView:
    """One preview frame. ``hint`` is the single most useful one, ``None`` when all is well;
    ``steadiness`` in [0, 1] fills the hold-still ring."""

    picture: Picture
    face: FaceBox | None
    hint: QualityReason | None
    steadiness: float


class LiveCamera(Protocol):
    """An opened camera; used from one thread. Every method raises ``CameraUnavailable`` when the
    device stops giving usable pictures."""

    def look(self) -> LiveView:
        """The next frame, judged (blocks until the camera has one)."""

    def burst(self, frames: int = 10) -> Reading:
        """Take ``frames`` frames, keep the best, report median and spread."""

    def close(self) -> None: ...


class FaceReader(Protocol):
    """The whole pipeline on stored pictures and on the camera. Models load on first use."""

    def read_file(self, path: Path, stop: Callable[[], bool] = ...) -> Reading:
        """A photo or video; raises ``UnreadableImage`` or ``ModelRejected``.

        ``stop`` is asked again and again while reading; once it says yes, reading ends with
        ``UnreadableImage``. So does a video that takes longer than a minute.
        """

    def cameras(self) -> Sequence[CameraDevice]: ...
    def open_camera(self, device: CameraDevice) -> LiveCamera:
        """Tries fallback back-ends within a time limit; raises ``CameraUnavailable``."""

    def warm_up(self) -> None:
        """Load the models now (call from a worker); raises ``ModelRejected``."""

    def models(self) -> str:
        """The models that read, as findings name them; loads them and raises as ``warm_up``."""

    def with_look(self, look: ReferenceLook | None) -> FaceReader:
        """The same models, reading evened-out pictures with this look; findings name it."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A shipped model as its manifest describes it."""

    name: str
    file: str
    version: str
    sha256: str
    licence: str
    meaning: str


class ModelShelf(Protocol):
    """The shipped models: their facts, cards and hashes."""

    def models(self) -> Sequence[ModelInfo]: ...
    def card(self, name: str) -> str:
        """Markdown; raises ``NotFound``."""

    def pictures(self, name: str) -> Mapping[str, bytes]:
        """The PNG files that the card shows, by the names it calls them; raises ``NotFound``."""

    def verify(self, report: Callable[[str], None] = ...) -> None:
        """Check hashes, opset and contract of every file; raises ``ModelRejected`` at the first."""
