"""Learning from the clinic: readings of pictures, local heads, and the cases they are fitted on.

Whoever upgrades folds the log afterwards, which fills the cases from the screenings in it.

Revision ID: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE adjudication_event (
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
    CREATE INDEX ix_adjudication_event_subject ON adjudication_event (subject_id, hlc, origin, epoch, seq)
    """,
    """
    CREATE TRIGGER adjudication_event_no_delete BEFORE DELETE ON adjudication_event
    BEGIN
        SELECT RAISE(ABORT, 'adjudication_event rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER adjudication_event_no_update BEFORE UPDATE ON adjudication_event
    BEGIN
        SELECT RAISE(ABORT, 'adjudication_event rows never change');
    END
    """,
    """
    CREATE TABLE local_head (
        id BLOB NOT NULL,
        number INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TRIGGER local_head_no_delete BEFORE DELETE ON local_head
    BEGIN
        SELECT RAISE(ABORT, 'local_head rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER local_head_no_update BEFORE UPDATE ON local_head
    BEGIN
        SELECT RAISE(ABORT, 'local_head rows never change');
    END
    """,
    """
    CREATE TABLE head_event (
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
    CREATE INDEX ix_head_event_subject ON head_event (subject_id, hlc, origin, epoch, seq)
    """,
    """
    CREATE TRIGGER head_event_no_delete BEFORE DELETE ON head_event
    BEGIN
        SELECT RAISE(ABORT, 'head_event rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER head_event_no_update BEFORE UPDATE ON head_event
    BEGIN
        SELECT RAISE(ABORT, 'head_event rows never change');
    END
    """,
    """
    CREATE TABLE learning_key (
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
    CREATE INDEX ix_learning_key_subject ON learning_key (subject_id, hlc, origin, epoch, seq)
    """,
    """
    CREATE TRIGGER learning_key_no_delete BEFORE DELETE ON learning_key
    BEGIN
        SELECT RAISE(ABORT, 'learning_key rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER learning_key_no_update BEFORE UPDATE ON learning_key
    BEGIN
        SELECT RAISE(ABORT, 'learning_key rows never change');
    END
    """,
    """
    CREATE TABLE face_case (
        id BLOB NOT NULL,
        patient_id BLOB NOT NULL,
        taken_by BLOB NOT NULL,
        judged_by BLOB,
        finished_at BIGINT NOT NULL,
        base TEXT NOT NULL,
        accepted BOOLEAN NOT NULL,
        usable BOOLEAN NOT NULL,
        band SMALLINT,
        shares BLOB,
        local_shares BLOB,
        phq9_total SMALLINT,
        embedding BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_face_case_finished ON face_case (finished_at)
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
