"""Of whom a screening was taken, where that matters for what is said beside its estimate."""

from __future__ import annotations

from clinic_app.domain.errors import NotFound
from clinic_app.domain.schedule import to_local
from clinic_app.domain.screening import Draft, Screening
from clinic_app.services.storage import UnitOfWork


def taken_of_minor(work: UnitOfWork, taken: Draft | Screening) -> bool:
    """Whether the person was under 18 on that day of the clinic; False where the person has not
    come here yet."""
    try:
        patient = work.patients.get(taken.patient_id)
    except NotFound:
        return False
    day = to_local(taken.started_at, work.clinic.get().time_zone).date()
    return patient.is_minor_on(day)
