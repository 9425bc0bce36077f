"""Begun transfers of the style studio; small pictures in its gallery.

Revision ID: 0013
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE begun_transfer (
        id BLOB NOT NULL,
        user_id BLOB NOT NULL,
        patient_id BLOB,
        step INTEGER NOT NULL,
        body BLOB NOT NULL,
        content_png BLOB NOT NULL,
        style_png BLOB NOT NULL,
        state BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE UNIQUE INDEX ix_begun_transfer_user ON begun_transfer (user_id)
    """,
    """
    CREATE INDEX ix_begun_transfer_patient ON begun_transfer (patient_id)
    """,
    """
    CREATE TABLE begun_output (
        transfer_id BLOB NOT NULL,
        step INTEGER NOT NULL,
        png BLOB NOT NULL,
        PRIMARY KEY (transfer_id, step)
    )
    """,
    """
    ALTER TABLE studio_picture ADD COLUMN small_png BLOB
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
