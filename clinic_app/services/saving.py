"""Writing a file that somebody asked for: whole or not at all, and the place tried beforehand."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
import time
from pathlib import Path

from clinic_app.domain.errors import ReportFailed
from clinic_app.services.chosen_file import spoken_name

_ASIDE = ".clinic-app-saving-"
_LEFT_BEHIND = re.compile(r"\.clinic-app-(saving-)?[a-z0-9_]{8}", re.ASCII)
"""Names of files that are being written, also those that earlier programs gave them."""
_LEFT_BEHIND_S = 600
"""Seconds without a change after which a file that was begun is not being written any more."""


def check_place(path: Path) -> None:
    """Raise ``ReportFailed`` when no file can be put there, before any work is done for it.

    The folder is tried for real: rights alone do not tell of a full or read-only disk.
    """
    if is_folder(path):
        raise ReportFailed(
            "“{name}” is a folder; please name a file in it.", name=spoken_name(path)
        )
    if not is_folder(path.parent):
        raise ReportFailed("The folder of “{name}” cannot be written to.", name=path.name)
    if not _fits(path):
        raise ReportFailed("“{name}” cannot be the name of a file here.", name=path.name[:40])
    handle, probe = _temporary(path)
    os.close(handle)
    Path(probe).unlink(missing_ok=True)


def save_file(content: bytes, path: Path) -> None:
    """Write a file whole or not at all; raises ``ReportFailed`` with a clear sentence."""
    check_place(path)
    _remove_leftovers(path.parent)
    handle, temporary = _temporary(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException as error:  # also an interruption leaves no half file behind
        Path(temporary).unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise ReportFailed(
            "“{name}” could not be saved; the disk may be full or the file in use.", name=path.name
        ) from error


def _remove_leftovers(folder: Path) -> None:
    """Remove what was being written here when the program was killed: a report or a recovery key,
    readable under a name that is not shown."""
    with contextlib.suppress(OSError):
        for found in folder.iterdir():
            if _LEFT_BEHIND.fullmatch(found.name) is None:
                continue
            with contextlib.suppress(OSError):  # somebody else's, or gone meanwhile
                about = found.lstat()
                old = time.time() - about.st_mtime > _LEFT_BEHIND_S
                if stat.S_ISREG(about.st_mode) and old:
                    found.unlink()


def is_folder(path: Path) -> bool:
    """Also for a path that the system does not accept."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _fits(path: Path) -> bool:
    """Whether the name is a file's, or free and one that the system accepts."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False


def _temporary(path: Path) -> tuple[int, str]:
    """A new file beside ``path``; raises ``ReportFailed``."""
    try:
        return tempfile.mkstemp(prefix=_ASIDE, dir=path.parent)
    except OSError as error:
        raise ReportFailed(
            "The folder of “{name}” cannot be written to.", name=path.name
        ) from error
