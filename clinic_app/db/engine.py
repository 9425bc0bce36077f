"""Connections to the encrypted file: always keyed, always with the same settings."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from clinic_app.db.trouble import DAMAGED, known_trouble
from clinic_app.domain.errors import StoreDamaged

PLAINTEXT_MAGIC = b"SQLite format 3\x00"
BUSY_TIMEOUT_MS = 5_000
CACHE_KIB = 32 * 1024
CHECKED_AT_OPENING = 32 * 1024 * 1024
"""Files up to this many bytes are checked as a whole when they are opened (about 0.1 s)."""

_SETTINGS = (
    "PRAGMA cipher_compatibility = 4",  # pins the file format
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA secure_delete = ON",  # removed images are overwritten
    "PRAGMA recursive_triggers = ON",  # REPLACE runs into the delete triggers too
    "PRAGMA trusted_schema = OFF",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    f"PRAGMA cache_size = -{CACHE_KIB}",
)


def make_engine(path: Path, key: bytes, *, sealed: bool = False) -> Engine:
    """An engine on the encrypted file, which has to exist (empty when it is new).

    ``sealed``: nobody writes it, and nothing is written beside it. Parameters never appear in its
    error messages: they hold names and notes.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        module=sqlcipher,
        creator=lambda: keyed_connection(path, key, sealed=sealed),
        poolclass=QueuePool,
        pool_size=2,
        max_overflow=-1,
        pool_use_lifo=True,  # one connection, with what it has read, for as long as one is enough
        hide_parameters=True,
    )
    # The driver's own transactions are off; SQLAlchemy's begin opens a real one. It is deferred:
    # a unit of work that only reads takes no write lock.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def keyed_connection(path: Path, key: bytes, *, sealed: bool = False) -> Any:
    """A driver's connection to the encrypted file; ``sealed`` as in ``make_engine``."""
    uri = f"{path.absolute().as_uri()}?{'mode=ro&immutable=1' if sealed else 'mode=rw'}"
    connection = sqlcipher.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        for setting in _SETTINGS:
            connection.execute(setting)
    except BaseException:
        connection.close()
        raise
    return connection


def file_of(engine: Engine) -> Path:
    """The file behind an engine that ``make_engine`` made."""
    return Path(str(engine.url.database))


@contextlib.contextmanager
def database_access(path: Path) -> Iterator[None]:
    """Turn known trouble with the database at ``path`` inside the block into store errors."""
    try:
        yield
    except (DBAPIError, sqlcipher.Error) as error:
        trouble = known_trouble(error, path)
        if trouble is None:
            raise
        raise trouble from error


def check_not_plaintext(path: Path) -> None:
    """Raise ``StoreDamaged`` for an empty file or one that is not encrypted."""
    with path.open("rb") as handle:
        head = handle.read(len(PLAINTEXT_MAGIC))
    if head == PLAINTEXT_MAGIC:
        raise StoreDamaged(
            "The clinic's records are not encrypted, so they were not opened. Please restore a"
            " backup."
        )
    if len(head) < len(PLAINTEXT_MAGIC):
        raise StoreDamaged("The clinic's records are cut off. Please restore the latest backup.")


def check_cipher(connection: Connection) -> None:
    """Raise ``StoreDamaged`` unless encryption is really on."""
    version = connection.exec_driver_sql("PRAGMA cipher_version").scalar()
    provider = connection.exec_driver_sql("PRAGMA cipher_provider").scalar()
    if not version or not provider:
        raise StoreDamaged("Encryption is not available, so the clinic's records stay closed.")


def use_write_ahead_log(path: Path, key: bytes) -> None:
    """Set the journal of a new file; the file remembers it."""
    with database_access(path), contextlib.closing(keyed_connection(path, key)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()


def check_file(path: Path, key: bytes) -> None:
    """Recover what a crash left in the write-ahead log and check every page of a small file.

    Raises ``StoreDamaged``. SQLCipher authenticates each page whenever it is read; checking all of
    them at once is only done while it takes no time that a person would notice.
    """
    with database_access(path), contextlib.closing(keyed_connection(path, key)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if path.stat().st_size > CHECKED_AT_OPENING:
            return
        if connection.execute("PRAGMA cipher_integrity_check").fetchall():
            raise StoreDamaged(DAMAGED)
