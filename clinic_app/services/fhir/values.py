"""The small parts that FHIR resources are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

Resource = dict[str, Any]

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_DERIVED = UUID("0f1c1d2e-3b5a-5c6d-8e7f-9a0b1c2d3e4f")


def resource(kind: str, record_id: UUID, /, **elements: Any) -> Resource:
    """A resource without its empty elements, which FHIR does not allow."""
    return {"resourceType": kind, "id": str(record_id), **filled(elements)}


def filled(elements: dict[str, Any]) -> dict[str, Any]:
    """Without ``None``, empty texts, empty lists and empty objects."""
    return {name: value for name, value in elements.items() if value not in (None, "", [], {})}


def derived_id(record: UUID, part: str) -> UUID:
    """The identifier of a resource that is one part of a record; always the same."""
    return uuid5(_DERIVED, f"{record}/{part}")


def url_of(identifier: UUID) -> str:
    return f"urn:uuid:{identifier}"


def reference(identifier: UUID | None, display: str = "") -> dict[str, Any] | None:
    if identifier is None:
        return {"display": display} if display else None
    return filled({"reference": url_of(identifier), "display": display})


def concept(text: str, *codings: dict[str, Any]) -> dict[str, Any]:
    return filled({"coding": list(codings), "text": text})


def coding(system: str, code: str, display: str = "") -> dict[str, Any]:
    return filled({"system": system, "code": code, "display": display})


def moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def note(text: str) -> list[dict[str, Any]]:
    return [{"text": text}] if text else []


def percent(value: float) -> dict[str, Any]:
    return {"value": round(value, 1), "unit": "%", "system": UCUM, "code": "%"}
