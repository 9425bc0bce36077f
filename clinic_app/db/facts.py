"""The facts by which the worklist is ordered, one row a person; the face is not read here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Executable,
    Row,
    Select,
    delete,
    exists,
    select,
)
from sqlalchemy.dialects.sqlite import insert

from clinic_app.db import tables
from clinic_app.db.columns import IDS, among, listed
from clinic_app.db.projections import people
from clinic_app.db.transaction import Transaction
from clinic_app.domain.worklist import place_of

AT_ONCE = 500
"""Persons whose facts are gathered together."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when a person waits of whom nobody knows when they were registered."""


def refresh_worklist(db: Transaction, patient_ids: Collection[UUID]) -> None:
    """Work out the rows of these patients again; merged and unknown ones have none."""
    waiting = list(patient_ids)
    for start in range(0, len(waiting), AT_ONCE):
        _refresh(db, people(db, waiting[start : start + AT_ONCE]))


def _refresh(db: Transaction, persons: Collection[tuple[UUID, ...]]) -> None:
    every = [patient_id for ids in persons for patient_id in ids]
    known, gathered = _registered(db, [ids[0] for ids in persons]), _gather(db, every)
    there: list[dict[str, Any]] = []
    gone: list[UUID] = []
    for person, *merged in persons:
        gone += merged
        if person in known:
            own = _Gathered.of([gathered[one] for one in (person, *merged)])
            there.append({"patient_id": person, **_facts(known[person], own)})
        else:
            gone.append(person)
    worklist = tables.worklist
    if gone:
        db.run(delete(worklist).where(among(worklist.c.patient_id, gone)))
    if there:
        db.run(_PUT, there)


def _putting() -> Executable:
    new = insert(tables.worklist)
    values = {c.name: new.excluded[c.name] for c in tables.worklist.c if not c.primary_key}
    return new.on_conflict_do_update(index_elements=["patient_id"], set_=values)


_PUT = _putting()


@dataclass(slots=True)
class _Gathered:
    """What the tables hold of one person: when open safety flows began, when appointments were
    asked for, and the screenings, newest first."""

    opened: list[datetime] = field(default_factory=list)
    requested: list[datetime] = field(default_factory=list)
    screened: list[Row[Any]] = field(default_factory=list)

    @classmethod
    def of(cls, parts: Sequence[_Gathered]) -> _Gathered:
        if len(parts) == 1:
            return parts[0]
        screened = [row for part in parts for row in part.screened]
        return cls(
            [moment for part in parts for moment in part.opened],
            [moment for part in parts for moment in part.requested],
            sorted(screened, key=lambda row: (row.finished_at, row.id), reverse=True),
        )


def _registered(db: Transaction, persons: Collection[UUID]) -> dict[UUID, datetime | None]:
    """When those who are known were registered."""
    rows = db.rows(_REGISTERED, {"ids": listed(persons)})
    return {row.id: row.registered_at for row in rows}


_REGISTERED = select(tables.patient.c.id, tables.patient.c.registered_at).where(
    among(tables.patient.c.id, IDS), tables.patient.c.known
)


def _gather(db: Transaction, ids: Collection[UUID]) -> dict[UUID, _Gathered]:
    found = {patient_id: _Gathered() for patient_id in ids}
    named = {"ids": listed(ids)}
    for row in db.rows(_OPENED, named):
        found[row.patient_id].opened.append(row.opened_at)
    for row in db.rows(_REQUESTED, named):
        found[row.patient_id].requested.append(row.requested_at)
    for row in db.rows(_SCREENED, named):
        found[row.patient_id].screened.append(row)
    return found


def _open_flows() -> Select[Any]:
    c = tables.safety_flow.c
    still = (c.closed.is_(False), c.opened_at.is_not(None))
    return select(c.patient_id, c.opened_at).where(among(c.patient_id, IDS), *still)


def _asked() -> Select[Any]:
    c = tables.appointment.c
    wanted = (among(c.patient_id, IDS), c.state == "requested")
    return select(c.patient_id, c.requested_at).where(*wanted)


def _screened() -> Select[Any]:
    c, review = tables.screening.c, tables.review.c
    reviewed = exists().where(review.screening_id == c.id, review.concluded)
    return (
        select(
            c.id,
            c.patient_id,
            c.finished_at,
            c.phq9_total,
            c.item_nine,
            c.depression_rank,
            c.gad7_total,
            c.anxiety_rank,
            c.flagged,
            c.assessed,
            reviewed.label("reviewed"),
        )
        .where(among(c.patient_id, IDS))
        .order_by(c.finished_at.desc(), c.id.desc())
    )


_OPENED, _REQUESTED, _SCREENED = _open_flows(), _asked(), _screened()


def _facts(registered_at: datetime | None, gathered: _Gathered) -> dict[str, Any]:
    opened = min(gathered.opened, default=None)
    requested = min(gathered.requested, default=None)
    facts = _said_by(gathered.screened)
    since = facts.pop("unreviewed_since")
    rank, assessed = facts["rank"], facts["assessed"]
    if opened is not None:
        waiting: datetime | None = opened
    elif not assessed:
        waiting = registered_at
    else:
        waits = [moment for moment in (since, requested) if moment is not None]
        waiting = min(waits, default=facts["last_screened_at"])
    return {
        **facts,
        "place": place_of(
            safety_open=opened is not None,
            assessed=assessed,
            rank=rank,
            flagged=facts["flagged"],
        ),
        "waiting_since": waiting or _LONG_AGO,
        "safety_opened_at": opened,
        "requested_since": requested,
    }


def _said_by(rows: Sequence[Row[Any]]) -> dict[str, Any]:
    """What a person's screenings say, the newest of each kind."""
    phq = next((row for row in rows if row.depression_rank is not None), None)
    gad = next((row for row in rows if row.anxiety_rank is not None), None)
    # A form with too few answers for a band may still say yes to item 9: nothing older hides it.
    nine = next((row for row in rows if row.item_nine is not None or row is phq), None)
    judged = next((row for row in rows if row.flagged is not None), None)
    waiting = [row.finished_at for row in rows if not row.reviewed]
    ranks = [
        rank for rank in (phq and phq.depression_rank, gad and gad.anxiety_rank) if rank is not None
    ]
    return {
        "assessed": any(row.assessed for row in rows),
        "flagged": judged is not None and bool(judged.flagged),
        "unreviewed": len(waiting),
        "unreviewed_since": min(waiting, default=None),
        "rank": max(ranks, default=None),
        "last_screened_at": rows[0].finished_at if rows else None,
        "phq9_at": phq.finished_at if phq else None,
        "phq9_total": phq.phq9_total if phq else None,
        "item_nine": nine.item_nine if nine else None,
        "depression_rank": phq.depression_rank if phq else None,
        "gad7_at": gad.finished_at if gad else None,
        "gad7_total": gad.gad7_total if gad else None,
        "anxiety_rank": gad.anxiety_rank if gad else None,
    }
