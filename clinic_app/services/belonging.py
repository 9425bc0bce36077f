"""Whose record another record tells of."""

from __future__ import annotations

from uuid import UUID

from clinic_app.domain.errors import InvalidInput
from clinic_app.services.storage import UnitOfWork


def check_screening_of(work: UnitOfWork, patient_id: UUID, screening_id: UUID) -> None:
    """Raises ``InvalidInput`` unless the screening is this person's, under whichever of the records
    that were merged; ``NotFound`` for one that is not in the store."""
    owner = work.screenings.get(screening_id).patient_id
    if owner not in work.merges.identities(patient_id):
        raise InvalidInput("screening", "This screening belongs to another patient.")
