"""The facts by which the worklist is ordered, one row a person; the face is not read here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.sqlite import insert

from clinic_app.db import tables
from clinic_app.db.projections import people
from clinic_app.db.transaction import Transaction
from clinic_app.domain.worklist import place_of

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when a person waits of whom nobody knows when they were registered."""


def refresh_worklist(db: Transaction, patient_ids: Iterable[UUID]) -> None:
    """Work out the rows of these patients again; merged and unknown ones have none."""
    for ids in people(db, patient_ids):
        person, merged = ids[0], ids[1:]
        facts = _facts(db, ids)
        gone = merged if facts is not None else ids
        if gone:
            db.run(delete(tables.worklist).where(tables.worklist.c.patient_id.in_(gone)))
        if facts is not None:
            db.run(
                insert(tables.worklist)
                .values(patient_id=person, **facts)
                .on_conflict_do_update(index_elements=["patient_id"], set_=facts)
            )


def refresh_whole_worklist(db: Transaction) -> None:
    """Work out every row again, after screen tables were filled by other means."""
    c = tables.patient.c
    refresh_worklist(db, [row.id for row in db.rows(select(c.id).where(c.known))])


def _facts(db: Transaction, ids: tuple[UUID, ...]) -> dict[str, Any] | None:
    patient = tables.patient.c
    row = db.row(select(patient.known, patient.registered_at).where(patient.id == ids[0]))
    if row is None or not row.known:
        return None
    flow, asked = tables.safety_flow.c, tables.appointment.c
    opened = db.scalar(
        select(func.min(flow.opened_at)).where(
            flow.patient_id.in_(ids), flow.closed.is_(False), flow.opened_at.is_not(None)
        )
    )
    requested = db.scalar(
        select(func.min(asked.requested_at)).where(
            asked.patient_id.in_(ids), asked.state == "requested"
        )
    )
    facts = _screened(db, ids)
    since = facts.pop("unreviewed_since")
    rank, assessed = facts["rank"], facts["assessed"]
    if opened is not None:
        waiting = opened
    elif not assessed:
        waiting = row.registered_at
    else:
        waits = [moment for moment in (since, requested) if moment is not None]
        waiting = min(waits, default=facts["last_screened_at"])
    return {
        **facts,
        "place": place_of(
            safety_open=opened is not None,
            assessed=assessed,
            rank=rank or 0,
            flagged=facts["flagged"],
        ),
        "waiting_since": waiting or _LONG_AGO,
        "safety_opened_at": opened,
        "requested_since": requested,
    }


def _screened(db: Transaction, ids: tuple[UUID, ...]) -> dict[str, Any]:
    """What this person's screenings say, the newest of each kind."""
    c, review = tables.screening.c, tables.review.c
    reviewed = exists().where(review.screening_id == c.id, review.concluded)
    rows = db.rows(
        select(
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
        .where(c.patient_id.in_(ids))
        .order_by(c.finished_at.desc(), c.id.desc())
    )
    phq = next((row for row in rows if row.depression_rank is not None), None)
    gad = next((row for row in rows if row.anxiety_rank is not None), None)
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
        "item_nine": phq.item_nine if phq else None,
        "depression_rank": phq.depression_rank if phq else None,
        "gad7_total": gad.gad7_total if gad else None,
        "anxiety_rank": gad.anxiety_rank if gad else None,
    }
