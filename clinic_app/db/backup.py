"""Writing a backup: a snapshot through SQLite's online backup, checked before it gets its name.

The snapshot is one read transaction on the write-ahead log, so the program goes on reading and
writing meanwhile. Both sides are keyed: SQLCipher decrypts and encrypts page by page in memory, and
nothing readable reaches a disk. Until the last check has passed, the file has a hidden name.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import select, text

from clinic_app import __version__
from clinic_app.db.anchor import AuditAnchor, Head
from clinic_app.db.audit_trail import StoredAuditTrail
from clinic_app.db.backup_file import (
    Trailer,
    append_trailer,
    chunks,
    read_trailer,
)
from clinic_app.db.engine import database_access, keyed_connection, make_engine
from clinic_app.db.files import (
    AUDIT_FILE,
    KEY_FILE,
    STORE_FILE,
    file_access,
    flush_folder,
    make_private_file,
    no_room,
)
from clinic_app.db.keyslots import derive_key, parse
from clinic_app.db.schema import REVISION
from clinic_app.db.tables import clinic, log_head
from clinic_app.db.transaction import Transaction
from clinic_app.db.trouble import has_room
from clinic_app.domain.audit import AuditCheck
from clinic_app.domain.errors import ClinicError, StoreDamaged, StoreError, StoreFull
from clinic_app.domain.operations import decode_fields
from clinic_app.services.backup_data import (
    BackupContent,
    BackupFile,
    BackupRejected,
    BackupStopped,
    OperationHead,
    Progress,
    Stop,
)

_PAGES_AT_ONCE = 512
"""Two megabytes between two looks at whether to stop."""

_PLAIN_NAME = re.compile(r"^[a-z_0-9]+$")
_UNREADABLE = (
    "The copy does not match the clinic's records, so no backup was made. Please try again."
)
_NO_ROOM = "There is not enough room for the backup, so none was made. Please choose another disk."
_UNWRITABLE = "The backup could not be written to this place; none was made."
_STOPPED = "The backup was stopped; none was made."


@dataclass(frozen=True, slots=True)
class Source:
    """The open store that is backed up."""

    folder: Path
    key: bytes = field(repr=False)
    now: Callable[[], datetime]


def write_backup(source: Source, target: Path, progress: Progress, stop: Stop) -> BackupFile:
    """As ``Backups.write``."""
    _check_target(source.folder, target)
    with file_access():
        slots = (source.folder / KEY_FILE).read_bytes()
        anchor = (source.folder / AUDIT_FILE).read_bytes()  # before the records: it never leads
    store_id = parse(slots).store_id
    prefix = f".clinic-app-backup-{store_id[:12]}-"
    _remove_leftovers(target.parent, prefix)
    part = target.with_name(f"{prefix}{secrets.token_hex(4)}.part")
    made_at = source.now().astimezone(UTC)
    try:
        _snapshot(source, part, lambda share: progress(share / 2), stop)
        content = _content(source, part, anchor, made_at)
        bare = Trailer(store_id, made_at, __version__, content.database_bytes, slots, anchor)
        _seal(part, bare.with_content(content, source.key))
        _check_written(part, source.key, content, lambda share: progress(0.5 + share / 2), stop)
        with file_access():
            size = part.stat().st_size
            part.replace(target)
            flush_folder(target.parent)
    except (OSError, ClinicError) as error:
        raise _in_words_of_a_backup(error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return BackupFile(target, size, made_at, content)


def _check_target(folder: Path, target: Path) -> None:
    """Raise ``BackupRejected`` unless a new file can be made there, outside the clinic's folder."""
    try:
        home, place = folder.resolve(), target.parent.resolve()
        taken, there = target.exists() or target.is_symlink(), place.is_dir()
    except (OSError, ValueError, RuntimeError) as error:
        raise BackupRejected(
            "“{name}” cannot be the name of a file here.", name=target.name[:40]
        ) from error
    if taken:
        raise BackupRejected(
            "“{name}” is there already; a backup never replaces a file. Please choose another"
            " name.",
            name=target.name,
        )
    if not there:
        raise BackupRejected("The folder of “{name}” does not exist.", name=target.name)
    if place == home or home in place.parents:
        raise BackupRejected(
            "A backup in the clinic's own folder would be lost with it. Please choose another"
            " place, best on another disk."
        )


def _remove_leftovers(folder: Path, prefix: str) -> None:
    """What a backup of this store left there when its program was killed."""
    with file_access():
        for leftover in folder.glob(f"{prefix}*.part*"):
            leftover.unlink(missing_ok=True)


def _snapshot(source: Source, part: Path, progress: Progress, stop: Stop) -> None:
    path = source.folder / STORE_FILE

    def after_some_pages(_status: int, left: int, total: int) -> None:
        if stop():
            raise BackupStopped(_STOPPED)
        progress(1 - left / max(1, total))

    make_private_file(part)
    with (
        database_access(part),
        contextlib.closing(keyed_connection(path, source.key)) as records,
        contextlib.closing(keyed_connection(part, source.key)) as copy,
    ):
        # The new file needs no journal of its own: until it is whole, it is nothing.
        copy.execute("PRAGMA journal_mode = OFF").fetchall()
        copy.execute("PRAGMA synchronous = OFF")
        records.execute("BEGIN")
        records.execute("SELECT count(*) FROM sqlite_master").fetchall()  # from here on one moment
        try:
            records.backup(copy, pages=_PAGES_AT_ONCE, progress=after_some_pages)
        except sqlcipher.Error as error:  # the driver gives no code here
            raise (StoreError(_UNWRITABLE) if has_room(part) else StoreFull(_NO_ROOM)) from error
        records.execute("ROLLBACK")
        _forget_round_keys(copy)


def _forget_round_keys(copy: sqlcipher.Connection) -> None:
    """Of open rounds with other clinics: with them masks could be taken off sums that were sent,
    and a restored store, under another epoch, could not use them. What was there is overwritten
    (``secure_delete``)."""
    # The copied pages say that there is a write-ahead log.
    copy.execute("PRAGMA journal_mode = OFF").fetchall()
    copy.execute("UPDATE site_round SET secret = NULL")


def _content(source: Source, part: Path, anchor: bytes, made_at: datetime) -> BackupContent:
    """Look the copy over; raises ``StoreDamaged`` when it is not sound."""
    check_pages(part, source.key)
    head = AuditAnchor(source.folder, derive_key(source.key, b"audit anchor")).head_in(anchor)
    with sealed_transaction(part, source.key) as db:
        check = verify_audit(db, source.key, head, source.now)
        return BackupContent(
            clinic_name=_clinic_name(db),
            made_at=made_at,
            program_version=__version__,
            schema_revision=REVISION,
            database_bytes=part.stat().st_size,
            database_sha256=sha256_of(part, part.stat().st_size),
            records=counts(db),
            audit_head=check.head,
            audit_intact=check.intact,
            heads=heads(db),
        )


def _clinic_name(db: Transaction) -> str:
    body = db.scalar(select(clinic.c.body).where(clinic.c.known).order_by(clinic.c.id).limit(1))
    return "" if body is None else str(decode_fields(body).get("name", ""))


def _seal(part: Path, trailer: Trailer) -> None:
    with file_access(), part.open("r+b") as file:
        append_trailer(file, trailer)
        file.flush()
        os.fsync(file.fileno())
        if hasattr(os, "posix_fadvise"):  # the check reads the disk, not what is still in memory
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _check_written(
    part: Path, key: bytes, content: BackupContent, progress: Progress, stop: Stop
) -> None:
    """Read the whole file back and compare it with what was meant to be written."""
    if read_trailer(part).content(key) != content:
        raise StoreDamaged(_UNREADABLE)
    if sha256_of(part, content.database_bytes, progress, stop) != content.database_sha256:
        raise StoreDamaged(_UNREADABLE)


def _in_words_of_a_backup(error: Exception) -> ClinicError:
    """A full disk and a bad copy are trouble of the backup; the clinic's records are as before."""
    if isinstance(error, StoreFull) or (isinstance(error, OSError) and no_room(error)):
        return StoreFull(_NO_ROOM)
    if isinstance(error, StoreDamaged):
        return BackupRejected("No backup was made. {why}", why=error.sentence)
    if isinstance(error, BackupStopped):
        return BackupStopped(_STOPPED)
    if isinstance(error, ClinicError):
        return error
    return StoreError(_UNWRITABLE)


# --- looking at a copy --------------------------------------------------------------------------


def check_pages(path: Path, key: bytes) -> None:
    """Authenticate every page and check the structure; raises ``StoreDamaged``."""
    with (
        database_access(path),
        contextlib.closing(keyed_connection(path, key, sealed=True)) as copy,
    ):
        if copy.execute("PRAGMA cipher_integrity_check").fetchall():
            raise StoreDamaged("Pages of the records are damaged.")
        if copy.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise StoreDamaged("The structure of the records is damaged.")


@contextlib.contextmanager
def sealed_transaction(path: Path, key: bytes) -> Iterator[Transaction]:
    """A transaction on a file that nobody writes; leaves nothing beside it."""
    engine = make_engine(path, key, sealed=True)
    try:
        with database_access(path), engine.connect() as connection:
            yield Transaction(connection)
    finally:
        engine.dispose()


def verify_audit(
    db: Transaction, key: bytes, anchor: Head | None, now: Callable[[], datetime]
) -> AuditCheck:
    """The audit chain of a copy against an anchor that was read already."""
    unused = AuditAnchor(Path(), b"")
    return StoredAuditTrail(db, derive_key(key, b"audit"), unused, now).verify_against(anchor)


def counts(db: Transaction) -> dict[str, int]:
    """Rows by table, in order of name."""
    tables = db.rows(
        text(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " AND name <> 'alembic_version' ORDER BY name"
        )
    )
    names = [row.name for row in tables if _PLAIN_NAME.match(row.name)]
    return {name: int(db.scalar(text(f"SELECT count(*) FROM {name}"))) for name in names}  # noqa: S608


def heads(db: Transaction) -> tuple[OperationHead, ...]:
    """The newest operation of every sequence in the log."""
    rows = db.rows(select(log_head).order_by(log_head.c.origin, log_head.c.epoch))
    return tuple(OperationHead(row.origin, row.epoch, row.seq, row.hash.hex()) for row in rows)


def sha256_of(
    path: Path,
    length: int,
    progress: Progress = lambda share: None,
    stop: Stop = lambda: False,
) -> str:
    """Of the first ``length`` bytes of a file."""
    digest = hashlib.sha256()
    with file_access(), path.open("rb") as file:
        for chunk in chunks(file, length, progress, stop):
            digest.update(chunk)
    return digest.hexdigest()
