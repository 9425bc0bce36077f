"""Tasks, interventions, feedback, merged patients and issued reports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_

from clinic_app.db import tables
from clinic_app.db.projections import identities
from clinic_app.db.repositories.base import (
    ChangingRepository,
    Log,
    Record,
    Repository,
    of_person,
    read_record,
    require_patient,
)
from clinic_app.db.repositories.stories import mark
from clinic_app.domain.feedback import (
    Agreement,
    AgreementTally,
    RatingCount,
    ResultAgreement,
    ServiceRating,
)
from clinic_app.domain.interventions import Intervention
from clinic_app.domain.issued import IssuedReport, hash_prefix
from clinic_app.domain.merges import MergeEvent
from clinic_app.domain.operations import EntityKind
from clinic_app.domain.paging import Page, Position
from clinic_app.domain.tasks import Task

_TASK_LIMIT = 500


class Tasks(ChangingRepository[Task]):
    kind = EntityKind.TASK
    table = tables.task
    record = Task
    named = "task"

    def open(
        self,
        *,
        owner: UUID | None = None,
        due_before: date | None = None,
        limit: int = _TASK_LIMIT,
    ) -> list[Task]:
        c = self.table.c
        wanted = self._select().where(c.open == 1)
        if owner is not None:
            wanted = wanted.where(c.owner == owner)
        if due_before is not None:
            wanted = wanted.where(c.due_on < due_before)
        dated = self._records(
            wanted.where(c.due_on.is_not(None)).order_by(c.due_on, c.id).limit(limit)
        )
        if due_before is not None or len(dated) == limit:
            return dated
        undated = wanted.where(c.due_on.is_(None)).order_by(c.id)
        return dated + self._records(undated.limit(limit - len(dated)))

    def of_patient(self, patient_id: UUID, limit: int = _TASK_LIMIT) -> list[Task]:
        c = self.table.c
        mine = self._select().where(of_person(self._db, c.patient_id, patient_id))
        return self._records(mine.order_by(c.open.desc(), c.due_on, c.id).limit(limit))


class Interventions(Repository[Intervention]):
    kind = EntityKind.INTERVENTION
    table = tables.intervention
    record = Intervention
    named = "intervention"

    def of_patient(self, patient_id: UUID, limit: int = 500) -> list[Intervention]:
        c = self.table.c
        mine = self._select().where(of_person(self._db, c.patient_id, patient_id))
        return self._records(mine.order_by(c.performed_on.desc(), c.id.desc()).limit(limit))


class _Given(Repository[Record]):
    """Forms that were filled in at a moment."""

    def newest(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        first: str = "0000-00",
        last: str = "9999-99",
        clinic_id: UUID | None = None,
    ) -> Page[Record, Position]:
        return self._given(self._within(first, last, clinic_id), limit, after)

    def _within(self, first: str, last: str, clinic_id: UUID | None) -> list[ColumnElement[bool]]:
        c = self.table.c
        where: list[ColumnElement[bool]] = [c.month.between(first, last)]
        return where if clinic_id is None else [*where, c.clinic_id == clinic_id]

    def _given(
        self, where: Iterable[ColumnElement[bool]], limit: int, after: Position | None
    ) -> Page[Record, Position]:
        c = self.table.c
        wanted = select(c.id, c.body, c.given_at).where(*where)
        if after is not None:
            wanted = wanted.where(tuple_(c.given_at, c.id) < mark(after))
        rows = self._db.rows(wanted.order_by(c.given_at.desc(), c.id.desc()).limit(limit))
        found = tuple(read_record(self.record, row.id, row.body) for row in rows)
        full = len(rows) == limit
        return Page(found, Position(rows[-1].given_at, rows[-1].id) if full else None)


class ServiceRatings(_Given[ServiceRating]):
    kind = EntityKind.SERVICE_RATING
    table = tables.service_rating
    record = ServiceRating
    named = "rating"

    def with_text(
        self,
        limit: int = 50,
        after: Position | None = None,
        *,
        first: str = "0000-00",
        last: str = "9999-99",
        clinic_id: UUID | None = None,
    ) -> Page[ServiceRating, Position]:
        where = [*self._within(first, last, clinic_id), self.table.c.has_text]
        return self._given(where, limit, after)

    def by_month(
        self, first: str = "0000-00", last: str = "9999-99", clinic_id: UUID | None = None
    ) -> list[RatingCount]:
        c = self.table.c
        groups = (c.clinic_id, c.month, c.rating)
        counted = select(*groups, func.count().label("number"))
        counted = counted.where(*self._within(first, last, clinic_id))
        return [
            RatingCount(row.clinic_id, row.month, row.rating, row.number)
            for row in self._db.rows(counted.group_by(*groups).order_by(*groups))
        ]


class ResultAgreements(_Given[ResultAgreement]):
    kind = EntityKind.RESULT_AGREEMENT
    table = tables.result_agreement
    record = ResultAgreement
    named = "answer about a result"

    def of_screening(self, screening_id: UUID) -> list[ResultAgreement]:
        c = self.table.c
        mine = self._select().where(c.screening_id == screening_id)
        return self._records(mine.order_by(c.given_at, c.id))

    def by_month(
        self, first: str = "0000-00", last: str = "9999-99", clinic_id: UUID | None = None
    ) -> list[AgreementTally]:
        c = self.table.c
        groups = (c.clinic_id, c.month, c.agreement)
        counted = select(*groups, func.count().label("number"))
        counted = counted.where(*self._within(first, last, clinic_id))
        return [
            AgreementTally(row.clinic_id, row.month, Agreement(row.agreement), row.number)
            for row in self._db.rows(counted.group_by(*groups).order_by(*groups))
        ]


class Merges(Log[MergeEvent]):
    kind = EntityKind.PATIENT_MERGE
    table = tables.patient_merge
    record = MergeEvent
    named = "merge"

    def add(self, event: MergeEvent) -> None:
        """Raises ``NotFound`` when one of the two is not stored."""
        require_patient(self._db, event.into)
        super().add(event)

    def state(self) -> dict[UUID, UUID]:
        alias = tables.patient_alias.c
        rows = self._db.rows(select(alias.patient_id, alias.into_id))
        return {row.patient_id: row.into_id for row in rows}

    def identities(self, patient_id: UUID) -> tuple[UUID, ...]:
        return identities(self._db, patient_id)

    def survivor(self, patient_id: UUID) -> UUID:
        return identities(self._db, patient_id)[0]

    def history(self, patient_id: UUID) -> list[MergeEvent]:
        c = self.table.c
        related = self._select().where(c.subject_id.in_(self._ever_related(patient_id)))
        return self._records(related.order_by(c.hlc, c.origin, c.epoch, c.seq))

    def _ever_related(self, patient_id: UUID) -> set[UUID]:
        every = self._records(self._select())
        return {event.patient_id for event in every if patient_id in (event.patient_id, event.into)}


class IssuedReports(Repository[IssuedReport]):
    kind = EntityKind.ISSUED_REPORT
    table = tables.issued_report
    record = IssuedReport
    named = "report"

    def with_hash(self, typed: str, limit: int = 20) -> list[IssuedReport]:
        prefix = hash_prefix(typed)
        c = self.table.c
        wanted = self._select().where(c.data_sha256 >= prefix, c.data_sha256 < prefix + "g")
        return self._records(wanted.order_by(c.issued_at.desc(), c.id.desc()).limit(limit))

    def of_patient(self, patient_id: UUID, limit: int = 200) -> list[IssuedReport]:
        c = self.table.c
        mine = self._select().where(of_person(self._db, c.patient_id, patient_id))
        return self._records(mine.order_by(c.issued_at.desc(), c.id.desc()).limit(limit))
