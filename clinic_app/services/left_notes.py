"""Unsigned notes of somebody who works here no more: sealed, or handed to a named clinician.

See decision 20. The words and the author of such a draft never change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic_app.domain import notes as rules
from clinic_app.domain.access import Action, allows
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.handovers import HandoverEvent, HandoverEventKind, checked_handover_event
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import DraftHandover, Note
from clinic_app.domain.people import StaffUser, clean_reason
from clinic_app.services.handovers import PATIENTS_LIMIT
from clinic_app.services.storage import UnitOfWork

_EVERY = 100_000
"""Drafts of one person: far more than anybody leaves behind."""


@dataclass(frozen=True, slots=True)
class UnsignedNotes:
    """What one member of staff has not signed, without a word of it. ``sealed`` of them nobody
    who works here can read; ``receivers`` may be given them, by name."""

    count: int
    people: int
    sealed: int
    receivers: tuple[StaffUser, ...]


def unsigned_notes(work: UnitOfWork, user_id: UUID) -> UnsignedNotes:
    """Of this member of staff."""
    drafts = _drafts(work, user_id)
    users = {user.id: user for user in work.users.all()}
    able = [user for user in users.values() if user.id != user_id and _may_receive(user)]
    readers = {user.id for user in able}
    return UnsignedNotes(
        count=len(drafts),
        people=len({one.patient_id for one in drafts}),
        sealed=sum(one.handed is None or one.handed.to_user not in readers for one in drafts),
        receivers=tuple(sorted(able, key=lambda user: (user.display_name.casefold(), user.id))),
    )


def hand_over_notes(
    work: UnitOfWork, leaver: StaffUser, to_user: UUID, reason: str, by: UUID, at: datetime
) -> int:
    """Let ``to_user`` read the drafts of ``leaver``, and tell so by a handover; how many.

    Raises ``InvalidInput`` without a reason or for somebody who cannot sign notes, ``WrongState``
    while the account is on or where nothing is left.
    """
    why = clean_reason(reason)
    if leaver.active:
        raise WrongState("This account is switched on: the notes are signed by who wrote them.")
    found = unsigned_notes(work, leaver.id)
    if to_user not in {user.id for user in found.receivers}:
        raise InvalidInput("to_user", "Please choose a colleague who signs notes.")
    drafts = _drafts(work, leaver.id)
    if not drafts:
        raise WrongState("This person has left no unsigned notes.")
    for one in drafts:
        work.notes.save(rules.handed_over(one, DraftHandover(to_user, at, by, why)))
        work.audit.record(AuditKind.CHANGED, by, "note", one.id, f"handed to={to_user}")
    if to_user != by:
        for people in _in_groups(drafts):
            event = HandoverEvent(
                id=new_id(),
                handover_id=new_id(),
                kind=HandoverEventKind.HANDED_OVER,
                at=at,
                by=by,
                to_user=to_user,
                text=why,
                patient_ids=people,
                notes_of=leaver.id,
            )
            work.handovers.add(checked_handover_event(None, event))
            work.audit.record(AuditKind.CREATED, by, "handover", event.handover_id)
    return len(drafts)


def _drafts(work: UnitOfWork, user_id: UUID) -> list[Note]:
    """Without those whose words were taken into a signed note."""
    found = work.notes.unsigned(user_id, _EVERY)
    return [one for one in found if not _done_with(work, one)]


def _done_with(work: UnitOfWork, draft: Note) -> bool:
    return draft.handed is not None and any(
        one.signed_at is not None and one.origin is not None and one.origin.note_id == draft.id
        for one in work.notes.of_patient(draft.patient_id)
    )


def _may_receive(user: StaffUser) -> bool:
    return user.active and allows(user.role, Action.SIGN_NOTE)


def _in_groups(drafts: Sequence[Note]) -> list[tuple[UUID, ...]]:
    """Whom the drafts are about, as many at once as one handover names."""
    people = tuple(dict.fromkeys(one.patient_id for one in drafts))
    return [people[at : at + PATIENTS_LIMIT] for at in range(0, len(people), PATIENTS_LIMIT)]
