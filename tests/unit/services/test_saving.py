"""The place of a file is tried before any work is done for it; nothing half-made is left."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from clinic_app.domain.errors import ReportFailed
from clinic_app.services import saving
from clinic_app.services.saving import check_place, save_file


def test_a_good_place_stays_as_it_is(tmp_path: Path) -> None:
    check_place(tmp_path / "new.pdf")
    assert list(tmp_path.iterdir()) == []
    old = tmp_path / "old.pdf"
    old.write_bytes(b"old")
    check_place(old)
    assert old.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [old]


@pytest.mark.parametrize(
    "place",
    [
        Path(),
        Path("missing") / "out.pdf",
        Path("file.txt") / "out.pdf",
        Path("x" * 300),
        Path("pipe"),
        Path("/proc/out.pdf"),
        Path("/dev/null"),
    ],
    ids=["folder", "missing folder", "below a file", "long", "pipe", "kernel's folder", "device"],
)
def test_a_place_where_no_file_can_be_put_is_refused(tmp_path: Path, place: Path) -> None:
    (tmp_path / "file.txt").touch()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ReportFailed):
        check_place(tmp_path / place)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file.txt", "pipe"]


def test_a_folder_that_takes_no_file_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> tuple[int, str]:
        raise OSError("No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    with pytest.raises(ReportFailed, match=r"out\.pdf"):
        check_place(tmp_path / "out.pdf")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_saving_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    def interrupted(descriptor: int) -> None:
        raise stop

    target = tmp_path / "out.pdf"
    target.write_bytes(b"old")
    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(stop):
        save_file(b"new", target)
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == b"old"


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.pdf"
    target.write_bytes(b"old")
    save_file(b"new", target)
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ReportFailed, match=r"report\.pdf"):
        save_file(b"new", tmp_path / "missing" / "report.pdf")
    folder = tmp_path / "report.pdf"
    folder.mkdir()
    with pytest.raises(ReportFailed):
        save_file(b"new", folder)
    assert list(tmp_path.iterdir()) == [folder]
    with pytest.raises(ReportFailed):
        save_file(b"new", tmp_path / ("x" * 300))
    with pytest.raises(ReportFailed):
        save_file(b"new", tmp_path / ("x" * 300) / "report.pdf")


@pytest.mark.parametrize("name", [".clinic-app-saving-a1b2c3_4", ".clinic-app-a1b2c3_4"])
def test_what_was_being_written_when_the_program_was_killed_goes_with_the_next_file(
    tmp_path: Path, name: str
) -> None:
    left = tmp_path / name
    left.write_bytes(b"a report that anybody can read")
    save_file(b"new", tmp_path / "out.pdf")
    assert left.exists()  # another program may be writing it
    long_ago = time.time() - 3600
    os.utime(left, (long_ago, long_ago))
    save_file(b"new", tmp_path / "out.pdf")
    assert [one.name for one in tmp_path.iterdir()] == ["out.pdf"]


def test_nothing_else_goes_with_the_next_file(tmp_path: Path) -> None:
    mine, aside, folder, link = (
        tmp_path / name
        for name in (
            "report.pdf",
            ".clinic-app-notes.txt",
            ".clinic-app-a1b2c3_4",
            ".clinic-app-saving-a1b2c3_5",
        )
    )
    mine.touch()
    aside.touch()
    folder.mkdir()
    link.symlink_to(mine)
    long_ago = time.time() - 3600
    for one in (mine, aside, folder):
        os.utime(one, (long_ago, long_ago))
    os.utime(link, (long_ago, long_ago), follow_symlinks=False)
    save_file(b"new", tmp_path / "out.pdf")
    assert len(list(tmp_path.iterdir())) == 5


def test_a_file_that_is_being_written_has_the_name_that_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def look(descriptor: int) -> None:
        seen.extend(one.name for one in tmp_path.iterdir())

    monkeypatch.setattr("os.fsync", look)
    save_file(b"new", tmp_path / "out.pdf")
    assert [saving._LEFT_BEHIND.fullmatch(one) is not None for one in seen] == [True]
