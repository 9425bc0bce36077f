"""Making a group of clinics that learn together, by the administrator of a server."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress

from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import (
    JoinedGroup,
    SiteGroup,
    SiteHost,
    SiteLogin,
    SiteMember,
)
from clinic_app.domain.people import clean_name
from clinic_app.sync.centre import SyncTrouble
from clinic_app.sync.keys import KEY_BYTES
from clinic_app.sync.mysql.connection import Connection, Host, Login
from clinic_app.sync.mysql.grants import Account, accounts_named, drop, new_password
from clinic_app.sync.mysql.sites import (
    drop_sites_database,
    make_site_account,
    make_sites_database,
)
from clinic_app.sync.sites.files import check_members


def make_group(
    connection: Connection,
    database: str,
    name: str,
    members: tuple[SiteMember, ...],
    hosts: tuple[Host, ...],
    login: Login,
    comes_from: str,
) -> list[JoinedGroup]:
    """A new database, an account for each member, and what each is given. Nothing stays when it
    fails. Raises ``InvalidInput``, ``WrongState`` where the database is there, ``SyncTrouble``."""
    group = SiteGroup(new_id(), clean_name(name, "name", required=True), members)
    check_members(group)
    key = secrets.token_bytes(KEY_BYTES)
    where = tuple(SiteHost(one.name, one.port) for one in hosts)
    make_sites_database(connection, database)
    made: list[JoinedGroup] = []
    try:
        for place in range(len(members)):
            account, password = f"sites_{group.id.hex[-12:]}_{place}", new_password()
            own = SiteLogin(where, database, account, password, login.authority)
            made.append(JoinedGroup(group, place, own, key))
            make_site_account(connection, database, place, Account(account, comes_from), password)
    except BaseException:
        take_back(connection, database, made)
        raise
    return made


def take_back(connection: Connection, database: str, made: Sequence[JoinedGroup]) -> None:
    """Undo a group of which nobody has a file."""
    with suppress(SyncTrouble):
        for one in made:
            for account in accounts_named(connection, one.login.account):
                drop(connection, account)
        drop_sites_database(connection, database)
