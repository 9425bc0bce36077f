"""Who issued a report and who entered an answer, as columns: a blind reader is asked for by them.

Both tables are made anew; opening the store fills them from its log, as it does every new table.

Revision ID: 0014
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    DROP TABLE issued_report
    """,
    """
    CREATE TABLE issued_report (
        id BLOB NOT NULL,
        patient_id BLOB,
        data_sha256 VARCHAR(64) NOT NULL,
        issued_at BIGINT NOT NULL,
        issued_by BLOB NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_issued_report_by ON issued_report (issued_by, patient_id)
    """,
    """
    CREATE INDEX ix_issued_report_hash ON issued_report (data_sha256)
    """,
    """
    CREATE INDEX ix_issued_report_patient ON issued_report (patient_id, issued_at)
    """,
    """
    CREATE TRIGGER issued_report_no_delete BEFORE DELETE ON issued_report
    BEGIN
        SELECT RAISE(ABORT, 'issued_report rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER issued_report_no_update BEFORE UPDATE ON issued_report
    BEGIN
        SELECT RAISE(ABORT, 'issued_report rows never change');
    END
    """,
    """
    DROP TABLE result_agreement
    """,
    """
    CREATE TABLE result_agreement (
        id BLOB NOT NULL,
        clinic_id BLOB NOT NULL,
        screening_id BLOB NOT NULL,
        month VARCHAR(7) NOT NULL,
        agreement VARCHAR(8) NOT NULL,
        given_at BIGINT NOT NULL,
        entered_by BLOB NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_result_agreement_entered ON result_agreement (entered_by)
    """,
    """
    CREATE INDEX ix_result_agreement_given ON result_agreement (given_at)
    """,
    """
    CREATE INDEX ix_result_agreement_month ON result_agreement (clinic_id, month, agreement)
    """,
    """
    CREATE INDEX ix_result_agreement_screening ON result_agreement (screening_id)
    """,
    """
    CREATE TRIGGER result_agreement_no_delete BEFORE DELETE ON result_agreement
    BEGIN
        SELECT RAISE(ABORT, 'result_agreement rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER result_agreement_no_update BEFORE UPDATE ON result_agreement
    BEGIN
        SELECT RAISE(ABORT, 'result_agreement rows never change');
    END
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
