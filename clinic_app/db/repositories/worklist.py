"""The worklist, a page at a time, from one covering index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    func,
    literal,
    outerjoin,
    select,
    tuple_,
)

from clinic_app.db import tables
from clinic_app.db.columns import Identifier, Moment
from clinic_app.db.projections import identities
from clinic_app.db.repositories.base import read_record
from clinic_app.db.transaction import Transaction
from clinic_app.domain.paging import Page
from clinic_app.domain.people import Patient
from clinic_app.domain.worklist import (
    NOT_ASSESSED_PLACE,
    SAFETY_PLACE,
    WorklistFilter,
    WorklistMark,
    WorklistReason,
    WorklistRow,
)

_EVERYBODY = WorklistFilter()
_AT_ONCE = 500
"""Identifiers in one statement; SQLite takes a limited number of parameters."""


class Worklist:
    """Reads only: every row follows from the log."""

    def __init__(self, db: Transaction) -> None:
        self._open = db

    @property
    def _db(self) -> Transaction:
        """The transaction, with the rows of everybody whose records it has changed."""
        self._open.settle()
        return self._open

    def page(
        self,
        wanted: WorklistFilter = _EVERYBODY,
        limit: int = 50,
        after: WorklistMark | None = None,
    ) -> Page[WorklistRow, WorklistMark]:
        c = tables.worklist.c
        key = (c.place, c.waiting_since, c.patient_id)
        # Narrowed on the index first: only the rows of the page are read whole.
        chosen = select(c.patient_id).where(*_conditions(wanted))
        if after is not None:
            mark = tuple_(
                literal(after.place),
                literal(after.waiting_since, Moment),
                literal(after.patient_id, Identifier),
            )
            chosen = chosen.where(tuple_(*key) > mark)
        ids = [row.patient_id for row in self._db.rows(chosen.order_by(*key).limit(limit))]
        rows = {row.patient_id: row for row in self._rows(ids)}
        found = tuple(rows[one] for one in ids)
        return Page(found, found[-1].mark if len(found) == limit else None)

    def count(self, wanted: WorklistFilter = _EVERYBODY) -> int:
        counted = select(func.count()).select_from(tables.worklist).where(*_conditions(wanted))
        return int(self._db.scalar(counted) or 0)

    def of_patient(self, patient_id: UUID) -> WorklistRow | None:
        found = self._rows([identities(self._db, patient_id)[0]])
        return found[0] if found else None

    def of_patients(self, patient_ids: Sequence[UUID]) -> dict[UUID, WorklistRow]:
        starts = range(0, len(patient_ids), _AT_ONCE)
        pieces = (self._rows(list(patient_ids[start : start + _AT_ONCE])) for start in starts)
        return {row.patient_id: row for piece in pieces for row in piece}

    def _rows(self, ids: list[UUID]) -> list[WorklistRow]:
        table, patient = tables.worklist, tables.patient
        wanted = (
            select(table, patient.c.body)
            .join_from(table, patient, patient.c.id == table.c.patient_id)
            .where(table.c.patient_id.in_(ids))
        )
        return [_row(row) for row in self._db.rows(wanted)]


def _conditions(wanted: WorklistFilter) -> list[ColumnElement[bool]]:
    c = tables.worklist.c
    conditions: list[ColumnElement[bool]] = []
    if wanted.reason is WorklistReason.SAFETY_OPEN:
        conditions.append(c.place == SAFETY_PLACE)
    elif wanted.reason is WorklistReason.NOT_ASSESSED:
        conditions.append(c.place == NOT_ASSESSED_PLACE)
    elif wanted.reason is WorklistReason.QUESTIONNAIRE:
        conditions.append(c.place > NOT_ASSESSED_PLACE)
    if wanted.flagged:
        conditions.append(c.flagged == 1)
    if wanted.unreviewed:
        conditions.append(c.unreviewed > 0)
    if wanted.lowest_rank is not None:
        conditions.append(c.rank >= wanted.lowest_rank)
    if wanted.requested:
        asked = tables.appointment.c
        conditions.append(c.patient_id.in_(_people(asked.patient_id, asked.state == "requested")))
    if wanted.overdue_on is not None:
        task = tables.task.c
        due = (task.open == 1, task.due_on < wanted.overdue_on)
        conditions.append(c.patient_id.in_(_people(task.patient_id, *due)))
    return conditions


def _people(patient_id: Column[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    """The surviving records of the people whom rows of another table name."""
    alias = tables.patient_alias
    return (
        select(func.coalesce(alias.c.survivor_id, patient_id))
        .select_from(outerjoin(patient_id.table, alias, alias.c.patient_id == patient_id))
        .where(patient_id.is_not(None), *conditions)
    )


def _row(row: Any) -> WorklistRow:
    facts = {name: value for name, value in row._mapping.items() if name not in ("body", "rank")}
    patient = read_record(Patient, row.patient_id, row.body)
    return WorklistRow(display_name=patient.display_name, **facts)
