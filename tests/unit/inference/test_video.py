"""Videos: frames spread over the whole length; damaged ones refused in a sentence."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from clinic_app.domain.errors import UnreadableImage
from clinic_app.inference.arrays import RgbImage
from clinic_app.inference.intake import video
from clinic_app.inference.intake.patience import SECONDS, Patience
from clinic_app.inference.intake.photo import read_photo, sniff_file
from clinic_app.inference.intake.sniff import Container
from clinic_app.inference.intake.strip import with_strip
from clinic_app.inference.intake.video import describe_video, sampled_frames
from clinic_app.inference.native import cv2


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 frames, each brighter than the one before."""
    path = tmp_path_factory.mktemp("video") / "clip ü.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25.0, (64, 48))
    for number in range(60):
        writer.write(np.full((48, 64, 3), number * 4, np.uint8))
    writer.release()
    return path


def levels(path: Path) -> list[int]:
    return [round(float(frame.mean()) / 4) for frame in sampled_frames(path)]


def test_frames_are_spread_over_the_whole_video(clip: Path) -> None:
    assert sniff_file(clip) is Container.VIDEO
    assert levels(clip) == list(range(0, 60, 3))


@pytest.mark.parametrize("name", ["face%03d.jpg", "%d.png"])
def test_no_other_file_is_read_in_the_place_of_the_one_that_was_named(
    clip: Path, tmp_path: Path, name: str
) -> None:
    """FFmpeg takes such a name for a row of numbered pictures, whatever the file holds: what was
    hashed would be one file, and what was read another person's pictures beside it."""
    path = tmp_path / name
    shutil.copy(clip, path)
    for number in range(1, 30):
        cv2.imwrite(str(tmp_path / (name % number)), np.full((48, 64, 3), 200, np.uint8))
    assert sniff_file(path) is Container.VIDEO
    with pytest.raises(UnreadableImage, match="rename"):
        list(sampled_frames(path))


@pytest.mark.skipif(os.name == "nt", reason="Windows allows neither : nor | in the name of a file")
def test_a_name_that_says_a_protocol_is_a_name(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(clip, "concat:a|b.avi")
    assert levels(Path("concat:a|b.avi")) == levels(clip)


def test_a_video_that_shows_a_picture_of_the_studio_is_refused(
    portrait: RgbImage, tmp_path: Path
) -> None:
    path, made = tmp_path / "shown.avi", with_strip(portrait)
    high, wide = made.shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25.0, (wide, high))
    for number in range(20):
        frame = made if number > 9 else np.full_like(made, 90)
        writer.write(np.ascontiguousarray(frame[:, :, ::-1]))
    writer.release()
    with pytest.raises(UnreadableImage, match="made in the style studio"):
        list(sampled_frames(path))


def test_long_videos_are_sampled_by_seeking(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "_SEQUENTIAL_UP_TO", 10)
    found = levels(clip)
    assert len(found) == 20
    assert found == sorted(found)
    assert found[0] <= 5
    assert found[-1] >= 54


class Stopped(Exception):
    pass


def after(calls: int) -> Callable[[], None]:
    """A check that raises when it is called once more than ``calls`` times."""
    left = iter(range(calls))

    def check() -> None:
        if next(left, None) is None:
            raise Stopped

    return check


@pytest.mark.parametrize("sequential_up_to", [10, 900])
def test_sampling_ends_between_two_frames_when_nobody_waits(
    clip: Path, monkeypatch: pytest.MonkeyPatch, sequential_up_to: int
) -> None:
    monkeypatch.setattr(video, "_SEQUENTIAL_UP_TO", sequential_up_to)
    found = sampled_frames(clip, check=after(4))
    next(found)
    with pytest.raises(Stopped):
        list(found)


def test_hashing_ends_when_nobody_waits(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "_CHUNK", 1024)
    assert clip.stat().st_size > 4 * 1024
    with pytest.raises(Stopped):
        describe_video(clip, after(3))


def test_patience_ends_with_the_minute_or_when_asked_to_stop() -> None:
    now, stop = [5.0], [False]
    patience = Patience(lambda: stop[0], lambda: now[0])
    now[0] += SECONDS
    patience.check()
    now[0] += 0.1
    with pytest.raises(UnreadableImage, match="takes too long"):
        patience.check()
    stop[0] = True
    with pytest.raises(UnreadableImage, match="stopped"):
        patience.check()


def test_a_video_is_not_a_photo(clip: Path) -> None:
    with pytest.raises(UnreadableImage, match=r"is a video"):
        read_photo(clip)


def test_source_is_described(clip: Path) -> None:
    source = describe_video(clip)
    assert len(source.sha256) == 64
    assert source.captured_at.tzinfo is not None


@pytest.mark.parametrize("data", [b"RIFF\x10\0\0\0AVI ", b"\0\0\0\x18ftypisom", b"\x1aE\xdf\xa3"])
def test_a_damaged_video_is_refused_silently(
    tmp_path: Path, data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken"
    path.write_bytes(data + bytes(500))
    with pytest.raises(UnreadableImage, match=r"video .*(damaged|no picture)"):
        list(sampled_frames(path))
    assert capfd.readouterr().err == ""


def test_a_truncated_video_gives_the_frames_it_has(
    clip: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "half.avi"
    path.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    assert 5 <= len(list(sampled_frames(path))) <= 10
    assert capfd.readouterr().err == ""
