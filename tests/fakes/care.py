"""In-memory repositories of the clinic around the screening, folded by the domain's own rules.

Events fold in the order in which they were added, as on one workstation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from clinic_app.domain.appointments import (
    Appointment,
    AppointmentEvent,
    AppointmentState,
    fold_appointment,
)
from clinic_app.domain.erasure import Erasure, ErasureEvent, fold_erasure
from clinic_app.domain.errors import NotFound
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
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.reviews import AgreementCount, Review, ReviewEvent, fold_review
from clinic_app.domain.safety import SafetyEvent, SafetyState, fold_flow
from clinic_app.domain.schedule import Absence, Availability, Slot, times_overlap
from clinic_app.domain.screening import ClinicianSeverity, Screening
from clinic_app.domain.tasks import Task
from clinic_app.domain.worklist import (
    GAD_RANKS,
    PHQ_RANKS,
    WorklistFilter,
    WorklistMark,
    WorklistRow,
    place_of,
)

_EVERYBODY = WorklistFilter()
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


def paged(
    rows: Iterable[Any], at: Callable[[Any], datetime], limit: int, after: Any, *, newest: bool
) -> Page[Any, Position]:
    ordered = sorted(rows, key=lambda one: (at(one), one.id), reverse=newest)
    if after is not None:
        mark = (after.at, after.id)
        ordered = [
            one
            for one in ordered
            if ((at(one), one.id) < mark if newest else (at(one), one.id) > mark)
        ]
    taken = tuple(ordered[:limit])
    full = len(taken) == limit
    return Page(taken, Position(at(taken[-1]), taken[-1].id) if full else None)


class _Records:
    """Records by identifier."""

    what = "record"

    def __init__(self, tables: Any, rows: dict[UUID, Any]) -> None:
        self._tables = tables
        self._rows = rows

    def add(self, record: Any) -> None:
        if record.id in self._rows:
            raise AssertionError("added twice")
        _require_patient(self._tables, getattr(record, "patient_id", None))
        self._rows[record.id] = record

    def save(self, record: Any) -> None:
        self.get(record.id)
        self._rows[record.id] = record

    def get(self, record_id: UUID) -> Any:
        if record_id not in self._rows:
            raise NotFound(f"This {self.what} is not in the store.")
        return self._rows[record_id]

    def _own(self, patient_id: UUID) -> list[Any]:
        ids = self._tables.identities(patient_id)
        return [one for one in self._rows.values() if one.patient_id in ids]


def _require_patient(tables: Any, patient_id: UUID | None) -> None:
    if patient_id is not None and patient_id not in tables.patients:
        raise NotFound("This patient is not in the store.")


class _Stories:
    """Events, folded when they are asked for."""

    what = "record"
    subject = ""
    fold: Callable[..., Any]

    def __init__(self, tables: Any, events: list[Any]) -> None:
        self._tables = tables
        self._events = events

    def add(self, event: Any) -> None:
        _require_patient(self._tables, getattr(event, "patient_id", None))
        self._events.append(event)

    def get(self, record_id: UUID) -> Any:
        found = next((one for one in self._all() if one.id == record_id), None)
        if found is None:
            raise NotFound(f"This {self.what} is not in the store.")
        return found

    def _all(self) -> list[Any]:
        stories: dict[UUID, list[Any]] = {}
        for event in self._events:
            stories.setdefault(getattr(event, self.subject), []).append(event)
        made = (type(self).fold(events) for events in stories.values())
        return [one for one in made if one is not None]

    def _own(self, patient_id: UUID) -> list[Any]:
        ids = self._tables.identities(patient_id)
        return [one for one in self._all() if one.patient_id in ids]


class Appointments(_Stories):
    what, subject, fold = "appointment", "appointment_id", staticmethod(fold_appointment)

    def _all(self) -> list[Appointment]:
        every = super()._all()
        booked = [one for one in every if one.holds_time]

        def rivals(one: Appointment) -> tuple[UUID, ...]:
            return tuple(sorted(other.id for other in booked if self._rivals(one, other)))

        return [replace(one, conflicts_with=rivals(one)) for one in every]

    def _rivals(self, one: Appointment, other: Appointment) -> bool:
        mine, theirs = one.slot, other.slot
        if one.id == other.id or not one.holds_time or mine is None or theirs is None:
            return False
        same = mine.clinician_id is not None and mine.clinician_id == theirs.clinician_id
        same = same or other.patient_id in self._tables.identities(one.patient_id)
        return same and times_overlap(mine.start, mine.end, theirs.start, theirs.end)

    def between(
        self,
        start: datetime,
        end: datetime,
        *,
        clinician_id: UUID | None = None,
        states: Sequence[AppointmentState] = (),
    ) -> list[Appointment]:
        return self._by_start(
            one
            for one in self._all()
            if one.slot is not None
            and times_overlap(one.slot.start, one.slot.end, start, end)
            and clinician_id in (None, one.slot.clinician_id)
            and (not states or one.state in states)
        )

    def _by_start(self, found: Iterable[Appointment]) -> list[Appointment]:
        return sorted(found, key=lambda one: (_start(one), one.id))

    def of_patient(
        self, patient_id: UUID, limit: int = 50, after: Position | None = None
    ) -> Page[Appointment, Position]:
        own = [one for one in self._own(patient_id) if one.slot is not None]
        return paged(own, _start, limit, after, newest=True)

    def requested(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        wait_list: bool | None = None,
        patient_id: UUID | None = None,
    ) -> Page[Appointment, Position]:
        rows = self._all() if patient_id is None else self._own(patient_id)
        found = [
            one
            for one in rows
            if one.state is AppointmentState.REQUESTED and wait_list in (None, one.wait_list)
        ]
        return paged(found, lambda one: one.requested_at, limit, after, newest=False)

    def closed_without_time(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        patient_id: UUID | None = None,
    ) -> Page[Appointment, Position]:
        rows = self._all() if patient_id is None else self._own(patient_id)
        closed = (AppointmentState.DENIED, AppointmentState.CANCELLED)
        found = [one for one in rows if one.state in closed and one.slot is None]
        return paged(found, lambda one: one.requested_at, limit, after, newest=True)

    def of_series(self, series_id: UUID) -> list[Appointment]:
        return self._by_start(one for one in self._all() if one.series_id == series_id)

    def overlapping(
        self, slot: Slot, patient_id: UUID, excluding: UUID | None = None
    ) -> list[Appointment]:
        ids = self._tables.identities(patient_id)
        return self._by_start(
            one
            for one in self._all()
            if one.holds_time
            and one.slot is not None
            and one.id != excluding
            and (
                one.patient_id in ids
                or (slot.clinician_id is not None and slot.clinician_id == one.slot.clinician_id)
            )
            and times_overlap(slot.start, slot.end, one.slot.start, one.slot.end)
        )


def _start(one: Appointment) -> datetime:
    return one.slot.start if one.slot else datetime.min.replace(tzinfo=UTC)


class Hours(_Records):
    def put(self, record: Availability) -> None:
        self._rows[record.id] = record

    def of_clinician(self, clinician_id: UUID) -> Availability | None:
        return next((one for one in self.all() if one.clinician_id == clinician_id), None)

    def all(self) -> list[Availability]:
        return sorted(self._rows.values(), key=lambda one: one.id)


class Absences(_Records):
    what = "absence"

    def between(
        self, start: datetime, end: datetime, clinician_id: UUID | None = None
    ) -> list[Absence]:
        found = [
            one
            for one in self._rows.values()
            if not one.cancelled
            and times_overlap(one.start, one.end, start, end)
            and clinician_id in (None, one.clinician_id)
        ]
        return sorted(found, key=lambda one: (one.start, one.id))


def _due(one: Task) -> tuple[Any, ...]:
    return (one.due_on or date.min, one.id)


class Tasks(_Records):
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


class Interventions(_Records):
    what = "intervention"

    def of_patient(self, patient_id: UUID, limit: int = 500) -> list[Intervention]:
        own = sorted(self._own(patient_id), key=lambda one: (one.performed_on, one.id))
        return own[::-1][:limit]


class Reviews(_Stories):
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


class Handovers(_Stories):
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


class _Given(_Records):
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


class Incidents(_Stories):
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
            _require_patient(self._tables, patient_id)
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


class IssuedReports(_Records):
    what = "report"

    def _newest(self, found: Iterable[IssuedReport], limit: int) -> list[IssuedReport]:
        return sorted(found, key=lambda one: (one.issued_at, one.id), reverse=True)[:limit]

    def with_hash(self, typed: str, limit: int = 20) -> list[IssuedReport]:
        prefix = hash_prefix(typed)
        every = self._rows.values()
        return self._newest((one for one in every if one.data_sha256.startswith(prefix)), limit)

    def of_patient(self, patient_id: UUID, limit: int = 200) -> list[IssuedReport]:
        return self._newest(self._own(patient_id), limit)


class Erasures(_Stories):
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


class Worklist:
    """Worked out from scratch each time."""

    def __init__(self, tables: Any) -> None:
        self._tables = tables

    def page(
        self,
        wanted: WorklistFilter = _EVERYBODY,
        limit: int = 50,
        after: WorklistMark | None = None,
    ) -> Page[WorklistRow, WorklistMark]:
        def key(mark: WorklistMark) -> tuple[Any, ...]:
            return (mark.place, mark.waiting_since, mark.patient_id)

        rows = sorted(self._wanted(wanted), key=lambda row: key(row.mark))
        taken = tuple(row for row in rows if after is None or key(row.mark) > key(after))[:limit]
        return Page(taken, taken[-1].mark if len(taken) == limit else None)

    def count(self, wanted: WorklistFilter = _EVERYBODY) -> int:
        return len(self._wanted(wanted))

    def of_patient(self, patient_id: UUID) -> WorklistRow | None:
        person = self._tables.identities(patient_id)[0]
        patient = self._tables.patients.get(person)
        return None if patient is None else self._row(patient)

    def of_patients(self, patient_ids: Sequence[UUID]) -> dict[UUID, WorklistRow]:
        merged = merged_into(self._tables.merges)
        known = [one for one in patient_ids if one in self._tables.patients and one not in merged]
        return {one: self._row(self._tables.patients[one]) for one in known}

    def _wanted(self, wanted: WorklistFilter) -> list[WorklistRow]:
        merged = merged_into(self._tables.merges)
        patients = self._tables.patients.values()
        rows = [self._row(one) for one in patients if one.id not in merged]
        return [
            row
            for row in rows
            if wanted.reason in (None, row.reason)
            and (row.flagged or not wanted.flagged)
            and (row.unreviewed or not wanted.unreviewed)
            and (wanted.lowest_rank is None or _rank(row, -1) >= wanted.lowest_rank)
            and (row.requested_since is not None or not wanted.requested)
            and (wanted.overdue_on is None or self._overdue(row.patient_id, wanted.overdue_on))
        ]

    def _overdue(self, patient_id: UUID, today: date) -> bool:
        ids = self._tables.identities(patient_id)
        return any(
            one.overdue(today) for one in self._tables.tasks.values() if one.patient_id in ids
        )

    def _row(self, patient: Patient) -> WorklistRow:
        ids = self._tables.identities(patient.id)
        row = _screened(patient, self._screenings(ids), self._reviewed())
        flows: dict[UUID, list[SafetyEvent]] = {}
        for event in self._tables.safety:
            if event.patient_id in ids:
                flows.setdefault(event.flow_id, []).append(event)
        folded = [fold_flow(events) for events in flows.values()]
        opened = [flow.opened_at for flow in folded if flow.state is not SafetyState.CLOSED]
        asked = [
            one.requested_at
            for one in self._appointments()
            if one.state is AppointmentState.REQUESTED and one.patient_id in ids
        ]
        if opened:
            waiting: datetime | None = min(opened)
        elif not row.assessed:
            waiting = patient.registered_at
        else:
            since = [row.waiting_since] if row.unreviewed else []
            waiting = min([*since, *asked], default=row.last_screened_at)
        place = place_of(
            safety_open=bool(opened), assessed=row.assessed, rank=_rank(row, 0), flagged=row.flagged
        )
        return replace(
            row,
            place=place,
            waiting_since=waiting or datetime(1970, 1, 1, tzinfo=UTC),
            safety_opened_at=min(opened, default=None),
            requested_since=min(asked, default=None),
        )

    def _appointments(self) -> list[Appointment]:
        # Without looking for conflicts, which have no place here.
        return _Stories._all(Appointments(self._tables, self._tables.appointments))

    def _screenings(self, ids: tuple[UUID, ...]) -> list[Screening]:
        own = [one for one in self._tables.screenings.values() if one.patient_id in ids]
        return sorted(own, key=lambda one: (one.finished_at, one.id), reverse=True)

    def _reviewed(self) -> set[UUID]:
        reviews = Reviews(self._tables, self._tables.reviews)
        return reviews.reviewed(list(self._tables.screenings))


def _rank(row: WorklistRow, otherwise: int) -> int:
    ranks = [rank for rank in (row.depression_rank, row.anxiety_rank) if rank is not None]
    return max(ranks, default=otherwise)


def _screened(patient: Patient, screenings: list[Screening], reviewed: set[UUID]) -> WorklistRow:
    def newest(name: InstrumentName) -> tuple[Screening, Any] | None:
        scored = ((one, one.response(name)) for one in screenings)
        return next(((one, answer) for one, answer in scored if answer and answer.score.band), None)

    phq, gad = newest(InstrumentName.PHQ9), newest(InstrumentName.GAD7)
    judgements = [one.judgement for one in screenings if one.judgement]
    waiting = [one.finished_at for one in screenings if one.id not in reviewed]
    decided = any(one.severity is not ClinicianSeverity.CANNOT_TELL for one in judgements)
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)
    return WorklistRow(
        patient_id=patient.id,
        display_name=patient.display_name,
        place=0,
        waiting_since=min(waiting, default=long_ago),
        assessed=decided or phq is not None or gad is not None,
        flagged=bool(judgements) and judgements[0].flagged,
        unreviewed=len(waiting),
        last_screened_at=screenings[0].finished_at if screenings else None,
        phq9_at=phq[0].finished_at if phq else None,
        phq9_total=phq[1].score.total if phq and phq[1].score.scale == "PHQ-9" else None,
        item_nine=phq[1].answers[8] if phq else None,
        depression_rank=PHQ_RANKS[phq[1].score.band] if phq else None,
        gad7_total=gad[1].score.total if gad else None,
        anxiety_rank=GAD_RANKS[gad[1].score.band] if gad else None,
    )
