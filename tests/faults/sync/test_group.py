"""A real group of three MySQL servers (InnoDB Cluster): a server is killed in mid-push, put to
sleep, and comes back."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic_app.sync.centre import CentreUnreachable
from tests.support.centre import RealCentre, make_centre, operations
from tests.support.certificates import Authority
from tests.support.group import Group
from tests.support.writer import IMPATIENT, Writer, all_make_way, check_server, start_writers

KILLS = 4


@pytest.fixture
def group(tmp_path: Path) -> Iterator[Group]:
    made = Group(tmp_path / "group", Authority())
    try:
        yield made.open()
    finally:
        made.close()


@pytest.fixture
def centre(group: Group) -> Iterator[RealCentre]:
    made = make_centre(group.nodes[0])
    yield made
    made.close()


def check_every_node(group: Group, centre: RealCentre, writers: list[Writer]) -> None:
    for node in group.nodes:
        group.wait_joined(node)
        check_server(node, centre.database, writers, "SET group_replication_consistency = 'BEFORE'")


def test_servers_of_a_group_killed_in_mid_push_lose_and_double_nothing(
    group: Group, centre: RealCentre
) -> None:
    """Every other time it is the one that takes the changes."""
    moments = random.Random(11)
    writers = start_writers(centre, group.nodes)
    try:
        for number in range(KILLS):
            all_make_way(writers)
            primary = group.primary()
            others = [node for node in group.nodes if node is not primary]
            node = moments.choice(others) if number % 2 else primary
            writers[0].wait(moments.random() * 0.3)
            node.kill()
            all_make_way(writers)
            group.bring_back(node)
    finally:
        for writer in writers:
            writer.finish()
    assert sum(writer.troubles for writer in writers) >= KILLS // 2
    check_every_node(group, centre, writers)


def test_a_server_that_slept_takes_nothing_and_catches_up(group: Group, centre: RealCentre) -> None:
    """Its group has elected another one meanwhile: whoever still asks it is not deceived."""
    writers = start_writers(centre, group.nodes)
    try:
        all_make_way(writers)
        sleeping = group.primary()
        sleeping.suspend()
        group.wait_given_up(sleeping)
        all_make_way(writers)
        sleeping.resume()
        group.wait_joined(sleeping)
        assert group.primary() is not sleeping
        all_make_way(writers)
    finally:
        for writer in writers:
            writer.finish()
    check_every_node(group, centre, writers)


def test_a_secondary_that_lags_is_not_read_as_if_that_were_all(
    group: Group, centre: RealCentre
) -> None:
    """Its older heads would look like a server that was restored."""
    primary = group.primary()
    secondary = next(node for node in group.nodes if node is not primary)
    north = centre.enrol("North")
    line = centre.dial(north)
    line.push(operations(1, 5))
    cut_off = dataclasses.replace(north, hosts=(secondary.host,))
    with secondary.root(centre.database) as root, root.cursor() as cursor:
        cursor.execute("SET group_replication_consistency = 'BEFORE'")
        cursor.execute("SELECT COUNT(*) FROM ops")
        assert cursor.fetchone() == (5,)
        cursor.execute("SET group_replication_consistency = 'EVENTUAL'")
        cursor.execute("FLUSH TABLES WITH READ LOCK")
        line.push(operations(1, 5, after=5))
        behind = centre.dial(cut_off, IMPATIENT)
        with pytest.raises(CentreUnreachable):
            behind.heads()
        cursor.execute("UNLOCK TABLES")
    assert centre.dial(cut_off).heads()[0].seq == 10
