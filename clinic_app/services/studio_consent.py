"""A patient's picture in the studio, altered or not: who agreed, and what goes without consent."""

from __future__ import annotations

from uuid import UUID

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.errors import ConsentMissing, NotFound
from clinic_app.domain.studio import BegunTransfer, StudioPicture
from clinic_app.services.storage import OpenStore, UnitOfWork
from clinic_app.services.studio_data import StudioContent

NEEDED = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES, Purpose.STUDIO)
"""What a person has to agree to before a picture of theirs is redrawn: everything that has to hold
for the record to keep the picture, and the studio."""


def check_consent(work: UnitOfWork, patient_id: UUID) -> None:
    """Raises ``ConsentMissing``."""
    if not _agrees(work, patient_id):
        raise ConsentMissing(
            "This person has not agreed to pictures being taken, read, kept and used in the style"
            " studio."
        )


def check_picture(work: UnitOfWork, shown: StudioContent | StudioPicture | BegunTransfer) -> None:
    """It is used no longer than the record keeps it. Raises ``ConsentMissing`` and ``NotFound``."""
    if shown.patient_id is None:
        return
    check_consent(work, shown.patient_id)
    if shown.screening_id not in work.face_cases.pictured():
        raise NotFound("No picture of this screening was kept.")


def remove_studio_pictures_left_behind(store: OpenStore, by: UUID) -> int:
    """Remove pictures whose person has taken the consent back elsewhere, or whose source is no
    longer in the record; how many those were."""
    with store.unit_of_work() as work:
        count = remove_left_behind(work, by)
        if count:
            work.commit()
    return count


def remove_left_behind(work: UnitOfWork, by: UUID) -> int:
    """The same inside a unit of work, which the caller commits; begun transfers go as well."""
    shown: list[StudioPicture | BegunTransfer] = [
        *work.gallery.all(),
        *work.begun_transfers.all(),
    ]
    of_patients = [(one, one.patient_id) for one in shown if one.patient_id is not None]
    kept = work.face_cases.pictured() if of_patients else set()
    gone = 0
    for one, patient_id in of_patients:
        if one.screening_id not in kept or not _agrees(work, patient_id):
            gone += work.gallery.remove(one.id) or work.begun_transfers.remove(one.id)
            work.audit.record(AuditKind.IMAGES_REMOVED, by, "patient", patient_id, "studio")
    return gone


def _agrees(work: UnitOfWork, patient_id: UUID) -> bool:
    state = current_consent(work.consents.of_patient(patient_id))
    return all(state.get(purpose, False) for purpose in NEEDED)
