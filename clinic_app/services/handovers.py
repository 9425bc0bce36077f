"""Handing work over to a colleague, who confirms having received it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from clinic_app.domain.access import Action, allows
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, NotFound
from clinic_app.domain.forms import FormKind
from clinic_app.domain.handovers import (
    Handover,
    HandoverEvent,
    HandoverEventKind,
    checked_handover_event,
)
from clinic_app.domain.ids import new_id
from clinic_app.domain.merges import survivor
from clinic_app.domain.paging import Page, Position
from clinic_app.domain.people import Patient, StaffUser
from clinic_app.services.forms import handed_in
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork

PATIENTS_LIMIT = 50
"""One handover names at most this many people: more are not read by anybody."""


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """A handover with the names that a list shows; ``to_name`` is empty when it is for anybody,
    ``left_name`` unless it is about unsigned notes of somebody who has left."""

    handover: Handover
    from_name: str
    to_name: str
    received_name: str
    left_name: str
    patients: tuple[Patient, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody whom a handover should probably name: a safety flow or own tasks are open."""

    patient: Patient
    safety_open: bool
    tasks: int


class HandoverService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def colleagues(self) -> list[StaffUser]:
        """Who can be handed something: everybody active but oneself, by name."""
        me = self._desk.allow(Action.HAND_OVER_WORK)
        with self._desk.unit_of_work() as work:
            found = [user for user in work.users.all() if user.id != me.id and _may_receive(user)]
        return sorted(found, key=lambda user: (user.display_name.casefold(), user.id))

    def suggestions(self, limit: int = 20) -> list[Suggestion]:
        """People with open safety flows, oldest first, then those of one's own open tasks."""
        me = self._desk.allow(Action.HAND_OVER_WORK)
        with self._desk.unit_of_work() as work:
            merged = work.merges.state()
            flows = {survivor(merged, flow.patient_id): None for flow in work.safety.unfinished()}
            own = Counter(
                survivor(merged, task.patient_id)
                for task in work.tasks.open(owner=me.id)
                if task.patient_id is not None
            )
            wanted = list(dict.fromkeys([*flows, *own]))[:limit]
            found = [Suggestion(work.patients.get(one), one in flows, own[one]) for one in wanted]
            work.audit.record(AuditKind.READ, me.id, "handover_suggestions")
            work.commit()
        return found

    def give(
        self,
        text: str,
        to_user: UUID | None = None,
        patient_ids: Sequence[UUID] = (),
        *,
        from_form: bool = False,
    ) -> Handover:
        """Hand over; without ``to_user`` for whoever takes over next.

        ``from_form``: typed into the window's form, whose kept words go in the same transaction.
        Raises ``InvalidInput`` for an empty text, a colleague who cannot receive it or too many
        people, ``NotFound`` for an unknown patient.
        """
        me = self._desk.allow(Action.HAND_OVER_WORK)
        people = tuple(dict.fromkeys(patient_ids))
        if len(people) > PATIENTS_LIMIT:
            raise InvalidInput(
                "patients", "A handover names at most {limit} people.", limit=PATIENTS_LIMIT
            )
        event = HandoverEvent(
            id=new_id(),
            handover_id=new_id(),
            kind=HandoverEventKind.HANDED_OVER,
            at=self._desk.now(),
            by=me.id,
            to_user=to_user,
            text=text,
            patient_ids=people,
        )
        with self._desk.unit_of_work() as work:
            if to_user is not None:
                _check_receiver(work, to_user, me.id)
            for one in people:
                work.patients.get(one)
            work.handovers.add(checked_handover_event(None, event))
            work.audit.record(AuditKind.CREATED, me.id, "handover", event.handover_id)
            if from_form:
                handed_in(work, me.id, FormKind.HANDOVER, me.id)
            work.commit()
            return work.handovers.get(event.handover_id)

    def receive(self, handover_id: UUID, receipt: str = "") -> Handover:
        """Confirm having received it; raises ``WrongState`` when it is somebody else's."""
        me = self._desk.allow(Action.HAND_OVER_WORK)
        with self._desk.unit_of_work() as work:
            event = HandoverEvent(
                id=new_id(),
                handover_id=handover_id,
                kind=HandoverEventKind.RECEIVED,
                at=self._desk.now(),
                by=me.id,
                text=receipt,
            )
            handover = work.handovers.get(handover_id)
            work.handovers.add(checked_handover_event(handover, event))
            work.audit.record(AuditKind.CHANGED, me.id, "handover", handover_id, "received")
            work.commit()
            return work.handovers.get(handover_id)

    def waiting(self) -> list[HandoverRow]:
        """Handovers that wait for one's own receipt, oldest first. Audited."""
        me = self._desk.allow(Action.HAND_OVER_WORK)
        with self._desk.unit_of_work() as work:
            rows = _rows(work, work.handovers.open_for(me.id))
            work.audit.record(AuditKind.READ, me.id, "handovers")
            work.commit()
        return rows

    def newest(self, limit: int = 50, after: Position | None = None) -> Page[HandoverRow, Position]:
        """All handovers, newest first, received ones too. Audited."""
        me = self._desk.allow(Action.HAND_OVER_WORK)
        with self._desk.unit_of_work() as work:
            page = work.handovers.newest(limit, after)
            rows = _rows(work, page.rows)
            work.audit.record(AuditKind.READ, me.id, "handovers")
            work.commit()
        return Page(tuple(rows), page.next)


def _may_receive(user: StaffUser) -> bool:
    return user.active and allows(user.role, Action.HAND_OVER_WORK)


def _check_receiver(work: UnitOfWork, to_user: UUID, me: UUID) -> None:
    with suppress(NotFound):
        if to_user != me and _may_receive(work.users.get(to_user)):
            return
    raise InvalidInput("to_user", "Please choose the colleague who takes over.")


def _rows(work: UnitOfWork, found: Sequence[Handover]) -> list[HandoverRow]:
    names = {user.id: user.display_name for user in work.users.all()}

    def name(user_id: UUID | None) -> str:
        return names.get(user_id, "") if user_id is not None else ""

    merged = work.merges.state()

    def people(handover: Handover) -> tuple[Patient, ...]:
        known: dict[UUID, Patient] = {}
        for one in handover.patient_ids:
            with suppress(NotFound):  # not synced to this laptop yet
                patient = work.patients.get(survivor(merged, one))
                known[patient.id] = patient
        return tuple(known.values())

    return [
        HandoverRow(
            handover=one,
            from_name=name(one.from_user),
            to_name=name(one.to_user),
            received_name=name(one.received_by),
            left_name=name(one.notes_of),
            patients=people(one),
        )
        for one in found
    ]
