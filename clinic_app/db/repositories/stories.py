"""Records that are folded from append-only events: reviews, handovers, incidents, erasures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, Tuple, func, literal, select, tuple_

from clinic_app.db import tables
from clinic_app.db.columns import Identifier, Moment
from clinic_app.db.projections import in_stamp_order
from clinic_app.db.replica import remember, remembered
from clinic_app.db.repositories.base import Log, of_person, read_record
from clinic_app.domain.erasure import Erasure, ErasureEvent, fold_erasure
from clinic_app.domain.errors import NotFound
from clinic_app.domain.feedback import (
    Incident,
    IncidentCategory,
    IncidentEvent,
    IncidentTally,
    fold_incident,
)
from clinic_app.domain.finding import Band
from clinic_app.domain.handovers import Handover, HandoverEvent, fold_handover
from clinic_app.domain.operations import EntityKind
from clinic_app.domain.paging import Page, Position
from clinic_app.domain.reviews import AgreementCount, Review, ReviewEvent, Verdict, fold_review
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.domain.sentence import Sentence

_KNOWN_HERE = "erasures_known"
"""Name of the fact which erasures were carried out on this workstation."""

Event = TypeVar("Event")
Folded = TypeVar("Folded")


def mark(after: Position) -> Tuple:
    """A position with the column types that it is compared with."""
    return tuple_(literal(after.at, Moment), literal(after.id, Identifier))


class Stories(Log[Event], Generic[Event, Folded]):
    """``table`` holds the events, ``folded`` one row for each record that they make."""

    folded: Table
    fold: Callable[[Iterable[Event]], Folded | None]

    def get(self, record_id: UUID) -> Folded:
        """Raises ``NotFound``."""
        found = self._told([record_id])
        if not found:
            raise NotFound("This {record} is not stored here.", record=Sentence(self.named))
        return found[0]

    def _told(self, ids: Sequence[UUID]) -> list[Folded]:
        """These records in this order; events whose first is missing make none."""
        events: dict[UUID, list[Event]] = {}
        wanted = in_stamp_order(self.table).where(self.table.c.subject_id.in_(ids))
        for row in self._db.rows(wanted):
            events.setdefault(row.subject_id, []).append(read_record(self.record, row.id, row.body))
        made = (type(self).fold(events[one]) for one in ids if one in events)
        return [one for one in made if one is not None]

    def _listed(self, statement: Select[Any]) -> list[Folded]:
        return self._told([row.id for row in self._db.rows(statement)])

    def _page(
        self,
        at: ColumnElement[Any],
        where: Iterable[ColumnElement[bool]],
        limit: int,
        after: Position | None,
        *,
        newest_first: bool,
    ) -> Page[Folded, Position]:
        """``limit`` records by ``at`` and identifier, after a position."""
        key = self.folded.c.id
        wanted = select(key, at.label("at")).where(*where)
        if after is not None:
            here, there = tuple_(at, key), mark(after)
            wanted = wanted.where(here < there if newest_first else here > there)
        order = (at.desc(), key.desc()) if newest_first else (at, key)
        rows = self._db.rows(wanted.order_by(*order).limit(limit))
        told = tuple(self._told([row.id for row in rows]))
        full = len(rows) == limit
        return Page(told, Position(rows[-1].at, rows[-1].id) if full else None)


class Reviews(Stories[ReviewEvent, Review]):
    kind = EntityKind.REVIEW
    table = tables.review_event
    record = ReviewEvent
    named = "review"
    folded = tables.review
    fold = staticmethod(fold_review)

    def of_screening(self, screening_id: UUID) -> list[Review]:
        c = self.folded.c
        mine = select(c.id).where(c.screening_id == screening_id)
        return self._listed(mine.order_by(c.judged_at, c.id))

    def of_patient(self, patient_id: UUID) -> list[Review]:
        c = self.folded.c
        mine = select(c.id).where(of_person(self._db, c.patient_id, patient_id))
        return self._listed(mine.order_by(c.judged_at.desc(), c.id.desc()))

    def unfinished(self, reviewer: UUID) -> list[Review]:
        c = self.folded.c
        mine = select(c.id).where(c.reviewer == reviewer, c.concluded == 0)
        return self._listed(mine.order_by(c.judged_at, c.id))

    def reviewed(self, screening_ids: Sequence[UUID]) -> set[UUID]:
        c = self.folded.c
        wanted = select(c.screening_id).where(c.screening_id.in_(screening_ids), c.concluded)
        return {row.screening_id for row in self._db.rows(wanted)}

    def agreement(self, model_version: str | None = None) -> list[AgreementCount]:
        c = self.folded.c
        groups = (c.model_version, c.verdict, c.own_severity, c.estimate_band)
        counted = select(*groups, func.count().label("number")).where(c.concluded == 1)
        if model_version is not None:
            counted = counted.where(c.model_version == model_version)
        return [
            AgreementCount(
                row.model_version,
                Verdict(row.verdict),
                ClinicianSeverity(row.own_severity),
                None if row.estimate_band is None else Band(row.estimate_band),
                row.number,
            )
            for row in self._db.rows(counted.group_by(*groups).order_by(*groups))
        ]


class Handovers(Stories[HandoverEvent, Handover]):
    kind = EntityKind.HANDOVER
    table = tables.handover_event
    record = HandoverEvent
    named = "handover"
    folded = tables.handover
    fold = staticmethod(fold_handover)

    def open_for(self, user_id: UUID) -> list[Handover]:
        c = self.folded.c
        addressed = select(c.id, c.given_at).where(c.open == 1, c.to_user == user_id)
        anybody = select(c.id, c.given_at).where(
            c.open == 1, c.to_user.is_(None), c.from_user != user_id
        )
        rows = [*self._db.rows(addressed), *self._db.rows(anybody)]
        return self._told([row.id for row in sorted(rows, key=lambda row: (row.given_at, row.id))])

    def newest(self, limit: int = 50, after: Position | None = None) -> Page[Handover, Position]:
        return self._page(self.folded.c.given_at, (), limit, after, newest_first=True)


class Incidents(Stories[IncidentEvent, Incident]):
    kind = EntityKind.INCIDENT
    table = tables.incident_event
    record = IncidentEvent
    named = "incident"
    folded = tables.incident
    fold = staticmethod(fold_incident)

    def newest(
        self, limit: int = 50, after: Position | None = None, *, open_only: bool = False
    ) -> Page[Incident, Position]:
        c = self.folded.c
        where = (c.open == 1,) if open_only else ()
        return self._page(c.opened_at, where, limit, after, newest_first=True)

    def by_month(
        self, first: str = "0000-00", last: str = "9999-99", clinic_id: UUID | None = None
    ) -> list[IncidentTally]:
        c = self.folded.c
        groups = (c.clinic_id, c.month, c.category, c.open)
        counted = select(*groups, func.count().label("number")).where(c.month.between(first, last))
        if clinic_id is not None:
            counted = counted.where(c.clinic_id == clinic_id)
        return [
            IncidentTally(
                row.clinic_id, row.month, IncidentCategory(row.category), row.open, row.number
            )
            for row in self._db.rows(counted.group_by(*groups).order_by(*groups))
        ]


class Erasures(Stories[ErasureEvent, Erasure]):
    kind = EntityKind.ERASURE
    table = tables.erasure_event
    record = ErasureEvent
    named = "request for erasure"
    folded = tables.erasure
    fold = staticmethod(fold_erasure)

    def of_patient(self, patient_id: UUID) -> list[Erasure]:
        c = self.folded.c
        mine = select(c.id).where(of_person(self._db, c.patient_id, patient_id))
        return self._listed(mine.order_by(c.asked_at, c.id))

    def newest(self, limit: int = 50, after: Position | None = None) -> Page[Erasure, Position]:
        return self._page(self.folded.c.asked_at, (), limit, after, newest_first=True)

    def all(self) -> list[Erasure]:
        return self._listed(select(self.folded.c.id).order_by(self.folded.c.asked_at))

    def known_here(self) -> frozenset[UUID] | None:
        kept = remembered(self._db).get(_KNOWN_HERE)
        return None if kept is None else frozenset(map(UUID, kept.split()))

    def know_here(self, request_ids: Iterable[UUID]) -> None:
        known = (self.known_here() or frozenset()) | set(request_ids)
        remember(self._db, **{_KNOWN_HERE: " ".join(sorted(map(str, known)))})
