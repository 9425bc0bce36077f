"""Accounts on the server and what each may do."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from clinic_app.domain.errors import InvalidInput
from clinic_app.sync.centre import SyncTrouble
from clinic_app.sync.mysql.connection import Connection
from clinic_app.sync.mysql.schema import LOG_TABLES, PUSH_VIEWS, REPORTING_TABLES

CONNECTIONS = 3
"""Connections that one workstation may hold at a time."""

ANYWHERE = "%"


@dataclass(frozen=True, slots=True)
class Account:
    """A name on the server and the pattern of the hosts that it may come from."""

    name: str
    comes_from: str = ANYWHERE


def new_password() -> str:
    """192 random bits, with what password rules of servers ask for."""
    return f"{secrets.token_urlsafe(24)}-aA1"


def create_workstation_account(connection: Connection, account: Account, password: str) -> None:
    """Add the account with TLS required; its rights come from ``grant_workstation``."""
    connection.run(
        f"CREATE USER %s@%s IDENTIFIED BY %s REQUIRE SSL WITH MAX_USER_CONNECTIONS {CONNECTIONS}",
        (account.name, account.comes_from, password),
    )


def grant_workstation(connection: Connection, database: str, account: Account) -> None:
    """Read the log; add to it through the checking views; nothing else."""
    for table in LOG_TABLES:
        _grant(connection, "SELECT", database, table, account)
    for view in PUSH_VIEWS:
        _grant(connection, "INSERT", database, view, account)


def create_account(connection: Connection, account: Account, password: str) -> None:
    """Add an account for a person or a program, with TLS required and no right yet."""
    connection.run(
        "CREATE USER %s@%s IDENTIFIED BY %s REQUIRE SSL",
        (account.name, account.comes_from, password),
    )


def grant_reporting(connection: Connection, database: str, account: Account) -> None:
    """Read the reporting tables; nothing of the log."""
    for table in REPORTING_TABLES:
        _grant(connection, "SELECT", database, table, account)


def grant_erasing(connection: Connection, database: str, account: Account) -> None:
    """Read the log and blank bodies in it; no other column of it can be changed."""
    for table in LOG_TABLES:
        _grant(connection, "SELECT", database, table, account)
    _grant(connection, "UPDATE (body)", database, "ops", account)


def check_account_name(name: str) -> str:
    """Raises ``InvalidInput`` unless it is a plain name of at most 32 characters."""
    if not name.isascii() or not name.replace("_", "a").isalnum() or len(name) > 32:
        raise InvalidInput(
            "account", "An account's name has letters, digits and “_” only, at most 32."
        )
    return name


def lock(connection: Connection, account: Account) -> None:
    """No new connection from now on; the checking views stop those that are open."""
    connection.run("ALTER USER %s@%s ACCOUNT LOCK", (account.name, account.comes_from))


def drop(connection: Connection, account: Account) -> None:
    connection.run("DROP USER IF EXISTS %s@%s", (account.name, account.comes_from))


def accounts_named(connection: Connection, name: str) -> tuple[Account, ...]:
    """The account under every host pattern it has."""
    rows = connection.rows("SELECT user, host FROM mysql.user WHERE user = %s", (name,))
    return tuple(Account(_text(user), _text(host)) for user, host in rows)


def end_connections(connection: Connection, name: str) -> None:
    """Cut this account's connections to this server, where the administrator may do so."""
    for number, user, *_ in connection.rows("SHOW PROCESSLIST"):  # MySQL drops its table of them
        if _text(user) != name:
            continue
        try:
            connection.run(f"KILL {int(number)}")
        except SyncTrouble:
            continue  # it has ended by itself, or this right is missing


def check_database_name(name: str) -> str:
    """The name, fit to stand in a statement; raises ``InvalidInput``."""
    plain = name.isascii() and name.replace("_", "a").isalnum() and name[0].isalpha()
    if not plain or len(name) > 48:
        raise InvalidInput(
            "database",
            "The database's name has letters, digits and “_” only, begins with a letter and has"
            " at most 48 characters.",
        )
    return name


def _grant(connection: Connection, right: str, database: str, table: str, account: Account) -> None:
    connection.run(
        f"GRANT {right} ON `{database}`.`{table}` TO %s@%s", (account.name, account.comes_from)
    )


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
