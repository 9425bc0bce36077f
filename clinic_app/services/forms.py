"""Words typed into a form, kept on this workstation until the form is handed in or given up."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import NotFound, WrongState
from clinic_app.domain.forms import FormDraft, FormKind, checked_texts
from clinic_app.domain.ids import new_id
from clinic_app.domain.safety import SafetyState
from clinic_app.services.session import Desk
from clinic_app.services.storage import OpenStore, UnitOfWork

ACTIONS = {
    FormKind.SAFETY_ASSESSMENT: Action.HANDLE_SAFETY,
    FormKind.INTERVENTION: Action.RECORD_INTERVENTION,
    FormKind.TASK: Action.EDIT_TASKS,
    FormKind.HANDOVER: Action.HAND_OVER_WORK,
}
"""Who may fill a form in may have its words kept."""


class FormService:
    """Everybody meets the own words only. They are no record yet: keeping them is not audited."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def keep(self, form: FormKind, subject_id: UUID, texts: Mapping[str, str]) -> FormDraft:
        """Insert or replace the own words.

        Raises ``NotFound`` for an unknown subject, ``WrongState`` for one that is closed, and
        ``InvalidInput`` for far too much text.
        """
        user = self._desk.allow_to_keep(ACTIONS[form])
        checked = checked_texts(texts)
        with self._desk.unit_of_work() as work:
            patient_id = _patient_of(work, form, subject_id, user.id)
            before = _own(work, user.id, form, subject_id)
            now = self._desk.now()
            draft = (
                FormDraft(new_id(), user.id, form, subject_id, patient_id, now, checked)
                if before is None
                else replace(before, changed_at=now, texts=checked)
            )
            work.forms.save(draft)
            work.commit()
        return draft

    def kept(self, form: FormKind, subject_id: UUID) -> FormDraft | None:
        """The own words, if there are any; the reading is audited."""
        user = self._desk.allow(ACTIONS[form])
        with self._desk.unit_of_work() as work:
            found = _own(work, user.id, form, subject_id)
            if found is not None:
                work.audit.record(AuditKind.READ, user.id, "form_draft", found.id, form.value)
                work.commit()
        return found

    def discard(self, form: FormKind, subject_id: UUID) -> None:
        """Remove the own words, if there are any; emptying a form is a way of keeping it."""
        user = self._desk.allow_to_keep(ACTIONS[form])
        with self._desk.unit_of_work() as work:
            found = _own(work, user.id, form, subject_id)
            if found is not None:
                work.forms.remove(found.id)
                detail = f"{form.value} discarded"
                work.audit.record(AuditKind.CHANGED, user.id, "form_draft", found.id, detail)
                work.commit()


def handed_in(work: UnitOfWork, user_id: UUID, form: FormKind, subject_id: UUID) -> None:
    """The form has become a record in this transaction: its words go."""
    found = _own(work, user_id, form, subject_id)
    if found is not None:
        work.forms.remove(found.id)


def drop_closed(work: UnitOfWork, by: UUID) -> int:
    """Remove words of forms that nobody can hand in any more: what they are about was closed on
    another workstation. Returns how many; each is audited.

    Begun interventions, new tasks and handovers stay: they are on this workstation alone, and
    nothing that comes from elsewhere says that they were sent.
    """
    gone = [one for form in FormKind for one in work.forms.all(form) if _closed(work, one)]
    for one in gone:
        work.forms.remove(one.id)
        work.audit.record(AuditKind.CHANGED, by, "form_draft", one.id, "closed elsewhere")
    return len(gone)


def remove_forms_left_behind(store: OpenStore, by: UUID) -> None:
    """As ``drop_closed``, in a transaction of its own."""
    with store.unit_of_work() as work:
        if drop_closed(work, by):
            work.commit()


def _closed(work: UnitOfWork, draft: FormDraft) -> bool:
    with suppress(NotFound):
        if draft.form is FormKind.SAFETY_ASSESSMENT:
            return work.safety.flow(draft.subject_id).state is SafetyState.CLOSED
        if draft.form is FormKind.TASK:
            return not work.tasks.get(draft.subject_id).open
    return False


def _own(work: UnitOfWork, user_id: UUID, form: FormKind, subject_id: UUID) -> FormDraft | None:
    """What was begun about a person is there under any of the person's merged records."""
    found = (work.forms.get(user_id, form, one) for one in work.merges.identities(subject_id))
    return next((one for one in found if one is not None), None)


def _patient_of(work: UnitOfWork, form: FormKind, subject_id: UUID, me: UUID) -> UUID | None:
    """Whom the form is about; raises ``NotFound``, ``WrongState`` where nothing can be handed in
    any more."""
    if form is FormKind.SAFETY_ASSESSMENT:
        flow = work.safety.flow(subject_id)
        if flow.state is SafetyState.CLOSED:
            raise WrongState("This safety flow is already closed.")
        return flow.patient_id
    if form is not FormKind.INTERVENTION and subject_id == me:
        return None
    if form is FormKind.TASK:
        with suppress(NotFound):
            task = work.tasks.get(subject_id)
            if not task.open:
                raise WrongState("This task is already done or cancelled.")
            return task.patient_id
    return work.patients.get(subject_id).id
