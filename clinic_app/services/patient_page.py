"""What one person's page shows beside the timeline, read at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from clinic_app.domain.access import Action, allows
from clinic_app.domain.appointments import Appointment
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.interventions import Intervention, standing
from clinic_app.domain.issued import IssuedReport
from clinic_app.domain.people import Patient
from clinic_app.domain.schedule import to_local
from clinic_app.domain.site import ReliableChange
from clinic_app.domain.tasks import Task
from clinic_app.services.session import Desk
from clinic_app.services.sites_cases import in_group
from clinic_app.services.storage import UnitOfWork

_LOOKED_AT = 200
"""Newest appointments and tasks in which conflicts and overdue ones are looked for."""


@dataclass(frozen=True, slots=True)
class PatientPage:
    """``conflicts`` are booked appointments that share time with another one, ``overdue`` open
    tasks whose day is past, ``lookalikes`` records that may be of the same person.

    ``may_review`` and ``may_merge`` say what the reader's role allows; ``in_group``: the clinic
    learns with others.
    """

    interventions: tuple[Intervention, ...]
    documents: tuple[IssuedReport, ...]
    conflicts: tuple[Appointment, ...]
    overdue: tuple[Task, ...]
    lookalikes: tuple[Patient, ...]
    reliable_change: ReliableChange
    time_zone: str
    may_review: bool
    may_merge: bool
    in_group: bool = False


class PatientPageService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of_patient(self, patient_id: UUID) -> PatientPage:
        """Raises ``NotFound``; the reading is audited."""
        user = self._desk.allow(Action.SEE_NOTES)
        now = self._desk.now()
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            person = work.patients.get(work.merges.survivor(patient_id))
            profile = work.clinic.get()
            today = to_local(now, profile.time_zone).date()
            booked = work.appointments.of_patient(person.id, limit=_LOOKED_AT).rows
            tasks = work.tasks.of_patient(person.id, limit=_LOOKED_AT)
            page = PatientPage(
                interventions=standing(tuple(work.interventions.of_patient(person.id))),
                documents=tuple(work.issued.of_patient(person.id)),
                conflicts=tuple(one for one in booked if one.conflicts_with),
                overdue=tuple(one for one in tasks if one.overdue(today)),
                lookalikes=_lookalikes(work, person),
                reliable_change=profile.reliable_change,
                time_zone=profile.time_zone,
                may_review=allows(user.role, Action.REVIEW_SCREENING),
                may_merge=allows(user.role, Action.MERGE_PATIENTS),
                in_group=in_group(work),
            )
            work.audit.record(AuditKind.READ, user.id, "patient_page", patient_id)
            work.commit()
        return page


def _lookalikes(work: UnitOfWork, person: Patient) -> tuple[Patient, ...]:
    """Records with the same family name and birth date: near enough to ask about them here."""
    similar = work.patients.similar(person.family_name, person.given_name, person.birth_date)
    return tuple(
        one for one in similar if one.id != person.id and one.birth_date == person.birth_date
    )
