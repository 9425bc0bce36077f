"""Small files beside the store, written so that a crash leaves the old or the new content."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from clinic_app.domain.errors import StoreError, StoreFull, StoreUnwritable

STORE_FILE = "clinic.db"
KEY_FILE = "keyslots.json"
AUDIT_FILE = "audit.head"
SIGN_IN_FILE = "signin.json"
LOCK_FILE = "store.lock"
SETUP_MARK = "setup.part"
RESTORE_FOLDER = "restore.part"
DRILL_FOLDER = "drill.part"
SNAPSHOT_FOLDER = "snapshot.part"

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

_NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})


def file_trouble(error: OSError) -> StoreError:
    """The store error that an operating-system error means; names no path."""
    if no_room(error):
        return StoreFull("The disk is full; nothing was changed. Please free some space.")
    return StoreUnwritable(
        "The clinic's folder cannot be read or written. Please check its access rights."
    )


def no_room(error: OSError) -> bool:
    """Whether a full disk, a used-up quota or a size limit is behind it."""
    return error.errno in _NO_ROOM


@contextlib.contextmanager
def file_access() -> Iterator[None]:
    """Turn operating-system errors inside the block into store errors."""
    try:
        yield
    except OSError as error:
        raise file_trouble(error) from error


def make_private_folder(folder: Path) -> None:
    """Make the folder if it is missing; only its owner may enter it.

    A folder that holds something already keeps its rights: somebody else may need them.
    """
    with file_access():
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            folder.chmod(PRIVATE_FOLDER)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace the file as a whole: temporary file, flush, rename, flush of the folder."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    with file_access():
        try:
            with open_private(temporary) as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
            temporary.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        flush_folder(path.parent)


@contextlib.contextmanager
def open_private(path: Path) -> Iterator[BinaryIO]:
    """A new file that only its owner can read."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, PRIVATE_FILE), "wb") as handle:
        yield handle


def make_private_file(path: Path) -> None:
    """A new, empty file that only its owner can read."""
    with file_access(), open_private(path):
        pass


def flush_folder(folder: Path) -> None:
    """Make new names in the folder survive a power cut (Windows has no such call)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_temporaries(folder: Path, names: Iterable[str]) -> None:
    """Remove what a crash left behind while one of these files was written."""
    with file_access():
        for name in names:
            for leftover in folder.glob(f"{name}.????????.tmp"):
                leftover.unlink(missing_ok=True)
