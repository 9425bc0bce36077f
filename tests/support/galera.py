"""Three MariaDB nodes of one Galera cluster on loopback, to be killed, cut off and brought back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pymysql

from clinic_app.paths import ROOT
from tests.support.central import Server, free_port
from tests.support.certificates import Authority

PROVIDER = Path("/usr/lib/galera/libgalera_smm.so")
SCRIPTS = ROOT / "build/galera/usr/bin"
NODES = 3
JOIN_SECONDS = 90.0
HUNG_SECONDS = 45.0
"""A node that hears the others again and neither ends nor joins in this time is killed, as the
watchdog of a service manager does. To end itself, it has to get past whatever it waits for."""


class Cluster:
    """``nodes`` are ordinary servers; an administrator exists on all of them.

    ``cache`` is how much of what was written a node keeps for others that were away; ``suspect``
    how many seconds of silence cost a node its place. A node that a busy machine leaves without
    processor or disk for so long while another one is away takes the quorum from the third.
    """

    def __init__(
        self,
        folder: Path,
        authority: Authority,
        template: Path,
        *,
        cache: str = "128M",
        suspect: int = 10,
    ) -> None:
        assert PROVIDER.exists(), "Galera is missing; please run: tools/bootstrap.sh long"
        assert SCRIPTS.exists(), "Galera's scripts are missing; please run: tools/bootstrap.sh long"
        scripts = _scripts(folder / "scripts")
        empty = folder / "empty"
        empty.mkdir()
        groups = [free_port() for _ in range(NODES)]
        address = "gcomm://" + ",".join(f"127.0.0.1:{port}" for port in groups)
        self.nodes = [
            Server(
                folder / f"node{number}",
                authority,
                template=template if number == 0 else empty,
                options=_options(f"node{number}", address, groups[number], cache, suspect),
                search=scripts,
            )
            for number in range(NODES)
        ]

    def open(self) -> Cluster:
        """Found the cluster with the first node; the others copy its state."""
        first, *others = self.nodes
        first.start("--wsrep-new-cluster")
        self.wait_joined(first)
        first.add_administrator()
        for node in others:
            self.bring_back(node)
        return self

    def wait_joined(self, node: Server) -> None:
        self.wait_until(lambda: _is_synced(node), node)

    def wait_cut_off(self, node: Server) -> None:
        """Until the node knows that it hears too few others to go on."""
        whole = (None, "Primary")  # it may be too busy to answer
        self.wait_until(lambda: status(node, "wsrep_cluster_status") not in whole, node)

    def wait_until(self, true: Callable[[], bool], node: Server) -> None:
        assert self._comes(true, JOIN_SECONDS), node.log_end()

    @staticmethod
    def _comes(true: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True

    def bring_back(self, node: Server) -> None:
        """Start a node; it copies what it lacks from another one.

        One that cannot join at once (no donor is free) ends; a service manager starts it again.
        """

        def joined() -> bool:
            if node.has_ended:
                node.start()
            return _is_synced(node)

        self.wait_until(joined, node)

    def cut_off(self, node: Server) -> None:
        """A partition: the node runs on and hears nobody."""
        self._isolate(node, "1")

    def reconnect(self, node: Server) -> bool:
        """The partition ends. Returns whether the node had to be started again.

        A running node can only take what the others still keep. One that was away for longer ends
        itself, or hangs on the way to it and is killed, and takes a whole copy when its service
        manager starts it again.
        """
        self._isolate(node, "0")
        if not self._comes(lambda: node.has_ended or _is_synced(node), HUNG_SECONDS):
            node.kill()
        ended = node.has_ended
        if ended:
            self.bring_back(node)
        return ended

    def close(self) -> None:
        for node in self.nodes:
            node.kill()

    def _isolate(self, node: Server, on: str) -> None:
        with node.root() as root, root.cursor() as cursor:
            cursor.execute(f"SET GLOBAL wsrep_provider_options = 'gmcast.isolate={on}'")


def _is_synced(node: Server) -> bool:
    return status(node, "wsrep_local_state_comment") == "Synced"


def status(node: Server, name: str) -> str | None:
    """A status value; ``None`` while the node does not answer."""
    if not node.answers():
        return None
    try:
        with node.root() as root, root.cursor() as cursor:
            cursor.execute("SHOW GLOBAL STATUS LIKE %s", (name,))
            row = cursor.fetchone()
    except pymysql.MySQLError:
        return None
    return None if row is None else str(row[1])


def _options(name: str, address: str, port: int, cache: str, suspect: int) -> tuple[str, ...]:
    provider = {
        "gmcast.listen_addr": f"tcp://127.0.0.1:{port}",
        "ist.recv_addr": f"127.0.0.1:{free_port()}",
        "gcache.size": cache,
        "pc.recovery": "off",
        "evs.suspect_timeout": f"PT{suspect}S",
        "evs.inactive_timeout": f"PT{2 * suspect}S",
        "evs.keepalive_period": "PT0.5S",
        "evs.inactive_check_period": "PT0.5S",
    }
    return (
        "--binlog-format=ROW",
        "--default-storage-engine=InnoDB",
        "--innodb-autoinc-lock-mode=2",
        "--wsrep-on=ON",
        f"--wsrep-provider={PROVIDER}",
        "--wsrep-cluster-name=clinic",
        f"--wsrep-cluster-address={address}",
        f"--wsrep-node-name={name}",
        f"--wsrep-node-address=127.0.0.1:{port}",
        f"--wsrep-provider-options={';'.join(f'{key}={value}' for key, value in provider.items())}",
        "--wsrep-sst-method=rsync",
        f"--wsrep-sst-receive-address=127.0.0.1:{free_port()}",
    )


def _scripts(folder: Path) -> Path:
    """A copy of the state-transfer scripts; a daemon of rsync that root starts would become
    "nobody" and could not write."""
    folder.mkdir(parents=True, exist_ok=True)
    for script in SCRIPTS.glob("wsrep_sst_*"):
        text = script.read_text(encoding="utf-8")
        if os.getuid() == 0:
            text = text.replace("\nuse chroot = no\n", "\nuse chroot = no\nuid = 0\ngid = 0\n")
        copy = folder / script.name
        copy.write_text(text, encoding="utf-8")
        copy.chmod(0o755)
    return folder
