"""One verified, encrypted connection to MySQL or MariaDB.

The certificate is checked against the clinic's own authority and against the host name before a
password is sent. PyMySQL's plain ``ssl_ca`` argument checks neither.
"""

from __future__ import annotations

import ssl
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import pymysql
from pymysql import err
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions

from clinic_app.sync.centre import AlreadyThere, CentreUnreachable, CentreUntrusted, SyncTrouble
from clinic_app.sync.mysql.trouble import CHECK_OPTION_FAILED, trouble

Row = tuple[Any, ...]

_NOT_A_DATABASE = (ValueError, IndexError, struct.error, AssertionError, AttributeError, TypeError)
"""What PyMySQL raises over bytes that no MySQL server sends."""


def _moment(text: str) -> datetime:
    """A DATETIME, which is UTC in every session of ours."""
    return datetime.fromisoformat(f"{text}+00:00")


_OF_MYSQL = "/*!80000 , information_schema_stats_expiry = 0 */"
"""A setting that MariaDB lacks, and skips in a comment of this form. MySQL would tell the sizes of
tables as they were up to a day ago."""


_CONVERSIONS = {**conversions, FIELD_TYPE.DATETIME: _moment}


class Host(NamedTuple):
    name: str
    port: int = 3306

    def __str__(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Login:
    """An account on every host of the centre, and the authority (PEM) that signed theirs."""

    account: str
    password: str = field(repr=False)
    authority: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds before a silent server counts as lost. ``write`` lasts a megabyte on a slow line."""

    connect: float = 5.0
    greet: float = 10.0
    read: float = 60.0
    write: float = 180.0


PATIENCE = Patience()


class CheckFailed(Exception):
    """A row breaks the condition of the view that it was added through."""


class Connection:
    """Statements under autocommit; each call is one round trip and raises ``SyncTrouble``,
    ``AlreadyThere`` or ``CheckFailed``."""

    def __init__(
        self, host: Host, login: Login, database: str | None, patience: Patience = PATIENCE
    ) -> None:
        context = tls_context(login.authority)
        try:
            self._line = pymysql.connect(
                host=host.name,
                port=host.port,
                user=login.account,
                password=login.password.encode(),  # PyMySQL alone would take Latin-1
                database=database,
                charset="utf8mb4",
                conv=_CONVERSIONS,
                ssl=context,
                connect_timeout=patience.connect,
                read_timeout=patience.greet,
                write_timeout=patience.greet,
                autocommit=None,
                local_infile=False,
                program_name="clinic-app",
            )
        except err.MySQLError as error:
            raise _raised(error) from None
        except _NOT_A_DATABASE:
            raise CentreUnreachable(
                "What answers at {host} is not a MySQL server.", host=str(host)
            ) from None
        try:
            self._settle(patience)
        except BaseException:
            self.close()
            raise

    def _settle(self, patience: Patience) -> None:
        """Two round trips. Both ends have to say that the line is encrypted: the socket here and
        the session there. A server's own time zone and SQL mode must not change what is stored or
        how it is quoted."""
        status: dict[str, str] = dict(
            self.rows(
                "SHOW SESSION STATUS WHERE Variable_name IN ('Ssl_cipher', 'wsrep_connected')"
            )
        )
        if not status.get("Ssl_cipher") or not isinstance(self._line._sock, ssl.SSLSocket):
            raise CentreUntrusted("The connection to the central server is not encrypted.")
        settings = [
            "autocommit = 1",
            "time_zone = '+00:00'",
            "sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
            "innodb_lock_wait_timeout = 20",
        ]
        if "wsrep_connected" in status:
            settings.append("wsrep_sync_wait = 1")  # Galera: read what any node has acknowledged
        self.run(f"SET {', '.join(settings)} {_OF_MYSQL}")
        self._line._read_timeout, self._line._write_timeout = patience.read, patience.write

    @property
    def server_version(self) -> str:
        return str(self._line.server_version).removeprefix("5.5.5-")

    def rows(self, statement: str, values: Sequence[Any] = ()) -> tuple[Row, ...]:
        """Every row that the statement gives."""
        try:
            with self._line.cursor() as cursor:
                cursor.execute(statement, values or None)
                return tuple(cursor.fetchall())
        except err.MySQLError as error:
            raise _raised(error) from None
        except _NOT_A_DATABASE:
            self.close()
            raise CentreUnreachable("The central server's answer cannot be read.") from None

    def row(self, statement: str, values: Sequence[Any] = ()) -> Row | None:
        found = self.rows(statement, values)
        return found[0] if found else None

    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; how many rows it changed."""
        try:
            with self._line.cursor() as cursor:
                return int(cursor.execute(statement, values or None))
        except err.MySQLError as error:
            raise _raised(error) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements of the block, or none: rolled back as a whole whatever goes wrong."""
        self.run("START TRANSACTION")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            with suppress(SyncTrouble):
                self.run("ROLLBACK")
            raise

    def close(self) -> None:
        with suppress(err.MySQLError, OSError):
            self._line.close()


def tls_context(authority: str) -> ssl.SSLContext:
    """Trusts the certificates in ``authority`` (PEM) and nothing else; host names are checked.

    Raises ``CentreUntrusted`` when there is no certificate in it.
    """
    # Not `create_default_context`: with an empty text it trusts every authority of the system.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=authority)
    except (ssl.SSLError, ValueError):
        raise CentreUntrusted(
            "The file of the certificate authority holds no certificate."
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # From Python 3.13 on small private authorities would fail over optional extensions.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _raised(error: err.MySQLError) -> SyncTrouble | AlreadyThere | CheckFailed:
    if error.args and error.args[0] == CHECK_OPTION_FAILED:
        return CheckFailed()
    return trouble(error)
