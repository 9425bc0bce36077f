"""The box of a group of clinics that learn together, in a database of its own.

It has nothing to do with any clinic's log. An account of the group reads it and adds to it; nobody
changes or deletes there. Implements ``sites.messages.Box``.
"""

from __future__ import annotations

from uuid import UUID

from clinic_app.domain.errors import WrongState
from clinic_app.services.sites_data import SitesTrouble
from clinic_app.sync.centre import AlreadyThere, CentreRefused
from clinic_app.sync.mysql.connection import CheckFailed, Connection
from clinic_app.sync.mysql.grants import (
    Account,
    check_account_name,
    check_database_name,
    create_workstation_account,
)
from clinic_app.sync.sites.messages import Row

_TABLES = (
    """CREATE TABLE site_message (
    round_id BINARY(16) NOT NULL,
    site SMALLINT UNSIGNED NOT NULL,
    number SMALLINT UNSIGNED NOT NULL,
    body BLOB NOT NULL,
    recv_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    PRIMARY KEY (round_id, site, number)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin""",
    """CREATE TABLE site_account (
    site SMALLINT UNSIGNED NOT NULL,
    account VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (site),
    UNIQUE (account)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin""",
    # Nobody writes in another's name, nor fills the place of a message before it comes.
    """CREATE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW site_push AS
    SELECT round_id, site, number, body FROM site_message
    WHERE site = (SELECT a.site FROM site_account a
                  WHERE a.account = SUBSTRING_INDEX(USER(), '@', 1))
    WITH CASCADED CHECK OPTION""",
)


class SitesTable:
    """Over an open connection to the group's database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rounds(self) -> list[UUID]:
        """The rounds that anybody has opened; identifiers follow time."""
        found = self._connection.rows("SELECT DISTINCT round_id FROM site_message ORDER BY 1")
        return [UUID(bytes=one) for (one,) in found]

    def holding(self, site: int, number: int) -> frozenset[UUID]:
        found = self._connection.rows(
            "SELECT round_id FROM site_message WHERE site = %s AND number = %s", (site, number)
        )
        return frozenset(UUID(bytes=one) for (one,) in found)

    def read(self, round_id: UUID) -> list[Row]:
        """All messages of a round, by site and number."""
        found = self._connection.rows(
            "SELECT site, number, body, recv_at FROM site_message WHERE round_id = %s"
            " ORDER BY site, number",
            (round_id.bytes,),
        )
        return [Row(round_id, *told) for told in found]

    def post(self, row: Row) -> None:
        """Add a message. The same one may be there already: an acknowledgement was lost."""
        try:
            self._connection.run(
                "INSERT INTO site_push (round_id, site, number, body) VALUES (%s, %s, %s, %s)",
                (row.round.bytes, row.site, row.number, row.body),
            )
        except AlreadyThere:
            there = self._connection.row(
                "SELECT body FROM site_message WHERE round_id = %s AND site = %s AND number = %s",
                (row.round.bytes, row.site, row.number),
            )
            if there != (row.body,):
                raise SitesTrouble(
                    "Another message of this clinic lies at the centre: somebody else has its key."
                ) from None
        except CheckFailed:
            raise CentreRefused("The centre takes no such message from this clinic.") from None


def make_sites_database(connection: Connection, database: str) -> None:
    """By an administrator of the server. Raises ``InvalidInput``, and ``WrongState`` where there is
    a database of this name: each group has one of its own."""
    check_database_name(database)
    there = connection.row(
        "SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", (database,)
    )
    if there is not None:
        raise WrongState(
            "There is a database “{name}” already; a group needs one of its own.", name=database
        )
    connection.run(f"CREATE DATABASE `{database}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    connection.run(f"USE `{database}`")
    for statement in _TABLES:
        connection.run(statement)


def drop_sites_database(connection: Connection, database: str) -> None:
    """Undo ``make_sites_database`` of which nobody has a file."""
    connection.run(f"DROP DATABASE IF EXISTS `{check_database_name(database)}`")


def make_site_account(
    connection: Connection, database: str, site: int, account: Account, password: str
) -> None:
    """An account for one clinic: read everything, add its own; nothing else. Raises
    ``InvalidInput``."""
    check_database_name(database)
    check_account_name(account.name)
    create_workstation_account(connection, account, password)
    connection.run(
        f"INSERT INTO `{database}`.site_account (site, account) VALUES (%s, %s)",
        (site, account.name),
    )
    for right, name in (("SELECT", "site_message"), ("INSERT", "site_push")):
        connection.run(
            f"GRANT {right} ON `{database}`.{name} TO %s@%s", (account.name, account.comes_from)
        )
