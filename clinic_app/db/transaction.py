"""One SQLite transaction, as the repositories use it: statements in, rows out, trouble sorted."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Executable, Row, text

from clinic_app.db.engine import database_access, file_of

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


_BY_OTHERS = text("PRAGMA data_version")
_BY_ITSELF = text("SELECT total_changes()")

Work = Callable[["Transaction", Collection[UUID]], None]


class Transaction:
    """A connection with its open transaction. Known database errors leave as ``StoreError``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._path = file_of(connection.engine)
        self._owed: dict[Work, set[UUID]] | None = None

    def put_off(self) -> None:
        """From now on ``owe`` waits for the commit, or for ``settle``."""
        self._owed = {}

    def owe(self, work: Work, ids: Collection[UUID]) -> None:
        """Do ``work`` for these: at once, or, put off, once for all of them in this transaction."""
        if self._owed is None:
            work(self, ids)
        elif ids:
            self._owed.setdefault(work, set()).update(ids)

    def settle(self) -> None:
        """Do what was put off; whoever reads what it makes asks for it first."""
        while self._owed:
            work, ids = self._owed.popitem()
            work(self, ids)

    def mark(self) -> object:
        """What this transaction sees: where an earlier mark is equal, of this transaction or of
        another one, nothing was written since. Where it differs, something may have been."""
        own = self._connection.info.setdefault("mark", object())  # the counts are each connection's
        return own, self.scalar(_BY_OTHERS), self.scalar(_BY_ITSELF)

    def run(self, statement: Executable, parameters: Parameters = None) -> int:
        """Execute a change; the number of rows it touched."""
        with database_access(self._path):
            return int(self._connection.execute(statement, parameters).rowcount)

    def rows(self, statement: Executable, parameters: Parameters = None) -> Sequence[Row[Any]]:
        with database_access(self._path):
            return self._connection.execute(statement, parameters).all()

    def row(self, statement: Executable, parameters: Parameters = None) -> Row[Any] | None:
        """The first row, if any."""
        with database_access(self._path):
            return self._connection.execute(statement, parameters).first()

    def scalar(self, statement: Executable, parameters: Parameters = None) -> Any:
        with database_access(self._path):
            return self._connection.execute(statement, parameters).scalar()

    def plain(self, statement: Executable) -> list[tuple[Any, ...]]:
        """All rows as the driver reads them, identifiers as their bytes: for hundreds of thousands
        at once, where an object for each row costs more than reading it."""
        with database_access(self._path):
            cursor: Any = self._connection.execute(statement).cursor
            return cursor.fetchall() or []

    def stream(self, statement: Executable, at_once: int = 1000) -> Iterator[Row[Any]]:
        """Rows without holding all of them in memory."""
        with database_access(self._path):
            options = {"yield_per": at_once}
            yield from self._connection.execute(statement, execution_options=options)

    def commit(self) -> None:
        """With what was put off: both become durable, or neither."""
        self.settle()
        with database_access(self._path):
            self._connection.commit()

    @contextlib.contextmanager
    def beside(self, path: Path, key: bytes, *, sealed: bool = False) -> Iterator[None]:
        """Have another encrypted file attached as ``image`` for the block; what is not committed
        in it is undone. Not inside a transaction; ``sealed`` as in ``make_engine``."""
        uri = f"{path.absolute().as_uri()}?{'mode=ro&immutable=1' if sealed else 'mode=rw'}"
        with database_access(self._path):
            self._driver.execute("ATTACH DATABASE ? AS image KEY ?", (uri, f"x'{key.hex()}'"))
            try:
                yield
            finally:
                self._connection.rollback()
                self._driver.execute("DETACH DATABASE image")

    @property
    def _driver(self) -> Any:
        return self._connection.connection.driver_connection

    def clear_write_ahead_log(self) -> bool:
        """Move committed pages into the main file and empty the log; not inside a transaction.

        False while another connection is reading: then the log still holds what it held.
        """
        with database_access(self._path):
            busy, _pages, _moved = self._driver.execute(
                "PRAGMA wal_checkpoint(TRUNCATE)"
            ).fetchone()
            return not busy

    def close(self) -> None:
        with database_access(self._path):
            self._connection.close()
