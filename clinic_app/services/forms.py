"""Words typed into a form, kept on this workstation until the form is handed in or given up."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import WrongState
from clinic_app.domain.forms import FormDraft, FormKind, checked_texts
from clinic_app.domain.ids import new_id
from clinic_app.domain.safety import SafetyState
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork

ACTIONS = {FormKind.SAFETY_ASSESSMENT: Action.HANDLE_SAFETY}
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
        user = self._desk.allow(ACTIONS[form])
        checked = checked_texts(texts)
        with self._desk.unit_of_work() as work:
            patient_id = _patient_of(work, subject_id)
            before = work.forms.get(user.id, form, subject_id)
            draft = FormDraft(
                before.id if before else new_id(),
                user.id,
                form,
                subject_id,
                patient_id,
                self._desk.now(),
                checked,
            )
            work.forms.save(draft)
            work.commit()
        return draft

    def kept(self, form: FormKind, subject_id: UUID) -> FormDraft | None:
        """The own words, if there are any; the reading is audited."""
        user = self._desk.allow(ACTIONS[form])
        with self._desk.unit_of_work() as work:
            found = work.forms.get(user.id, form, subject_id)
            if found is not None:
                work.audit.record(AuditKind.READ, user.id, "form_draft", found.id, form.value)
                work.commit()
        return found

    def discard(self, form: FormKind, subject_id: UUID) -> None:
        """Remove the own words, if there are any."""
        user = self._desk.allow(ACTIONS[form])
        with self._desk.unit_of_work() as work:
            found = work.forms.get(user.id, form, subject_id)
            if found is not None:
                work.forms.remove(found.id)
                detail = f"{form.value} discarded"
                work.audit.record(AuditKind.CHANGED, user.id, "form_draft", found.id, detail)
                work.commit()


def _patient_of(work: UnitOfWork, flow_id: UUID) -> UUID:
    flow = work.safety.flow(flow_id)
    if flow.state is SafetyState.CLOSED:
        raise WrongState("This safety flow is already closed.")
    return flow.patient_id
