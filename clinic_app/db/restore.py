"""Bringing a backup back: unpack it aside, check everything, and only then put it in place.

All of it happens in a private folder inside the clinic's own; the records stay encrypted
throughout. A drill walks the same way, applies the whole operation log anew, compares the rows byte
for byte, and removes the folder again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from sqlalchemy import Table, func, select, text

from clinic_app.db import backup_file
from clinic_app.db.anchor import AuditAnchor
from clinic_app.db.audit_trail import StoredAuditTrail
from clinic_app.db.backup import check_pages, counts, heads, sealed_transaction, verify_audit
from clinic_app.db.backup_file import Trailer, chunks, read_trailer, wrong_opening
from clinic_app.db.engine import (
    check_not_plaintext,
    database_access,
    make_engine,
    use_write_ahead_log,
)
from clinic_app.db.files import (
    AUDIT_FILE,
    DRILL_FOLDER,
    STORE_FILE,
    file_access,
    flush_folder,
    make_private_file,
    make_private_folder,
    no_room,
    open_private,
    write_atomically,
)
from clinic_app.db.keyslots import derive_key, parse, slot_name
from clinic_app.db.log_rows import operation_of
from clinic_app.db.oplog import identity, rebuild
from clinic_app.db.replica import begin_epoch
from clinic_app.db.schema import create_schema, ensure_schema
from clinic_app.db.store import Clocks
from clinic_app.db.tables import SCREEN_TABLES, log_head, oplog, staff_user
from clinic_app.db.transaction import Transaction
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import StoreDamaged, StoreError, StoreFull, WrongPassword
from clinic_app.domain.operations import first_break
from clinic_app.services.backup_data import (
    BackupContent,
    BackupRejected,
    DrillResult,
    Opening,
    Progress,
    StaffPassword,
    Stop,
)

_NO_ROOM = "There is not enough room to restore the backup; nothing was changed."


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A backup that has passed every check, in a folder of its own."""

    folder: Path
    key: bytes = field(repr=False)
    slots: bytes
    content: BackupContent

    @property
    def records(self) -> Path:
        return self.folder / STORE_FILE


@contextlib.contextmanager
def unpacked(
    path: Path, opening: Opening, aside: Path, clocks: Clocks, progress: Progress, stop: Stop
) -> Iterator[Unpacked]:
    """The checked records of a backup in ``aside``, under a new epoch; removed afterwards.

    What the block has moved away by then is kept.
    """
    try:
        trailer, key = _open(path, opening)
        content = trailer.content(key)
        with file_access():
            remove_folder(aside)
        make_private_folder(aside)
        copied = Unpacked(aside, key, trailer.slots, content)
        _unpack(path, copied, progress, stop)
        _check(copied, trailer, clocks)
        _adopt(copied, opening, clocks)
        yield copied
    except StoreFull as error:
        raise StoreFull(_NO_ROOM) from error
    except StoreDamaged as error:
        raise BackupRejected(backup_file.DAMAGED) from error
    finally:
        with contextlib.suppress(OSError):
            remove_folder(aside)


def _open(path: Path, opening: Opening) -> tuple[Trailer, bytes]:
    trailer = read_trailer(path)
    try:
        return trailer, trailer.key(opening)
    except WrongPassword as error:
        raise wrong_opening(error) from error


def _unpack(path: Path, copied: Unpacked, progress: Progress, stop: Stop) -> None:
    """Copy the records out of the backup; raises ``BackupRejected`` when they are not its own."""
    length = copied.content.database_bytes
    if shutil.disk_usage(copied.folder).free < length:
        raise StoreFull(_NO_ROOM)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as source, open_private(copied.records) as target:
            for chunk in chunks(source, length, lambda share: progress(share / 2), stop):
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        if no_room(error):
            raise StoreFull(_NO_ROOM) from error
        raise BackupRejected("The file “{name}” cannot be read.", name=path.name) from error
    if digest.hexdigest() != copied.content.database_sha256:
        raise BackupRejected(backup_file.DAMAGED)


def _check(copied: Unpacked, trailer: Trailer, clocks: Clocks) -> None:
    """Pages, counts, operation chains and audit trail are what the sealed list says they are."""
    write_atomically(copied.folder / AUDIT_FILE, trailer.anchor)
    with file_access():
        check_not_plaintext(copied.records)
    check_pages(copied.records, copied.key)
    with sealed_transaction(copied.records, copied.key) as db:
        found = (counts(db), heads(db), identity(db)[0])
    if found != (dict(copied.content.records), copied.content.heads, trailer.store_id):
        raise BackupRejected(backup_file.DAMAGED)
    use_write_ahead_log(copied.records, copied.key)
    with _opened(copied.records, copied.key, upgrade=True) as db:
        _check_operations(db, copied.content)
        head = AuditAnchor(copied.folder, derive_key(copied.key, b"audit anchor")).read()
        audit = verify_audit(db, copied.key, head, clocks.now)
        if (audit.intact, audit.head) != (copied.content.audit_intact, copied.content.audit_head):
            raise BackupRejected(backup_file.DAMAGED)


def _check_operations(db: Transaction, content: BackupContent) -> None:
    """Every sequence is chained from 1 to its head without a hole."""
    for head in content.heads:
        own = (oplog.c.origin == head.origin) & (oplog.c.epoch == head.epoch)
        rows = db.stream(select(oplog).where(own).order_by(oplog.c.seq))
        if first_break(operation_of(row) for row in rows) is not None:
            raise BackupRejected(backup_file.DAMAGED)
        last = db.scalar(select(oplog.c.hash).where(own & (oplog.c.seq == head.seq)))
        if last is None or last.hex() != head.hash:
            raise BackupRejected(backup_file.DAMAGED)
    if int(db.scalar(select(func.count()).select_from(oplog))) != sum(h.seq for h in content.heads):
        raise BackupRejected(backup_file.DAMAGED)


def _adopt(copied: Unpacked, opening: Opening, clocks: Clocks) -> None:
    """Go on under a new epoch, and let the audit trail begin with the restore.

    The store that was backed up may have written on under its own epoch; two sequences of one name
    would be told apart by nobody.
    """
    anchor = AuditAnchor(copied.folder, derive_key(copied.key, b"audit anchor"))
    with _opened(copied.records, copied.key) as db:
        trail = StoredAuditTrail(db, derive_key(copied.key, b"audit"), anchor, clocks.now)
        anchor.compare(trail.mac_of)
        _, workstation = identity(db)
        begin_epoch(db, workstation.origin, clocks.wall())
        made_at = copied.content.made_at.isoformat()
        detail = f"backup of {made_at}, sha256 {copied.content.database_sha256[:16]}"
        by = _user_id(db, opening, copied.slots)
        trail.record(AuditKind.CHANGED, by, "restore", None, detail)
        db.commit()
        assert trail.newest is not None
        anchor.move(trail.newest)
        db.clear_write_ahead_log()


def _user_id(db: Transaction, opening: Opening, slots: bytes) -> UUID | None:
    """Who restores; of two accounts of one name the one that the key says."""
    if not isinstance(opening, StaffPassword):
        return None
    slot = parse(slots).slot_of(opening.user_name)
    if slot is not None and slot.account is not None:
        return slot.account
    name = slot_name(opening.user_name)
    found = db.row(select(staff_user.c.id).where(staff_user.c.user_name == name).limit(1))
    return None if found is None else found.id


@contextlib.contextmanager
def _opened(path: Path, key: bytes, *, upgrade: bool = False) -> Iterator[Transaction]:
    engine = make_engine(path, key)
    try:
        if upgrade:
            ensure_schema(engine)
        with database_access(path), engine.connect() as connection:
            yield Transaction(connection)
    finally:
        engine.dispose()


# --- the drill ----------------------------------------------------------------------------------


def drill(
    path: Path, opening: Opening, home: Path, clocks: Clocks, progress: Progress, stop: Stop
) -> DrillResult:
    """As ``Backups.drill``; ``home`` is the clinic's folder."""
    aside = home / DRILL_FOLDER
    with unpacked(path, opening, aside, clocks, lambda part: progress(part / 2), stop) as copied:
        rebuilt = _compare_with_rebuilt(copied)
        progress(1.0)
        return DrillResult(copied.content, rebuilt)


def _compare_with_rebuilt(copied: Unpacked) -> int:
    """Apply the whole log to an empty store and compare the rows; how many operations there are."""
    anew, key = copied.folder / "rebuilt.db", secrets.token_bytes(len(copied.key))
    make_private_file(anew)
    engine = make_engine(anew, key)
    try:
        create_schema(engine)
        with (
            _opened(copied.records, copied.key) as db,
            database_access(anew),
            engine.connect() as connection,
        ):
            target = Transaction(connection)
            rebuilt = rebuild(db, target)
            for table in (*SCREEN_TABLES, log_head):
                if _digest(db, table) != _digest(target, table):
                    raise BackupRejected(backup_file.DAMAGED)
        return rebuilt
    finally:
        engine.dispose()


_NOT_FOLDED = frozenset((log_head.name, name) for name in ("acked", "timed", "wire_hash"))
"""A centre fills these columns in; the log says nothing of them."""


def _digest(db: Transaction, table: Table) -> str:
    """SHA-256 over all rows of a table as they are stored, in order of their key."""
    names = [c.name for c in table.columns if (table.name, c.name) not in _NOT_FOLDED]
    keys = [column.name for column in table.primary_key]
    wanted = f"SELECT {', '.join(names)} FROM {table.name} ORDER BY {', '.join(keys)}"  # noqa: S608
    digest = hashlib.sha256()
    for row in db.stream(text(wanted)):
        digest.update(json.dumps([_plain(value) for value in row]).encode())
    return digest.hexdigest()


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


# --- putting it in place ------------------------------------------------------------------------


def put_in_place(copied: Unpacked, home: Path) -> None:
    """Move the checked records into the clinic's folder; the key slots follow, as in a set-up."""
    with file_access():
        copied.records.replace(home / STORE_FILE)
        (copied.folder / AUDIT_FILE).replace(home / AUDIT_FILE)
        flush_folder(home)


def remove_folder(folder: Path) -> None:
    """Remove a folder aside with all that is in it, if it is there."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError("What an earlier restore left behind cannot be removed.") from error
