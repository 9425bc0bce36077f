"""Which files findings were read from, and which pixels are kept, each with an index: a picture of
nobody is looked up in both before it comes into the studio.

``face_case`` is made anew; opening the store fills it from its log. ``image_pixels`` is filled when
somebody asks: old pictures have to be decoded for it.

Revision ID: 0016
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    DROP TABLE face_case
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
        source_sha256 VARCHAR(64) NOT NULL,
        embedding BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_face_case_finished ON face_case (finished_at)
    """,
    """
    CREATE INDEX ix_face_case_source ON face_case (source_sha256)
    """,
    """
    CREATE TABLE image_pixels (
        digest BLOB NOT NULL,
        image_id BLOB NOT NULL,
        PRIMARY KEY (digest, image_id)
    )
    """,
    """
    CREATE INDEX ix_image_pixels_image ON image_pixels (image_id)
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
