"""When the GAD-7 on the worklist was answered, as for the PHQ-9: an old total is told from a new one.

``worklist`` is made anew; opening the store fills it from its log.

Revision ID: 0017
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    DROP TABLE worklist
    """,
    """
    CREATE TABLE worklist (
        patient_id BLOB NOT NULL,
        place SMALLINT NOT NULL,
        waiting_since BIGINT NOT NULL,
        assessed BOOLEAN NOT NULL,
        flagged BOOLEAN NOT NULL,
        unreviewed INTEGER NOT NULL,
        rank SMALLINT,
        safety_opened_at BIGINT,
        last_screened_at BIGINT,
        phq9_at BIGINT,
        phq9_total SMALLINT,
        item_nine SMALLINT,
        depression_rank SMALLINT,
        gad7_at BIGINT,
        gad7_total SMALLINT,
        anxiety_rank SMALLINT,
        requested_since BIGINT,
        PRIMARY KEY (patient_id)
    )
    """,
    """
    CREATE INDEX ix_worklist_order
        ON worklist (place, waiting_since, patient_id, flagged, unreviewed, rank)
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
