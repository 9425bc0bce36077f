"""The centre over a real MariaDB: what is pushed is what others fetch."""

from __future__ import annotations

import dataclasses
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinic_app.sync.centre import (
    BLOB_PART_BYTES,
    AlreadyThere,
    CentreBusy,
    CentreRefused,
    CentreUntrusted,
    Head,
    OperationsForged,
    SnapshotHead,
)
from clinic_app.sync.enrolment import Enrolment
from clinic_app.sync.keys import RootKey
from clinic_app.sync.mysql.connection import Connection
from clinic_app.sync.mysql.schema import SCHEMA
from clinic_app.sync.mysql.snapshots import drop_snapshots, keep_snapshot, kept_snapshot
from tests.support.centre import EPOCH, RealCentre, operations

MINUTE = timedelta(minutes=1)


def test_facts_tell_of_clinic_versions_time_and_workstations(
    centre: RealCentre, north: Enrolment
) -> None:
    centre.enrol("Süd 北")
    facts = centre.dial(north).facts()
    assert facts.clinic_id == centre.clinic_id
    assert (facts.schema, facts.min_schema) == (SCHEMA, 1)
    assert abs(facts.server_time - datetime.now(UTC)) < MINUTE
    assert [(one.id, one.name) for one in facts.workstations] == [(1, "North"), (2, "Süd 北")]
    assert facts.workstations[0].account == north.login.account
    assert facts.workstations[0].revoked_seq is None


def test_pushed_operations_are_fetched_as_they_were(centre: RealCentre, north: Enrolment) -> None:
    south = centre.enrol("South")
    pushed = operations(north.workstation_id, 700)
    line = centre.dial(north)
    line.push(pushed[:500])
    line.push(pushed[500:])
    other = centre.dial(south)
    assert other.heads() == (Head(1, EPOCH, 700, pushed[-1].hash),)
    fetched = other.fetch(1, EPOCH, 0)
    assert [dataclasses.replace(one, received_at=None) for one in fetched] == pushed
    assert all(
        one.received_at and abs(one.received_at - datetime.now(UTC)) < MINUTE for one in fetched
    )
    assert [one.seq for one in other.fetch(1, EPOCH, 698)] == [699, 700]
    assert [one.seq for one in other.fetch(1, EPOCH, 0, 3)] == [1, 2, 3]
    received = line.received(1, EPOCH, 10, 12)
    assert received == tuple((one.seq, one.received_at) for one in fetched[10:12])


def test_a_page_is_bounded_by_its_bytes_too(centre: RealCentre, north: Enrolment) -> None:
    line = centre.dial(north)
    pushed = operations(1, 4, body=10) + operations(1, 9, after=4, body=900_000)
    for start in range(0, len(pushed), 4):
        line.push([*pushed[start : start + 3], *pushed[start + 3 : start + 4]])
    after, pages = 0, []
    while page := line.fetch(1, EPOCH, after):
        pages.append([one.seq for one in page])
        after = page[-1].seq
    assert pages == [list(range(1, 10)), list(range(10, 14))]
    assert [one.seq for one in line.fetch(1, EPOCH, 0, 3)] == [1, 2, 3]


def test_every_byte_arrives_whatever_the_servers_sql_mode(
    centre: RealCentre, north: Enrolment
) -> None:
    """With NO_BACKSLASH_ESCAPES, quoting by backslash would let bytes become SQL."""
    awkward = bytes(range(256)) + b"\\'; DROP TABLE ops; -- \\" + b"\x00\x1a\r\n%s%%"
    (one,) = operations(1, 1)
    one = dataclasses.replace(one, body=awkward, hlc=(1 << 64) - 1, epoch=(1 << 63) - 1)
    before = centre.root_rows("SELECT @@global.sql_mode")[0][0]
    centre.root_rows("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'")
    try:
        line = centre.dial(north)
        line.push([one])
        assert dataclasses.replace(line.fetch(1, one.epoch, 0)[0], received_at=None) == one
    finally:
        centre.root_rows("SET GLOBAL sql_mode = %s", before)


def test_the_servers_time_zone_changes_no_moment(centre: RealCentre, north: Enrolment) -> None:
    centre.root_rows("SET GLOBAL time_zone = '+09:30'")
    try:
        line = centre.dial(north)
        line.push(operations(1, 1))
        (one,) = line.fetch(1, EPOCH, 0)
        assert one.received_at is not None
        assert abs(one.received_at - datetime.now(UTC)) < MINUTE
        assert abs(line.facts().server_time - datetime.now(UTC)) < MINUTE
    finally:
        centre.root_rows("SET GLOBAL time_zone = 'SYSTEM'")


def test_a_batch_is_added_as_a_whole_or_not_at_all(centre: RealCentre, north: Enrolment) -> None:
    line = centre.dial(north)
    line.push(operations(1, 3))
    with pytest.raises(AlreadyThere):
        line.push(operations(1, 5, after=2))
    assert centre.count() == 3
    assert line.heads()[0].seq == 3, "the connection goes on after a refusal"


def test_blobs_travel_in_parts_and_a_part_is_kept_once(
    centre: RealCentre, north: Enrolment
) -> None:
    line = centre.dial(north)
    name, parts = secrets.token_bytes(32), [secrets.token_bytes(BLOB_PART_BYTES), b"end"]
    assert line.missing_blob_parts(name, 2) == (0, 1)
    line.put_blob_part(name, 0, parts[0])
    assert line.missing_blob_parts(name, 2) == (1,)
    line.put_blob_part(name, 1, parts[1])
    line.put_blob_part(name, 1, b"something else")
    assert line.missing_blob_parts(name, 2) == ()
    other = centre.dial(centre.enrol("South"))
    assert [other.blob_part(name, number) for number in (0, 1, 2)] == [*parts, None]


def inserts(given: tuple[Any, ...]) -> int:
    return given[0].startswith("INSERT INTO snapshot_part")


def test_a_snapshot_counts_once_its_last_part_is_there(
    centre: RealCentre, north: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = centre.dial(north)
    tool = Connection(centre.server.host, centre.server.admin, centre.database)
    assert line.newest_snapshot() is None

    def cut(share: float) -> None:
        if share > 0.5:
            raise InterruptedError

    first, second = (SnapshotHead(id, b"what is signed", bytes(64)) for id in (7, 8))
    with pytest.raises(InterruptedError):
        keep_snapshot(tool, first, [b"a", b"b", b"c"], 3, cut)
    assert line.newest_snapshot() is None
    sent: list[int] = []
    with monkeypatch.context() as patch:
        run = tool.run
        patch.setattr(tool, "run", lambda *given: sent.append(inserts(given)) or run(*given))
        keep_snapshot(tool, first, [b"a", b"b", b"c"], 3, lambda share: None)
    assert sum(sent) == 1, "it goes on with the part that is missing"
    assert centre.dial(centre.enrol("South")).newest_snapshot() == first
    assert [line.snapshot_part(7, part) for part in range(4)] == [b"a", b"b", b"c", None]
    with pytest.raises(InterruptedError):
        keep_snapshot(tool, second, [b"d", b"e"], 2, cut)
    assert line.newest_snapshot() == first, "until the new one is complete"
    keep_snapshot(tool, second, [b"d", b"e"], 2, lambda share: None)
    assert line.newest_snapshot() == kept_snapshot(tool) == second
    assert line.snapshot_part(7, 0) is None
    assert (centre.count("snapshot"), centre.count("snapshot_part")) == (1, 2)
    drop_snapshots(tool)
    assert line.newest_snapshot() is None
    assert centre.count("snapshot_part") == 0
    tool.close()


def test_what_stands_in_another_name_is_no_snapshot(centre: RealCentre, north: Enrolment) -> None:
    centre.root_rows(
        "INSERT INTO snapshot (id, origin, heads, parts, signature) VALUES (9, 1, 'x', 1, 'y')"
    )
    assert centre.dial(north).newest_snapshot() is None


def test_a_record_larger_than_a_statement_is_said_plainly(
    centre: RealCentre, north: Enrolment
) -> None:
    line = centre.dial(north)
    line.facts()
    with pytest.raises(CentreRefused, match="larger than the central server takes"):
        line.push(operations(1, 1, body=9_000_000))
    assert line.heads() == ()


def test_a_fourth_connection_of_a_workstation_has_to_wait(
    centre: RealCentre, north: Enrolment
) -> None:
    lines = [centre.dial(north) for _ in range(3)]
    with pytest.raises(CentreBusy):
        centre.dial(north)
    lines[0].close()
    centre.dial(north)


def test_a_workstation_enrolled_behind_the_clinics_back_is_noticed(
    centre: RealCentre, north: Enrolment
) -> None:
    centre.root_rows(
        "INSERT INTO workstation SELECT 9, 'Ghost', 'ghost', %s, certificate, enrolled_at, NULL,"
        " NULL, NULL FROM workstation WHERE id = 1",
        secrets.token_bytes(32),
    )
    with pytest.raises(OperationsForged, match="not enrolled with the clinic's root key"):
        centre.dial(north).facts()


def test_another_clinics_database_is_not_taken_for_ours(
    centre: RealCentre, north: Enrolment
) -> None:
    stranger = dataclasses.replace(north, root_public_key=RootKey.new().public)
    with pytest.raises(CentreUntrusted):
        centre.dial(stranger).facts()
