"""Questionnaires, their totals, the own judgement and the estimate, each as what it is."""

from __future__ import annotations

from collections.abc import Iterator

from clinic_app.domain.finding import AbstainReason, Finding
from clinic_app.domain.questionnaires import (
    ANSWERS,
    DIFFICULTY_ANSWERS,
    DIFFICULTY_ITEM,
    INSTRUMENTS,
    AnsweredBy,
    InstrumentName,
    Response,
)
from clinic_app.domain.reviews import Review, Verdict
from clinic_app.domain.screening import Screening
from clinic_app.services.fhir.values import (
    ABSENT,
    LOINC,
    Resource,
    coding,
    concept,
    derived_id,
    filled,
    moment,
    note,
    percent,
    reference,
    resource,
)
from clinic_app.services.subject import SubjectRecord

CAVEAT = (
    "Visible depressive affect: what raters agree a face shows, as one observation beside the"
    " questionnaires. Not a clinical score, not a diagnosis, and not a finding about the person."
)

_PANEL = {InstrumentName.PHQ9: "44249-1", InstrumentName.GAD7: "69737-5"}
_TOTAL = {"PHQ-9": "44261-6", "GAD-7": "70274-6"}
_ITEMS = {
    InstrumentName.PHQ9: (
        *("44250-9", "44255-8", "44259-0", "44254-1", "44251-7"),
        *("44258-2", "44252-5", "44253-3", "44260-8"),
    ),
    InstrumentName.GAD7: (
        *("69725-0", "68509-9", "69733-4", "69734-2"),
        *("69735-9", "69689-8", "69736-7"),
    ),
}
_DIFFICULTY = "69722-7"
_ANSWER_CODES = ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9")
_ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
_SURVEY = coding("http://terminology.hl7.org/CodeSystem/observation-category", "survey", "Survey")

_ABSTAINED = {
    AbstainReason.QUALITY: "the picture was not good enough to read",
    AbstainReason.NO_FACE: "no face was found",
    AbstainReason.SEVERAL_FACES: "more than one face was found",
    AbstainReason.TOO_SMALL: "the face was too small",
    AbstainReason.DISAGREEMENT: "the picture as taken and evened out read differently",
    AbstainReason.LOW_CONFIDENCE: "the reading was too uncertain",
}


def screenings(record: SubjectRecord) -> Iterator[Resource]:
    """Answers and totals, the own judgement, the estimate of each screening; then the reviews."""
    for screening in record.screenings:
        for response in screening.responses:
            yield questionnaire_response(screening, response)
            yield total(screening, response)
        if screening.judgement is not None:
            yield own_severity(screening)
        if screening.finding is not None:
            yield estimate(screening, screening.finding)
    yield from map(review, record.reviews)


def questionnaire_response(screening: Screening, response: Response) -> Resource:
    """The answers, item by item with their LOINC codes; an item without an answer has none."""
    by_patient = response.answered_by is AnsweredBy.PATIENT
    instrument = INSTRUMENTS[response.instrument]
    answered = zip(_ITEMS[response.instrument], instrument.items, response.answers, strict=True)
    items = [
        filled({"linkId": code, "text": text, "answer": _answer(value)})
        for code, text, value in answered
    ]
    if response.difficulty is not None:
        chosen = DIFFICULTY_ANSWERS[response.difficulty]
        items.append(
            {"linkId": _DIFFICULTY, "text": DIFFICULTY_ITEM, "answer": [{"valueString": chosen}]}
        )
    return resource(
        "QuestionnaireResponse",
        derived_id(screening.id, response.instrument.value),
        language=response.language,
        questionnaire=f"{LOINC}/q/{_PANEL[response.instrument]}",
        status="completed",
        subject=reference(screening.patient_id),
        authored=moment(response.completed_at),
        author=reference(screening.taken_by),
        source=reference(screening.patient_id if by_patient else screening.taken_by),
        item=items,
    )


def _answer(value: int | None) -> list[Resource]:
    if value is None:
        return []
    ordinal = {"url": _ORDINAL, "valueDecimal": value}
    chosen = coding(LOINC, _ANSWER_CODES[value], ANSWERS[value])
    return [{"valueCoding": {"extension": [ordinal], **chosen}}]


def total(screening: Screening, response: Response) -> Resource:
    """The total and its band; a PHQ-8 says that it is one, and a missing total says why."""
    score = response.score
    code = _TOTAL.get(score.scale)
    text = f"{score.scale} total score (0 to {score.maximum})"
    remarks = []
    if score.scale == "PHQ-8":
        remarks.append("Item 9 was not answered, so there is no PHQ-9 total.")
    if score.prorated:
        remarks.append(f"{score.missing} missing answers were replaced by the mean of the others.")
    missing = concept("Too many answers are missing", coding(ABSENT, "unknown", "Unknown"))
    return resource(
        "Observation",
        derived_id(screening.id, f"{response.instrument.value} total"),
        status="final",
        category=[concept("", _SURVEY)],
        code=concept(text, *([coding(LOINC, code)] if code else [])),
        subject=reference(screening.patient_id),
        effectiveDateTime=moment(response.completed_at),
        performer=[reference(screening.taken_by)],
        valueInteger=score.total,
        dataAbsentReason=missing if score.total is None else None,
        interpretation=[concept(score.band)] if score.band else [],
        note=note(" ".join(remarks)),
        derivedFrom=[reference(derived_id(screening.id, response.instrument.value))],
    )


def own_severity(screening: Screening) -> Resource:
    """What the clinician judged before the estimate was shown; the screening must have it."""
    judgement = screening.judgement
    assert judgement is not None
    return resource(
        "Observation",
        derived_id(screening.id, "own severity"),
        status="final",
        code=concept("Severity in the clinician's own judgement"),
        subject=reference(screening.patient_id),
        effectiveDateTime=moment(judgement.at),
        performer=[reference(judgement.by)],
        valueCodeableConcept=concept(judgement.severity.value.replace("_", " ")),
        note=note(judgement.note),
    )


def review(given: Review) -> Resource:
    """A reviewer's own judgement, with the conclusion about the estimate once there is one."""
    verdicts = {
        Verdict.AGREE: "agrees with the estimate",
        Verdict.OVERRULE: "overrules the estimate",
        Verdict.NO_ESTIMATE: "there was no estimate",
    }
    verdict = concept(verdicts[given.verdict]) if given.verdict else None
    conclusion = [{"code": concept("Conclusion"), "valueCodeableConcept": verdict}]
    return resource(
        "Observation",
        given.id,
        status="final" if given.concluded else "preliminary",
        code=concept("Severity in a reviewer's own judgement"),
        subject=reference(given.patient_id),
        effectiveDateTime=moment(given.judged_at),
        performer=[reference(given.reviewer)],
        valueCodeableConcept=concept(given.own_severity.value.replace("_", " ")),
        component=conclusion if verdict else [],
        note=note(given.text),
    )


def estimate(screening: Screening, finding: Finding) -> Resource:
    """The estimate with its interval, its models and its caveat; an abstention with its reason."""
    reading, components, absent, band = finding.severity, [], None, None
    if reading is None:
        assert finding.abstained is not None
        reason = f"Cannot tell: {_ABSTAINED[finding.abstained]}"
        absent = concept(reason, coding(ABSENT, "unknown", "Unknown"))
    else:
        band = concept(f"visible depressive affect: {reading.band.name.lower()}")
        low, high = reading.interval
        components = [
            {"code": concept("Percent of the scale"), "valueQuantity": percent(reading.percent)},
            {
                "code": concept(f"Interval that covers {reading.coverage:.0%} of cases"),
                "valueRange": {"low": percent(low), "high": percent(high)},
            },
            *(
                {
                    "code": concept(f"Calibrated probability of {name}"),
                    "valueQuantity": percent(100 * share),
                }
                for name, share in zip(
                    ("none", "mild", "moderate", "severe"), reading.probabilities, strict=True
                )
            ),
        ]
    models = ", ".join(f"{name} {version}" for name, version in sorted(finding.models.items()))
    return resource(
        "Observation",
        derived_id(screening.id, "estimate"),
        status="final",
        category=[concept("Automated observation of a picture")],
        code=concept("Visible depressive affect, estimated by a program"),
        subject=reference(screening.patient_id),
        effectiveDateTime=moment(finding.captured_at),
        performer=[reference(screening.taken_by)],
        valueCodeableConcept=band,
        dataAbsentReason=absent,
        method=concept(f"Models: {models}") if models else None,
        note=note(CAVEAT),
        component=components,
    )
