"""Files that are there whole or not at all, however a run ends."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place to write to that becomes `path` in one step when the block ends well.

    A run that is killed meanwhile leaves what was at `path` before; the next one writes over the
    part that was left beside it. A write that fails, as on a full disk, leaves nothing beside it.
    The place ends as `path` does, for writers that look at the name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.stem}.partial{path.suffix}")
    try:
        yield partial
        with partial.open("rb+") as written:
            os.fsync(written.fileno())  # else a power cut may keep the new name without its content
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    partial.replace(path)


def fingerprint(*parts: bytes | NDArray[np.generic]) -> str:
    """Of files' contents and arrays, shapes included: the same for the same, in this order."""
    digest = hashlib.sha256()
    for part in parts:
        array = np.frombuffer(part, np.uint8) if isinstance(part, bytes) else part
        array = np.ascontiguousarray(array)
        digest.update(repr((array.dtype.str, array.shape)).encode())
        digest.update(array.data)
    return digest.hexdigest()
