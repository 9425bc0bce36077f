"""Migrations, rights beside the workstations', and erasure, on a real MariaDB."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from clinic_app.domain.errors import InvalidInput, NotFound, WrongState
from clinic_app.domain.operations import SCHEMA_VERSION
from clinic_app.sync.administration import Administration
from clinic_app.sync.centre import CentreRefused, CentreUntrusted, VersionTooOld
from clinic_app.sync.keys import RootKey
from clinic_app.sync.mysql import schema
from clinic_app.sync.mysql.connection import Connection, Login
from tests.support.central import Server
from tests.support.centre import EPOCH, RealCentre, operations
from tests.support.sql import fresh_database


def keep_nothing(*_made: object) -> None:
    """For a clinic that is there already."""
    raise AssertionError("no clinic was to be made")


@pytest.fixture
def connection(central: Server) -> Iterator[Connection]:
    made = Connection(central.host, central.admin, None)
    yield made
    made.close()


def test_an_older_database_is_brought_up_to_date_and_keeps_everything(
    central: Server, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = schema.MIGRATIONS
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", newest[:1])
        patch.setattr(schema, "SCHEMA", 1)
        centre = RealCentre(central, fresh_database())
        north = centre.enrol("North")
        centre.dial(north).push(operations(1, 3))
    administration = centre.administration()
    with pytest.raises(WrongState, match="server init"):
        administration.status()
    assert administration.make("", 0, keep_nothing) is False
    assert administration.identity().schema == len(newest)
    assert administration.identity().clinic_id == centre.clinic_id
    assert centre.count("patient") == 0
    centre.dial(north).push(operations(1, 1, after=3))
    assert centre.count() == 4
    centre.close()


def test_a_migration_that_was_cut_short_is_repeated(
    central: Server, connection: Connection
) -> None:
    database = fresh_database()
    connection.run(f"CREATE DATABASE {database}")
    connection.run(f"USE {database}")
    for statement in schema.MIGRATIONS[0][:3]:
        connection.run(statement)
    made = Administration(connection, database, central.host).make("", 0, lambda *made: None)
    assert made is True


def test_two_who_make_the_same_clinic_make_one(central: Server) -> None:
    database = fresh_database()
    outcomes: list[object] = []
    start = threading.Barrier(2)

    def make() -> None:
        line = Connection(central.host, central.admin, None)
        start.wait()
        try:
            administration = Administration(line, database, central.host)
            outcomes.append(administration.make("", 0, lambda *made: None))
        except WrongState as error:
            outcomes.append(str(error))
        finally:
            line.close()

    both = [threading.Thread(target=make) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert len(outcomes) == 2
    assert outcomes.count(True) == 1
    line = Connection(central.host, central.admin, database)
    assert line.rows("SELECT COUNT(*) FROM meta, clinic_key") == ((1,),)
    line.close()


def test_a_database_of_a_newer_program_is_left_alone(centre: RealCentre) -> None:
    centre.root_rows("UPDATE meta SET schema_v = 99")
    with pytest.raises(VersionTooOld):
        centre.administration().make("", 0, keep_nothing)


def test_the_lowest_version_only_rises(centre: RealCentre) -> None:
    administration = centre.administration()
    with pytest.raises(InvalidInput):
        administration.make("", SCHEMA_VERSION + 1, keep_nothing)
    administration.make("", SCHEMA_VERSION, keep_nothing)
    administration.make("", 0, keep_nothing)
    assert administration.identity().min_schema == SCHEMA_VERSION


def test_every_table_names_its_character_set_and_has_a_key(centre: RealCentre) -> None:
    """The shared server starts with Latin-1, as a bare MariaDB does."""
    assert centre.root_rows("SELECT @@character_set_server") == (("latin1",),)
    tables = centre.root_rows(
        "SELECT table_name, table_collation, engine FROM information_schema.tables"
        " WHERE table_schema = %s AND table_type = 'BASE TABLE'",
        centre.database,
    )
    assert {(collation, engine) for _, collation, engine in tables} == {("utf8mb4_bin", "InnoDB")}
    keys = centre.root_rows(
        "SELECT DISTINCT table_name FROM information_schema.statistics"
        " WHERE table_schema = %s AND index_name = 'PRIMARY'",
        centre.database,
    )
    assert {name for name, _, _ in tables} == {name for (name,) in keys}


@pytest.mark.parametrize(
    "absent",
    ["triggers", "routines", "events", "referential_constraints"],
)
def test_nothing_that_a_cluster_lacks_is_used(centre: RealCentre, absent: str) -> None:
    column = {
        "triggers": "trigger_schema",
        "routines": "routine_schema",
        "events": "event_schema",
        "referential_constraints": "constraint_schema",
    }[absent]
    found = centre.root_rows(
        f"SELECT COUNT(*) FROM information_schema.{absent} WHERE {column} = %s", centre.database
    )
    assert found == ((0,),)
    automatic = centre.root_rows(
        "SELECT COUNT(*) FROM information_schema.columns"
        " WHERE table_schema = %s AND extra LIKE '%%auto_increment%%'",
        centre.database,
    )
    assert automatic == ((0,),)


def test_whoever_erases_may_blank_bodies_and_nothing_else(
    centre: RealCentre, central: Server
) -> None:
    centre.dial(centre.enrol("North")).push(operations(1, 2))
    name = f"erase_{centre.database[-12:]}"
    password = centre.administration().add_account(name, "%", erases=True)
    line = Connection(central.host, Login(name, password, central.authority.pem), centre.database)
    line.run(
        "UPDATE ops SET body = CONCAT(0xFF, UNHEX(SHA2(body, 256)))"
        " WHERE origin = 1 AND epoch = %s AND seq = 1",
        (EPOCH,),
    )
    for statement in (
        "UPDATE ops SET hash = REPEAT('x', 32)",
        "UPDATE ops SET recv_at = UTC_TIMESTAMP(6)",
        "DELETE FROM ops",
        "SELECT * FROM patient",
        "SELECT * FROM clinic_key",
    ):
        with pytest.raises(CentreRefused):
            line.run(statement)
    line.close()
    lengths = centre.root_rows("SELECT LENGTH(body) FROM ops ORDER BY seq")
    assert lengths == ((33,), (120,))


def test_an_account_of_this_name_is_not_taken_over(centre: RealCentre) -> None:
    north = centre.enrol("North")
    with pytest.raises(WrongState):
        centre.administration().add_account(north.login.account, "%", erases=False)
    with pytest.raises(InvalidInput):
        centre.administration().add_account("o'brien", "%", erases=False)


def test_an_exchanged_root_key_at_the_server_enrols_nobody(centre: RealCentre) -> None:
    """Who controls the server cannot pass for the clinic."""
    centre.root_rows("UPDATE meta SET root_public_key = %s", RootKey.new().public)
    with pytest.raises(CentreUntrusted, match="exchanged"):
        centre.enrol("North")
    assert centre.count("workstation") == 0


def test_the_size_is_that_of_now(centre: RealCentre) -> None:
    """MySQL by itself would tell for a day what it told the first time."""
    line = centre.dial(centre.enrol("North"))
    administration = centre.administration()
    centre.root_rows("ALTER TABLE ops STATS_PERSISTENT = 0")  # counted at once, not after seconds
    before = administration.status().bytes
    line.push(operations(1, 40, body=100_000))
    assert administration.status().bytes > before + 1_000_000


def test_before_init_there_is_nothing_to_look_at(central: Server, connection: Connection) -> None:
    with pytest.raises(NotFound):
        Administration(connection, fresh_database(), central.host).status()
