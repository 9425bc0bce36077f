"""The chain on files: photos, and videos by sampled frames."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from clinic_app.domain.finding import SourceKind
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.chain import FaceChain, FrameReading, as_several_people
from clinic_app.inference.findings import Origin, reading_of
from clinic_app.inference.intake.patience import Patience
from clinic_app.inference.intake.photo import read_photo, sniff_file
from clinic_app.inference.intake.video import describe_video, sampled_frames
from clinic_app.inference.sequence import rank, shows_several_people, statistics_of
from clinic_app.inference.timing import Stopwatch
from clinic_app.services.reading import Reading


def read_file(chain: FaceChain, path: Path, stop: Callable[[], bool] = lambda: False) -> Reading:
    """A photo or video, told apart by content; raises `UnreadableImage`, also once `stop` says
    yes or a video takes too long."""
    patience = Patience(stop)
    patience.check()
    if sniff_file(path).is_video:
        return _read_video(chain, path, patience)
    return _read_photo(chain, path)


def _read_photo(chain: FaceChain, path: Path) -> Reading:
    watch = Stopwatch()
    with watch.stage("intake"):
        photo = read_photo(path)
    frame = chain.read(photo.image, watch)
    origin = Origin(SourceKind.PHOTO, photo.sha256, photo.captured_at)
    return reading_of(chain, origin, photo.image, frame, watch)


def _read_video(chain: FaceChain, path: Path, patience: Patience) -> Reading:
    watch = Stopwatch()
    with watch.stage("intake"):
        source = describe_video(path, patience.check)
    best: tuple[RgbImage, FrameReading] | None = None
    readings: list[FrameReading] = []
    for image in sampled_frames(path, check=patience.check):
        readings.append(chain.read(image, watch))
        if best is None or rank(readings[-1]) > rank(best[1]):
            best = (image, readings[-1])
    assert best is not None  # a video without any frame was refused while sampling
    if shows_several_people(readings):
        best = (best[0], as_several_people(best[1]))
    origin = Origin(SourceKind.VIDEO, source.sha256, source.captured_at)
    return reading_of(chain, origin, *best, watch, statistics_of(chain, readings))
