"""A safety flow is handed to a colleague, and closes when they acknowledge it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, InvalidInput, WrongPassword
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.safety import SafetyEventKind, SafetyState
from clinic_app.domain.screening import Draft
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.unit.services.safety_steps import answer, flow_id


def test_a_handover_closes_only_when_the_colleague_acknowledges(
    clinic: FakeClinic, draft: Draft
) -> None:
    colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    answer(clinic, draft, 2)
    identity = flow_id(clinic, draft)
    flow = clinic.services.safety.hand_over(identity, colleague.id)
    assert (flow.state, flow.handed_to) == (SafetyState.HANDED_OVER, "Tomas")
    assert len(clinic.services.safety.unfinished()) == 1
    with pytest.raises(WrongPassword):
        clinic.services.safety.acknowledge(identity, COLLEAGUE, PASSWORD)
    assert len(clinic.services.safety.unfinished()) == 1
    closed = clinic.services.safety.acknowledge(identity, COLLEAGUE, COLLEAGUE_PASSWORD)
    assert closed.state is SafetyState.CLOSED
    assert closed.events[-1].by == colleague.id


def test_nobody_else_can_acknowledge(clinic: FakeClinic, draft: Draft) -> None:
    colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    answer(clinic, draft, 2)
    identity = flow_id(clinic, draft)
    clinic.services.safety.hand_over(identity, colleague.id)
    with pytest.raises(AccessDenied):
        clinic.services.safety.acknowledge(identity, "amina", PASSWORD)
    kinds = [entry.kind for entry in clinic.store.tables.audit]
    assert kinds[-1] is AuditKind.REFUSED
    assert len(clinic.services.safety.unfinished()) == 1


def test_a_concern_that_came_after_the_handover_was_taken_is_not_taken_with_it(
    clinic: FakeClinic, draft: Draft
) -> None:
    """Kept on another laptop that did not know of it: it was never handed to anybody."""
    safety = clinic.services.safety
    colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    answer(clinic, draft, 2)
    identity = flow_id(clinic, draft)
    safety.hand_over(identity, colleague.id)
    taken = safety.acknowledge(identity, COLLEAGUE, COLLEAGUE_PASSWORD)
    last = taken.events[-1]
    concern = replace(
        last,
        id=new_id(),
        kind=SafetyEventKind.CONCERN_RAISED,
        at=last.at + timedelta(minutes=1),
    )
    with clinic.store.unit_of_work() as work:
        work.safety.add(concern)
        work.commit()
    (waiting,) = safety.unfinished()
    assert (waiting.flow.state, waiting.flow.handed_to) == (SafetyState.OPEN, "")
    with pytest.raises(AccessDenied):
        safety.acknowledge(identity, COLLEAGUE, COLLEAGUE_PASSWORD)
    safety.hand_over(identity, colleague.id)
    assert safety.acknowledge(identity, COLLEAGUE, COLLEAGUE_PASSWORD).handed_to == "Tomas"


def test_a_flow_is_not_handed_to_oneself_or_to_a_closed_account(
    clinic: FakeClinic, draft: Draft
) -> None:
    gone = clinic.add_staff("gone", COLLEAGUE_PASSWORD, Role.DOCTOR, active=False)
    answer(clinic, draft, 2)
    for to_user in (clinic.services.session.user.id, gone.id):
        with pytest.raises(InvalidInput):
            clinic.services.safety.hand_over(flow_id(clinic, draft), to_user)


def test_only_active_colleagues_are_offered(clinic: FakeClinic) -> None:
    colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    clinic.add_staff("gone", COLLEAGUE_PASSWORD, Role.DOCTOR, active=False)
    assert clinic.services.safety.clinicians() == [colleague]
