"""The clinic, its staff, the person, and what the person has agreed to."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from clinic_app.domain.consent import ConsentEvent, ConsentText, GivenBy, Purpose
from clinic_app.domain.people import ClinicProfile, Patient, SexAtBirth, StaffUser
from clinic_app.services.consent_texts import words_of
from clinic_app.services.fhir.values import (
    Resource,
    coding,
    concept,
    filled,
    moment,
    note,
    reference,
    resource,
)
from clinic_app.services.subject import SubjectRecord

_GENDER = {
    SexAtBirth.FEMALE: "female",
    SexAtBirth.MALE: "male",
    SexAtBirth.OTHER: "other",
    SexAtBirth.NOT_STATED: "unknown",
}
_PURPOSES = {
    Purpose.CAPTURE: "Taking a picture of the face",
    Purpose.ANALYSIS: "Estimating visible depressive affect from the picture",
    Purpose.KEEP_IMAGES: "Keeping the cropped face images",
    Purpose.TRAINING_REUSE: "Using the images to improve the models",
    Purpose.SHARING: "Sharing the result with others who provide care",
    Purpose.STUDIO: "Making artistic versions of the kept image, outside of care",
    Purpose.JOINT_LEARNING: "Joining sums over many people's images with those of other clinics",
}
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"


def people(record: SubjectRecord) -> Iterator[Resource]:
    yield organization(record.clinic)
    yield from (practitioner(user) for user in _taking_part(record))
    for patient in (record.patient, *record.also):
        yield person(record, patient)
    yield from consents(record)


def organization(clinic: ClinicProfile) -> Resource:
    """The clinic."""
    return resource(
        "Organization",
        clinic.id,
        active=True,
        name=clinic.name,
        telecom=_telecom(clinic.phone, clinic.email),
        address=[{"text": clinic.address}] if clinic.address else [],
    )


def _taking_part(record: SubjectRecord) -> list[StaffUser]:
    """The members of staff whom any of the records names."""
    named = {entry.by for entry in record.access_log}
    named |= {one.recorded_by for one in record.consents}
    named |= {one.taken_by for one in record.screenings}
    named |= {one.judgement.by for one in record.screenings if one.judgement}
    named |= {one.author for one in record.notes} | {one.signed_by for one in record.notes}
    named |= {one.slot.clinician_id for one in record.appointments if one.slot}
    named |= {one.owner for one in record.tasks} | {one.created_by for one in record.tasks}
    named |= {one.by for one in record.interventions}
    named |= {one.reviewer for one in record.reviews}
    return [user for key, user in sorted(record.staff.items()) if key in named]


def practitioner(user: StaffUser) -> Resource:
    """A member of staff; one whose account is switched off is not active."""
    return resource(
        "Practitioner",
        user.id,
        active=user.active,
        name=[filled({"text": user.display_name, "prefix": [user.title] if user.title else []})],
        identifier=[{"value": user.registration_number}] if user.registration_number else [],
    )


def person(record: SubjectRecord, patient: Patient) -> Resource:
    """A ``Patient``; a merged duplicate points to the record that stands for it."""
    link = []
    if patient.id != record.patient.id:
        link = [{"other": reference(record.patient.id), "type": "replaced-by"}]
    return resource(
        "Patient",
        patient.id,
        active=patient.id == record.patient.id,
        identifier=[{"value": patient.local_number}] if patient.local_number else [],
        name=[
            filled(
                {
                    "text": patient.display_name,
                    "family": patient.family_name,
                    "given": [patient.given_name] if patient.given_name else [],
                }
            )
        ],
        telecom=_telecom(patient.phone),
        gender=_GENDER[patient.sex],
        birthDate=patient.birth_date.isoformat(),
        managingOrganization=reference(record.clinic.id),
        link=link,
    )


def consents(record: SubjectRecord) -> Iterator[Resource]:
    """Every answer; the newest of a purpose is in force, the others are history."""
    newest = {event.purpose: event.id for event in record.consents}
    for event in record.consents:
        yield _consent(record, event, in_force=newest[event.purpose] == event.id)


def _consent(record: SubjectRecord, event: ConsentEvent, *, in_force: bool) -> Resource:
    status = "inactive"
    if in_force:
        status = "active" if event.granted else "rejected"
    research = event.purpose in (Purpose.TRAINING_REUSE, Purpose.JOINT_LEARNING)
    scope = "research" if research else "patient-privacy"
    guardian = event.given_by is GivenBy.GUARDIAN
    return resource(
        "Consent",
        event.id,
        status=status,
        scope=concept("", coding(f"{_TERMINOLOGY}/consentscope", scope)),
        category=[concept("", coding("http://loinc.org", "59284-0", "Consent Document"))],
        patient=reference(event.patient_id),
        dateTime=moment(event.recorded_at),
        performer=[reference(None, "Guardian") if guardian else reference(event.patient_id)],
        organization=[reference(record.clinic.id)],
        sourceAttachment=_words_shown(event.shown),
        policyRule=concept(
            "", coding(f"{_TERMINOLOGY}/v3-ActCode", "OPTIN" if event.granted else "OPTOUT")
        ),
        provision={
            "type": "permit" if event.granted else "deny",
            "code": [concept(_PURPOSES[event.purpose])],
        },
        extension=[
            {"url": "http://hl7.org/fhir/StructureDefinition/note", "valueAnnotation": one}
            for one in note(event.note)
        ],
    )


def _words_shown(shown: ConsentText | None) -> Resource:
    """The very words, where this program knows them; their hash in any case."""
    if shown is None:
        return {"title": "The wording that was shown is not recorded."}
    words = words_of(shown)
    known = {
        "contentType": "text/plain; charset=utf-8",
        "data": base64.b64encode((words or "").encode()).decode("ascii"),
    }
    return {
        "language": shown.language,
        "title": f"The wording that was shown, SHA-256 {shown.sha256}",
        **(known if words is not None else {}),
    }


def _telecom(phone: str, email: str = "") -> list[dict[str, str]]:
    both = (("phone", phone), ("email", email))
    return [{"system": system, "value": value} for system, value in both if value]
