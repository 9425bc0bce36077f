"""An open store: its engine, clock, keys and the turn that units of work take."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from clinic_app.db import replica
from clinic_app.db.anchor import AuditAnchor
from clinic_app.db.audit_trail import StoredAuditTrail
from clinic_app.db.engine import (
    check_cipher,
    check_file,
    check_not_plaintext,
    database_access,
    make_engine,
    use_write_ahead_log,
)
from clinic_app.db.files import STORE_FILE, file_access, make_private_file
from clinic_app.db.keyslots import derive_key
from clinic_app.db.oplog import (
    OperationLog,
    begin_log,
    identity,
    newest_stamp,
    pending,
    sequences,
)
from clinic_app.db.schema import create_schema, ensure_schema
from clinic_app.db.transaction import Transaction
from clinic_app.db.trouble import DAMAGED
from clinic_app.db.unit_of_work import StoreUnitOfWork
from clinic_app.domain.clock import HybridClock, utc_now, wall_ms
from clinic_app.domain.errors import StoreDamaged, StoreError, StoreInUse
from clinic_app.services.backup_data import Progress, unheard
from clinic_app.services.storage import LogSequence

TURN_SECONDS = 30.0
"""How long a thread waits for another one's unit of work."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where time comes from: moments for the audit trail, Unix milliseconds for stamps."""

    now: Callable[[], datetime] = utc_now
    wall: Callable[[], int] = wall_ms


class EncryptedStore:
    """Implements ``OpenStore``. Threads take turns, each with a unit of work of its own.

    Attributes:
        workstation: whose sequence this store writes.
        clock: stamps its operations.
        log_holds_removed: the write-ahead log still has to be emptied of removed images.
    """

    def __init__(
        self,
        engine: Engine,
        path: Path,
        key: bytes,
        anchor: AuditAnchor,
        clocks: Clocks,
        on_close: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._path = path
        self._audit_key = derive_key(key, b"audit")
        self._clocks = clocks
        self._on_close = on_close
        self._turn = threading.RLock()
        self._closed = False
        self._loading = False
        self.anchor = anchor
        self.log_holds_removed = False
        with self.transaction() as db:
            self.store_id, self.workstation = identity(db)
            self.clock = HybridClock(newest_stamp(db), clocks.wall)
            self.clock.ahead_ms = replica.clock_ahead(db, clocks.wall())

    def unit_of_work(self) -> StoreUnitOfWork:
        return StoreUnitOfWork(self)

    def pending_operations(self) -> int:
        with self.transaction() as db:
            return pending(db, self.workstation)

    def sequences(self) -> tuple[LogSequence, ...]:
        with self.transaction() as db:
            return sequences(db, self.workstation)

    def keep_ahead(self, ahead_ms: int) -> None:
        """Stamp by the centre's clock, ``ahead_ms`` ahead of this laptop's; also after the program
        was closed, until a round says otherwise."""
        with self.transaction() as db:
            if replica.keep_clock_ahead(db, ahead_ms, self._clocks.wall()):
                db.commit()
        self.clock.ahead_ms = ahead_ms

    def close(self) -> None:
        """Wait for the running unit of work, then close; closing twice is harmless."""
        with self._turn:
            if self._closed:
                return
            self._closed = True
            self._engine.dispose()
        self._on_close()

    # --- for the unit of work -------------------------------------------------------------------

    def begin(self) -> Transaction:
        """Take the turn of this thread; raises ``StoreInUse`` when it does not come."""
        while not self._turn.acquire(timeout=TURN_SECONDS):
            if not self._loading:
                raise StoreInUse("The clinic's records are busy; please try again in a moment.")
        try:
            if self._closed:
                raise StoreError("The clinic's records are closed. Please sign in again.")
            with database_access(self._path):
                return Transaction(self._engine.connect())
        except BaseException:
            self._turn.release()
            raise

    def end(self) -> None:
        """Give the turn back."""
        self._turn.release()

    @contextlib.contextmanager
    def loading(self) -> Iterator[None]:
        """Inside the block a unit of work takes minutes, once in the life of a store: whoever has
        something to save waits for it, however long, and is not refused."""
        self._loading = True
        try:
            yield
        finally:
            self._loading = False

    def operation_log(self, db: Transaction) -> OperationLog:
        return OperationLog(db, self.workstation, self.clock)

    def audit_trail(self, db: Transaction) -> StoredAuditTrail:
        return StoredAuditTrail(db, self._audit_key, self.anchor, self._clocks.now)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A short turn below the repositories; what is not committed in it is undone."""
        db = self.begin()
        try:
            yield db
        finally:
            db.close()
            self.end()

    @property
    def folder(self) -> Path:
        """The folder of the store; private to its owner."""
        return self._path.parent

    def wall(self) -> int:
        """Unix milliseconds by this machine's clock."""
        return self._clocks.wall()

    def now(self) -> datetime:
        """The present moment by this machine's clock."""
        return self._clocks.now()

    def check_encrypted(self) -> None:
        """Move everything into the main file and raise ``StoreDamaged`` if it is readable."""
        with self.transaction() as db:
            db.clear_write_ahead_log()
        check_not_plaintext(self._path)


def create_store(
    folder: Path, key: bytes, store_id: str, clocks: Clocks, on_close: Callable[[], None]
) -> EncryptedStore:
    """A new, empty store in ``folder``."""
    path = folder / STORE_FILE
    make_private_file(path)
    engine = make_engine(path, key)
    try:
        use_write_ahead_log(path, key)
        create_schema(engine)
        with database_access(path), engine.begin() as connection:
            check_cipher(connection)
            begin_log(Transaction(connection), store_id, clocks.wall())
        anchor = _anchor(folder, key)
        anchor.create()
        return EncryptedStore(engine, path, key, anchor, clocks, on_close)
    except BaseException:
        engine.dispose()
        raise


def open_store(
    folder: Path,
    key: bytes,
    store_id: str,
    clocks: Clocks,
    on_close: Callable[[], None],
    progress: Progress = unheard,
) -> EncryptedStore:
    """The store in ``folder``. ``on_close`` is called once, after it was closed; ``progress`` as
    for ``ensure_schema``."""
    path = folder / STORE_FILE
    with file_access():
        check_not_plaintext(path)
    check_file(path, key)
    engine = make_engine(path, key)
    try:
        with database_access(path), engine.connect() as connection:
            check_cipher(connection)
        ensure_schema(engine, progress)
        anchor = _anchor(folder, key)
        store = EncryptedStore(engine, path, key, anchor, clocks, on_close)
        if store.store_id != store_id:
            raise StoreDamaged(DAMAGED)
        with store.unit_of_work() as work:
            anchor.compare(work.audit.mac_of)
        return store
    except BaseException:
        engine.dispose()
        raise


def _anchor(folder: Path, key: bytes) -> AuditAnchor:
    return AuditAnchor(folder, derive_key(key, b"audit anchor"))
