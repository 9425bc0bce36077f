"""Learning among clinics: agreements and ends of rounds in the log; secrets and sent messages here.

Revision ID: 0015
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE site_event (
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
    CREATE INDEX ix_site_event_subject ON site_event (subject_id, hlc, origin, epoch, seq)
    """,
    """
    CREATE TRIGGER site_event_no_delete BEFORE DELETE ON site_event
    BEGIN
        SELECT RAISE(ABORT, 'site_event rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER site_event_no_update BEFORE UPDATE ON site_event
    BEGIN
        SELECT RAISE(ABORT, 'site_event rows never change');
    END
    """,
    """
    CREATE TABLE site_own (
        name VARCHAR(16) NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE site_round (
        round_id BLOB NOT NULL,
        epoch BIGINT NOT NULL,
        secret BLOB,
        PRIMARY KEY (round_id)
    )
    """,
    """
    CREATE TABLE site_message (
        round_id BLOB NOT NULL,
        number SMALLINT NOT NULL,
        history BLOB NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (round_id, number)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
