"""What each workstation told of its own audit trail.

Revision ID: 0008
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE audit_head (
        id BLOB NOT NULL,
        workstation INTEGER NOT NULL,
        number BIGINT NOT NULL,
        mac VARCHAR(64) NOT NULL,
        at BIGINT NOT NULL,
        "before" BIGINT NOT NULL,
        before_mac VARCHAR(64) NOT NULL,
        hlc BIGINT NOT NULL,
        origin SMALLINT NOT NULL,
        epoch BIGINT NOT NULL,
        seq INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_audit_head_told ON audit_head (workstation, hlc, epoch, seq)
    """,
    """
    CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
    BEGIN
        SELECT RAISE(ABORT, 'audit_head rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER audit_head_no_update BEFORE UPDATE ON audit_head
    BEGIN
        SELECT RAISE(ABORT, 'audit_head rows never change');
    END
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
