"""Feedback: a rating of the service, agreement with a result, and an incident are three forms.

None of them trains a model. ``given_on`` is the local day, by whose month the analysis groups.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.notes import clean_note
from clinic_app.domain.people import has_ink

RATINGS = range(1, 6)


class Author(StrEnum):
    PATIENT = "patient"
    STAFF = "staff"


class Agreement(StrEnum):
    AGREE = "agree"
    PARTLY = "partly"
    DISAGREE = "disagree"


class IncidentCategory(StrEnum):
    PATIENT_SAFETY = "patient_safety"
    PRIVACY = "privacy"
    COMPLAINT = "complaint"
    EQUIPMENT = "equipment"
    SOFTWARE = "software"
    OTHER = "other"


class DegreeOfHarm(StrEnum):
    """Degree of harm as the NHS National Reporting and Learning System names it."""

    NO_HARM = "no_harm"
    LOW = "low"
    MODERATE = "moderate"
    SEVERE = "severe"
    DEATH = "death"


class IncidentEventKind(StrEnum):
    OPENED = "opened"
    NOTED = "noted"
    CLOSED = "closed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class ServiceRating:
    """1 (poor) to 5 (very good) and free text; ``patient_id`` only where the person agrees."""

    id: UUID
    clinic_id: UUID
    rating: int
    given_at: datetime
    given_on: date
    entered_by: UUID
    author: Author = Author.PATIENT
    text: str = ""
    language: str = "en"
    patient_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ResultAgreement:
    """Whether somebody finds that a reviewed result fits."""

    id: UUID
    clinic_id: UUID
    patient_id: UUID
    screening_id: UUID
    agreement: Agreement
    given_at: datetime
    given_on: date
    entered_by: UUID
    author: Author = Author.PATIENT
    text: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """One step; category and degree of harm come with ``OPENED`` and may change with a note."""

    id: UUID
    incident_id: UUID
    clinic_id: UUID
    kind: IncidentEventKind
    at: datetime
    on: date
    by: UUID
    text: str = ""
    category: IncidentCategory | None = None
    harm: DegreeOfHarm | None = None
    author: Author = Author.STAFF
    language: str = "en"
    patient_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as its events leave it."""

    id: UUID
    clinic_id: UUID
    category: IncidentCategory
    harm: DegreeOfHarm
    open: bool
    opened_at: datetime
    opened_on: date
    opened_by: UUID
    text: str
    author: Author
    language: str
    patient_id: UUID | None
    changed_at: datetime
    events: tuple[IncidentEvent, ...] = ()
    void: tuple[UUID, ...] = ()


def _applied(incident: Incident | None, event: IncidentEvent) -> Incident | None:
    if incident is None:
        if event.kind is not IncidentEventKind.OPENED:
            return None
        return Incident(
            id=event.incident_id,
            clinic_id=event.clinic_id,
            category=event.category or IncidentCategory.OTHER,
            harm=event.harm or DegreeOfHarm.NO_HARM,
            open=True,
            opened_at=event.at,
            opened_on=event.on,
            opened_by=event.by,
            text=event.text,
            author=event.author,
            language=event.language,
            patient_id=event.patient_id,
            changed_at=event.at,
        )
    kinds = (
        (IncidentEventKind.NOTED, IncidentEventKind.CLOSED)
        if incident.open
        else (IncidentEventKind.NOTED, IncidentEventKind.REOPENED)
    )
    if event.kind not in kinds:
        return None
    opens = {IncidentEventKind.CLOSED: False, IncidentEventKind.REOPENED: True}
    return replace(
        incident,
        category=event.category or incident.category,
        harm=event.harm or incident.harm,
        open=opens.get(event.kind, incident.open),
        changed_at=event.at,
    )


def fold_incident(events: Iterable[IncidentEvent]) -> Incident | None:
    """The incident that these events, in stamp order, make; ``None`` before it is opened."""
    incident: Incident | None = None
    every: list[IncidentEvent] = []
    void: list[UUID] = []
    for event in events:
        every.append(event)
        after = _applied(incident, event)
        if after is None:
            void.append(event.id)
        else:
            incident = after
    if incident is None:
        return None
    return replace(incident, events=tuple(every), void=tuple(void))


def checked_rating(record: ServiceRating) -> ServiceRating:
    """The rating cleaned; raises ``InvalidInput`` unless it is 1 to 5."""
    if type(record.rating) is not int or record.rating not in RATINGS:
        raise InvalidInput("rating", "Please choose between 1 and 5.")
    return replace(record, text=_optional(record.text))


def checked_agreement(record: ResultAgreement) -> ResultAgreement:
    """The record with its text cleaned."""
    return replace(record, text=_optional(record.text))


def checked_incident_event(incident: Incident | None, event: IncidentEvent) -> IncidentEvent:
    """The event cleaned; raises ``InvalidInput`` without a text, ``WrongState`` when it does not
    fit (closing what is closed)."""
    cleaned = replace(event, text=clean_note(event.text))
    if _applied(incident, cleaned) is None:
        raise WrongState("This cannot be done with the incident as it stands.")
    return cleaned


def _optional(text: str) -> str:
    return clean_note(text) if has_ink(text) else ""


@dataclass(frozen=True, slots=True)
class RatingCount:
    """How many people gave a rating (1 to 5) in one month (``YYYY-MM``) at one clinic."""

    clinic_id: UUID
    month: str
    rating: int
    count: int


@dataclass(frozen=True, slots=True)
class AgreementTally:
    """How many found that a result fits, in one month (``YYYY-MM``) at one clinic."""

    clinic_id: UUID
    month: str
    agreement: Agreement
    count: int


@dataclass(frozen=True, slots=True)
class IncidentTally:
    """How many incidents opened in one month (``YYYY-MM``) at one clinic, by category."""

    clinic_id: UUID
    month: str
    category: IncidentCategory
    open: bool
    count: int
