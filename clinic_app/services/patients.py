"""Finding and registering patients, and their consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import (
    ConsentEvent,
    ConsentText,
    GivenBy,
    Purpose,
    after_all,
    current_consent,
)
from clinic_app.domain.ids import new_id
from clinic_app.domain.merges import survivor
from clinic_app.domain.people import Patient, SexAtBirth, checked_patient, clean_text
from clinic_app.domain.schedule import to_local
from clinic_app.domain.screening import Draft
from clinic_app.services.meanwhile import form_of, without_stale
from clinic_app.services.session import Desk

_TYPED = 1_000
"""Characters: more than anybody types into a search or a name."""


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient in a list, with what the list has to mark."""

    patient: Patient
    last_screening_at: datetime | None
    has_draft: bool
    safety_open: bool


@dataclass(frozen=True, slots=True)
class NewPatient:
    """What is typed at registration."""

    family_name: str
    given_name: str
    birth_date: date
    phone: str = ""
    sex: SexAtBirth = SexAtBirth.NOT_STATED
    local_number: str = ""


class PatientService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def similar(self, new: NewPatient) -> list[Patient]:
        """Possible duplicates, to warn about; registering stays possible."""
        user = self._desk.allow(Action.SEE_PATIENTS)
        with self._desk.unit_of_work() as work:
            work.audit.record(AuditKind.SEARCHED, user.id, "patients", detail="similar")
            work.commit()
            return work.patients.similar(
                clean_text(new.family_name, _TYPED),
                clean_text(new.given_name, _TYPED),
                new.birth_date,
            )

    def register(self, new: NewPatient) -> Patient:
        """Store a new patient; raises ``InvalidInput`` with the field that needs attention."""
        user = self._desk.allow(Action.REGISTER_PATIENT)
        now = self._desk.now()
        with self._desk.unit_of_work() as work:
            today = to_local(now, work.clinic.get().time_zone).date()
        patient = checked_patient(
            Patient(
                new_id(),
                new.family_name,
                new.given_name,
                new.birth_date,
                new.phone,
                new.sex,
                new.local_number,
                registered_at=now,
            ),
            today,
        )
        with self._desk.unit_of_work() as work:
            work.patients.add(patient)
            work.audit.record(AuditKind.CREATED, user.id, "patient", patient.id)
            work.commit()
        return patient

    def correct(
        self, patient_id: UUID, new: NewPatient, *, over: NewPatient | None = None
    ) -> Patient:
        """Change the identity fields of a patient; what is as in ``over``, which the form showed
        when it was opened, stays as it is by now."""
        user = self._desk.allow(Action.REGISTER_PATIENT)
        with self._desk.unit_of_work() as work:
            today = to_local(self._desk.now(), work.clinic.get().time_zone).date()
            before = work.patients.get(patient_id)
            new = without_stale(new, over, form_of(NewPatient, before))
            patient = checked_patient(
                replace(
                    before,
                    family_name=new.family_name,
                    given_name=new.given_name,
                    birth_date=new.birth_date,
                    phone=new.phone,
                    sex=new.sex,
                    local_number=new.local_number,
                ),
                today,
            )
            work.patients.save(patient)
            work.audit.record(AuditKind.CHANGED, user.id, "patient", patient_id)
            work.commit()
        return patient

    def get(self, patient_id: UUID) -> Patient:
        """Raises ``NotFound``; the reading is audited."""
        user = self._desk.allow(Action.SEE_PATIENTS)
        with self._desk.unit_of_work() as work:
            patient = work.patients.get(patient_id)
            work.audit.record(AuditKind.READ, user.id, "patient", patient_id)
            work.commit()
        return patient

    def search(self, text: str, limit: int = 50) -> list[PatientRow]:
        """Patients that match any part of name, phone, number, ID or birth date.

        The search is audited, what was typed is not: it may be a name.
        """
        user = self._desk.allow(Action.SEE_PATIENTS)
        with self._desk.unit_of_work() as work:
            work.audit.record(AuditKind.SEARCHED, user.id, "patients")
            work.commit()
            merged = work.merges.state()  # a duplicate's open work is the person's
            drafts = {survivor(merged, draft.patient_id) for draft in work.drafts.all()}
            found = work.patients.search(clean_text(text, _TYPED), limit)
            facts = work.worklist.of_patients([patient.id for patient in found])
        return [
            PatientRow(
                patient,
                facts[patient.id].last_screened_at if patient.id in facts else None,
                patient.id in drafts,
                patient.id in facts and facts[patient.id].safety_opened_at is not None,
            )
            for patient in found
        ]


class ConsentService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def current(self, patient_id: UUID) -> dict[Purpose, bool]:
        """Purpose by purpose; one never asked for is absent."""
        return current_consent(self.history(patient_id))

    def history(self, patient_id: UUID) -> list[ConsentEvent]:
        """Every answer, oldest first; the reading is audited. Raises ``NotFound``."""
        user = self._desk.allow(Action.SEE_PATIENTS)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            found = work.consents.of_patient(patient_id)
            work.audit.record(AuditKind.READ, user.id, "consent", patient_id)
            work.commit()
        return found

    def record(
        self,
        patient_id: UUID,
        answers: Mapping[Purpose, bool],
        given_by: GivenBy = GivenBy.PATIENT,
        note: str = "",
        shown: Mapping[Purpose, ConsentText] | None = None,
    ) -> dict[Purpose, bool]:
        """Record the answers that differ from the present state, each with the words that were
        ``shown`` for it.

        Withdrawing the keeping of images, capture or analysis removes the images at once;
        withdrawing capture or analysis also removes a face reading that an open draft still holds,
        withdrawing any of the three or the studio what the studio's gallery holds.
        """
        user = self._desk.allow(Action.RECORD_CONSENT)
        return self._record(user.id, patient_id, answers, given_by, note, shown or {})

    def give_own(
        self,
        patient_id: UUID,
        answers: Mapping[Purpose, bool],
        shown: Mapping[Purpose, ConsentText] | None = None,
    ) -> dict[Purpose, bool]:
        """As ``record``, by the patient who holds the laptop, for nobody else."""
        user = self._desk.allow(Action.GIVE_OWN_CONSENT, patient_id)
        return self._record(user.id, patient_id, answers, GivenBy.PATIENT, "", shown or {})

    def _record(
        self,
        by: UUID,
        patient_id: UUID,
        answers: Mapping[Purpose, bool],
        given_by: GivenBy,
        note: str,
        shown: Mapping[Purpose, ConsentText],
    ) -> dict[Purpose, bool]:
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            history = work.consents.of_patient(patient_id)
            before = current_consent(history)
            now = after_all(history, self._desk.now())
            changed = {p: yes for p, yes in answers.items() if before.get(p) is not yes}
            for purpose, granted in changed.items():
                work.consents.add(
                    ConsentEvent(
                        new_id(),
                        patient_id,
                        purpose,
                        granted,
                        given_by,
                        by,
                        now,
                        clean_text(note, field="note"),
                        shown.get(purpose),
                    )
                )
                detail = f"{purpose.value}={'yes' if granted else 'no'}"
                work.audit.record(AuditKind.CONSENT, by, "patient", patient_id, detail)
            withdrawn = {purpose for purpose, granted in changed.items() if not granted}
            if withdrawn & _FACE and work.images.remove_of_patient(patient_id):
                work.audit.record(AuditKind.IMAGES_REMOVED, by, "patient", patient_id)
            if withdrawn & _STUDIO:
                kept = (work.gallery, work.begun_transfers)
                if sum(one.remove_of_patient(patient_id) for one in kept):
                    work.audit.record(AuditKind.IMAGES_REMOVED, by, "patient", patient_id, "studio")
            draft = work.drafts.of_patient(patient_id)
            left = _after_withdrawal(draft, withdrawn) if draft else None
            if left and left != draft:
                work.drafts.save(replace(left, changed_at=now))
            work.commit()
            return {**before, **changed}


_READING = {Purpose.CAPTURE, Purpose.ANALYSIS}
_FACE = {*_READING, Purpose.KEEP_IMAGES}
_STUDIO = {*_FACE, Purpose.STUDIO}


def _after_withdrawal(draft: Draft, withdrawn: set[Purpose]) -> Draft:
    """What of an open draft stays: everything but the pictures, also that a reading was seen."""
    if withdrawn & _FACE:
        draft = replace(draft, has_images=False)
    if not withdrawn & _READING or draft.finding is None:
        return draft
    return replace(draft, finding=None)
