"""Two workstations act on the same safety steps without having seen each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from clinic_app.domain.ids import new_id
from clinic_app.domain.safety import SafetyEvent, SafetyEventKind
from clinic_app.domain.worklist import SAFETY_PLACE
from tests.integration.db.records import a_safety_event
from tests.integration.rounds.clinics import Workstation, agree, sync_all


def opens(one: Workstation, patient: UUID) -> SafetyEvent:
    event = a_safety_event(patient, one.user.id, at=one.now())
    one.do(lambda work: work.safety.add(event))
    return event


def adds(one: Workstation, to: SafetyEvent, kind: SafetyEventKind, minute: int) -> None:
    at = to.at + timedelta(minutes=minute)
    step = replace(to, id=new_id(), kind=kind, at=at, by=one.user.id, trigger=None, item_nine=None)
    one.do(lambda work: work.safety.add(step))


@pytest.mark.parametrize(("minute", "first"), [(9, True), (3, False)])
def test_a_concern_raised_after_a_step_elsewhere_keeps_the_person_first(
    north: Workstation, south: Workstation, minute: int, first: bool
) -> None:
    patient = north.registers()
    opened = opens(north, patient)
    sync_all(north, south)
    adds(north, opened, SafetyEventKind.ASSESSED, 5)
    adds(south, opened, SafetyEventKind.CONCERN_RAISED, minute)
    sync_all(north, south)
    for one in (north, south):
        with one.store.unit_of_work() as work:
            row = work.worklist.of_patient(patient)
            waiting = [flow.patient_id for flow in work.safety.unfinished()]
        assert row is not None
        assert (row.place == SAFETY_PLACE) is first
        assert waiting == ([patient] if first else [])
    assert agree(north, south)
