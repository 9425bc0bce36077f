"""What the services need from the store for the clinic around the screening.

As in ``storage``: every ``add``, ``save`` and ``put`` is an operation first. Where a record is
folded from events, ``add`` takes an event and ``get`` gives the folded record. A ``patient_id``
that is asked for stands for the whole person: records of merged duplicates are included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from clinic_app.domain.appointments import Appointment, AppointmentEvent, AppointmentState
from clinic_app.domain.erasure import Erasure, ErasureEvent
from clinic_app.domain.feedback import (
    AgreementTally,
    Incident,
    IncidentEvent,
    IncidentTally,
    RatingCount,
    ResultAgreement,
    ServiceRating,
)
from clinic_app.domain.handovers import Handover, HandoverEvent
from clinic_app.domain.interventions import Intervention
from clinic_app.domain.issued import IssuedReport
from clinic_app.domain.merges import MergeEvent
from clinic_app.domain.paging import Page, Position
from clinic_app.domain.reviews import AgreementCount, Review, ReviewEvent
from clinic_app.domain.schedule import Absence, Availability, Slot
from clinic_app.domain.tasks import Task
from clinic_app.domain.worklist import WorklistFilter, WorklistMark, WorklistRow

EVERYBODY = WorklistFilter()


class AppointmentRepository(Protocol):
    """Every appointment that is read names the booked ones that it conflicts with."""

    def add(self, event: AppointmentEvent) -> None: ...
    def get(self, record_id: UUID) -> Appointment:
        """By ``appointment_id``; raises ``NotFound``."""

    def between(
        self,
        start: datetime,
        end: datetime,
        *,
        clinician_id: UUID | None = None,
        states: Sequence[AppointmentState] = (),
    ) -> list[Appointment]:
        """Those that share a moment with the span, by start; all states unless some are named."""

    def of_patient(
        self, patient_id: UUID, limit: int = 50, after: Position | None = None
    ) -> Page[Appointment, Position]:
        """Those with a time, latest first."""

    def requested(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        wait_list: bool | None = None,
        patient_id: UUID | None = None,
    ) -> Page[Appointment, Position]:
        """Waiting for a decision, longest waiting first; with or without a wished time."""

    def closed_without_time(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        patient_id: UUID | None = None,
    ) -> Page[Appointment, Position]:
        """Denied or cancelled and never given a time, the newest request first."""

    def overlapping(
        self, slot: Slot, patient_id: UUID, excluding: UUID | None = None
    ) -> list[Appointment]:
        """Booked appointments of the slot's clinician or of the patient at that time, by start."""


class AvailabilityRepository(Protocol):
    def put(self, record: Availability) -> None:
        """Insert or change; its ``id`` is ``availability_id(clinician_id)``."""

    def of_clinician(self, clinician_id: UUID) -> Availability | None: ...
    def all(self) -> list[Availability]: ...


class AbsenceRepository(Protocol):
    def add(self, record: Absence) -> None: ...
    def save(self, record: Absence) -> None: ...
    def get(self, record_id: UUID) -> Absence:
        """Raises ``NotFound``."""

    def between(
        self, start: datetime, end: datetime, clinician_id: UUID | None = None
    ) -> list[Absence]:
        """Not cancelled and sharing a moment with the span, by start."""


class TaskRepository(Protocol):
    def add(self, record: Task) -> None: ...
    def save(self, record: Task) -> None: ...
    def get(self, record_id: UUID) -> Task:
        """Raises ``NotFound``."""

    def open(
        self,
        *,
        owner: UUID | None = None,
        due_before: date | None = None,
        limit: int = 500,
    ) -> list[Task]:
        """Earliest due first, those without a date last; ``due_before=today`` are the overdue."""

    def of_patient(self, patient_id: UUID, limit: int = 500) -> list[Task]:
        """Open ones first, then by due date (without one first)."""


class InterventionRepository(Protocol):
    def add(self, record: Intervention) -> None: ...
    def get(self, record_id: UUID) -> Intervention:
        """Raises ``NotFound``."""

    def of_patient(self, patient_id: UUID, limit: int = 500) -> list[Intervention]:
        """Newest first, corrected ones too (see ``interventions.standing``)."""


class ReviewRepository(Protocol):
    def add(self, event: ReviewEvent) -> None: ...
    def get(self, record_id: UUID) -> Review:
        """By ``review_id``; raises ``NotFound``."""

    def of_screening(self, screening_id: UUID) -> list[Review]:
        """In order of judgement, unfinished ones too."""

    def of_patient(self, patient_id: UUID) -> list[Review]:
        """Newest first."""

    def unfinished(self, reviewer: UUID) -> list[Review]:
        """Begun and not concluded, oldest first."""

    def reviewed(self, screening_ids: Sequence[UUID]) -> set[UUID]:
        """Which of these have a concluded review (a patient sees no other result)."""

    def agreement(self, model_version: str | None = None) -> list[AgreementCount]:
        """Concluded reviews, counted by model version, verdict, own severity and estimate."""


class HandoverRepository(Protocol):
    def add(self, event: HandoverEvent) -> None: ...
    def get(self, record_id: UUID) -> Handover:
        """By ``handover_id``; raises ``NotFound``."""

    def open_for(self, user_id: UUID) -> list[Handover]:
        """Not received yet and meant for this user or for anybody, oldest first."""

    def newest(
        self, limit: int = 50, after: Position | None = None
    ) -> Page[Handover, Position]: ...


class ServiceRatingRepository(Protocol):
    """Months are ``YYYY-MM``, both ends included."""

    def get(self, record_id: UUID) -> ServiceRating:
        """Raises ``NotFound``."""

    def add(self, record: ServiceRating) -> None: ...
    def newest(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        first: str = "0000-00",
        last: str = "9999-99",
        clinic_id: UUID | None = None,
    ) -> Page[ServiceRating, Position]: ...
    def with_text(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        first: str = "0000-00",
        last: str = "9999-99",
        clinic_id: UUID | None = None,
    ) -> Page[ServiceRating, Position]:
        """As ``newest``, only those in which something is written."""

    def by_month(
        self, first: str = "0000-00", last: str = "9999-99", clinic_id: UUID | None = None
    ) -> list[RatingCount]: ...


class ResultAgreementRepository(Protocol):
    def add(self, record: ResultAgreement) -> None: ...
    def newest(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        first: str = "0000-00",
        last: str = "9999-99",
        clinic_id: UUID | None = None,
    ) -> Page[ResultAgreement, Position]: ...
    def of_screening(self, screening_id: UUID) -> list[ResultAgreement]:
        """Oldest first."""

    def by_month(
        self, first: str = "0000-00", last: str = "9999-99", clinic_id: UUID | None = None
    ) -> list[AgreementTally]: ...


class IncidentRepository(Protocol):
    def add(self, event: IncidentEvent) -> None: ...
    def get(self, record_id: UUID) -> Incident:
        """By ``incident_id``; raises ``NotFound``."""

    def newest(
        self, limit: int = 50, after: Position | None = None, *, open_only: bool = False
    ) -> Page[Incident, Position]: ...
    def by_month(
        self, first: str = "0000-00", last: str = "9999-99", clinic_id: UUID | None = None
    ) -> list[IncidentTally]: ...


class MergeRepository(Protocol):
    def add(self, event: MergeEvent) -> None:
        """Raises ``NotFound`` when one of the two is not stored (see ``merges.checked_merge``)."""

    def state(self) -> dict[UUID, UUID]:
        """Which record stands directly for which."""

    def identities(self, patient_id: UUID) -> tuple[UUID, ...]:
        """Every record of this person: the surviving one first."""

    def survivor(self, patient_id: UUID) -> UUID: ...
    def history(self, patient_id: UUID) -> list[MergeEvent]:
        """Merges and undos in which this record took part, void ones too, oldest first."""


class IssuedReportRepository(Protocol):
    def add(self, record: IssuedReport) -> None: ...
    def get(self, record_id: UUID) -> IssuedReport:
        """By document ID; raises ``NotFound``."""

    def with_hash(self, typed: str, limit: int = 20) -> list[IssuedReport]:
        """By the first 8 to 64 digits of the printed hash, newest first; raises
        ``InvalidInput``."""

    def of_patient(self, patient_id: UUID, limit: int = 200) -> list[IssuedReport]:
        """Newest first."""


class ErasureRepository(Protocol):
    def add(self, event: ErasureEvent) -> None: ...
    def get(self, record_id: UUID) -> Erasure:
        """By ``request_id``; raises ``NotFound``."""

    def of_patient(self, patient_id: UUID) -> list[Erasure]:
        """Oldest first."""

    def newest(self, limit: int = 50, after: Position | None = None) -> Page[Erasure, Position]: ...
    def all(self) -> list[Erasure]: ...
    def known_here(self) -> frozenset[UUID] | None:
        """Completed requests that this workstation has carried out, by ``request_id``; ``None``
        before the first were noted. Local, not in the op log."""

    def know_here(self, request_ids: Iterable[UUID]) -> None:
        """Add to ``known_here``."""


class WorklistRepository(Protocol):
    """Reads only; the order follows from facts in the log, never from the face."""

    def page(
        self,
        wanted: WorklistFilter = EVERYBODY,
        limit: int = 50,
        after: WorklistMark | None = None,
    ) -> Page[WorklistRow, WorklistMark]: ...
    def count(self, wanted: WorklistFilter = EVERYBODY) -> int: ...
    def of_patient(self, patient_id: UUID) -> WorklistRow | None:
        """The person's facts; ``None`` for an unknown patient."""

    def of_patients(self, patient_ids: Sequence[UUID]) -> dict[UUID, WorklistRow]:
        """The facts of those of these records that stand on the list themselves."""
