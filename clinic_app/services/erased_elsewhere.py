"""Erasures and withdrawals from another workstation: what no log knows of goes here as well.

Unfinished screenings, begun forms and pictures in the studio's gallery lie on one laptop alone, so
the laptop that carries an erasure out, or records a withdrawal, cannot know of them.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.erasure import Erasure, ErasureState
from clinic_app.domain.forms import FormKind
from clinic_app.services.storage import OpenStore, UnitOfWork

_READING = (Purpose.CAPTURE, Purpose.ANALYSIS)
_FORMS = tuple(one for one in FormKind if one is not FormKind.SAFETY_ASSESSMENT)
"""Words about safety steps go when the steps are closed: while they are open, somebody may be in
danger."""


def carry_out_erasures(work: UnitOfWork, by: UUID) -> bool:
    """Remove unfinished screenings, begun forms and gallery pictures of people whose erasure is new
    to this workstation; each removal is audited. Returns whether there is something to commit. What
    safety steps a screening has opened stays open.

    That it is new counts, not what the clocks of two laptops say: what is written or made once the
    erasure is known here stays. Only a store that has never kept which ones are known goes by time.
    """
    known = work.erasures.known_here()
    completed = [one for one in work.erasures.all() if one.state is ErasureState.COMPLETED]
    new = [one for one in completed if known is None or one.id not in known]
    for one in new:
        _carry_out(work, one, by, by_time=known is None)
    if new or known is None:
        work.erasures.know_here([one.id for one in new])
    return bool(new) or known is None


def take_back_readings(work: UnitOfWork, by: UUID) -> bool:
    """Remove pictures and readings from unfinished screenings of people whose consent to them was
    withdrawn elsewhere, as a withdrawal here does; each is audited. Whether there were any."""
    found = False
    for draft in work.drafts.all():
        if draft.finding is None and not draft.has_images:
            continue
        state = current_consent(work.consents.of_patient(draft.patient_id))
        if any(state.get(purpose) is False for purpose in _READING):
            work.images.remove(draft.id)
            work.drafts.save(replace(draft, finding=None, has_images=False))
            detail = "withdrawn elsewhere"
            work.audit.record(AuditKind.IMAGES_REMOVED, by, "patient", draft.patient_id, detail)
            found = True
    return found


def remove_erased_left_behind(store: OpenStore, by: UUID) -> None:
    """As ``carry_out_erasures`` and ``take_back_readings``, in a transaction of its own."""
    with store.unit_of_work() as work:
        gone = carry_out_erasures(work, by), take_back_readings(work, by)
        if any(gone):
            work.commit()


def _carry_out(work: UnitOfWork, erasure: Erasure, by: UUID, *, by_time: bool) -> None:
    people = work.merges.identities(erasure.patient_id)
    until = erasure.decided_at if by_time else None
    for draft in work.drafts.all():
        if draft.patient_id in people and (until is None or draft.changed_at < until):
            work.images.remove(draft.id)
            work.drafts.remove(draft.id)
            work.audit.record(AuditKind.CHANGED, by, "draft", draft.id, "erased elsewhere")
    for form in (one for kind in _FORMS for one in work.forms.all(kind)):
        about = form.patient_id in people or any(map(form.names, people))
        if about and (until is None or form.changed_at < until):
            work.forms.remove(form.id)
            work.audit.record(AuditKind.CHANGED, by, "form_draft", form.id, "erased elsewhere")
    for picture in work.gallery.all():
        if picture.patient_id in people and (until is None or picture.made_at < until):
            work.gallery.remove(picture.id)
            detail = f"studio picture {picture.id}"
            work.audit.record(AuditKind.IMAGES_REMOVED, by, "patient", erasure.patient_id, detail)
    for transfer in work.begun_transfers.all():
        if transfer.patient_id in people and (until is None or transfer.begun_at < until):
            work.begun_transfers.remove(transfer.id)
            detail = f"studio transfer {transfer.id}"
            work.audit.record(AuditKind.IMAGES_REMOVED, by, "patient", erasure.patient_id, detail)
