"""Safety flows in the store: alive until they are closed, the oldest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from clinic_app.domain.ids import new_id
from clinic_app.domain.safety import SafetyAssessment, SafetyEventKind, SafetyState
from tests.integration.db.records import NOON, Clinic, a_patient, a_safety_event


def test_a_safety_flow_lives_until_it_is_closed(clinic: Clinic) -> None:
    patient, by = a_patient(), clinic.user.id
    opened = a_safety_event(patient.id, by)
    handed = replace(
        a_safety_event(
            patient.id,
            by,
            kind=SafetyEventKind.HANDED_OVER,
            flow_id=opened.flow_id,
            screening_id=opened.screening_id,
            at=NOON + timedelta(minutes=1),
        ),
        handed_to="Dr Wu",
        handed_to_user=new_id(),
    )
    closing = replace(
        handed,
        id=new_id(),
        kind=SafetyEventKind.ASSESSED,
        at=NOON + timedelta(minutes=2),
        assessment=SafetyAssessment("calm", "none", "Dr Wu", "call", NOON + timedelta(days=1)),
    )
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.safety.add(opened)
        assert work.safety.of_screening(opened.screening_id) == work.safety.flow(opened.flow_id)
        work.safety.add(handed)
        assert [flow.state for flow in work.safety.unfinished()] == [SafetyState.HANDED_OVER]
        work.safety.add(closing)
        work.commit()
        flow = work.safety.flow(opened.flow_id)
        assert flow.events == (opened, handed, closing)
        assert flow.state is SafetyState.CLOSED
        assert work.safety.unfinished() == []
        assert work.safety.of_patient(patient.id) == [flow]


def test_unfinished_flows_come_oldest_first_and_an_open_one_before_a_closed(
    clinic: Clinic,
) -> None:
    patient, by, screening_id = a_patient(), clinic.user.id, new_id()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        late = a_safety_event(patient.id, by, at=NOON + timedelta(hours=2))
        early = a_safety_event(patient.id, by, at=NOON, screening_id=screening_id)
        newer = a_safety_event(
            patient.id, by, at=NOON + timedelta(hours=1), screening_id=screening_id
        )
        for event in (late, newer, early):
            work.safety.add(event)
        work.safety.add(
            a_safety_event(
                patient.id,
                by,
                kind=SafetyEventKind.ACKNOWLEDGED,
                flow_id=newer.flow_id,
                screening_id=screening_id,
                at=NOON + timedelta(hours=3),
            )
        )
        assert [flow.id for flow in work.safety.unfinished()] == [early.flow_id, late.flow_id]
        shown = work.safety.of_screening(screening_id)
        assert shown is not None
        assert shown.id == early.flow_id
        newest_first = [flow.id for flow in work.safety.of_patient(patient.id)]
        assert newest_first == [late.flow_id, newer.flow_id, early.flow_id]
