"""Everything about one person in order of time, and what waits on this workstation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import ConsentEvent, Purpose, current_consent
from clinic_app.domain.notes import Note
from clinic_app.domain.people import Patient
from clinic_app.domain.safety import SafetyFlow
from clinic_app.domain.screening import Draft, Screening
from clinic_app.services.session import Desk

Event = Screening | Note | SafetyFlow | ConsentEvent


def moment_of(event: Event) -> datetime:
    """When the event happened, in UTC."""
    if isinstance(event, Screening):
        return event.finished_at
    if isinstance(event, Note):
        return event.signed_at or event.written_at
    if isinstance(event, SafetyFlow):
        return event.opened_at
    return event.recorded_at


@dataclass(frozen=True, slots=True)
class Timeline:
    """One person's page: open work first, then events, newest first."""

    patient: Patient
    consent: dict[Purpose, bool]
    draft: Draft | None
    open_flows: tuple[SafetyFlow, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class DraftRow:
    draft: Draft
    patient: Patient


class TimelineService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of_patient(self, patient_id: UUID) -> Timeline:
        """Raises ``NotFound``; the reading is audited."""
        user = self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            patient = work.patients.get(patient_id)
            consents = work.consents.of_patient(patient_id)
            flows = work.safety.of_patient(patient_id)
            events: list[Event] = [
                *work.screenings.of_patient(patient_id),
                *work.notes.of_patient(patient_id),
                *flows,
                *consents,
            ]
            draft = work.drafts.of_patient(patient_id)
            work.audit.record(AuditKind.READ, user.id, "timeline", patient_id)
            work.commit()
        events.sort(key=lambda event: (moment_of(event), event.id), reverse=True)
        return Timeline(
            patient,
            current_consent(consents),
            draft,
            tuple(flow for flow in flows if flow.blocks_finishing),
            tuple(events),
        )

    def unfinished(self) -> list[DraftRow]:
        """Drafts on this workstation, newest change first; the reading is audited."""
        user = self._desk.allow(Action.TAKE_SCREENING)
        with self._desk.unit_of_work() as work:
            rows = [
                DraftRow(draft, work.patients.get(draft.patient_id)) for draft in work.drafts.all()
            ]
            work.audit.record(AuditKind.READ, user.id, "drafts")
            work.commit()
        return rows
