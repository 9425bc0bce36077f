"""Erasure on request: what goes, what the law keeps, and a record of how it was decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import ConsentEvent, GivenBy, Purpose, after_all, current_consent
from clinic_app.domain.erasure import (
    Erasure,
    ErasureEvent,
    ErasureEventKind,
    ErasureState,
    checked_erasure_event,
)
from clinic_app.domain.errors import WrongState
from clinic_app.domain.forms import FormDraft, FormKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.paging import Page, Position
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork

KEPT_BY_LAW = (
    "Finished screenings, signed notes, safety steps, appointments, consents and the audit trail"
    " stay: they document care that was given, and the law on health records asks the clinic to"
    " keep them for some years (GDPR article 17(3)(b) and (c)). The identity stays with them, so"
    " that they can be found and corrected. Texts of feedback are not removed either. Earlier"
    " versions of records remain in the encrypted change log and in backups made before."
)


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What carrying out a request removes, and what stays, in counts.

    ``images`` counts pairs, those of the studio's gallery and begun transfers among them.
    ``open_safety`` keeps a request from being carried out: somebody may be in danger.
    """

    images: int
    drafts: int
    unsigned_notes: int
    forms: int
    contact_details: bool
    purposes_withdrawn: tuple[Purpose, ...]
    kept_screenings: int
    kept_notes: int
    open_safety: bool
    kept_by_law: str = KEPT_BY_LAW

    @property
    def summary(self) -> str:
        """What is written into the record, without a name."""
        withdrawn = ", ".join(one.value.replace("_", " ") for one in self.purposes_withdrawn)
        removed = _counted(
            (self.images, "image pairs"),
            (self.drafts, "drafts"),
            (self.unsigned_notes, "unsigned notes"),
            (self.forms, "begun forms"),
        )
        if self.contact_details:
            removed.append("contact details")
        kept = _counted(
            (self.kept_screenings, "screenings"),
            (self.kept_notes, "signed notes"),
        )
        kept.append("what else documents care" if kept else "what documents care")
        return (
            f"Removed: {', '.join(removed) or 'nothing'};"
            f" consent withdrawn: {withdrawn or 'none was given'}. Kept by law:"
            f" {', '.join(kept)}. Not removed either: texts of"
            " feedback. Earlier versions of records remain in the encrypted change log and in"
            " backups."
        )


def _counted(*counts: tuple[int, str]) -> list[str]:
    return [f"{what} {number}" for number, what in counts if number]


class ErasureService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, patient_id: UUID, reason: str = "") -> Erasure:
        """Record that the person asks for erasure; an administrator decides.

        Raises ``NotFound``, and ``WrongState`` while an earlier request waits.
        """
        user = self._desk.allow(Action.ASK_ERASURE, patient_id)
        with self._desk.unit_of_work() as work:
            person = work.merges.survivor(work.patients.get(patient_id).id)
            if any(one.state is ErasureState.ASKED for one in work.erasures.of_patient(person)):
                raise WrongState("Erasure was asked for already and is not decided yet.")
            request = new_id()
            asked = ErasureEventKind.ASKED
            event = ErasureEvent(
                new_id(), request, person, asked, self._desk.now(), user.id, reason
            )
            work.erasures.add(checked_erasure_event(None, event))
            work.audit.record(AuditKind.CREATED, user.id, "erasure", person, str(request))
            work.commit()
            return work.erasures.get(request)

    def requests(self, limit: int = 50, after: Position | None = None) -> Page[Erasure, Position]:
        """Every request, newest first; the reading is audited."""
        user = self._desk.allow(Action.DECIDE_ERASURE)
        with self._desk.unit_of_work() as work:
            work.audit.record(AuditKind.READ, user.id, "erasures")
            work.commit()
            return work.erasures.newest(limit, after)

    def of_patient(self, patient_id: UUID) -> list[Erasure]:
        """Oldest first; the reading is audited."""
        user = self._desk.allow(Action.SEE_PATIENTS, patient_id)
        with self._desk.unit_of_work() as work:
            work.audit.record(AuditKind.READ, user.id, "erasures", patient_id)
            work.commit()
            return work.erasures.of_patient(patient_id)

    def plan(self, patient_id: UUID) -> ErasurePlan:
        """What carrying the request out would remove and keep. Raises ``NotFound``."""
        user = self._desk.allow(Action.DECIDE_ERASURE)
        with self._desk.unit_of_work() as work:
            work.audit.record(AuditKind.READ, user.id, "erasure", patient_id, "plan")
            work.commit()
            return _plan(work, patient_id)

    def refuse(self, request_id: UUID, reason: str, password: str) -> Erasure:
        """Decide against it, with the reason that the person will be given.

        Raises ``InvalidInput`` without a reason, ``WrongState`` for a decided request,
        ``NotFound``, ``WrongPassword``.
        """

        def refuse(_work: UnitOfWork, _request: Erasure) -> str:
            return reason

        return self._decide(request_id, ErasureEventKind.REFUSED, password, refuse)

    def complete(self, request_id: UUID, password: str) -> Erasure:
        """Remove what the law does not ask to keep, withdraw every consent, and record it.

        Raises ``WrongState`` for a decided request and while safety steps are open, ``NotFound``,
        ``WrongPassword``.
        """

        def complete(work: UnitOfWork, request: Erasure) -> str:
            plan = _plan(work, request.patient_id)
            if plan.open_safety:
                raise WrongState(
                    "Safety steps of this person are open. Please complete them before erasing."
                )
            self._remove(work, request.patient_id, plan)
            return plan.summary

        return self._decide(request_id, ErasureEventKind.COMPLETED, password, complete)

    def _decide(
        self,
        request_id: UUID,
        kind: ErasureEventKind,
        password: str,
        act: Callable[[UnitOfWork, Erasure], str],
    ) -> Erasure:
        user = self._desk.allow(Action.DECIDE_ERASURE)
        self._desk.reauthenticate(password)
        with self._desk.unit_of_work() as work:
            request = work.erasures.get(request_id)
            if request.state is not ErasureState.ASKED:
                raise WrongState("This request is decided already.")
            event = ErasureEvent(
                new_id(),
                request_id,
                request.patient_id,
                kind,
                self._desk.now(),
                user.id,
                act(work, request),
            )
            work.erasures.add(checked_erasure_event(request, event))
            if kind is ErasureEventKind.COMPLETED:
                work.erasures.know_here([request_id])
            detail = f"{kind.value} {request_id}"
            work.audit.record(AuditKind.CHANGED, user.id, "erasure", request.patient_id, detail)
            work.commit()
            return work.erasures.get(request_id)

    def _remove(self, work: UnitOfWork, patient_id: UUID, plan: ErasurePlan) -> None:
        user, now = self._desk.session.user, self._desk.now()
        people = work.merges.identities(patient_id)
        if plan.images:
            work.audit.record(AuditKind.IMAGES_REMOVED, user.id, "patient", patient_id, "erasure")
        for one in people:
            work.images.remove_of_patient(one)
            work.gallery.remove_of_patient(one)
            work.begun_transfers.remove_of_patient(one)
        for draft in work.drafts.all():
            if draft.patient_id in people:
                work.images.remove(draft.id)
                work.drafts.remove(draft.id)
        for form in _forms(work, people):
            work.forms.remove(form.id)
        for note in work.notes.of_patient(patient_id):
            if note.signed_at is None and note.discarded_at is None:
                # The words go as well: what is not signed documents no care.
                emptied = tuple(replace(part, text="") for part in note.sections)
                gone = replace(
                    note, text="", sections=emptied, discarded_at=now, discarded_by=user.id
                )
                work.notes.save(gone)
                work.notes.blank(gone, now, user.id)
        for one in people:
            work.patients.save(replace(work.patients.get(one), phone=""))
        withdrawn_at = after_all(work.consents.of_patient(patient_id), now)
        for purpose in plan.purposes_withdrawn:
            work.consents.add(
                ConsentEvent(
                    new_id(),
                    patient_id,
                    purpose,
                    False,
                    GivenBy.PATIENT,
                    user.id,
                    withdrawn_at,
                    "erasure on request",
                )
            )


def _forms(work: UnitOfWork, people: Sequence[UUID]) -> list[FormDraft]:
    """Begun forms about the person, and begun handovers that name the person beside others."""
    handovers = work.forms.all(FormKind.HANDOVER)
    named = [one for one in handovers if any(map(one.names, people))]
    return [*work.forms.of_patient(people[0]), *named]


def _plan(work: UnitOfWork, patient_id: UUID) -> ErasurePlan:
    people = work.merges.identities(work.patients.get(patient_id).id)
    drafts = [draft for draft in work.drafts.all() if draft.patient_id in people]
    screenings = work.screenings.of_patient(patient_id, 100_000)
    notes = work.notes.of_patient(patient_id)
    consent = current_consent(work.consents.of_patient(patient_id))
    pictured = [*(one.id for one in screenings), *(one.id for one in drafts)]
    return ErasurePlan(
        images=sum(work.images.get(one) is not None for one in pictured)
        + sum(one.patient_id in people for one in work.gallery.all())
        + sum(one.patient_id in people for one in work.begun_transfers.all()),
        drafts=len(drafts),
        unsigned_notes=sum(one.signed_at is None and one.discarded_at is None for one in notes),
        forms=len(_forms(work, people)),
        contact_details=any(work.patients.get(one).phone for one in people),
        purposes_withdrawn=tuple(purpose for purpose, granted in consent.items() if granted),
        kept_screenings=len(screenings),
        kept_notes=sum(one.signed_at is not None for one in notes),
        open_safety=any(flow.blocks_finishing for flow in work.safety.of_patient(patient_id)),
    )
