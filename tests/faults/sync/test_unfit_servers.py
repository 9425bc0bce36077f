"""Servers without room, read-only, or set up wrongly: said plainly, nothing half there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic_app.domain.errors import WrongState
from clinic_app.sync.centre import CentreFull
from tests.support.central import Server
from tests.support.centre import EPOCH, RealCentre, make_centre, operations
from tests.support.certificates import Authority

ONE_FILE = "--innodb-file-per-table=0"
SMALL = "--innodb-data-file-path=ibdata1:12M:autoextend:max:{}M"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Server]:
    """Its tables have no more than 28 MB together."""
    server = Server(tmp_path / "small", Authority(), options=(ONE_FILE,))
    server.start(SMALL.format(28))
    try:
        server.wait()
        server.add_administrator()
        yield server
    finally:
        server.stop()


def test_a_full_server_takes_a_batch_whole_or_not_and_goes_on_once_there_is_room(
    small: Server,
) -> None:
    centre = make_centre(small)
    north = centre.enrol("North")
    line = centre.dial(north)
    sent = 0

    def push() -> None:
        nonlocal sent
        line.push(operations(1, 50, after=sent, body=10_000))
        sent += 50

    def push_on() -> None:
        for _ in range(100):
            push()

    with pytest.raises(CentreFull, match="no room left"):
        push_on()
    assert sent > 0
    assert centre.count() == sent, "nothing of the refused batch is there"
    assert [one.seq for one in line.fetch(1, EPOCH, sent - 10)] == list(range(sent - 9, sent + 1))
    centre.close()
    small.stop()
    small.restart(SMALL.format(512))
    line = centre.dial(north)
    push()
    assert centre.count() == sent


def test_a_read_only_server_is_read_and_another_one_is_written_to(
    central: Server, tmp_path: Path
) -> None:
    centre = make_centre(central)
    north = centre.enrol("North")
    line = centre.dial(north)
    line.push(operations(1, 1))
    centre.root_rows("SET GLOBAL read_only = 1")
    with pytest.raises(CentreFull, match="read-only"):
        line.push(operations(1, 1, after=1))
    again = centre.dial(north)
    assert [one.seq for one in again.fetch(1, EPOCH, 0)] == [1]
    centre.root_rows("SET GLOBAL read_only = 0")
    again.push(operations(1, 1, after=1))
    centre.close()


def test_of_two_hosts_the_one_that_takes_changes_is_chosen(central: Server, tmp_path: Path) -> None:
    standby = Server(tmp_path / "standby", central.authority)
    try:
        standby.open()
        centre = make_centre(central)
        north = centre.enrol("North", [standby.host, central.host])
        _same_account(standby, centre, north.login.account, north.login.password)
        line = centre.dial(north)
        line.push(operations(1, 1))
        assert centre.count() == 1
        centre.close()
    finally:
        standby.stop()


def _same_account(standby: Server, centre: RealCentre, account: str, password: str) -> None:
    """A read-only copy of the centre as far as a workstation sees it before its first statement."""
    with standby.root() as root, root.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {centre.database}")
        cursor.execute("CREATE USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", (account, password))
        cursor.execute(f"GRANT SELECT ON {centre.database}.* TO %s@'%%'", (account,))
        cursor.execute("SET GLOBAL read_only = 1")


def test_a_server_whose_clock_clients_could_move_is_refused(tmp_path: Path) -> None:
    server = Server(tmp_path / "movable", Authority(), options=("--sysdate-is-now",))
    try:
        with pytest.raises(WrongState, match="sysdate-is-now"):
            make_centre(server.open())
    finally:
        server.stop()
