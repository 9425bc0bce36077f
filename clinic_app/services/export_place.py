"""Writing an export beside its place, as a whole or not at all.

What is being written lies there readable, so the store knows where: a program that was killed
amid it removes it when somebody signs in the next time.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import secrets
import shutil
import stat
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import ClinicError, StoreFull
from clinic_app.services.storage import OpenStore, UnitOfWork

_NO_ROOM = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
_ASIDE = ".clinic-app-export-"
_LEFT_BEHIND_S = 600
"""Seconds without a change after which an export that was begun is not being written any more."""

_being_written: set[Path] = set()
"""By this program, perhaps for somebody who has signed out meanwhile."""


class ExportFailed(ClinicError):
    """The export cannot be written to the chosen place; nothing was left there."""


def _is_zip(place: Path) -> bool:
    return place.suffix.lower() == ".zip"


def check_place(place: Path) -> None:
    """Raises ``ExportFailed`` unless ``place`` is free and its folder is there."""
    try:
        taken = place.exists() or place.is_symlink()
        there = place.parent.is_dir()
    except (OSError, ValueError) as error:
        raise ExportFailed(
            "“{name}” cannot be used as a name here.", name=place.name[:40]
        ) from error
    if taken:
        raise ExportFailed("“{name}” is there already. Please choose a new name.", name=place.name)
    if not there:
        raise ExportFailed("The folder of “{name}” does not exist.", name=place.name)


def write_whole(
    place: Path,
    contents: Mapping[str, bytes],
    now: datetime,
    unit_of_work: Callable[[], UnitOfWork],
) -> None:
    """All of it, or nothing is left: one ZIP when the name ends so, else a new folder.

    Raises ``ExportFailed``, ``StoreFull``.
    """
    with _begun(place, unit_of_work) as aside:
        try:
            _remove_leftovers(place.parent)
            aside.mkdir(mode=0o700)
            whole = aside / "export"
            if _is_zip(place):
                _zip(whole, contents, now)
            else:
                _folder(whole, contents)
            whole.replace(place)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise StoreFull(
                    "There is not enough room for the export; none was made."
                ) from error
            raise ExportFailed(
                "“{name}” could not be written; nothing was left.", name=place.name
            ) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def _begun(place: Path, unit_of_work: Callable[[], UnitOfWork]) -> Iterator[Path]:
    """A new name beside ``place``, which the store knows before anything is there and as long as
    something is."""
    aside = place.parent.absolute() / f"{_ASIDE}{secrets.token_hex(8)}"
    with unit_of_work() as work:
        work.begun_exports.add(str(aside))
        work.commit()
    _being_written.add(aside)
    try:
        yield aside
    finally:
        _being_written.discard(aside)
        if _is_gone(aside):
            # What cannot be forgotten now is, when the next sign-in finds nothing there.
            with contextlib.suppress(ClinicError), unit_of_work() as work:
                work.begun_exports.remove(str(aside))
                work.commit()


def remove_exports_left_behind(store: OpenStore, by: UUID) -> None:
    """Remove what exports left readable when the program was killed; each is audited.

    One store is open in one program: what this one does not write is not being written any more.
    A place that is not there now, a stick that was taken out or a folder that this person
    may not look into, is tried again.
    """
    with store.unit_of_work() as work:
        begun = work.begun_exports.all()
        for name in begun:
            aside = Path(name)
            if not aside.name.startswith(_ASIDE) or aside in _being_written:
                continue
            lay_there = _lies_there(aside)
            if lay_there:
                shutil.rmtree(aside, ignore_errors=True)
            if not _is_gone(aside):
                continue
            work.begun_exports.remove(name)
            if lay_there:
                detail = "broken off before, removed"
                work.audit.record(AuditKind.CHANGED, by, "export", None, detail)
        if work.begun_exports.all() != begun:
            work.commit()


def _lies_there(aside: Path) -> bool:
    try:
        return stat.S_ISDIR(aside.lstat().st_mode)
    except OSError:
        return False


def _is_gone(aside: Path) -> bool:
    """Whether it is known that nothing lies there: its folder is there, and does not have it. A
    stick that was pulled out, or a folder that nobody may look into, says nothing of that."""
    try:
        if aside.parent.is_dir():
            aside.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _remove_leftovers(folder: Path) -> None:
    """Remove what an export left aside here when it was killed or the power went.

    One that is being written by another program is younger than ``_LEFT_BEHIND_S``.
    """
    for found in folder.glob(f"{_ASIDE}*"):
        with contextlib.suppress(OSError):  # somebody else's, or gone meanwhile
            parts = (found, *found.rglob("*"))
            touched = max(part.lstat().st_mtime for part in parts)
            if found.is_dir() and not found.is_symlink() and time.time() - touched > _LEFT_BEHIND_S:
                shutil.rmtree(found)


def _put(path: Path, content: bytes) -> None:
    """Write a file that a power cut after the renaming does not empty."""
    path.touch(mode=0o600)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _zip(path: Path, contents: Mapping[str, bytes], now: datetime) -> None:
    local = now.astimezone(UTC)
    stamp = (max(local.year, 1980), *local.timetuple()[1:6])
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, content)
    _put(path, made.getvalue())


def _folder(path: Path, contents: Mapping[str, bytes]) -> None:
    for name, content in contents.items():
        target = path / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _put(target, content)
