"""Three MySQL servers of one group (InnoDB Cluster without its shell) on loopback, to be killed,
put to sleep and brought back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pymysql

from tests.support.central import Server, free_port
from tests.support.certificates import Authority
from tests.support.mysqld import MYSQL

NODES = 3
JOIN_SECONDS = 180.0
COPIER, COPIERS_PASSWORD = "copier", "bench-anchor-Otter"
_COPY_AS = (
    f"CHANGE REPLICATION SOURCE TO SOURCE_USER = '{COPIER}', SOURCE_PASSWORD = '{COPIERS_PASSWORD}'"
    " FOR CHANNEL 'group_replication_recovery'"
)
"""Kept by each node, so that it can come back by itself."""


class Group:
    """``nodes`` are ordinary servers, of which one at a time takes changes; an administrator exists
    on all of them."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        assert MYSQL is not None, "A group needs MySQL; please run: make test-mysql"
        name, ports = str(uuid4()), [free_port() for _ in range(NODES)]
        seeds = ",".join(f"127.0.0.1:{port}" for port in ports)
        self.nodes = [
            Server(folder / f"node{number}", authority, options=_options(number, name, port, seeds))
            for number, port in enumerate(ports, 1)
        ]

    def open(self) -> Group:
        """Found the group with the first node; the others copy what it has."""
        first, *others = self.nodes
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.wait()
            run(node, _COPY_AS)
        run(first, "SET GLOBAL group_replication_bootstrap_group = ON")
        run(first, "START GROUP_REPLICATION")
        run(first, "SET GLOBAL group_replication_bootstrap_group = OFF")
        self.wait_joined(first)
        first.add_administrator()
        run(first, f"CREATE USER {COPIER}@'%' IDENTIFIED BY '{COPIERS_PASSWORD}' REQUIRE SSL")
        run(first, f"GRANT REPLICATION SLAVE, CONNECTION_ADMIN ON *.* TO {COPIER}@'%'")
        for node in others:
            run(node, "START GROUP_REPLICATION")
            self.wait_joined(node)
        return self

    def primary(self) -> Server:
        """The node that takes changes."""
        found: list[Server] = []

        def elected() -> bool:
            found[:] = [node for node in self.nodes if _is_primary(node)]
            return len(found) == 1

        self.wait_until(elected, self.nodes[0])
        return found[0]

    def bring_back(self, node: Server) -> None:
        """Start a node that was killed, once the others have given it up; it copies what it missed
        from one of them."""
        self.wait_given_up(node)
        node.start("--group-replication-start-on-boot=ON")  # read-only from its first moment
        self.wait_joined(node)

    def wait_given_up(self, gone: Server) -> None:
        """Until the others are a group of their own."""
        others = [node for node in self.nodes if node is not gone]
        self.wait_until(lambda: all(_members(node) == NODES - 1 for node in others), others[0])

    def wait_joined(self, node: Server) -> None:
        self.wait_until(lambda: _state(node) == "ONLINE", node)

    def wait_until(self, true: Callable[[], bool], node: Server) -> None:
        end = time.monotonic() + JOIN_SECONDS
        while not true():
            assert time.monotonic() < end, node.log_end()
            time.sleep(0.2)

    def close(self) -> None:
        for node in self.nodes:
            node.kill()


def run(node: Server, statement: str) -> None:
    with node.root() as root, root.cursor() as cursor:
        cursor.execute(statement)


_OWN = "FROM performance_schema.replication_group_members WHERE member_id = @@server_uuid"


def _state(node: Server) -> object:
    return _asked(node, f"SELECT member_state {_OWN}")


def _is_primary(node: Server) -> bool:
    role = _asked(node, f"SELECT CONCAT(member_role, ' ', member_state) {_OWN}")
    return role == "PRIMARY ONLINE" and _asked(node, "SELECT @@super_read_only") == 0


def _members(node: Server) -> object:
    """How many it counts as there."""
    return _asked(
        node,
        "SELECT COUNT(*) FROM performance_schema.replication_group_members"
        " WHERE member_state = 'ONLINE'",
    )


def _asked(node: Server, query: str) -> object:
    """One value; ``None`` while the node does not answer."""
    if not node.answers():
        return None
    try:
        with node.root() as root, root.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
    except pymysql.MySQLError:
        return None
    return None if row is None else row[0]


def _options(number: int, name: str, port: int, seeds: str) -> tuple[str, ...]:
    return (
        f"--server-id={number}",
        "--gtid-mode=ON",
        "--enforce-gtid-consistency=ON",
        "--report-host=127.0.0.1",
        "--plugin-load-add=group_replication.so",
        f"--group-replication-group-name={name}",
        f"--group-replication-local-address=127.0.0.1:{port}",
        f"--group-replication-group-seeds={seeds}",
        "--group-replication-ip-allowlist=127.0.0.0/8",
        "--group-replication-start-on-boot=OFF",
        "--group-replication-member-expel-timeout=0",
        "--group-replication-recovery-use-ssl=ON",
        "--group-replication-recovery-reconnect-interval=2",
    )
