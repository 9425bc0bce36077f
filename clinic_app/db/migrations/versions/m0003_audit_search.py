"""Find audit entries by person, member of staff and action without reading the whole trail.

Revision ID: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('CREATE INDEX ix_audit_by ON audit ("by", number)')
    op.execute("CREATE INDEX ix_audit_kind ON audit (kind, number)")
    op.execute("CREATE INDEX ix_audit_subject ON audit (subject_id, number)")
