"""A real three-node Galera cluster: a node is killed in mid-push, cut off, and comes back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic_app.sync.centre import CentreBusy, CentreUnreachable
from clinic_app.sync.mysql.connection import Connection
from tests.support.central import Server, install
from tests.support.centre import RealCentre, make_centre
from tests.support.certificates import Authority
from tests.support.galera import NODES, Cluster
from tests.support.writer import IMPATIENT, Writer, all_make_way, check_server, start_writers

pytestmark = pytest.mark.long

KILLS = 6
PARTITIONS = 3
LITTLE_CACHE = "4M"
LITTLE_PATIENCE = 2


@pytest.fixture
def cache() -> str:
    """Enough for what is written while a node is away, however quick the machine."""
    return "128M"


@pytest.fixture
def suspect() -> int:
    """Enough for a machine with other things to do."""
    return 10


@pytest.fixture
def cluster(tmp_path: Path, cache: str, suspect: int) -> Iterator[Cluster]:
    template = tmp_path / "template"
    install(template)
    made = Cluster(tmp_path / "cluster", Authority(), template, cache=cache, suspect=suspect)
    try:
        yield made.open()
    finally:
        made.close()


@pytest.fixture
def centre(cluster: Cluster) -> Iterator[RealCentre]:
    made = make_centre(cluster.nodes[0])
    yield made
    made.close()


def check_every_node(cluster: Cluster, centre: RealCentre, writers: list[Writer]) -> None:
    for node in cluster.nodes:
        cluster.wait_joined(node)
        check_server(node, centre.database, writers, "SET wsrep_sync_wait = 1")


def write_more_than_is_kept(node: Server) -> None:
    """Many times what a cluster with a little cache keeps."""
    with node.root() as root, root.cursor() as cursor:
        cursor.execute("CREATE DATABASE elsewhere")
        cursor.execute("CREATE TABLE elsewhere.filling (one INT PRIMARY KEY, body MEDIUMBLOB)")
        for number in range(60):
            cursor.execute(
                "INSERT INTO elsewhere.filling VALUES (%s, REPEAT('x', 500000))", (number,)
            )


def test_nodes_killed_in_mid_push_lose_and_double_nothing(
    cluster: Cluster, centre: RealCentre
) -> None:
    moments = random.Random(11)
    writers = start_writers(centre, cluster.nodes)
    try:
        for _ in range(KILLS):
            all_make_way(writers)
            node = moments.choice(cluster.nodes)
            writers[0].wait(moments.random() * 0.3)
            node.kill()
            all_make_way(writers)
            cluster.bring_back(node)
    finally:
        for writer in writers:
            writer.finish()
    # A writer stays with the node that answered last: a kill may meet one that nobody is at.
    assert sum(writer.troubles for writer in writers) >= KILLS // 2
    check_every_node(cluster, centre, writers)


def test_a_node_that_is_cut_off_takes_nothing_and_catches_up(
    cluster: Cluster, centre: RealCentre
) -> None:
    moments = random.Random(12)
    writers = start_writers(centre, cluster.nodes)
    try:
        for number in range(PARTITIONS):
            all_make_way(writers)
            node = cluster.nodes[number % NODES]
            writers[0].wait(moments.random() * 0.3)
            cluster.cut_off(node)
            cluster.wait_cut_off(node)
            line = Connection(node.host, node.admin, None)
            with pytest.raises(CentreUnreachable):
                line.rows(f"SELECT COUNT(*) FROM {centre.database}.ops")
            line.close()
            all_make_way(writers)
            cluster.reconnect(node)
    finally:
        for writer in writers:
            writer.finish()
    check_every_node(cluster, centre, writers)


@pytest.mark.parametrize("cache", [LITTLE_CACHE])
def test_a_node_that_was_cut_off_for_too_long_takes_a_whole_copy(
    cluster: Cluster, centre: RealCentre
) -> None:
    writers = start_writers(centre, cluster.nodes)
    try:
        all_make_way(writers)
        node = cluster.nodes[0]
        cluster.cut_off(node)
        cluster.wait_cut_off(node)
        write_more_than_is_kept(cluster.nodes[1])
        all_make_way(writers)
        assert cluster.reconnect(node), "the node could take what it missed from another's cache"
    finally:
        for writer in writers:
            writer.finish()
    check_every_node(cluster, centre, writers)


@pytest.mark.parametrize("suspect", [LITTLE_PATIENCE])
def test_a_centre_without_quorum_takes_nothing_until_the_line_is_back(
    cluster: Cluster, centre: RealCentre
) -> None:
    """One node is cut off and another one sleeps: nobody knows any more who the majority is."""
    awake, sleeping, cut_off = cluster.nodes
    anybody = centre.enrol("Anybody", [node.host for node in cluster.nodes])
    writers = start_writers(centre, cluster.nodes)
    try:
        all_make_way(writers)
        sleeping.suspend()
        cluster.cut_off(cut_off)
        for node in (cut_off, awake):
            cluster.wait_cut_off(node)
        sleeping.resume()
        cluster.wait_cut_off(sleeping)
        with pytest.raises((CentreUnreachable, CentreBusy)):
            centre.dial(anybody, IMPATIENT)
        written = [len(writer.acknowledged) for writer in writers]
        writers[0].wait(1.0)
        assert [len(writer.acknowledged) for writer in writers] == written
        cluster.reconnect(cut_off)
        all_make_way(writers)
    finally:
        sleeping.resume()
        for writer in writers:
            writer.finish()
    check_every_node(cluster, centre, writers)
