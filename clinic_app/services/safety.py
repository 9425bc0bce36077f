"""The clinician's side of the safety flow; see ``clinic_app.domain.safety`` for its rules."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from clinic_app.domain.access import Action, allows
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, InvalidInput, NotFound, WrongState
from clinic_app.domain.forms import FormKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import CrisisContact, Patient, StaffUser
from clinic_app.domain.safety import (
    SafetyAssessment,
    SafetyEvent,
    SafetyEventKind,
    SafetyFlow,
    SafetyState,
    SafetyTrigger,
    after_known,
)
from clinic_app.services.keys import account_of
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class OpenFlow:
    """An unfinished flow with the person it is about."""

    flow: SafetyFlow
    patient: Patient


def open_flow(
    work: UnitOfWork,
    desk: Desk,
    *,
    patient_id: UUID,
    screening_id: UUID,
    trigger: SafetyTrigger,
    item_nine: int | None,
) -> UUID:
    """Open a flow for this screening, or keep what happened in the one that is open; its ID.

    Works inside the caller's unit of work, so that answer and flow become durable together. Nothing
    is held against flows that were closed before: it is for the caller to leave out an answer that
    did not change, which alone is nothing new.
    """
    open_one = work.safety.of_screening(screening_id)
    if open_one is not None and open_one.blocks_finishing:
        if trigger is SafetyTrigger.CLINICIAN:
            _note(work, desk, open_one, SafetyEventKind.CONCERN_RAISED)
        else:
            unanswered = trigger if item_nine is None else None
            kind = SafetyEventKind.ANSWER_CHANGED
            _note(work, desk, open_one, kind, item_nine, unanswered)
        return open_one.id
    event = SafetyEvent(
        id=new_id(),
        flow_id=new_id(),
        patient_id=patient_id,
        screening_id=screening_id,
        kind=SafetyEventKind.OPENED,
        at=desk.now(),
        by=desk.session.user.id,
        trigger=trigger,
        item_nine=item_nine,
    )
    work.safety.add(event)
    work.audit.record(AuditKind.SAFETY, event.by, "safety_flow", event.flow_id, event.kind.value)
    return event.flow_id


def note_answer(work: UnitOfWork, desk: Desk, screening_id: UUID, item_nine: int | None) -> None:
    """Keep a changed or withdrawn answer in the open flow, if there is one: it stays open."""
    flow = work.safety.of_screening(screening_id)
    if flow is not None and flow.blocks_finishing:
        _note(work, desk, flow, SafetyEventKind.ANSWER_CHANGED, item_nine)


def _note(
    work: UnitOfWork,
    desk: Desk,
    flow: SafetyFlow,
    kind: SafetyEventKind,
    item_nine: int | None = None,
    trigger: SafetyTrigger | None = None,
) -> None:
    event = SafetyEvent(
        id=new_id(),
        flow_id=flow.id,
        patient_id=flow.patient_id,
        screening_id=flow.screening_id,
        kind=kind,
        at=after_known(flow, desk.now()),
        by=desk.session.user.id,
        trigger=trigger,
        item_nine=item_nine,
    )
    work.safety.add(event)
    work.audit.record(AuditKind.SAFETY, event.by, "safety_flow", flow.id, event.kind.value)


def flows_of_screening(
    work: UnitOfWork, patient_id: UUID, screening_id: UUID
) -> tuple[SafetyFlow, ...]:
    """Every flow of one screening or draft, oldest first."""
    own = (flow for flow in work.safety.of_patient(patient_id) if flow.screening_id == screening_id)
    return tuple(sorted(own, key=lambda flow: (flow.opened_at, flow.id)))


def _owner(work: UnitOfWork, screening_id: UUID) -> UUID:
    """Whose draft or screening it is, or whose the flow of an abandoned draft; or ``NotFound``."""
    with suppress(NotFound):
        return work.drafts.get(screening_id).patient_id
    with suppress(NotFound):
        return work.screenings.get(screening_id).patient_id
    flow = work.safety.of_screening(screening_id)
    if flow is None:
        raise NotFound("This screening is not in the store.")
    return flow.patient_id


class SafetyService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def unfinished(self) -> list[OpenFlow]:
        """All flows that are not closed, oldest first: these always come first on every list.

        The reading is audited.
        """
        user = self._desk.allow(Action.HANDLE_SAFETY)
        with self._desk.unit_of_work() as work:
            waiting = [
                OpenFlow(flow, work.patients.get(flow.patient_id))
                for flow in work.safety.unfinished()
            ]
            work.audit.record(AuditKind.READ, user.id, "safety_flows")
            work.commit()
        return waiting

    def of_screening(self, screening_id: UUID) -> SafetyFlow | None:
        self._desk.allow(Action.HANDLE_SAFETY)
        with self._desk.unit_of_work() as work:
            return work.safety.of_screening(screening_id)

    def crisis_contacts(self) -> tuple[CrisisContact, ...]:
        """Also for the patient's screen, whatever the session's state."""
        with self._desk.unit_of_work() as work:
            return work.clinic.get().crisis_contacts

    def clinicians(self) -> list[StaffUser]:
        """Members of staff a flow can be handed to (everybody active but oneself)."""
        me = self._desk.allow(Action.HANDLE_SAFETY)
        with self._desk.unit_of_work() as work:
            return [user for user in work.users.all() if user.active and user.id != me.id]

    def raise_concern(self, patient_id: UUID, screening_id: UUID) -> SafetyFlow:
        """Open a flow on the clinician's own concern, whatever the answers say.

        While one is open, or handed over and not yet acknowledged, the concern is kept in that one.
        Any record of a merged person will do; the flow goes with the record of the screening.
        Raises ``NotFound`` for a patient or a screening that is not in the store, ``InvalidInput``
        for somebody else's screening.
        """
        self._desk.allow(Action.HANDLE_SAFETY)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            owner = _owner(work, screening_id)
            if owner not in work.merges.identities(patient_id):
                raise InvalidInput("screening", "This screening belongs to another patient.")
            flow_id = open_flow(
                work,
                self._desk,
                patient_id=owner,
                screening_id=screening_id,
                trigger=SafetyTrigger.CLINICIAN,
                item_nine=None,
            )
            work.commit()
            return work.safety.flow(flow_id)

    def assess(self, flow_id: UUID, assessment: SafetyAssessment) -> SafetyFlow:
        """Close the flow with a documented assessment.

        Every field is required, and the next contact must be later than now: ``InvalidInput``.
        """
        self._desk.allow(Action.HANDLE_SAFETY)
        cleaned = assessment.cleaned(self._desk.now())
        return self._add(flow_id, SafetyEventKind.ASSESSED, assessment=cleaned)

    def hand_over(self, flow_id: UUID, to_user: UUID) -> SafetyFlow:
        """Hand the flow to a named colleague; it stays open until that person acknowledges."""
        return self._add(flow_id, SafetyEventKind.HANDED_OVER, to_user=to_user)

    def acknowledge(self, flow_id: UUID, user_name: str, password: str) -> SafetyFlow:
        """The colleague takes over, proving with the own password (works on this laptop too)."""
        self._desk.allow(Action.HANDLE_SAFETY)
        name = user_name.strip()
        owner = self._desk.check_password(name, password)
        with self._desk.unit_of_work() as work:
            colleague = account_of(work, name, owner)
            flow = work.safety.flow(flow_id)
        if colleague is None or colleague.id != flow.handed_to_user or not colleague.active:
            self._desk.refuse(Action.HANDLE_SAFETY, flow_id)
            raise AccessDenied("Only the person it was handed to can acknowledge it.")
        return self._add(flow_id, SafetyEventKind.ACKNOWLEDGED, by=colleague)

    def _add(
        self,
        flow_id: UUID,
        kind: SafetyEventKind,
        *,
        by: StaffUser | None = None,
        assessment: SafetyAssessment | None = None,
        to_user: UUID | None = None,
    ) -> SafetyFlow:
        actor = by or self._desk.allow(Action.HANDLE_SAFETY)
        with self._desk.unit_of_work() as work:
            flow = work.safety.flow(flow_id)
            if flow.state is SafetyState.CLOSED:
                raise WrongState("This safety flow is already closed.")
            colleague = work.users.get(to_user) if to_user else None
            if kind is SafetyEventKind.HANDED_OVER and (
                colleague is None
                or not colleague.active
                or colleague.id == actor.id
                or not allows(colleague.role, Action.HANDLE_SAFETY)
            ):
                raise InvalidInput("handed_to", "Please choose the colleague who takes over.")
            work.safety.add(
                SafetyEvent(
                    id=new_id(),
                    flow_id=flow_id,
                    patient_id=flow.patient_id,
                    screening_id=flow.screening_id,
                    kind=kind,
                    at=after_known(flow, self._desk.now()),
                    by=actor.id,
                    assessment=assessment,
                    handed_to=colleague.display_name if colleague else "",
                    handed_to_user=colleague.id if colleague else None,
                )
            )
            work.audit.record(AuditKind.SAFETY, actor.id, "safety_flow", flow_id, kind.value)
            if work.safety.flow(flow_id).state is SafetyState.CLOSED:
                # Nobody can open the form again, so nobody's begun words stay behind.
                work.forms.remove_of_subject(FormKind.SAFETY_ASSESSMENT, flow_id)
            work.commit()
            return work.safety.flow(flow_id)
