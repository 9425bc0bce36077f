"""What the person said about the clinic, what went wrong, and handovers about the person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clinic_app.domain.feedback import (
    Author,
    DegreeOfHarm,
    Incident,
    IncidentEventKind,
    ResultAgreement,
    ServiceRating,
)
from clinic_app.domain.handovers import Handover
from clinic_app.services.fhir.values import (
    Resource,
    concept,
    derived_id,
    filled,
    moment,
    reference,
    resource,
)
from clinic_app.services.subject import SubjectRecord

_SERIOUS = frozenset({DegreeOfHarm.SEVERE, DegreeOfHarm.DEATH})
_FORM = "urn:clinic-app:form:"


def feedback(record: SubjectRecord) -> Iterator[Resource]:
    yield from map(rating, record.ratings)
    yield from map(agreement, record.agreements)
    yield from map(incident, record.incidents)
    for one in record.handovers:
        yield from handover(one)


def rating(one: ServiceRating) -> Resource:
    """The form is the clinic's own: no published questionnaire stands behind it."""
    return _form(
        one,
        "service-rating",
        {
            "linkId": "rating",
            "text": "How was it, from 1 (poor) to 5 (very good)?",
            "answer": [{"valueInteger": one.rating}],
        },
    )


def agreement(one: ResultAgreement) -> Resource:
    return _form(
        one,
        "result-agreement",
        {
            "linkId": "agreement",
            "text": "Does the reviewed result fit?",
            "answer": [{"valueString": one.agreement.value}],
        },
    )


def _form(one: ServiceRating | ResultAgreement, name: str, answered: dict[str, Any]) -> Resource:
    items = [answered]
    if one.text:
        items.append(
            {"linkId": "words", "text": "In own words", "answer": [{"valueString": one.text}]}
        )
    own = one.author is Author.PATIENT
    return resource(
        "QuestionnaireResponse",
        one.id,
        status="completed",
        questionnaire=f"{_FORM}{name}",
        language=one.language,
        subject=reference(one.patient_id),
        authored=moment(one.given_at),
        author=reference(one.entered_by),
        source=reference(one.patient_id) if own else reference(one.entered_by),
        item=items,
    )


def incident(one: Incident) -> Resource:
    """``AdverseEvent``: what was told of it, in order, is its description."""
    told = [step for step in one.events if step.id not in one.void and step.text]
    story = "\n".join(
        step.text
        if step.kind is IncidentEventKind.OPENED
        else f"{step.on.isoformat()}, {step.kind.value}: {step.text}"
        for step in told
    )
    code = "serious" if one.harm in _SERIOUS else "non-serious"
    system = "http://terminology.hl7.org/CodeSystem/adverse-event-seriousness"
    harm = one.harm.value.replace("_", " ")
    return resource(
        "AdverseEvent",
        one.id,
        actuality="actual",
        category=[concept(one.category.value.replace("_", " "))],
        event=concept(story or one.text),
        subject=reference(one.patient_id),
        date=moment(one.opened_at),
        recordedDate=moment(one.opened_at),
        seriousness=concept(f"Degree of harm: {harm}", {"system": system, "code": code}),
        recorder=reference(one.opened_by),
    )


def handover(one: Handover) -> Iterator[Resource]:
    """One ``Communication`` about each of the person's records."""
    for patient_id in one.patient_ids:
        several = len(one.patient_ids) > 1
        yield resource(
            "Communication",
            derived_id(one.id, str(patient_id)) if several else one.id,
            status="in-progress" if one.open else "completed",
            category=[concept("Handover between staff")],
            subject=reference(patient_id),
            sent=moment(one.given_at),
            received=moment(one.received_at),
            sender=reference(one.from_user),
            recipient=[reference(one.received_by or one.to_user)]
            if one.received_by or one.to_user
            else [],
            payload=[filled({"contentString": text}) for text in (one.text, one.receipt) if text],
        )
