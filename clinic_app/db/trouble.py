"""Database errors sorted into known trouble (a sentence for the counselor) and our mistakes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from clinic_app.db.files import no_room
from clinic_app.domain.errors import (
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreInUse,
    StoreUnwritable,
)

# Primary result codes, https://sqlite.org/rescode.html (this driver reports no extended ones)
_PERM, _BUSY, _LOCKED, _READONLY, _IOERR = 3, 5, 6, 8, 10
_CORRUPT, _FULL, _CANTOPEN, _AUTH, _NOTADB = 11, 13, 14, 23, 26

_PROBE_BYTES = 64 * 1024

DAMAGED = "The clinic's records are damaged. Please stop and restore the latest backup."


def known_trouble(error: Exception, path: Path) -> StoreError | None:
    """The store error behind an error of this database; ``None`` for a mistake of ours."""
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    if code is None:
        return None
    primary = code & 0xFF
    # SQLite says "full" for a full disk only; a quota or size limit is a plain input/output error.
    if primary == _FULL or (primary == _IOERR and not has_room(path)):
        return StoreFull("The disk is full; the change was not made. Please free some space.")
    if primary in (_CORRUPT, _NOTADB):
        return StoreDamaged(DAMAGED)
    if primary in (_BUSY, _LOCKED):
        return StoreInUse("The clinic's records are in use at this moment; please try again.")
    if primary in (_READONLY, _CANTOPEN, _IOERR, _PERM, _AUTH):
        return StoreUnwritable(
            "The clinic's records cannot be read or written. Please check the disk and its rights."
        )
    return None


def has_room(path: Path) -> bool:
    """Whether a file a little longer than the write-ahead log fits beside ``path``."""
    log = path.with_name(f"{path.name}-wal")
    try:
        left = _PROBE_BYTES + (log.stat().st_size if log.exists() else path.stat().st_size)
        with tempfile.TemporaryFile(dir=path.parent) as probe:
            while left > 0:
                left -= probe.write(bytes(min(left, _PROBE_BYTES)))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return not no_room(error)
    return True
