"""Reference looks, and the gallery of the style studio.

Revision ID: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE look_event (
        id BLOB NOT NULL,
        subject_id BLOB NOT NULL,
        hlc BIGINT NOT NULL,
        origin SMALLINT NOT NULL,
        epoch BIGINT NOT NULL,
        seq INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_look_event_subject ON look_event (subject_id, hlc, origin, epoch, seq)
    """,
    """
    CREATE TRIGGER look_event_no_delete BEFORE DELETE ON look_event
    BEGIN
        SELECT RAISE(ABORT, 'look_event rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER look_event_no_update BEFORE UPDATE ON look_event
    BEGIN
        SELECT RAISE(ABORT, 'look_event rows never change');
    END
    """,
    """
    CREATE TABLE studio_picture (
        id BLOB NOT NULL,
        made_at BIGINT NOT NULL,
        patient_id BLOB,
        body BLOB NOT NULL,
        content_png BLOB NOT NULL,
        result_png BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_studio_picture_patient ON studio_picture (patient_id)
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
