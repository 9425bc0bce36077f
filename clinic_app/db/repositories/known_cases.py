"""Who may know the estimate of a case: one question to the database, however many records there
are."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CompoundSelect, Select, and_, func, select, union
from sqlalchemy.sql.expression import union_all

from clinic_app.db import tables
from clinic_app.domain.audit import AuditKind


def known_cases(user_id: UUID) -> CompoundSelect[tuple[UUID]]:
    """The screenings whose estimate this person may know: taken, judged or reviewed, with an answer
    that they entered, revealed here, or part of a record that they exported or reported on."""
    case, review = tables.face_case.c, tables.review.c
    entry, agreement = tables.audit.c, tables.result_agreement.c
    return union(
        select(case.id).where((case.taken_by == user_id) | (case.judged_by == user_id)),
        select(review.screening_id).where(review.reviewer == user_id),
        select(entry.subject_id).where(
            entry.by == user_id,
            entry.kind == AuditKind.ESTIMATE_SHOWN,
            entry.subject_id.is_not(None),
        ),
        select(agreement.screening_id).where(agreement.entered_by == user_id),
        _held(user_id),
    )


def _held(user_id: UUID) -> Select[tuple[UUID]]:
    """Cases that were finished before the newest export here, or report from any workstation, about
    the same person, whichever of their merged records it names."""
    entry, report, case = tables.audit.c, tables.issued_report.c, tables.face_case.c
    told = union_all(
        select(entry.subject_id.label("patient_id"), entry.at.label("at")).where(
            entry.by == user_id, entry.kind == AuditKind.EXPORTED, entry.subject == "patient"
        ),
        select(report.patient_id, report.issued_at).where(
            report.patient_id.is_not(None), report.issued_by == user_id
        ),
    ).subquery("told")
    merged, also = tables.patient_alias.alias("merged"), tables.patient_alias.alias("also")
    person = func.coalesce(merged.c.survivor_id, told.c.patient_id)
    newest = (
        select(person.label("person"), func.max(told.c.at).label("at"))
        .outerjoin_from(told, merged, merged.c.patient_id == told.c.patient_id)
        .group_by(person)
        .subquery("newest")
    )
    cases = tables.face_case.outerjoin(also, also.c.patient_id == case.patient_id)
    whose = func.coalesce(also.c.survivor_id, case.patient_id)
    same = and_(whose == newest.c.person, case.finished_at <= newest.c.at)
    return select(case.id).select_from(cases.join(newest, same))
