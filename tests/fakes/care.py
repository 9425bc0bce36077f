"""In-memory repositories of the clinic around the screening, folded by the domain's own rules.

Events fold in the order in which they were added, as on one workstation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from clinic_app.domain.appointments import (
    AppointmentEvent,
)
from clinic_app.domain.erasure import Erasure, ErasureEvent, fold_erasure
from clinic_app.domain.feedback import (
    AgreementTally,
    Incident,
    IncidentEvent,
    IncidentTally,
    RatingCount,
    ResultAgreement,
    ServiceRating,
    fold_incident,
)
from clinic_app.domain.handovers import Handover, HandoverEvent, fold_handover
from clinic_app.domain.interventions import Intervention
from clinic_app.domain.issued import IssuedReport, hash_prefix
from clinic_app.domain.merges import MergeEvent, merged_into, survivor
from clinic_app.domain.paging import Page, Position
from clinic_app.domain.reviews import AgreementCount, Review, ReviewEvent, fold_review
from clinic_app.domain.schedule import Absence, Availability
from clinic_app.domain.tasks import Task
from tests.fakes.records import Records, Stories, paged, require_patient

_FIRST, _LAST = "0000-00", "9999-99"


@dataclass
class CareTables:
    """What these repositories hold; ``Tables`` of the store adds the rest."""

    appointments: list[AppointmentEvent] = field(default_factory=list)
    availability: dict[UUID, Availability] = field(default_factory=dict)
    absences: dict[UUID, Absence] = field(default_factory=dict)
    tasks: dict[UUID, Task] = field(default_factory=dict)
    interventions: dict[UUID, Intervention] = field(default_factory=dict)
    reviews: list[ReviewEvent] = field(default_factory=list)
    handovers: list[HandoverEvent] = field(default_factory=list)
    ratings: dict[UUID, ServiceRating] = field(default_factory=dict)
    agreements: dict[UUID, ResultAgreement] = field(default_factory=dict)
    incidents: list[IncidentEvent] = field(default_factory=list)
    merges: list[MergeEvent] = field(default_factory=list)
    issued: dict[UUID, IssuedReport] = field(default_factory=dict)
    erasures: list[ErasureEvent] = field(default_factory=list)
    erasures_known: list[frozenset[UUID]] = field(default_factory=list)

    def identities(self, patient_id: UUID) -> tuple[UUID, ...]:
        state = merged_into(self.merges)
        person = survivor(state, patient_id)
        return (person, *sorted(one for one in state if survivor(state, one) == person))


def _due(one: Task) -> tuple[Any, ...]:
    return (one.due_on or date.min, one.id)


class Tasks(Records):
    what = "task"

    def open(
        self, *, owner: UUID | None = None, due_before: date | None = None, limit: int = 500
    ) -> list[Task]:
        found = [
            one
            for one in self._rows.values()
            if one.open and owner in (None, one.owner)
            if due_before is None or (one.due_on is not None and one.due_on < due_before)
        ]
        return sorted(found, key=lambda one: (one.due_on is None, *_due(one)))[:limit]

    def of_patient(self, patient_id: UUID, limit: int = 500) -> list[Task]:
        return sorted(self._own(patient_id), key=lambda one: (not one.open, *_due(one)))[:limit]


class Interventions(Records):
    what = "intervention"

    def of_patient(self, patient_id: UUID, limit: int = 500) -> list[Intervention]:
        own = sorted(self._own(patient_id), key=lambda one: (one.performed_on, one.id))
        return own[::-1][:limit]


class Reviews(Stories):
    what, subject, fold = "review", "review_id", staticmethod(fold_review)

    def _by_judgement(self, found: Iterable[Review]) -> list[Review]:
        return sorted(found, key=lambda one: (one.judged_at, one.id))

    def of_screening(self, screening_id: UUID) -> list[Review]:
        return self._by_judgement(one for one in self._all() if one.screening_id == screening_id)

    def of_patient(self, patient_id: UUID) -> list[Review]:
        return self._by_judgement(self._own(patient_id))[::-1]

    def unfinished(self, reviewer: UUID) -> list[Review]:
        own = (one for one in self._all() if one.reviewer == reviewer and not one.concluded)
        return self._by_judgement(own)

    def reviewed(self, screening_ids: Sequence[UUID]) -> set[UUID]:
        done = {one.screening_id for one in self._all() if one.concluded}
        return done & set(screening_ids)

    def agreement(self, model_version: str | None = None) -> list[AgreementCount]:
        counted = Counter(
            (one.model_version, one.verdict, one.own_severity, one.estimate_band)
            for one in self._all()
            if one.concluded and model_version in (None, one.model_version)
        )
        in_order = sorted(counted, key=lambda key: (*key[:3], -1 if key[3] is None else key[3]))
        return [AgreementCount(*key, counted[key]) for key in in_order]


class Handovers(Stories):
    what, subject, fold = "handover", "handover_id", staticmethod(fold_handover)

    def open_for(self, user_id: UUID) -> list[Handover]:
        found = [
            one
            for one in self._all()
            if one.open
            and (one.to_user == user_id or (one.to_user is None and one.from_user != user_id))
        ]
        return sorted(found, key=lambda one: (one.given_at, one.id))

    def newest(self, limit: int = 50, after: Position | None = None) -> Page[Handover, Position]:
        return paged(self._all(), lambda one: one.given_at, limit, after, newest=True)


def _month(day: date) -> str:
    return day.isoformat()[:7]


class _Given(Records):
    def _within(self, first: str, last: str, clinic_id: UUID | None) -> list[Any]:
        return [
            one
            for one in self._rows.values()
            if first <= _month(one.given_on) <= last and clinic_id in (None, one.clinic_id)
        ]

    def newest(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        first: str = _FIRST,
        last: str = _LAST,
        clinic_id: UUID | None = None,
    ) -> Page[Any, Position]:
        found = self._within(first, last, clinic_id)
        return paged(found, lambda one: one.given_at, limit, after, newest=True)


class ServiceRatings(_Given):
    what = "rating"

    def with_text(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        first: str = _FIRST,
        last: str = _LAST,
        clinic_id: UUID | None = None,
    ) -> Page[ServiceRating, Position]:
        found = [one for one in self._within(first, last, clinic_id) if one.text]
        return paged(found, lambda one: one.given_at, limit, after, newest=True)

    def by_month(
        self, first: str = _FIRST, last: str = _LAST, clinic_id: UUID | None = None
    ) -> list[RatingCount]:
        counted = Counter(
            (one.clinic_id, _month(one.given_on), one.rating)
            for one in self._within(first, last, clinic_id)
        )
        return [RatingCount(*key, counted[key]) for key in sorted(counted)]


class ResultAgreements(_Given):
    what = "answer about a result"

    def of_screening(self, screening_id: UUID) -> list[ResultAgreement]:
        own = [one for one in self._rows.values() if one.screening_id == screening_id]
        return sorted(own, key=lambda one: (one.given_at, one.id))

    def by_month(
        self, first: str = _FIRST, last: str = _LAST, clinic_id: UUID | None = None
    ) -> list[AgreementTally]:
        counted = Counter(
            (one.clinic_id, _month(one.given_on), one.agreement)
            for one in self._within(first, last, clinic_id)
        )
        return [AgreementTally(*key, counted[key]) for key in sorted(counted)]


class Incidents(Stories):
    what, subject, fold = "incident", "incident_id", staticmethod(fold_incident)

    def newest(
        self, limit: int = 50, after: Position | None = None, *, open_only: bool = False
    ) -> Page[Incident, Position]:
        found = [one for one in self._all() if one.open or not open_only]
        return paged(found, lambda one: one.opened_at, limit, after, newest=True)

    def by_month(
        self, first: str = _FIRST, last: str = _LAST, clinic_id: UUID | None = None
    ) -> list[IncidentTally]:
        counted = Counter(
            (one.clinic_id, _month(one.opened_on), one.category, one.open)
            for one in self._all()
            if first <= _month(one.opened_on) <= last and clinic_id in (None, one.clinic_id)
        )
        return [IncidentTally(*key, counted[key]) for key in sorted(counted)]


class Merges:
    def __init__(self, tables: Any) -> None:
        self._tables = tables

    def add(self, event: MergeEvent) -> None:
        for patient_id in (event.into, event.patient_id):
            require_patient(self._tables, patient_id)
        self._tables.merges.append(event)

    def state(self) -> dict[UUID, UUID]:
        return merged_into(self._tables.merges)

    def identities(self, patient_id: UUID) -> tuple[UUID, ...]:
        return self._tables.identities(patient_id)  # type: ignore[no-any-return]

    def survivor(self, patient_id: UUID) -> UUID:
        return self.identities(patient_id)[0]

    def history(self, patient_id: UUID) -> list[MergeEvent]:
        return [
            event for event in self._tables.merges if patient_id in (event.patient_id, event.into)
        ]


class IssuedReports(Records):
    what = "report"

    def _newest(self, found: Iterable[IssuedReport], limit: int) -> list[IssuedReport]:
        return sorted(found, key=lambda one: (one.issued_at, one.id), reverse=True)[:limit]

    def with_hash(self, typed: str, limit: int = 20) -> list[IssuedReport]:
        prefix = hash_prefix(typed)
        every = self._rows.values()
        return self._newest((one for one in every if one.data_sha256.startswith(prefix)), limit)

    def of_patient(self, patient_id: UUID, limit: int = 200) -> list[IssuedReport]:
        return self._newest(self._own(patient_id), limit)


class Erasures(Stories):
    what, subject, fold = "request for erasure", "request_id", staticmethod(fold_erasure)

    def of_patient(self, patient_id: UUID) -> list[Erasure]:
        return sorted(self._own(patient_id), key=lambda one: (one.asked_at, one.id))

    def newest(self, limit: int = 50, after: Position | None = None) -> Page[Erasure, Position]:
        return paged(self._all(), lambda one: one.asked_at, limit, after, newest=True)

    def all(self) -> list[Erasure]:
        return self._all()

    def known_here(self) -> frozenset[UUID] | None:
        known: list[frozenset[UUID]] = self._tables.erasures_known
        return known[-1] if known else None

    def know_here(self, request_ids: Iterable[UUID]) -> None:
        known = self.known_here() or frozenset()
        self._tables.erasures_known.append(known | set(request_ids))
