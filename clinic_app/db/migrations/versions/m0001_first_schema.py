"""The first schema.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE meta (
        name VARCHAR(40) NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE oplog (
        origin SMALLINT NOT NULL,
        epoch BIGINT NOT NULL,
        seq INTEGER NOT NULL,
        hlc BIGINT NOT NULL,
        schema_v SMALLINT NOT NULL,
        entity SMALLINT NOT NULL,
        entity_id BLOB NOT NULL,
        body BLOB NOT NULL,
        hash BLOB NOT NULL,
        sig BLOB,
        recv_at BIGINT,
        PRIMARY KEY (origin, epoch, seq)
    )
    """,
    """
    CREATE TRIGGER oplog_no_delete BEFORE DELETE ON oplog
    BEGIN
        SELECT RAISE(ABORT, 'operations are never deleted');
    END
    """,
    """
    CREATE TRIGGER oplog_no_update BEFORE UPDATE ON oplog
    WHEN NEW.epoch IS NOT OLD.epoch
        OR NEW.seq IS NOT OLD.seq
        OR NEW.hlc IS NOT OLD.hlc
        OR NEW.schema_v IS NOT OLD.schema_v
        OR NEW.entity IS NOT OLD.entity
        OR NEW.entity_id IS NOT OLD.entity_id
        OR NEW.body IS NOT OLD.body
        OR NEW.hash IS NOT OLD.hash
        OR (OLD.origin <> 0 AND NEW.origin IS NOT OLD.origin)
        OR (OLD.sig IS NOT NULL AND NEW.sig IS NOT OLD.sig)
        OR (OLD.recv_at IS NOT NULL AND NEW.recv_at IS NOT OLD.recv_at)
    BEGIN
        SELECT RAISE(ABORT, 'operations never change');
    END
    """,
    """
    CREATE TABLE log_head (
        origin SMALLINT NOT NULL,
        epoch BIGINT NOT NULL,
        seq INTEGER NOT NULL,
        hlc BIGINT NOT NULL,
        hash BLOB NOT NULL,
        acked INTEGER NOT NULL,
        PRIMARY KEY (origin, epoch)
    )
    """,
    """
    CREATE TABLE clinic (
        id BLOB NOT NULL,
        known BOOLEAN NOT NULL,
        body BLOB NOT NULL,
        stamps TEXT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE staff_user (
        id BLOB NOT NULL,
        known BOOLEAN NOT NULL,
        body BLOB NOT NULL,
        stamps TEXT NOT NULL,
        user_name TEXT,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_staff_user_name ON staff_user (user_name)
    """,
    """
    CREATE TABLE patient (
        id BLOB NOT NULL,
        known BOOLEAN NOT NULL,
        body BLOB NOT NULL,
        stamps TEXT NOT NULL,
        search_text TEXT,
        family_key TEXT,
        given_key TEXT,
        birth_date DATE,
        registered_at BIGINT,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_patient_registered ON patient (registered_at)
    """,
    """
    CREATE INDEX ix_patient_family ON patient (family_key, birth_date)
    """,
    """
    CREATE INDEX ix_patient_birth ON patient (birth_date)
    """,
    """
    CREATE INDEX ix_patient_search ON patient (search_text)
    """,
    """
    CREATE TABLE consent (
        id BLOB NOT NULL,
        patient_id BLOB NOT NULL,
        recorded_at BIGINT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_consent_patient ON consent (patient_id, recorded_at)
    """,
    """
    CREATE TRIGGER consent_no_update BEFORE UPDATE ON consent
    BEGIN
        SELECT RAISE(ABORT, 'consent rows never change');
    END
    """,
    """
    CREATE TRIGGER consent_no_delete BEFORE DELETE ON consent
    BEGIN
        SELECT RAISE(ABORT, 'consent rows are never deleted');
    END
    """,
    """
    CREATE TABLE screening (
        id BLOB NOT NULL,
        patient_id BLOB NOT NULL,
        finished_at BIGINT NOT NULL,
        phq9_total SMALLINT,
        gad7_total SMALLINT,
        band SMALLINT,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_screening_finished ON screening (finished_at)
    """,
    """
    CREATE INDEX ix_screening_patient ON screening (patient_id, finished_at)
    """,
    """
    CREATE TRIGGER screening_no_update BEFORE UPDATE ON screening
    BEGIN
        SELECT RAISE(ABORT, 'screening rows never change');
    END
    """,
    """
    CREATE TRIGGER screening_no_delete BEFORE DELETE ON screening
    BEGIN
        SELECT RAISE(ABORT, 'screening rows are never deleted');
    END
    """,
    """
    CREATE TABLE safety_event (
        id BLOB NOT NULL,
        flow_id BLOB NOT NULL,
        at BIGINT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_safety_event_flow ON safety_event (flow_id, at)
    """,
    """
    CREATE TRIGGER safety_event_no_update BEFORE UPDATE ON safety_event
    BEGIN
        SELECT RAISE(ABORT, 'safety_event rows never change');
    END
    """,
    """
    CREATE TRIGGER safety_event_no_delete BEFORE DELETE ON safety_event
    BEGIN
        SELECT RAISE(ABORT, 'safety_event rows are never deleted');
    END
    """,
    """
    CREATE TABLE safety_flow (
        flow_id BLOB NOT NULL,
        patient_id BLOB NOT NULL,
        screening_id BLOB NOT NULL,
        opened_at BIGINT,
        closed BOOLEAN NOT NULL,
        PRIMARY KEY (flow_id)
    )
    """,
    """
    CREATE INDEX ix_safety_flow_unfinished ON safety_flow (opened_at) WHERE closed = 0
    """,
    """
    CREATE INDEX ix_safety_flow_screening ON safety_flow (screening_id)
    """,
    """
    CREATE INDEX ix_safety_flow_patient ON safety_flow (patient_id, opened_at)
    """,
    """
    CREATE TABLE note (
        id BLOB NOT NULL,
        known BOOLEAN NOT NULL,
        body BLOB NOT NULL,
        stamps TEXT NOT NULL,
        patient_id BLOB,
        written_at BIGINT,
        signed_at BIGINT,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_note_patient ON note (patient_id, written_at)
    """,
    """
    CREATE TRIGGER note_no_update BEFORE UPDATE ON note
    WHEN OLD.signed_at IS NOT NULL
    BEGIN
        SELECT RAISE(ABORT, 'signed notes never change');
    END
    """,
    """
    CREATE TRIGGER note_no_delete BEFORE DELETE ON note
    WHEN OLD.signed_at IS NOT NULL
    BEGIN
        SELECT RAISE(ABORT, 'signed notes are never deleted');
    END
    """,
    """
    CREATE TABLE draft (
        id BLOB NOT NULL,
        patient_id BLOB NOT NULL,
        changed_at BIGINT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_draft_patient ON draft (patient_id)
    """,
    """
    CREATE TABLE image (
        id BLOB NOT NULL,
        kept BOOLEAN NOT NULL,
        face_png BLOB NOT NULL,
        normalised_png BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE audit (
        number INTEGER NOT NULL,
        at BIGINT NOT NULL,
        kind VARCHAR(40) NOT NULL,
        "by" BLOB,
        subject VARCHAR(40) NOT NULL,
        subject_id BLOB,
        detail TEXT NOT NULL,
        mac VARCHAR(64) NOT NULL,
        PRIMARY KEY (number)
    )
    """,
    """
    CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN
        SELECT RAISE(ABORT, 'audit rows never change');
    END
    """,
    """
    CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN
        SELECT RAISE(ABORT, 'audit rows are never deleted');
    END
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
