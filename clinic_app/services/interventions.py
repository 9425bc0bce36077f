"""What was done for a patient: recorded once, corrected by a later record, never edited."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from clinic_app.domain import interventions as rules
from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.forms import FormKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.interventions import Intervention
from clinic_app.domain.schedule import to_local
from clinic_app.services.belonging import check_screening_of
from clinic_app.services.forms import handed_in
from clinic_app.services.once import check_same, once
from clinic_app.services.session import Desk


class InterventionService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def kinds(self) -> tuple[str, ...]:
        """The clinic's list, which each site edits."""
        self._desk.allow(Action.RECORD_INTERVENTION)
        with self._desk.unit_of_work() as work:
            return work.clinic.get().intervention_kinds

    def add(
        self,
        patient_id: UUID,
        kind: str,
        performed_on: date,
        text: str = "",
        *,
        screening_id: UUID | None = None,
        corrects: UUID | None = None,
        entry_id: UUID | None = None,
        from_form: bool = False,
    ) -> Intervention:
        """Record what was done on a local day; ``corrects`` names a record that this one replaces.

        ``entry_id`` is made with the form: the same form sent twice is one record. ``from_form``:
        typed into the window's form, whose kept words go in the same transaction.
        Raises ``InvalidInput`` without a kind, for a day to come, and when the screening or the
        corrected record is somebody else's; ``NotFound``.
        """
        user = self._desk.allow(Action.RECORD_INTERVENTION)
        now = self._desk.now()
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            person = work.merges.identities(patient_id)
            kept = once(work.interventions.get, entry_id)
            if kept is not None:
                check_same(kept.by == user.id and kept.patient_id in person)
                return kept
            if corrects is not None and work.interventions.get(corrects).patient_id not in person:
                raise InvalidInput("corrects", "This record belongs to another patient.")
            if screening_id is not None:
                check_screening_of(work, patient_id, screening_id)
            record = rules.checked_intervention(
                Intervention(
                    entry_id or new_id(),
                    patient_id,
                    kind,
                    performed_on,
                    user.id,
                    now,
                    text,
                    screening_id,
                    corrects,
                ),
                to_local(now, work.clinic.get().time_zone).date(),
            )
            work.interventions.add(record)
            work.audit.record(AuditKind.CREATED, user.id, "intervention", record.id)
            if from_form:
                handed_in(work, user.id, FormKind.INTERVENTION, patient_id)
            work.commit()
        return record

    def of_patient(self, patient_id: UUID) -> list[Intervention]:
        """Newest first, corrected ones left out; the reading is audited."""
        user = self._desk.allow(Action.SEE_NOTES)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            found = work.interventions.of_patient(patient_id)
            work.audit.record(AuditKind.READ, user.id, "interventions", patient_id)
            work.commit()
        return list(rules.standing(tuple(found)))
