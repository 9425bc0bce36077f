"""Findings made to order, and a face reader and model shelf without models."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from clinic_app.domain.errors import CameraTrouble, CameraUnavailable, NotFound, UnreadableImage
from clinic_app.domain.finding import (
    AbstainReason,
    ActivationMap,
    Asymmetry,
    Band,
    FaceImages,
    Finding,
    FrameStatistics,
    Quality,
    QualityReason,
    SeverityReading,
    SourceKind,
    three_level,
)
from clinic_app.domain.local_head import base_text
from clinic_app.domain.picture import Picture
from clinic_app.domain.reference_look import LOOK, ReferenceLook
from clinic_app.services.reading import (
    CameraDevice,
    FaceBox,
    FaceReader,
    LiveCamera,
    LiveView,
    ModelInfo,
    Reading,
)
from tests.fakes.clock import START

PROBABILITIES = {
    Band.NONE: (0.82, 0.12, 0.04, 0.02),
    Band.MILD: (0.2, 0.6, 0.15, 0.05),
    Band.MODERATE: (0.08, 0.2, 0.57, 0.15),
    Band.SEVERE: (0.02, 0.06, 0.2, 0.72),
}
MODELS = {"severity": "0.1.0", "style": "0.1.0", "landmarks": "0.1.0", "yunet": "2023mar"}


def severity_reading(band: Band = Band.MILD) -> SeverityReading:
    probabilities = PROBABILITIES[band]
    percent = 100 * sum(k * p for k, p in enumerate(probabilities)) / 3
    interval = (max(percent - 12, 0.0), min(percent + 12, 100.0))
    return SeverityReading(band, probabilities, percent, interval, 0.9, percent / 100)


def finding(
    band: Band = Band.MILD,
    *,
    abstained: AbstainReason | None = None,
    reasons: tuple[QualityReason, ...] = (),
    source: SourceKind = SourceKind.PHOTO,
    content: bytes = b"a picture",
) -> Finding:
    """A complete finding of this band, or one without a reading."""
    faceless = abstained in (AbstainReason.NO_FACE, AbstainReason.SEVERAL_FACES)
    reading = None if faceless else severity_reading(band)
    return Finding(
        source=source,
        source_sha256=hashlib.sha256(content).hexdigest(),
        captured_at=START,
        quality=Quality(not reasons, reasons, {} if faceless else {"sharpness": 0.7, "yaw": 2.0}),
        severity=None if abstained else reading,
        raw=reading,
        normalised=reading,
        three_level=None if faceless else three_level(sum(PROBABILITIES[band][:2])),
        emotions={} if faceless else {"neutral": 0.6, "sadness": 0.3, "happiness": 0.1},
        asymmetry=None if faceless else Asymmetry(1.5, -2.0, 0.4, 0.8, 0.9, 0.7),
        activation_map=None if faceless else ActivationMap(2, 2, (0.1, 0.9, 0.3, 0.5)),
        embedding=() if faceless else (0.5,) * 512,
        models=MODELS,
        timings_ms={"detect": 6.1, "severity": 4.2},
        abstained=abstained,
        frames=FrameStatistics(10, 9, 31.0, 2.5) if source is SourceKind.WEBCAM else None,
    )


def png(width: int = 8, height: int = 8, shade: int = 128) -> bytes:
    """A small, valid grey RGB PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes([shade]) * (3 * width)) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def face_images() -> FaceImages:
    return FaceImages(png(shade=110), png(shade=140))


def reading(band: Band = Band.MILD, **details: object) -> Reading:
    """A reading with its crops; ``details`` as in `finding`."""
    made = finding(band, **details)  # type: ignore[arg-type]
    return Reading(made, None if made.raw is None else face_images())


class FakeCamera:
    """Gives the same frame again and again until ``trouble`` is set."""

    def __init__(self, burst_reading: Reading) -> None:
        self.burst_reading = burst_reading
        self.hint: QualityReason | None = None
        self.trouble: CameraUnavailable | None = None
        self.closed = False

    def look(self) -> LiveView:
        self._raise_trouble()
        frame = Picture(64, 48, bytes([90]) * (3 * 64 * 48))
        return LiveView(frame, FaceBox(20, 10, 24, 28), self.hint, 0.0 if self.hint else 1.0)

    def burst(self, frames: int = 10) -> Reading:
        self._raise_trouble()
        return self.burst_reading

    def close(self) -> None:
        self.closed = True

    def _raise_trouble(self) -> None:
        if self.trouble is not None:
            raise self.trouble


class FakeFaceReader:
    """Answers by file name from ``readings``, a mild reading for any other file that exists."""

    def __init__(self, default: Reading | None = None) -> None:
        self.default = default or reading()
        self.readings: dict[str, Reading | Exception] = {}
        self.devices: list[CameraDevice] = [CameraDevice(0, "Built-in camera")]
        self.camera = FakeCamera(reading(source=SourceKind.WEBCAM))
        self.warm = False

    def read_file(self, path: Path, stop: Callable[[], bool] = lambda: False) -> Reading:
        if stop():
            raise UnreadableImage("Reading this file was stopped.")
        if not path.exists():
            raise UnreadableImage(f"“{path.name}” does not exist.")
        answer = self.readings.get(path.name, self.default)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def cameras(self) -> Sequence[CameraDevice]:
        return self.devices

    def open_camera(self, device: CameraDevice) -> LiveCamera:
        if device not in self.devices:
            raise CameraUnavailable(CameraTrouble.MISSING, "No camera was found.")
        return self.camera

    def warm_up(self) -> None:
        self.warm = True

    def models(self) -> str:
        return base_text(self.default.finding.models)

    def with_look(self, look: ReferenceLook | None) -> FaceReader:
        return self if look is None else LookingReader(self, look)


class LookingReader:
    """A fake reader whose findings name the look."""

    def __init__(self, reader: FakeFaceReader, look: ReferenceLook) -> None:
        self._reader, self._look = reader, look

    def read_file(self, path: Path, stop: Callable[[], bool] = lambda: False) -> Reading:
        found = self._reader.read_file(path, stop)
        models = {**found.finding.models, LOOK: self._look.version}
        return replace(found, finding=replace(found.finding, models=models))

    def cameras(self) -> Sequence[CameraDevice]:
        return self._reader.cameras()

    def open_camera(self, device: CameraDevice) -> LiveCamera:
        return self._reader.open_camera(device)

    def warm_up(self) -> None:
        self._reader.warm_up()

    def models(self) -> str:
        return self._reader.models()

    def with_look(self, look: ReferenceLook | None) -> FaceReader:
        return self._reader.with_look(look)


class FakeModelShelf:
    def __init__(self) -> None:
        self.trouble: Exception | None = None
        self.shown = ""
        self.drawn: dict[str, bytes] = {}

    def models(self) -> Sequence[ModelInfo]:
        return [
            ModelInfo(
                name,
                f"{name}.onnx",
                version,
                hashlib.sha256(name.encode()).hexdigest(),
                "research use",
                "visible depressive affect",
            )
            for name, version in MODELS.items()
        ]

    def card(self, name: str) -> str:
        if name not in MODELS:
            raise NotFound(f"There is no model named “{name}”.")
        return f"# {name}\n\nWhat it reads and what it does not.\n\n{self.shown}\n"

    def pictures(self, name: str) -> Mapping[str, bytes]:
        if name not in MODELS:
            raise NotFound(f"There is no model named “{name}”.")
        return self.drawn

    def verify(self, report: Callable[[str], None] = lambda line: None) -> None:
        if self.trouble is not None:
            raise self.trouble
        for name in MODELS:
            report(f"{name}: ok")
