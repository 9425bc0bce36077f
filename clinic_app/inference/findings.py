"""Turns what the chain measured into the domain's `Finding` and the crops beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinic_app.domain.finding import (
    FaceImages,
    Finding,
    FrameStatistics,
    SourceKind,
    three_level,
)
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.chain import FaceChain, FrameReading
from clinic_app.inference.native import cv2
from clinic_app.inference.timing import Stopwatch
from clinic_app.services.reading import Reading


@dataclass(frozen=True)
class Origin:
    """Where the pixels come from."""

    kind: SourceKind
    sha256: str
    captured_at: datetime


def reading_of(
    chain: FaceChain,
    origin: Origin,
    image: RgbImage,
    frame: FrameReading,
    watch: Stopwatch,
    statistics: FrameStatistics | None = None,
) -> Reading:
    """The result for the frame that counts, `image` being the picture it was read from."""
    images = None
    if frame.single_face is not None:
        with watch.stage("images"):
            images = FaceImages(*map(encoded_png, chain.display_crops(image, frame)))
    counted = None
    if frame.raw is not None and frame.normalised is not None:
        counted = chain.counted(frame.raw, frame.normalised)
    severity = counted.reading if counted is not None and frame.abstained is None else None
    finding = Finding(
        source=origin.kind,
        source_sha256=origin.sha256,
        captured_at=origin.captured_at,
        quality=frame.quality,
        severity=severity,
        raw=None if frame.raw is None else frame.raw.reading,
        normalised=None if frame.normalised is None else frame.normalised.reading,
        three_level=None
        if severity is None
        else three_level(severity.probabilities[0] + severity.probabilities[1]),
        emotions={} if counted is None else dict(counted.emotions),
        asymmetry=frame.asymmetry,
        activation_map=None if severity is None or counted is None else counted.activation_map,
        embedding=() if counted is None else counted.embedding,
        models=dict(chain.stages.versions),
        timings_ms=watch.with_total(),
        abstained=frame.abstained,
        frames=statistics,
    )
    return Reading(finding, images)


def encoded_png(image: RgbImage) -> bytes:
    """A PNG file of an RGB picture, without metadata."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    ok, data = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])  # fast, a little larger
    assert ok
    return bytes(data)
