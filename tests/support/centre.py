"""A clinic in a real central database, and workstations enrolled there."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from clinic_app.domain.ids import new_id
from clinic_app.domain.operations import SCHEMA_VERSION
from clinic_app.sync.administration import Administration
from clinic_app.sync.centre import Centre, WireOperation
from clinic_app.sync.enrolment import Enrolment
from clinic_app.sync.keys import RootKey
from clinic_app.sync.mysql.connection import PATIENCE, Connection, Host, Patience
from clinic_app.sync.mysql.dial import MysqlDial
from tests.support.central import Server
from tests.support.sql import fresh_database

EPOCH = 1_700_000_000_000


@dataclass
class RealCentre:
    """One clinic's database. ``hosts`` go into the enrolments, the server's own one by default."""

    server: Server
    database: str
    root: RootKey = field(init=False)
    clinic_id: UUID = field(init=False)

    def __post_init__(self) -> None:
        self._open: list[Connection | Centre] = []
        assert self.administration().make("Harbour Clinic", 0, self._keep)

    def _keep(self, clinic_id: UUID, root: RootKey) -> None:
        self.clinic_id, self.root = clinic_id, root

    def administration(self) -> Administration:
        """Over a connection of its own."""
        connection = Connection(self.server.host, self.server.admin, None)
        self._open.append(connection)
        return Administration(connection, self.database, self.server.host)

    def enrol(self, name: str, hosts: Sequence[Host] = (), *, comes_from: str = "%") -> Enrolment:
        return self.administration().enrol(
            name, self.root, tuple(hosts) or (self.server.host,), self.server.admin, comes_from
        )

    def raw(self, enrolment: Enrolment) -> Connection:
        """The workstation's own account, for what a bad client would try."""
        connection = Connection(enrolment.hosts[0], enrolment.login, self.database)
        self._open.append(connection)
        return connection

    def dial(self, enrolment: Enrolment, patience: Patience = PATIENCE) -> Centre:
        """Closed with the test."""
        line = MysqlDial(enrolment, patience)()
        self._open.append(line)
        return line

    def close(self) -> None:
        for one in self._open:
            one.close()

    def count(self, table: str = "ops") -> int:
        return int(self.root_rows(f"SELECT COUNT(*) FROM {table}")[0][0])

    def root_rows(self, statement: str, *values: object) -> tuple[tuple[object, ...], ...]:
        """As the server's own root, through its socket: what is really stored."""
        with self.server.root(self.database) as root, root.cursor() as cursor:
            cursor.execute(statement, values or None)
            return tuple(cursor.fetchall())


def make_centre(server: Server) -> RealCentre:
    return RealCentre(server, fresh_database())


def operations(
    origin: int,
    count: int,
    *,
    after: int = 0,
    epoch: int = EPOCH,
    body: int = 120,
    version: int = SCHEMA_VERSION,
) -> list[WireOperation]:
    """Operations as the server sees them: bodies and signatures are any bytes to it."""
    made = []
    for seq in range(after + 1, after + count + 1):
        content = secrets.token_bytes(body)
        made.append(
            WireOperation(
                origin,
                epoch,
                seq,
                (EPOCH + seq) << 16,
                version,
                3,
                new_id(),
                content,
                hashlib.sha256(content).digest(),
                secrets.token_bytes(64) if seq == after + count else None,
            )
        )
    return made
