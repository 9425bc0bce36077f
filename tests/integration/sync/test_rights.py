"""What a workstation's account cannot do, tried with raw SQL on a real MariaDB."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from clinic_app.sync.centre import (
    AlreadyThere,
    CentreRefused,
    CentreUnreachable,
    OperationsForged,
    SyncTrouble,
    VersionTooOld,
    WorkstationRevoked,
)
from clinic_app.sync.enrolment import Enrolment
from clinic_app.sync.mysql.connection import CheckFailed, Connection
from tests.support.centre import EPOCH, RealCentre, operations

ROW = (
    "INSERT INTO ops_push (origin, epoch, seq, hlc, schema_v, entity, entity_id, body, hash)"
    " VALUES (%s, %s, %s, 1, 1, 3, REPEAT('i', 16), 'body', REPEAT('h', 32))"
)


@pytest.fixture
def bad(centre: RealCentre, north: Enrolment) -> Connection:
    """North's own account in the hands of somebody who writes SQL; one operation is there."""
    centre.enrol("South")
    centre.dial(north).push(operations(1, 1))
    return centre.raw(north)


def test_an_honest_row_is_taken(centre: RealCentre, bad: Connection) -> None:
    """Without this, the refusals below would prove nothing."""
    bad.run(ROW, (1, EPOCH, 2))
    assert centre.count() == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ops SET body = ''",
        "UPDATE ops_push SET body = ''",
        "DELETE FROM ops",
        "DELETE FROM ops_push",
        "REPLACE INTO ops_push SELECT * FROM ops",
        "INSERT INTO ops SELECT * FROM ops",
        "INSERT INTO ops (origin, epoch, seq, hlc, schema_v, entity, entity_id, body, hash)"
        " VALUES (1, 1, 9, 1, 1, 3, REPEAT('i', 16), '', REPEAT('h', 32))",
        f"{ROW} ON DUPLICATE KEY UPDATE body = ''" % (1, EPOCH, 1),
        "TRUNCATE TABLE ops",
        "DROP TABLE ops",
        "ALTER TABLE ops ADD COLUMN x INT",
        "CREATE TABLE mine (x INT)",
        "CREATE OR REPLACE VIEW ops_push AS SELECT * FROM ops",
        "DROP VIEW ops_push",
        "UPDATE meta SET min_schema = 0",
        "UPDATE workstation SET revoked_at = NULL",
        "UPDATE workstation SET public_key = ''",
        "DELETE FROM workstation",
        "INSERT INTO workstation SELECT * FROM workstation",
        "INSERT INTO meta SELECT * FROM meta",
        "DELETE FROM blob_part",
        "UPDATE blob_part SET content = ''",
        "UPDATE blob_push SET content = ''",
        "DELETE FROM snapshot_part",
        "SELECT * FROM patient",
        "INSERT INTO patient (id) VALUES ('x')",
        "DELETE FROM note",
        "UPDATE projected SET seq = 0",
        "DELETE FROM snapshot",
        "INSERT INTO snapshot (id, origin, heads, parts, signature) VALUES (1, 0, '', 1, '')",
        "INSERT INTO snapshot_part VALUES (1, 0, 0, 'x')",
        "INSERT INTO snapshot_push (id, origin, heads, parts, signature) VALUES (1, 1, '', 1, '')",
        "INSERT INTO snapshot_part_push VALUES (1, 0, 1, 'x')",
        "SELECT wrapped FROM clinic_key",
        "SELECT user FROM mysql.user",
        "GRANT INSERT ON ops TO CURRENT_USER",
        "CREATE USER mallory",
        "SET GLOBAL read_only = 1",
        "LOCK TABLES ops WRITE",
        "SELECT body FROM ops INTO OUTFILE '/tmp/stolen'",
        "LOAD DATA INFILE '/etc/passwd' INTO TABLE ops",
    ],
)
def test_a_workstation_adds_and_changes_nothing_else(
    centre: RealCentre, bad: Connection, statement: str
) -> None:
    before = centre.root_rows("SELECT * FROM ops"), centre.root_rows("SELECT * FROM workstation")
    with pytest.raises(SyncTrouble) as refusal:
        bad.run(statement)
    assert isinstance(refusal.value, CentreRefused), refusal.value
    after = centre.root_rows("SELECT * FROM ops"), centre.root_rows("SELECT * FROM workstation")
    assert before == after


@pytest.mark.parametrize("origin", [0, 2, 3, 65_535])
def test_a_forged_origin_is_refused(centre: RealCentre, bad: Connection, origin: int) -> None:
    with pytest.raises(CheckFailed):
        bad.run(ROW, (origin, EPOCH, 2))
    assert centre.count() == 1


def test_one_forged_row_refuses_the_whole_batch(centre: RealCentre, north: Enrolment) -> None:
    batch = operations(1, 100)
    batch[57] = dataclasses.replace(batch[57], origin=2)
    line = centre.dial(north)
    with pytest.raises(CentreRefused):
        line.push(batch)
    assert centre.count() == 0


def test_insert_ignore_through_the_view_adds_nothing_foreign(
    centre: RealCentre, bad: Connection
) -> None:
    """MariaDB refuses it; MySQL passes over the foreign row and takes what is left."""
    with suppress(CheckFailed):
        assert bad.run(ROW.replace("INSERT", "INSERT IGNORE"), (2, EPOCH, 1)) == 0
    assert centre.count() == 1


def test_a_replayed_operation_is_refused(centre: RealCentre, north: Enrolment) -> None:
    line = centre.dial(north)
    batch = operations(1, 3)
    line.push(batch)
    with pytest.raises(AlreadyThere):
        line.push(batch)
    altered = [dataclasses.replace(one, body=b"other") for one in batch]
    with pytest.raises(AlreadyThere):
        line.push(altered)
    stored = centre.root_rows("SELECT body FROM ops ORDER BY seq")
    assert [body for (body,) in stored] == [one.body for one in batch]


@pytest.mark.parametrize(
    "trick",
    [
        "SET timestamp = 1",
        "SET timestamp = UNIX_TIMESTAMP() + 86400",
        "SET time_zone = '-12:00'",
        "SET time_zone = '+13:00'",
        "SET time_zone = '+00:05'",
        "SET time_zone = '+13:00', timestamp = UNIX_TIMESTAMP() - 13 * 3600 + 120",
    ],
)
def test_when_it_was_received_cannot_be_moved(
    centre: RealCentre, bad: Connection, trick: str
) -> None:
    """``SET timestamp`` moves CURRENT_TIMESTAMP, ``SET time_zone`` moves SYSDATE as well."""
    bad.run(trick)
    with pytest.raises(CheckFailed):
        bad.run(ROW, (1, EPOCH, 2))
    assert centre.count() == 1


def test_tricks_that_cancel_each_other_out_store_the_true_time(
    centre: RealCentre, bad: Connection
) -> None:
    bad.run("SET time_zone = '+13:00', timestamp = UNIX_TIMESTAMP() - 13 * 3600")
    bad.run(ROW, (1, EPOCH, 2))
    ((stored,),) = centre.root_rows("SELECT recv_at FROM ops WHERE seq = 2")
    assert isinstance(stored, datetime)
    assert abs(stored.replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("shift", [-3600, 3600])
def test_when_it_was_received_cannot_be_named(
    centre: RealCentre, bad: Connection, shift: int
) -> None:
    statement = ROW.replace("hash)", "hash, recv_at)").replace(
        "REPEAT('h', 32))", "REPEAT('h', 32), UTC_TIMESTAMP(6) + INTERVAL %s SECOND)"
    )
    with pytest.raises(CheckFailed):
        bad.run(statement, (1, EPOCH, 2, shift))
    bad.run(statement, (1, EPOCH, 2, 0))
    assert centre.count() == 2


def test_a_withdrawn_workstation_is_cut_off(centre: RealCentre, north: Enrolment) -> None:
    line = centre.dial(north)
    line.push(operations(1, 3))
    standing = centre.administration().revoke("North")
    assert standing.operations == 3
    with pytest.raises(CentreUnreachable):
        line.push(operations(1, 1, after=3))
    with pytest.raises(WorkstationRevoked):
        centre.dial(north)
    assert centre.count() == 3
    (one,) = centre.dial(centre.enrol("South")).facts().workstations[:1]
    assert (one.revoked_epoch, one.revoked_seq) == (EPOCH, 3)


def test_the_mark_alone_stops_a_line_that_stays_open(centre: RealCentre, north: Enrolment) -> None:
    """On another node of a cluster the administrator cannot end the connection."""
    line = centre.dial(north)
    centre.root_rows("UPDATE workstation SET revoked_at = UTC_TIMESTAMP(6)")
    with pytest.raises(WorkstationRevoked):
        line.push(operations(1, 1))
    with pytest.raises(WorkstationRevoked):
        line.put_blob_part(bytes(32), 0, b"x")
    assert (centre.count(), centre.count("blob_part")) == (0, 0)


def test_a_withdrawn_workstation_that_wrote_nothing_counts_for_nothing(
    centre: RealCentre, north: Enrolment
) -> None:
    centre.administration().revoke("North")
    (one, _) = centre.dial(centre.enrol("South")).facts().workstations
    assert (one.revoked_epoch, one.revoked_seq) == (0, 0)


def test_an_old_program_is_asked_to_update(centre: RealCentre, north: Enrolment) -> None:
    line = centre.dial(north)
    centre.root_rows("UPDATE meta SET min_schema = 2")
    with pytest.raises(VersionTooOld):
        line.push(operations(1, 1))
    mixed = operations(1, 2, version=2)
    mixed[1] = dataclasses.replace(mixed[1], schema_version=1)
    with pytest.raises(VersionTooOld):
        line.push(mixed)
    assert centre.count() == 0
    line.push(operations(1, 1, version=2))
    assert centre.count() == 1


def test_newer_tables_at_the_centre_lock_nobody_out(centre: RealCentre, north: Enrolment) -> None:
    centre.root_rows("UPDATE meta SET schema_v = 99")
    line = centre.dial(north)
    assert line.facts().schema == 99
    line.push(operations(1, 1))


def test_an_account_may_only_come_from_where_it_was_enrolled(centre: RealCentre) -> None:
    far = centre.enrol("Far", comes_from="10.1.%")
    with pytest.raises(CentreRefused):
        centre.dial(far)
    near = centre.enrol("Near", comes_from="127.0.0.%")
    centre.dial(near).push(operations(near.workstation_id, 1))
    assert centre.count() == 1


def test_an_exchanged_public_key_is_noticed_by_readers(
    centre: RealCentre, north: Enrolment
) -> None:
    centre.root_rows("UPDATE workstation SET public_key = REPEAT('k', 32)")
    with pytest.raises(OperationsForged):
        centre.dial(north).facts()
