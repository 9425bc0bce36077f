"""Two records of one person: found, compared, merged with a reason, and undone again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.duplicates import LikelyPair, Reason, likely_pairs
from clinic_app.domain.errors import WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.merges import MergeEvent, MergeEventKind, checked_merge
from clinic_app.domain.people import Patient, clean_reason
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class Side:
    """One of two records that are compared, with how much hangs on it."""

    patient: Patient
    screenings: int
    notes: int
    last_screening_at: datetime | None
    has_draft: bool
    safety_open: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two records that may be of one person."""

    first: Patient
    second: Patient
    reasons: tuple[Reason, ...]


class MergeService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def suggestions(self, limit: int = 50) -> list[Suggestion]:
        """Likely duplicates of the whole clinic, the likeliest first; the search is audited."""
        user = self._desk.allow(Action.MERGE_PATIENTS)
        with self._desk.unit_of_work() as work:
            pairs = likely_pairs(work.patients.identity_keys(), limit)
            found = [_suggestion(work, pair) for pair in pairs]
            work.audit.record(AuditKind.SEARCHED, user.id, "patients", detail="duplicates")
            work.commit()
        return found

    def compare(self, first_id: UUID, second_id: UUID) -> tuple[Side, Side]:
        """Both records side by side; the reading is audited. Raises ``NotFound``."""
        user = self._desk.allow(Action.MERGE_PATIENTS)
        with self._desk.unit_of_work() as work:
            sides = _side(work, first_id), _side(work, second_id)
            for side in sides:
                work.audit.record(AuditKind.READ, user.id, "patient", side.patient.id)
            work.commit()
        return sides

    def merge(self, patient_id: UUID, into: UUID, reason: str) -> Patient:
        """Let ``into`` stand for ``patient_id``, which lists hide from then on; the record that
        stays. Nothing is moved: undoing it leaves both as they were.

        Raises ``InvalidInput`` without a reason, ``WrongState`` when they are merged already or
        both have a screening that is not finished, ``NotFound``.
        """
        user = self._desk.allow(Action.MERGE_PATIENTS)
        why = clean_reason(reason)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            work.patients.get(into)
            drafts = [work.drafts.of_patient(one) for one in (patient_id, into)]
            event = MergeEvent(
                new_id(), MergeEventKind.MERGED, patient_id, into, self._desk.now(), user.id, why
            )
            work.merges.add(checked_merge(work.merges.state(), event))
            if all(drafts):
                raise WrongState(
                    "Both records have a screening that is not finished. Please finish or"
                    " abandon one of them first."
                )
            work.audit.record(AuditKind.CHANGED, user.id, "patient", patient_id, f"merged={into}")
            work.commit()
            return work.patients.get(work.merges.survivor(into))

    def undo(self, patient_id: UUID, reason: str) -> Patient:
        """Let a merged record stand for itself again; that record.

        Raises ``InvalidInput`` without a reason, ``WrongState`` when it is not merged.
        """
        user = self._desk.allow(Action.MERGE_PATIENTS)
        why = clean_reason(reason)
        with self._desk.unit_of_work() as work:
            patient = work.patients.get(patient_id)
            state = work.merges.state()
            into = state.get(patient_id, patient_id)
            event = MergeEvent(
                new_id(), MergeEventKind.UNDONE, patient_id, into, self._desk.now(), user.id, why
            )
            work.merges.add(checked_merge(state, event))
            work.audit.record(AuditKind.CHANGED, user.id, "patient", patient_id, f"unmerged={into}")
            work.commit()
        return patient

    def history(self, patient_id: UUID) -> list[MergeEvent]:
        """Merges and undos in which this record took part, oldest first; audited."""
        user = self._desk.allow(Action.SEE_PATIENTS)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            found = work.merges.history(patient_id)
            work.audit.record(AuditKind.READ, user.id, "merges", patient_id)
            work.commit()
        return found


def _suggestion(work: UnitOfWork, pair: LikelyPair) -> Suggestion:
    return Suggestion(work.patients.get(pair.first), work.patients.get(pair.second), pair.reasons)


def _side(work: UnitOfWork, patient_id: UUID) -> Side:
    newest = work.screenings.of_patient(patient_id, limit=1)
    notes = work.notes.of_patient(patient_id)
    return Side(
        patient=work.patients.get(patient_id),
        screenings=work.screenings.count_of_patient(patient_id),
        notes=sum(note.discarded_at is None for note in notes),
        last_screening_at=newest[0].finished_at if newest else None,
        has_draft=work.drafts.of_patient(patient_id) is not None,
        safety_open=any(flow.blocks_finishing for flow in work.safety.of_patient(patient_id)),
    )
