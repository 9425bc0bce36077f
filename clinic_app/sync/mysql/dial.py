"""Opening a connection to the centre: the list of hosts in turn, the last good one first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from clinic_app.domain.clock import utc_now
from clinic_app.services.sync_data import HostStatus
from clinic_app.sync.centre import (
    Centre,
    CentreBusy,
    CentreRefused,
    CentreUnreachable,
    CentreUntrusted,
    ClockWrong,
    SyncTrouble,
)
from clinic_app.sync.enrolment import Enrolment
from clinic_app.sync.mysql.centre import MysqlCentre
from clinic_app.sync.mysql.connection import PATIENCE, Connection, Host, Login, Patience

_GRAVEST_LAST = (CentreUnreachable, CentreBusy, ClockWrong, CentreRefused, CentreUntrusted)
_WORTH_ANOTHER_HOST = _GRAVEST_LAST


class MysqlDial:
    """Implements ``Dial`` for a workstation; remembers which host answered last."""

    def __init__(self, enrolment: Enrolment, patience: Patience = PATIENCE) -> None:
        self._enrolment = enrolment
        self._hosts = Hosts(enrolment.hosts, enrolment.login, enrolment.database, patience)

    def __call__(self) -> Centre:
        connection = self._hosts.open()
        return MysqlCentre(
            connection,
            origin=self._enrolment.workstation_id,
            root_public_key=self._enrolment.root_public_key,
            read_only=self._hosts.put_last,
        )

    def standing(self) -> tuple[HostStatus, ...]:
        """How each host did since the program started, in the order in which they are tried."""
        heard = self._hosts.heard
        return tuple(heard.get(host, HostStatus(str(host))) for host in self._hosts.hosts)


@dataclass
class Hosts:
    """The hosts of a centre. Servers that take changes come before read-only ones."""

    hosts: tuple[Host, ...]
    login: Login
    database: str | None
    patience: Patience = PATIENCE
    heard: dict[Host, HostStatus] = field(default_factory=dict)

    def open(self) -> Connection:
        """A connection to the first host that answers as it should.

        When none does, raises what most needs a person: a wrong certificate before a refused
        account before silence.
        """
        troubles: list[SyncTrouble] = []
        standby: tuple[Host, Connection] | None = None
        for host in self.hosts:
            try:
                connection = Connection(host, self.login, self.database, self.patience)
            except _WORTH_ANOTHER_HOST as trouble:
                troubles.append(self._note(host, trouble))
                continue
            try:
                takes_changes = _takes_changes(connection)
                if not takes_changes:
                    _wait_for_its_group(connection)
            except _WORTH_ANOTHER_HOST as trouble:
                connection.close()
                troubles.append(self._note(host, trouble))
                continue
            except BaseException:
                connection.close()
                raise
            if takes_changes:
                if standby is not None:
                    standby[1].close()
                self._put_first(host)
                return connection
            if standby is None:
                standby = host, connection
            else:
                connection.close()
        if standby is not None:
            self._put_first(standby[0])
            return standby[1]
        if not troubles:
            raise CentreUnreachable("No central server is named.")
        raise max(troubles, key=lambda one: _GRAVEST_LAST.index(type(one)))

    def put_last(self) -> None:
        """The host that answered last takes no changes: begin with another one next time."""
        self.hosts = (*self.hosts[1:], *self.hosts[:1])

    def _note(self, host: Host, trouble: SyncTrouble) -> SyncTrouble:
        known = self.heard.get(host, HostStatus(str(host)))
        self.heard[host] = replace(known, trouble=str(trouble))
        return trouble

    def _put_first(self, host: Host) -> None:
        self.heard[host] = HostStatus(str(host), utc_now())
        self.hosts = (host, *(one for one in self.hosts if one != host))


def _takes_changes(connection: Connection) -> bool:
    """Also the first statement that a Galera node outside the primary component refuses."""
    row = connection.row("SELECT @@global.read_only")
    return row is not None and row[0] in (0, "OFF")


def _wait_for_its_group(connection: Connection) -> None:
    """Let a secondary of a MySQL group answer once it has applied what the group acknowledged, and
    refuse while it still copies that: it would look like a server that was restored."""
    if connection.rows("SHOW VARIABLES LIKE 'group_replication_consistency'"):
        connection.run("SET group_replication_consistency = 'BEFORE'")
