"""The worklist in memory, worked out from scratch each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from clinic_app.domain.appointments import (
    Appointment,
    AppointmentState,
)
from clinic_app.domain.merges import merged_into
from clinic_app.domain.paging import Page
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.safety import SafetyEvent, SafetyState, fold_flow
from clinic_app.domain.screening import ClinicianSeverity, Screening
from clinic_app.domain.worklist import (
    GAD_RANKS,
    PHQ_RANKS,
    WorklistFilter,
    WorklistMark,
    WorklistRow,
    place_of,
)
from tests.fakes.calendar import Appointments
from tests.fakes.care import Reviews
from tests.fakes.records import Stories

_EVERYBODY = WorklistFilter()


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
            and (wanted.lowest_rank is None or _at_least(row, wanted.lowest_rank))
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
            safety_open=bool(opened), assessed=row.assessed, rank=_rank(row), flagged=row.flagged
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
        return Stories._all(Appointments(self._tables, self._tables.appointments))

    def _screenings(self, ids: tuple[UUID, ...]) -> list[Screening]:
        own = [one for one in self._tables.screenings.values() if one.patient_id in ids]
        return sorted(own, key=lambda one: (one.finished_at, one.id), reverse=True)

    def _reviewed(self) -> set[UUID]:
        reviews = Reviews(self._tables, self._tables.reviews)
        return reviews.reviewed(list(self._tables.screenings))


def _at_least(row: WorklistRow, rank: int) -> bool:
    own = _rank(row)
    return own is not None and own >= rank


def _rank(row: WorklistRow) -> int | None:
    ranks = [rank for rank in (row.depression_rank, row.anxiety_rank) if rank is not None]
    return max(ranks, default=None)


def _screened(patient: Patient, screenings: list[Screening], reviewed: set[UUID]) -> WorklistRow:
    def newest(name: InstrumentName) -> tuple[Screening, Any] | None:
        scored = ((one, one.response(name)) for one in screenings)
        return next(((one, answer) for one, answer in scored if answer and answer.score.band), None)

    phq, gad = newest(InstrumentName.PHQ9), newest(InstrumentName.GAD7)
    forms = (one.response(InstrumentName.PHQ9) for one in screenings)
    told = (one for one in forms if one and (one.score.band or one.answers[8] is not None))
    nine = next(told, None)
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
        item_nine=nine.answers[8] if nine else None,
        depression_rank=PHQ_RANKS[phq[1].score.band] if phq else None,
        gad7_at=gad[0].finished_at if gad else None,
        gad7_total=gad[1].score.total if gad else None,
        anxiety_rank=GAD_RANKS[gad[1].score.band] if gad else None,
    )
