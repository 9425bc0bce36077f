"""Archives of arrays (`.npz`) from outside: whatever is wrong with one is one kind of error."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

_UNREADABLE = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, MemoryError, OverflowError),
    RuntimeError,  # encrypted, or packed in a way that zipfile does not know
    *(tokenize.TokenError, zipfile.BadZipFile, zlib.error),
)
"""What NumPy and zipfile raise for bytes that are no archive of arrays, or a damaged one."""


class UnreadableArchive(ValueError):
    """No archive of arrays, or one that was damaged or cut off."""


def read_arrays(stream: BinaryIO) -> dict[str, NDArray[Any]]:
    """All arrays of an archive by name; objects in it are never made. Raises `UnreadableArchive`.

    How much it unpacks to is for the caller to limit.
    """
    try:
        with np.load(stream, allow_pickle=False) as archive:
            return {name: np.asarray(archive[name]) for name in archive.files}
    except (AttributeError, *_UNREADABLE) as error:  # a single array has no files
        raise UnreadableArchive from error
