"""That a report was issued, so that the hash printed on it can be verified later."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic_app.domain.errors import InvalidInput

SHORTEST_HASH = 8
"""Fewest hexadecimal digits by which a printed hash is looked up."""


@dataclass(frozen=True, slots=True)
class IssuedReport:
    """``data_sha256`` (64 hexadecimal digits) is the hash of the data that the report shows.

    ``id`` is the document's ID on every page; ``subject_id`` the screening or other record it is
    about, if any.
    """

    id: UUID
    kind: str
    data_sha256: str
    issued_at: datetime
    by: UUID
    patient_id: UUID | None = None
    subject_id: UUID | None = None
    program_version: str = ""


def hash_prefix(typed: str) -> str:
    """What was typed from paper as hexadecimal digits; raises ``InvalidInput``."""
    digits = re.sub(r"[\s:·-]", "", typed).lower()
    if not re.fullmatch(rf"[0-9a-f]{{{SHORTEST_HASH},64}}", digits):
        raise InvalidInput(
            "hash",
            "Please enter at least {least} digits of the printed check number.",
            least=SHORTEST_HASH,
        )
    return digits
