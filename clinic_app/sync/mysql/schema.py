"""The central database's schema, by numbered migrations, and the views workstations write through.

What a server lacks that a clinic chain may grow to (Galera, InnoDB Cluster, TiDB) is not used: no
triggers, procedures, events, sequences, JSON or UUID columns, foreign keys or named locks, and no
AUTO_INCREMENT, whose order is not the order of commits. Every table has a primary key and names its
character set: a server may start with Latin-1.

Each statement can be run again, because DDL cannot be rolled back: a migration that was cut short
is simply repeated.
"""

from __future__ import annotations

from clinic_app.sync.mysql.connection import Connection

_TABLE = "ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
_KEY_TEXT = "CHARACTER SET ascii COLLATE ascii_bin"

_LOG = (
    f"""CREATE TABLE IF NOT EXISTS meta (
        one TINYINT UNSIGNED NOT NULL PRIMARY KEY,
        clinic_id BINARY(16) NOT NULL,
        clinic_name VARCHAR(200) NOT NULL,
        schema_v SMALLINT UNSIGNED NOT NULL,
        min_schema SMALLINT UNSIGNED NOT NULL,
        root_public_key BINARY(32) NOT NULL,
        made_at DATETIME(6) NOT NULL
    ) {_TABLE}""",
    f"""CREATE TABLE IF NOT EXISTS clinic_key (
        one TINYINT UNSIGNED NOT NULL PRIMARY KEY,
        wrapped VARBINARY(255) NOT NULL
    ) {_TABLE}""",
    f"""CREATE TABLE IF NOT EXISTS workstation (
        id SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
        name VARCHAR(80) NOT NULL,
        account VARCHAR(32) {_KEY_TEXT} NOT NULL,
        public_key BINARY(32) NOT NULL,
        certificate BINARY(64) NOT NULL,
        enrolled_at DATETIME(6) NOT NULL,
        revoked_at DATETIME(6) NULL,
        revoked_epoch BIGINT UNSIGNED NULL,
        revoked_seq INT UNSIGNED NULL,
        UNIQUE KEY by_name (name),
        UNIQUE KEY by_account (account)
    ) {_TABLE}""",
    f"""CREATE TABLE IF NOT EXISTS ops (
        origin SMALLINT UNSIGNED NOT NULL,
        epoch BIGINT UNSIGNED NOT NULL,
        seq INT UNSIGNED NOT NULL,
        hlc BIGINT UNSIGNED NOT NULL,
        schema_v SMALLINT UNSIGNED NOT NULL,
        entity TINYINT UNSIGNED NOT NULL,
        entity_id BINARY(16) NOT NULL,
        body MEDIUMBLOB NOT NULL,
        hash BINARY(32) NOT NULL,
        signature VARBINARY(64) NULL,
        recv_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (origin, epoch, seq)
    ) {_TABLE}""",
    f"""CREATE TABLE IF NOT EXISTS blob_part (
        sha256 BINARY(32) NOT NULL,
        part INT UNSIGNED NOT NULL,
        origin SMALLINT UNSIGNED NOT NULL,
        content MEDIUMBLOB NOT NULL,
        PRIMARY KEY (sha256, part)
    ) {_TABLE}""",
    f"""CREATE TABLE IF NOT EXISTS snapshot (
        id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
        origin SMALLINT UNSIGNED NOT NULL,
        vector MEDIUMBLOB NOT NULL,
        parts INT UNSIGNED NOT NULL,
        signature VARBINARY(64) NOT NULL,
        recv_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
    ) {_TABLE}""",
    f"""CREATE TABLE IF NOT EXISTS snapshot_part (
        snapshot BIGINT UNSIGNED NOT NULL,
        part INT UNSIGNED NOT NULL,
        origin SMALLINT UNSIGNED NOT NULL,
        content MEDIUMBLOB NOT NULL,
        PRIMARY KEY (snapshot, part)
    ) {_TABLE}""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_LOG,)
"""Migration n (from 1) leads to schema n."""

SCHEMA = len(MIGRATIONS)

_OWN = """origin = (SELECT w.id FROM workstation w
        WHERE w.account = SUBSTRING_INDEX(USER(), '@', 1) AND w.revoked_at IS NULL)"""

# Both sides are turned into seconds of Unix time: a client can set its own `timestamp`, which moves
# CURRENT_TIMESTAMP but not SYSDATE, and its own `time_zone`, which moves both by up to 14 hours but
# not what UNIX_TIMESTAMP makes of them.
_RECEIVED_NOW = """TIMESTAMPDIFF(SECOND, '1970-01-01', recv_at)
        BETWEEN UNIX_TIMESTAMP(SYSDATE()) - 60 AND UNIX_TIMESTAMP(SYSDATE()) + 60"""

_VIEWS = {
    "ops_push": f"""SELECT origin, epoch, seq, hlc, schema_v, entity, entity_id, body, hash,
        signature, recv_at FROM ops
        WHERE {_OWN} AND seq >= 1
        AND schema_v >= (SELECT m.min_schema FROM meta m WHERE m.one = 1)
        AND {_RECEIVED_NOW}""",
    "blob_push": f"SELECT sha256, part, origin, content FROM blob_part WHERE {_OWN}",
    "snapshot_push": f"""SELECT id, origin, vector, parts, signature, recv_at FROM snapshot
        WHERE {_OWN} AND parts >= 1 AND {_RECEIVED_NOW}""",
    "snapshot_part_push": f"""SELECT snapshot, part, origin, content FROM snapshot_part
        WHERE {_OWN}""",
}

PUSH_VIEWS = tuple(_VIEWS)
LOG_TABLES = ("meta", "workstation", "ops", "blob_part", "snapshot", "snapshot_part")
"""What every workstation may read."""


def migrate(connection: Connection, since: int) -> None:
    """Bring the tables from schema ``since`` to today's, then make the views anew."""
    for number, statements in enumerate(MIGRATIONS, start=1):
        if number <= since:
            continue
        for statement in statements:
            connection.run(statement)
        if since:
            connection.run("UPDATE meta SET schema_v = %s WHERE one = 1", (number,))
    for name, query in _VIEWS.items():
        connection.run(
            f"CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW {name} AS {query}"
            " WITH CASCADED CHECK OPTION"
        )


def installed_schema(connection: Connection) -> int:
    """The schema of the database in use; 0 for an empty one."""
    there = connection.row(
        "SELECT 1 FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_name = 'meta'"
    )
    found = connection.row("SELECT schema_v FROM meta WHERE one = 1") if there else None
    return int(found[0]) if found else 0
