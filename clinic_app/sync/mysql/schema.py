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
        account VARCHAR(32) NOT NULL,
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
        heads MEDIUMBLOB NOT NULL,
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

_RECORD = f"CHAR(36) {_KEY_TEXT}"
_WORD = f"VARCHAR(20) {_KEY_TEXT}"

_REPORTING = (
    f"""CREATE TABLE IF NOT EXISTS projection (
        one TINYINT UNSIGNED NOT NULL PRIMARY KEY,
        state BINARY(32) NOT NULL,
        made_at DATETIME(6) NOT NULL
    ) {_TABLE}""",
    f"""CREATE TABLE IF NOT EXISTS projected (
        origin SMALLINT UNSIGNED NOT NULL,
        epoch BIGINT UNSIGNED NOT NULL,
        seq INT UNSIGNED NOT NULL,
        PRIMARY KEY (origin, epoch)
    ) {_TABLE}""",
    f"""CREATE TABLE IF NOT EXISTS patient (
        id {_RECORD} NOT NULL PRIMARY KEY,
        family_name VARCHAR(250) NOT NULL,
        given_name VARCHAR(250) NOT NULL,
        birth_date DATE NULL,
        sex {_WORD} NOT NULL,
        phone VARCHAR(250) NOT NULL,
        local_number VARCHAR(250) NOT NULL,
        registered_at DATETIME(6) NULL,
        merged_into {_RECORD} NULL,
        unfit VARCHAR(250) NULL,
        KEY by_birth_date (birth_date)
    ) {_TABLE}""",
    f"""CREATE TABLE IF NOT EXISTS appointment (
        id {_RECORD} NOT NULL PRIMARY KEY,
        patient_id {_RECORD} NOT NULL,
        clinician_id {_RECORD} NULL,
        state {_WORD} NOT NULL,
        start_at DATETIME(6) NULL,
        end_at DATETIME(6) NULL,
        wait_list TINYINT NOT NULL,
        reason MEDIUMTEXT NOT NULL,
        requested_by {_WORD} NOT NULL,
        requested_at DATETIME(6) NULL,
        changed_at DATETIME(6) NULL,
        unfit VARCHAR(250) NULL,
        KEY by_patient (patient_id),
        KEY by_start (start_at)
    ) {_TABLE}""",
    f"""CREATE TABLE IF NOT EXISTS note (
        id {_RECORD} NOT NULL PRIMARY KEY,
        patient_id {_RECORD} NOT NULL,
        author_id {_RECORD} NOT NULL,
        kind {_WORD} NOT NULL,
        state {_WORD} NOT NULL,
        written_at DATETIME(6) NULL,
        signed_at DATETIME(6) NULL,
        signed_by {_RECORD} NULL,
        addendum_to {_RECORD} NULL,
        words MEDIUMTEXT NOT NULL,
        unfit VARCHAR(250) NULL,
        KEY by_patient (patient_id),
        KEY by_written (written_at)
    ) {_TABLE}""",
    f"""CREATE TABLE IF NOT EXISTS screening (
        id {_RECORD} NOT NULL PRIMARY KEY,
        patient_id {_RECORD} NOT NULL,
        taken_by {_RECORD} NOT NULL,
        started_at DATETIME(6) NULL,
        finished_at DATETIME(6) NULL,
        phq9_total SMALLINT NULL,
        phq9_item_nine SMALLINT NULL,
        gad7_total SMALLINT NULL,
        clinician_severity {_WORD} NULL,
        clinician_flagged TINYINT NULL,
        visible_affect {_WORD} NULL,
        unfit VARCHAR(250) NULL,
        KEY by_patient (patient_id),
        KEY by_finished (finished_at)
    ) {_TABLE}""",
    f"""CREATE TABLE IF NOT EXISTS feedback (
        id {_RECORD} NOT NULL PRIMARY KEY,
        kind {_WORD} NOT NULL,
        patient_id {_RECORD} NULL,
        screening_id {_RECORD} NULL,
        author {_WORD} NOT NULL,
        given_at DATETIME(6) NULL,
        given_on DATE NULL,
        rating SMALLINT NULL,
        agreement {_WORD} NULL,
        category {_WORD} NULL,
        harm {_WORD} NULL,
        is_open TINYINT NULL,
        language VARCHAR(250) NOT NULL,
        words MEDIUMTEXT NOT NULL,
        unfit VARCHAR(250) NULL,
        KEY by_given (given_on)
    ) {_TABLE}""",
)

_REPORTING_ANEW = (
    "DROP TABLE IF EXISTS patient, appointment, note, screening, feedback, projection, projected",
    *_REPORTING,
)
"""Reporting tables hold nothing of their own: the next `project` fills them again. Rights on tables
stay with their names."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (_LOG, _REPORTING, _REPORTING_ANEW)
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
}

PUSH_VIEWS = tuple(_VIEWS)
_FORMER_VIEWS = ("snapshot_push", "snapshot_part_push")
"""Snapshots are made with the root key; no workstation writes them any more."""

LOG_TABLES = ("meta", "workstation", "ops", "blob_part", "snapshot", "snapshot_part")
"""What every workstation may read."""

REPORTING_TABLES = ("patient", "appointment", "note", "screening", "feedback", "projection")
"""What a reporting account may read, and nobody else but the administrator."""


def migrate(connection: Connection, since: int) -> None:
    """Bring the tables from schema ``since`` to today's, then make the views anew."""
    for number, statements in enumerate(MIGRATIONS, start=1):
        if number <= since:
            continue
        for statement in statements:
            connection.run(statement)
        if since:
            connection.run("UPDATE meta SET schema_v = %s WHERE one = 1", (number,))
    for name in _FORMER_VIEWS:
        connection.run(f"DROP VIEW IF EXISTS {name}")
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
