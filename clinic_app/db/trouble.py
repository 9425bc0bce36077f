"""Database errors sorted into known trouble (a sentence for the counselor) and our mistakes."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from clinic_app.domain.errors import (
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreInUse,
    StoreUnwritable,
)

# Primary and extended result codes, https://sqlite.org/rescode.html
_BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 5, 6, 8, 10, 11, 13, 14, 26
_PERM, _AUTH = 3, 23
_IOERR_WRITE, _IOERR_TRUNCATE, _IOERR_SHMSIZE = 778, 1546, 4874
# A quota or a file-size limit shows as a failed write, a full disk as any of these.
_NO_ROOM = frozenset({_FULL, _IOERR_WRITE, _IOERR_TRUNCATE, _IOERR_SHMSIZE})

DAMAGED = "The clinic's records are damaged. Please stop and restore the latest backup."


def known_trouble(error: Exception) -> StoreError | None:
    """The store error behind a database error; ``None`` when it is a mistake of ours."""
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    if code is None:
        return None
    if code in _NO_ROOM:
        return StoreFull("The disk is full; the change was not made. Please free some space.")
    primary = code & 0xFF
    if primary in (_CORRUPT, _NOTADB):
        return StoreDamaged(DAMAGED)
    if primary in (_BUSY, _LOCKED):
        return StoreInUse("The clinic's records are in use at this moment; please try again.")
    if primary in (_READONLY, _CANTOPEN, _IOERR, _PERM, _AUTH):
        return StoreUnwritable(
            "The clinic's records cannot be read or written. Please check the disk and its rights."
        )
    return None
