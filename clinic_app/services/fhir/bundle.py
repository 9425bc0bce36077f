"""The bundle: every resource once, each reference to another one inside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from clinic_app.services.fhir.care import ExportedFile, care, document
from clinic_app.services.fhir.feedback import feedback
from clinic_app.services.fhir.people import people
from clinic_app.services.fhir.screenings import screenings
from clinic_app.services.fhir.values import Resource, derived_id, moment, resource
from clinic_app.services.subject import SubjectRecord


def subject_bundle(
    record: SubjectRecord, files: Sequence[ExportedFile], made_at: datetime
) -> Resource:
    """A FHIR R4B collection of one person's records; ``files`` lie beside it."""
    resources = [*people(record), *screenings(record), *care(record), *feedback(record)]
    resources += [document(record, file) for file in files]
    return resource(
        "Bundle",
        derived_id(record.patient.id, f"bundle {moment(made_at)}"),
        type="collection",
        timestamp=moment(made_at),
        entry=[{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    )
