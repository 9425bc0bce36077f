"""The centre's upkeep by its administrator: make it, enrol and withdraw workstations."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clinic_app.domain.errors import InvalidInput, NotFound, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.operations import SCHEMA_VERSION
from clinic_app.sync.centre import (
    AlreadyThere,
    CentreRefused,
    CentreUntrusted,
    Enrolled,
    SyncTrouble,
    VersionTooOld,
)
from clinic_app.sync.centre_status import CentreIdentity, CentreStatus, Standing
from clinic_app.sync.enrolment import Enrolment
from clinic_app.sync.keys import KEY_BYTES, RootKey, certificate_message
from clinic_app.sync.mysql import grants, schema
from clinic_app.sync.mysql.connection import Connection, Host, Login
from clinic_app.sync.mysql.grants import Account
from clinic_app.sync.mysql.snapshots import kept_snapshot

if TYPE_CHECKING:
    from clinic_app.sync.projection.copy import LogCopy, Swept
    from clinic_app.sync.projection.project import Projected
    from clinic_app.sync.snapshot.manifest import Manifest
    from clinic_app.sync.snapshot.standing import SnapshotStanding

NAME_LENGTH = 80
WORKSTATIONS = (1 << 16) - 1

_LONG_AGO = 1_000_000_000
"""Unix seconds of 2001."""

_NOT_MADE = "There is no clinic in this database yet. Please run “clinic-app server init” first."


class Administration:
    """Over an administrator's connection. ``database`` is made by ``make`` when it is missing."""

    def __init__(self, connection: Connection, database: str, host: Host) -> None:
        self._connection = connection
        self._database = grants.check_database_name(database)
        self._host = host

    # --- making -----------------------------------------------------------------------------

    def make(
        self, clinic_name: str, min_schema: int, keep: Callable[[UUID, RootKey], None]
    ) -> bool:
        """Bring database, tables, views and rights to today's state; whether a clinic was made.

        ``keep`` is given a new clinic's root key before anything depends on it, so that it cannot
        be lost between the server and the paper. Can be run again and after an interruption.
        """
        if not 0 <= min_schema <= SCHEMA_VERSION:
            raise InvalidInput(
                "min-schema",
                "This program writes schema {version}; ask for no more.",
                version=SCHEMA_VERSION,
            )
        self._check_sysdate()
        self._connection.run(
            f"CREATE DATABASE IF NOT EXISTS `{self._database}`"
            " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        )
        self._use()
        since = schema.installed_schema(self._connection)
        if since > schema.SCHEMA:
            raise VersionTooOld("This database was made by a newer version of this program.")
        schema.migrate(self._connection, since)
        made = since == 0 and self._found(clinic_name, max(min_schema, 1), keep)
        if not made:
            self._rename(clinic_name)
            self._raise_minimum(min_schema)
        for one in self._enrolled():
            for account in grants.accounts_named(self._connection, one):
                grants.grant_workstation(self._connection, self._database, account)
        return made

    def _found(
        self, clinic_name: str, min_schema: int, keep: Callable[[UUID, RootKey], None]
    ) -> bool:
        clinic_id, root = new_id(), RootKey.new()
        keep(clinic_id, root)
        wrapped = root.wrap(secrets.token_bytes(KEY_BYTES), clinic_id)
        try:
            with self._connection.transaction():
                self._connection.run(
                    "INSERT INTO meta (one, clinic_id, clinic_name, schema_v, min_schema,"
                    " root_public_key, made_at) VALUES (1, %s, %s, %s, %s, %s, UTC_TIMESTAMP(6))",
                    (
                        clinic_id.bytes,
                        clinic_name or "Clinic",
                        schema.SCHEMA,
                        min_schema,
                        root.public,
                    ),
                )
                self._connection.run(
                    "INSERT INTO clinic_key (one, wrapped) VALUES (1, %s)", (wrapped,)
                )
        except AlreadyThere:
            raise WrongState(
                "Somebody else has just made this clinic. Please look again."
            ) from None
        return True

    def _check_sysdate(self) -> None:
        """With the option sysdate-is-now a client could move its receive times."""
        self._connection.run("SET timestamp = 1")
        row = self._connection.row("SELECT UNIX_TIMESTAMP(SYSDATE())")
        self._connection.run("SET timestamp = DEFAULT")
        if row is None or row[0] < _LONG_AGO:
            raise WrongState(
                "The server runs with the option sysdate-is-now; please start it without."
            )

    def _rename(self, clinic_name: str) -> None:
        if clinic_name:
            self._connection.run("UPDATE meta SET clinic_name = %s WHERE one = 1", (clinic_name,))

    def _raise_minimum(self, min_schema: int) -> None:
        self._connection.run(
            "UPDATE meta SET min_schema = %s WHERE one = 1 AND min_schema < %s",
            (min_schema, min_schema),
        )

    # --- workstations -----------------------------------------------------------------------

    def enrol(
        self, name: str, root: RootKey, hosts: tuple[Host, ...], login: Login, comes_from: str
    ) -> Enrolment:
        """A new workstation with its own account and keys. Nothing stays when it fails."""
        name = " ".join(name.split())
        if not name or len(name) > NAME_LENGTH:
            raise InvalidInput(
                "name", "A workstation's name has 1 to {limit} characters.", limit=NAME_LENGTH
            )
        identity = self.identity()
        clinic_key = self.clinic_key(root)
        key = Ed25519PrivateKey.generate()
        one = self._add(name, identity, root, key.public_key().public_bytes_raw())
        account = Account(one.account, comes_from)
        password = grants.new_password()
        try:
            grants.create_workstation_account(self._connection, account, password)
            grants.grant_workstation(self._connection, self._database, account)
        except BaseException:
            self.take_back(one.id)
            raise
        return Enrolment(
            identity.clinic_id,
            identity.clinic_name,
            hosts,
            self._database,
            Login(one.account, password, login.authority),
            one.id,
            one.name,
            key.private_bytes_raw(),
            clinic_key,
            root.public,
        )

    def _add(self, name: str, identity: CentreIdentity, root: RootKey, public: bytes) -> Enrolled:
        """The workstation's row, under the next free number."""
        while True:
            if self._connection.row("SELECT 1 FROM workstation WHERE name = %s", (name,)):
                raise WrongState("A workstation named “{name}” is enrolled already.", name=name)
            row = self._connection.row("SELECT COALESCE(MAX(id), 0) + 1 FROM workstation")
            number = int(row[0]) if row else 1
            if number > WORKSTATIONS:
                raise WrongState("The centre has no number left for another workstation.")
            account = f"clinic_{identity.clinic_id.hex[-12:]}_{number}"
            one = Enrolled(number, name, account, public)
            certificate = root.sign(certificate_message(identity.clinic_id, one))
            try:
                self._connection.run(
                    "INSERT INTO workstation (id, name, account, public_key, certificate,"
                    " enrolled_at) VALUES (%s, %s, %s, %s, %s, UTC_TIMESTAMP(6))",
                    (number, name, account, public, certificate),
                )
            except AlreadyThere:
                continue  # somebody enrols another one at the same time
            return one

    def take_back(self, workstation: int) -> None:
        """Undo an enrolment of which nobody has the file."""
        row = self._connection.row("SELECT account FROM workstation WHERE id = %s", (workstation,))
        if row is None:
            return
        for account in grants.accounts_named(self._connection, row[0]):
            grants.drop(self._connection, account)
        self._connection.run("DELETE FROM workstation WHERE id = %s", (workstation,))

    def revoke(self, name: str) -> Standing:
        """Withdraw a workstation: nothing that it writes from now on counts anywhere.

        The mark comes first, which the checking views obey at once and on every node; then the
        account is locked and its connections end; then its last operation is noted.
        """
        self.identity()
        name = " ".join(name.split())
        row = self._connection.row("SELECT id, account FROM workstation WHERE name = %s", (name,))
        if row is None:
            raise NotFound("No workstation is named “{name}”.", name=name)
        number, account_name = row
        self._connection.run(
            "UPDATE workstation SET revoked_at = UTC_TIMESTAMP(6)"
            " WHERE id = %s AND revoked_at IS NULL",
            (number,),
        )
        for account in grants.accounts_named(self._connection, account_name):
            grants.lock(self._connection, account)
        grants.end_connections(self._connection, account_name)
        last = self._connection.row(
            "SELECT epoch, seq FROM ops WHERE origin = %s ORDER BY epoch DESC, seq DESC LIMIT 1",
            (number,),
        )
        epoch, seq = last or (0, 0)
        self._connection.run(
            "UPDATE workstation SET revoked_epoch = %s, revoked_seq = %s"
            " WHERE id = %s AND revoked_epoch IS NULL",
            (epoch, seq, number),
        )
        return next(one for one in self._standings() if one.id == number)

    def add_account(self, name: str, comes_from: str, *, erases: bool) -> str:
        """An account that reads the reporting tables, or one that may blank bodies in the log;
        its password, which is kept nowhere."""
        self.identity()
        if grants.accounts_named(self._connection, grants.check_account_name(name)):
            raise WrongState("There is an account named “{name}” already.", name=name)
        account, password = Account(name, comes_from), grants.new_password()
        grants.create_account(self._connection, account, password)
        grant = grants.grant_erasing if erases else grants.grant_reporting
        try:
            grant(self._connection, self._database, account)
        except BaseException:
            grants.drop(self._connection, account)
            raise
        return password

    def project(self, root: RootKey, folder: Path, tell: Callable[[float, int], None]) -> Projected:
        """Bring the reporting tables up to date; ``folder`` holds the private copy they are made
        from. A snapshot that has become outdated by what was erased or added is made anew."""
        with self._copy(root, folder) as copy:
            return copy.project(tell)

    def snapshot(
        self, root: RootKey, folder: Path, tell: Callable[[float], None]
    ) -> tuple[Manifest, tuple[SyncTrouble, ...]]:
        """Make a snapshot of the whole log, in the place of the former one; what was wrong with
        whom. ``folder`` as for ``project``; ``tell`` hears the share that is done."""
        with self._copy(root, folder) as copy:
            return copy.snapshot(tell)

    @contextmanager
    def _copy(self, root: RootKey, folder: Path) -> Iterator[LogCopy]:
        from clinic_app.sync.projection.copy import LogCopy
        from clinic_app.sync.projection.replica import private_copy

        clinic_key, identity = self.clinic_key(root), self.identity()
        with private_copy(folder, root.copy_key(identity.clinic_id)) as store:
            yield LogCopy(self._connection, store, identity.clinic_id, clinic_key, root)

    def sweep(self, root: RootKey, folder: Path) -> Swept:
        """Remove what was erased or withdrawn and nothing else. ``folder`` as for ``project``."""
        with self._copy(root, folder) as copy:
            return copy.sweep()

    # --- looking ----------------------------------------------------------------------------

    def identity(self) -> CentreIdentity:
        """Raises ``NotFound`` where no clinic was made."""
        there = self._connection.row(
            "SELECT 1 FROM information_schema.tables WHERE table_schema = %s"
            " AND table_name = 'meta'",
            (self._database,),
        )
        if there is None:
            raise NotFound(_NOT_MADE)
        self._use()
        row = self._connection.row(
            "SELECT clinic_id, clinic_name, schema_v, min_schema, root_public_key FROM meta"
            " WHERE one = 1"
        )
        if row is None:
            raise NotFound(_NOT_MADE)
        if row[2] != schema.SCHEMA:
            raise WrongState(
                "The database is not of this program's version. Please run “clinic-app server"
                " init” with the newest program."
            )
        return CentreIdentity(UUID(bytes=row[0]), *row[1:])

    def clinic_key(self, root: RootKey) -> bytes:
        """Raises ``InvalidInput`` for another clinic's root key."""
        identity = self.identity()
        row = self._connection.row("SELECT wrapped FROM clinic_key WHERE one = 1")
        if row is None:
            raise CentreRefused("The clinic's key is missing at the centre.")
        clinic_key = root.unwrap(row[0], identity.clinic_id)
        if root.public != identity.root_public_key:
            raise CentreUntrusted("The centre's public key was exchanged. Please do not use it.")
        return clinic_key

    def status(self) -> CentreStatus:
        identity = self.identity()
        standings = self._standings()
        size = self._connection.row(
            "SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables"
            " WHERE table_schema = %s",
            (self._database,),
        )
        return CentreStatus(
            identity,
            self._connection.server_version,
            str(self._host),
            sum(one.operations for one in standings),
            int(size[0]) if size else 0,
            standings,
            self._snapshot(identity),
        )

    def _snapshot(self, identity: CentreIdentity) -> SnapshotStanding | None:
        from clinic_app.sync.snapshot.standing import snapshot_standing

        head = kept_snapshot(self._connection)
        if head is None:
            return None
        rows = self._connection.rows("SELECT origin, epoch, MAX(seq) FROM ops GROUP BY 1, 2")
        reached = {(origin, epoch): seq for origin, epoch, seq in rows}
        return snapshot_standing(head, identity.root_public_key, reached)

    def _standings(self) -> tuple[Standing, ...]:
        rows = self._connection.rows(
            "SELECT w.id, w.name, w.account, w.enrolled_at, w.revoked_at,"
            " COALESCE(h.operations, 0), l.recv_at FROM workstation w"
            " LEFT JOIN (SELECT origin, COUNT(*) AS operations, MAX(epoch) AS epoch FROM ops"
            " GROUP BY origin) h ON h.origin = w.id"
            " LEFT JOIN ops l ON l.origin = w.id AND l.epoch = h.epoch AND l.seq ="
            " (SELECT MAX(o.seq) FROM ops o WHERE o.origin = w.id AND o.epoch = h.epoch)"
            " ORDER BY w.id"
        )
        return tuple(Standing(*row) for row in rows)

    def _enrolled(self) -> tuple[str, ...]:
        rows = self._connection.rows("SELECT account FROM workstation WHERE revoked_at IS NULL")
        return tuple(account for (account,) in rows)

    def _use(self) -> None:
        self._connection.run(f"USE `{self._database}`")
