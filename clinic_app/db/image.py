"""The log and all screens' rows of a store as one encrypted file, and taking such a file in.

Only what the log determines is in it: no drafts, pictures, audit trail or identity of a store.
Its tables are bare copies, in the order of their keys; the store that takes them in has its own
indexes and walls.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table, select, text

from clinic_app.db.engine import database_access, make_engine
from clinic_app.db.files import make_private_file
from clinic_app.db.fold import AT_ONCE, apply
from clinic_app.db.log_rows import operation_of
from clinic_app.db.replica import Reach, operations, reaches
from clinic_app.db.store import EncryptedStore
from clinic_app.db.tables import SCREEN_TABLES, log_head, oplog
from clinic_app.db.tables.walls import lifted
from clinic_app.db.transaction import Transaction
from clinic_app.domain.errors import StoreError
from clinic_app.domain.operations import Operation

ROWS_AT_ONCE = 10_000
"""Rows that are copied before whoever waits is told and asked."""

_TABLES = (oplog, *SCREEN_TABLES)


@dataclass(frozen=True, slots=True)
class LoadedHead:
    """The end of a sequence in an image: ``hash`` chains it in a store, ``wire_hash`` at the
    centre, ``before`` is the wire hash of the operation before; ``hlc`` is the newest stamp."""

    origin: int
    epoch: int
    seq: int
    hlc: int
    hash: bytes
    wire_hash: bytes
    before: bytes


def write_image(store: EncryptedStore, path: Path, key: bytes) -> None:
    """Write the log and the rows of this store into a new file under ``key`` (32 bytes)."""
    make_private_file(path)
    with store.transaction() as db, db.beside(path, key):
        for table in _TABLES:
            names, order = _names(table), ", ".join(column.name for column in table.primary_key)
            db.run(
                text(
                    f"CREATE TABLE image.{table.name} AS SELECT {names} FROM main.{table.name}"
                    f" ORDER BY {order}"
                )
            )
        db.commit()


@contextlib.contextmanager
def opened_image(path: Path, key: bytes) -> Iterator[Transaction]:
    """An image, to be read; raises ``StoreError`` for a file that is none."""
    engine = make_engine(path, key, sealed=True)
    try:
        with database_access(path):
            connection = engine.connect()
        with contextlib.closing(Transaction(connection)) as db:
            yield db
    finally:
        engine.dispose()


def image_operations(image: Transaction) -> Iterator[Operation]:
    """Every operation of an image as it lies there: sequence by sequence."""
    return map(operation_of, image.stream(select(oplog).order_by(text("rowid"))))


def take_image(
    store: EncryptedStore,
    path: Path,
    key: bytes,
    heads: list[LoadedHead],
    tell: Callable[[float], None],
) -> None:
    """Take an image in beside what this store has written itself, in one transaction.

    ``heads`` are the ends of the image's sequences; none of them may be here yet. ``tell`` hears
    the share that is done; what it raises undoes everything.
    """
    with store.loading(), store.transaction() as db:
        with db.beside(path, key, sealed=True):
            own = reaches(db)
            with lifted(db, *SCREEN_TABLES):
                for table in SCREEN_TABLES:
                    db.run(table.delete())
            _copy(db, tell)
            db.run(log_head.insert(), [_head(one) for one in heads])
            for one in own:
                _fold_own(db, one)
            store.clock.see(max(one.hlc for one in heads))
            db.commit()
        # The image is in the store already, so trouble here must not look like a failed load.
        # Whichever unit commits next tries again, and so does the next opening.
        store.log_holds_removed = True
        with contextlib.suppress(StoreError):
            store.log_holds_removed = not db.clear_write_ahead_log()


def _fold_own(db: Transaction, own: Reach) -> None:
    """Fold what was written here upon the rest, as if it had come last."""
    for after in range(0, own.seq, AT_ONCE):
        apply(db, operations(db, own.origin, own.epoch, after, after + AT_ONCE))


def _copy(db: Transaction, tell: Callable[[float], None]) -> None:
    longest = "SELECT coalesce(max(rowid), 0) FROM image."
    sizes = {table: int(db.scalar(text(longest + table.name))) for table in _TABLES}
    total, done = max(sum(sizes.values()), 1), 0
    for table, size in sizes.items():
        names = _names(table)
        copy = text(
            f"INSERT INTO main.{table.name} ({names}) SELECT {names} FROM image.{table.name}"
            " WHERE rowid > :after AND rowid <= :until ORDER BY rowid"
        )
        for after in range(0, size, ROWS_AT_ONCE):
            until = min(after + ROWS_AT_ONCE, size)
            db.run(copy, {"after": after, "until": until})
            tell((done + until) / total)
        done += size


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _head(one: LoadedHead) -> dict[str, object]:
    return {
        "origin": one.origin,
        "epoch": one.epoch,
        "seq": one.seq,
        "hlc": one.hlc,
        "hash": one.hash,
        "acked": one.seq,
        "timed": one.seq,
        "wire_hash": one.wire_hash,
    }
