"""Sync: the joined centre, other workstations, conflicts, settled and blanked records, blobs.

Heads learn how far the centre has a sequence and under which hash. A body may become the mark of
an erasure; receive times may be learnt anew after the centre was restored.

Revision ID: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_APPEND_ONLY = ("settled", "blanking", "shared_image")

_STATEMENTS = (
    "CREATE INDEX ix_oplog_entity ON oplog (entity_id)",
    "DROP TRIGGER oplog_no_update",
    """
    CREATE TRIGGER oplog_no_update BEFORE UPDATE ON oplog
    WHEN NEW.epoch IS NOT OLD.epoch
        OR NEW.seq IS NOT OLD.seq
        OR NEW.hlc IS NOT OLD.hlc
        OR NEW.schema_v IS NOT OLD.schema_v
        OR NEW.entity IS NOT OLD.entity
        OR NEW.entity_id IS NOT OLD.entity_id
        OR (NEW.body IS NOT OLD.body
        AND NOT (length(NEW.body) = 33 AND substr(NEW.body, 1, 1) = x'ff'))
        OR NEW.hash IS NOT OLD.hash
        OR (OLD.origin <> 0 AND NEW.origin IS NOT OLD.origin)
        OR (OLD.sig IS NOT NULL AND NEW.sig IS NOT OLD.sig)
    BEGIN
        SELECT RAISE(ABORT, 'operations never change');
    END
    """,
    "ALTER TABLE log_head RENAME TO old_head",
    """
    CREATE TABLE log_head (
        origin SMALLINT NOT NULL,
        epoch BIGINT NOT NULL,
        seq INTEGER NOT NULL,
        hlc BIGINT NOT NULL,
        hash BLOB NOT NULL,
        acked INTEGER NOT NULL,
        timed INTEGER NOT NULL,
        wire_hash BLOB NOT NULL,
        PRIMARY KEY (origin, epoch)
    )
    """,
    "INSERT INTO log_head SELECT origin, epoch, seq, hlc, hash, 0, 0, x'' FROM old_head",
    "DROP TABLE old_head",
    """
    CREATE TABLE sync_state (
        name VARCHAR(40) NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE peer (
        origin SMALLINT NOT NULL,
        name TEXT NOT NULL,
        public_key BLOB NOT NULL,
        revoked_epoch BIGINT,
        revoked_seq INTEGER,
        PRIMARY KEY (origin)
    )
    """,
    """
    CREATE TABLE open_conflict (
        id BLOB NOT NULL,
        entity SMALLINT NOT NULL,
        kind VARCHAR(16) NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE settled (
        id BLOB NOT NULL,
        record_id BLOB NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_settled_record ON settled (record_id)",
    """
    CREATE TABLE blanking (
        id BLOB NOT NULL,
        patient_id BLOB NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE blanked (
        origin SMALLINT NOT NULL,
        epoch BIGINT NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (origin, epoch, seq)
    )
    """,
    """
    CREATE TABLE shared_image (
        id BLOB NOT NULL,
        patient_id BLOB NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_shared_image_patient ON shared_image (patient_id)",
    """
    CREATE TABLE blob_part (
        sha256 BLOB NOT NULL,
        part INTEGER NOT NULL,
        content BLOB NOT NULL,
        PRIMARY KEY (sha256, part)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in _APPEND_ONLY:
        for action, sentence in (("UPDATE", "never change"), ("DELETE", "are never deleted")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} rows {sentence}'); END"
            )
