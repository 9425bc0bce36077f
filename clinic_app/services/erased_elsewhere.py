"""Erasures that were carried out on another workstation: what no log knows of goes here as well.

Begun forms and pictures in the studio's gallery lie on one laptop alone, so the laptop that
carries an erasure out cannot know of them.
"""

from __future__ import annotations

from uuid import UUID

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.erasure import Erasure, ErasureState
from clinic_app.domain.forms import FormKind
from clinic_app.services.storage import OpenStore, UnitOfWork

_FORMS = tuple(one for one in FormKind if one is not FormKind.SAFETY_ASSESSMENT)
"""Words about safety steps go when the steps are closed: while they are open, somebody may be in
danger."""


def carry_out_erasures(work: UnitOfWork, by: UUID) -> bool:
    """Remove begun forms and gallery pictures of people whose erasure is new to this workstation;
    each removal is audited. Returns whether there is something to commit.

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


def remove_erased_left_behind(store: OpenStore, by: UUID) -> None:
    """As ``carry_out_erasures``, in a transaction of its own."""
    with store.unit_of_work() as work:
        if carry_out_erasures(work, by):
            work.commit()


def _carry_out(work: UnitOfWork, erasure: Erasure, by: UUID, *, by_time: bool) -> None:
    people = work.merges.identities(erasure.patient_id)
    until = erasure.decided_at if by_time else None
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
