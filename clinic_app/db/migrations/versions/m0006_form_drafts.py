"""Words of forms that are being filled in; they stay on this workstation.

Revision ID: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE form_draft (
        id BLOB NOT NULL,
        user_id BLOB NOT NULL,
        form VARCHAR(40) NOT NULL,
        subject_id BLOB NOT NULL,
        patient_id BLOB,
        changed_at BIGINT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE UNIQUE INDEX ix_form_draft_of ON form_draft (user_id, form, subject_id)
    """,
    """
    CREATE INDEX ix_form_draft_patient ON form_draft (patient_id)
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
